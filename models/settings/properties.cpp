#include "models/settings/properties.hpp"

#include <map>

namespace kafka {

namespace {

constexpr std::size_t most_bytes = std::size_t{4} << 20;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool ends_line(char c) { return c == '\n' || c == '\r'; }

/// One logical line after the other: comments and empty lines are gone, joined lines are one.
class LogicalLines {
  public:
    explicit LogicalLines(std::string_view bytes) : bytes_(bytes) {}

    /// False at the end of the file.
    bool next(std::string& line) {
        line.clear();
        bool skips_blanks = true;
        bool joined = false; // at the start of a line that continues another
        bool escaping = false;
        bool broken_off = false; // a line that goes on, and the file ends: it counts, even when it is empty
        while (at_ < bytes_.size()) {
            const char c = take();
            if (skips_blanks) {
                if (is_blank(c) || (!joined && ends_line(c))) continue;
                skips_blanks = false;
                joined = false;
            }
            if (line.empty() && (c == '#' || c == '!')) {
                while (at_ < bytes_.size() && !ends_line(take())) {
                }
                skips_blanks = true;
                continue;
            }
            if (!ends_line(c)) {
                if (line.empty()) started_ = number_;
                line += c;
                escaping = c == '\\' && !escaping;
                continue;
            }
            if (line.empty()) {
                skips_blanks = true;
                continue;
            }
            if (!escaping) return true;
            line.pop_back();
            skips_blanks = true;
            joined = true;
            escaping = false;
            broken_off = at_ == bytes_.size();
            if (c == '\r' && !broken_off && bytes_[at_] == '\n') take();
        }
        if (escaping) line.pop_back();
        return !line.empty() || escaping || broken_off;
    }
    /// Number of the line on which the last one began.
    int started() const { return started_; }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    int number_ = 1;
    int started_ = 1;
    bool after_return_ = false;

    char take() {
        const char c = bytes_[at_++];
        if (c == '\r' || (c == '\n' && !after_return_)) ++number_;
        after_return_ = c == '\r';
        return c;
    }
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void add_utf8(std::string& text, std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xc0 | (point >> 6));
        return put(0x80 | (point & 0x3f));
    }
    if (point < 0x10000) {
        put(0xe0 | (point >> 12));
    } else {
        put(0xf0 | (point >> 18));
        put(0x80 | ((point >> 12) & 0x3f));
    }
    put(0x80 | ((point >> 6) & 0x3f));
    put(0x80 | (point & 0x3f));
}

/// UTF-16 as Java holds it, to UTF-8.
std::string to_utf8(const std::u16string& units) {
    std::string text;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const std::uint32_t unit = units[i];
        const bool high = unit >= 0xd800 && unit < 0xdc00;
        const bool paired = high && i + 1 < units.size() && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000;
        if (paired)
            add_utf8(text, 0x10000 + ((unit - 0xd800) << 10) + (std::uint32_t{units[++i]} - 0xdc00));
        else if (unit >= 0xd800 && unit < 0xe000)
            text += '?';
        else
            add_utf8(text, unit);
    }
    return text;
}

/// False when \u is not followed by four hexadecimal digits.
bool unescape(std::string_view raw, std::string& text) {
    std::u16string units;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\' || i + 1 == raw.size()) {
            units += static_cast<char16_t>(static_cast<unsigned char>(raw[i]));
            continue;
        }
        const char c = raw[++i];
        if (c == 'u') {
            int value = 0;
            for (int digit = 0; digit < 4; ++digit) {
                const int one = ++i < raw.size() ? hex_digit(raw[i]) : -1;
                if (one < 0) return false;
                value = value * 16 + one;
            }
            units += static_cast<char16_t>(value);
            continue;
        }
        const char plain = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'f' ? '\f' : c;
        units += static_cast<char16_t>(static_cast<unsigned char>(plain));
    }
    text = to_utf8(units);
    return true;
}

/// End of the key and start of the value. Source: Properties.load0.
std::pair<std::size_t, std::size_t> split(std::string_view line) {
    std::size_t key = 0;
    bool escaping = false;
    while (key < line.size()) {
        const char c = line[key];
        if (!escaping && (c == '=' || c == ':' || is_blank(c))) break;
        escaping = c == '\\' && !escaping;
        ++key;
    }
    std::size_t value = key;
    bool separated = false;
    while (value < line.size()) {
        const char c = line[value];
        const bool separator = !separated && (c == '=' || c == ':');
        if (!is_blank(c) && !separator) break;
        separated = separated || separator;
        ++value;
    }
    return {key, value};
}

} // namespace

PropertiesFile parse_properties(std::string_view bytes) {
    PropertiesFile file;
    if (bytes.size() > most_bytes) {
        file.problems.push_back({1, "larger than 4 MiB"});
        return file;
    }
    LogicalLines lines(bytes);
    std::map<std::string, std::size_t> places;
    std::string line;
    while (lines.next(line)) {
        const auto [key_end, value_start] = split(line);
        std::string key;
        std::string value;
        const bool fine = unescape(std::string_view(line).substr(0, key_end), key) &&
                          unescape(std::string_view(line).substr(value_start), value);
        if (!fine) {
            file.problems.push_back({lines.started(), "expected four hexadecimal digits after \\u"});
            continue;
        }
        const auto [at, fresh] = places.emplace(key, file.values.size());
        if (fresh) {
            file.values.emplace_back(std::move(key), std::move(value));
            file.lines.push_back(lines.started());
        } else {
            file.values[at->second].second = std::move(value);
            file.lines[at->second] = lines.started();
        }
    }
    return file;
}

} // namespace kafka
