#include "models/scenario/source.hpp"

#include <set>

namespace kafka {

namespace {

constexpr std::size_t most_bytes = 16U << 20;
constexpr std::size_t deepest = 64;

/// Reads characters and counts lines, so that the SAX pass below knows where it is.
struct CountingIterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;
    const char* at = nullptr;
    int* line = nullptr;
    reference operator*() const { return *at; }
    CountingIterator& operator++() {
        if (*at == '\n') ++*line;
        ++at;
        return *this;
    }
    bool operator==(const CountingIterator& other) const { return at == other.at; }
    bool operator!=(const CountingIterator& other) const { return at != other.at; }
};

std::string escaped(const std::string& key) {
    std::string text;
    for (const char c : key) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

/// Walks the file once for what the document itself does not keep: lines and duplicate keys.
class Surveyor : public nlohmann::json_sax<Json> {
  public:
    Surveyor(Source& source, int& line) : source_(source), line_(line) {}

    bool null() override { return value(); }
    bool boolean(bool) override { return value(); }
    bool number_integer(number_integer_t) override { return value(); }
    bool number_unsigned(number_unsigned_t) override { return value(); }
    bool number_float(number_float_t, const string_t&) override { return value(); }
    bool string(string_t&) override { return value(); }
    bool binary(binary_t&) override { return value(); }
    bool start_object(std::size_t) override { return open(false); }
    bool start_array(std::size_t) override { return open(true); }
    bool end_object() override { return shut(); }
    bool end_array() override { return shut(); }
    bool key(string_t& name) override {
        Level& level = levels_.back();
        level.key = name;
        source_.lines.emplace(here(), line_);
        if (!level.seen.insert(name).second)
            source_.problems.push_back(
                {source_.file, line_, here(), "duplicate key; each key may stand once"});
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        std::string what = error.what();
        if (const std::size_t from = what.find("parse error"); from != std::string::npos)
            what = what.substr(from);
        source_.problems.push_back({source_.file, line_, "", "not JSON: " + what});
        return false;
    }

  private:
    struct Level {
        bool array = false;
        std::size_t index = 0;
        std::string key;
        std::set<std::string> seen;
    };
    Source& source_;
    int& line_;
    std::vector<Level> levels_;

    std::string here() const {
        std::string pointer;
        for (const Level& level : levels_)
            pointer += "/" + (level.array ? std::to_string(level.index) : escaped(level.key));
        return pointer;
    }
    bool value() {
        if (!levels_.empty() && levels_.back().array) {
            source_.lines.emplace(here(), line_);
            levels_.back().index += 1;
        }
        return true;
    }
    bool open(bool array) {
        if (!levels_.empty() && levels_.back().array) source_.lines.emplace(here(), line_);
        levels_.push_back({array, 0, "", {}});
        if (levels_.size() <= deepest) return true;
        source_.problems.push_back({source_.file, line_, here(), "nested deeper than 64 levels"});
        return false;
    }
    bool shut() {
        levels_.pop_back();
        if (!levels_.empty() && levels_.back().array) levels_.back().index += 1;
        return true;
    }
};

} // namespace

int Source::line_of(const std::string& pointer) const {
    std::string at = pointer;
    while (!at.empty()) {
        if (const auto found = lines.find(at); found != lines.end()) return found->second;
        at.resize(at.rfind('/') == std::string::npos ? 0 : at.rfind('/'));
    }
    return 1;
}

std::string format(const InputProblem& problem) {
    std::string text = problem.file;
    if (problem.line > 0) text += ":" + std::to_string(problem.line);
    if (!problem.pointer.empty()) text += ": " + problem.pointer;
    return text + ": " + problem.message;
}

Source parse_source(std::string_view text, const std::string& file) {
    Source source;
    source.file = file;
    if (text.size() > most_bytes) {
        source.problems.push_back({file, 1, "", "larger than 16 MiB"});
        return source;
    }
    int line = 1;
    Surveyor surveyor(source, line);
    const CountingIterator first{text.data(), &line};
    const CountingIterator last{text.data() + text.size(), &line};
    const bool parsed =
        Json::sax_parse(first, last, &surveyor, nlohmann::detail::input_format_t::json, true, true);
    if (parsed) source.root = Json::parse(text, nullptr, false, true);
    const bool nothing = source.root.is_null() || source.root.is_discarded();
    if (nothing && source.problems.empty())
        source.problems.push_back({file, 1, "", "expected a JSON object"});
    return source;
}

} // namespace kafka
