#include "models/scenario/fields.hpp"

#include <algorithm>
#include <charconv>

namespace kafka {

namespace {

/// Whole number followed by a unit.
bool split_number(const std::string& text, std::int64_t& number, std::string& unit) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return false;
    unit.assign(end, static_cast<std::size_t>(text.data() + text.size() - end));
    return true;
}

std::optional<sim::LatencyTable> latency_of(const Json& value, Fields&, const std::string& pointer,
                                            Problems& problems) {
    if (value.is_string()) {
        const auto fixed = parse_duration(value.get<std::string>());
        if (fixed) return sim::LatencyTable{*fixed, *fixed, *fixed};
    }
    if (!value.is_object()) {
        problems.add(
            pointer,
            "expected a duration such as \"40ms\" or {\"p50\": ..., \"p99\": ..., \"max\": ...}, got " +
                shown(value));
        return std::nullopt;
    }
    Fields fields(value, pointer, problems);
    const auto p50 = fields.duration("p50");
    const auto p99 = fields.duration("p99");
    const auto max = fields.duration("max");
    fields.finish();
    if (!p50) {
        problems.add(pointer, "expected \"p50\"; \"p99\" and \"max\" follow it when they are not given");
        return std::nullopt;
    }
    sim::LatencyTable table{*p50, p99.value_or(*p50), max.value_or(p99.value_or(*p50))};
    if (table.p50 > table.p99 || table.p99 > table.max) problems.add(pointer, "expected p50 <= p99 <= max");
    return table;
}

/// Digits after a point: "5" of "4.5s" is 5 of 10.
struct Fraction {
    std::int64_t part = 0;
    std::int64_t whole = 1;
};

/// Takes ".5" off "`.5s`". False when a point has no digits behind it, or more than nine.
bool take_fraction(std::string& unit, Fraction& fraction) {
    if (unit.empty() || unit.front() != '.') return true;
    std::size_t end = 1;
    for (; end < unit.size() && unit[end] >= '0' && unit[end] <= '9'; ++end) {
        if (end > 9) return false;
        fraction = {fraction.part * 10 + (unit[end] - '0'), fraction.whole * 10};
    }
    unit.erase(0, end);
    return end > 1;
}

} // namespace

std::optional<sim::Duration> parse_duration(const std::string& text) {
    std::int64_t number = 0;
    std::string unit;
    Fraction fraction;
    if (!split_number(text, number, unit) || !take_fraction(unit, fraction)) return std::nullopt;
    const std::pair<const char*, std::int64_t> units[] = {
        {"us", 1}, {"ms", 1000}, {"s", 1000000}, {"min", 60000000}, {"h", 3600000000}};
    for (const auto& [word, factor] : units) {
        if (unit != word) continue;
        constexpr std::int64_t longest = 3600000000LL * 24 * 3650; // ten years
        const std::int64_t rest = fraction.part * factor;          // below 4e18
        if (number > longest / factor || rest % fraction.whole != 0) return std::nullopt;
        return sim::Duration{number * factor + rest / fraction.whole};
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_bandwidth(const std::string& text) {
    if (text == "unlimited") return 0;
    std::int64_t number = 0;
    std::string unit;
    if (!split_number(text, number, unit) || number == 0 || number > 1000000) return std::nullopt;
    if (unit == "kbit") return number * 1000;
    if (unit == "Mbit") return number * 1000000;
    if (unit == "Gbit") return number * 1000000000;
    return std::nullopt;
}

std::optional<std::int32_t> parse_percent(const std::string& text) {
    constexpr int decimals = 4;
    const std::size_t dot = text.find('.');
    if (text.size() < 2 || text.back() != '%' || dot == 0 || dot == text.size() - 2) return std::nullopt;
    std::string digits = text.substr(0, text.size() - 1);
    std::size_t after = 0;
    if (dot != std::string::npos) {
        after = digits.size() - dot - 1;
        digits.erase(dot, 1);
    }
    if (after > decimals || digits.size() > 8) return std::nullopt;
    digits.append(decimals - after, '0');
    std::int32_t ppm = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ppm);
    const bool number = error == std::errc{} && end == digits.data() + digits.size();
    if (!number || ppm < 0 || ppm > 1000000) return std::nullopt;
    return ppm;
}

std::string shown(const Json& value) {
    std::string text = value.dump();
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

std::string did_you_mean(const std::string& got, const std::vector<std::string>& candidates) {
    const auto near = nearest(got, candidates);
    return near ? "; did you mean \"" + *near + "\"?" : "";
}

Fields::Fields(const Json& object, std::string pointer, Problems& problems)
    : object_(object), pointer_(std::move(pointer)), problems_(problems) {
    if (!object_.is_object()) problems_.add(pointer_, "expected an object, got " + shown(object_));
}

const Json* Fields::get(const std::string& key) {
    known_.push_back(key);
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
}

bool Fields::has(const std::string& key) { return get(key) != nullptr; }

void Fields::wrong(const std::string& key, const std::string& expected) {
    const Json* value = get(key);
    problems_.add(at(key), "expected " + expected + (value == nullptr ? "" : ", got " + shown(*value)));
}

std::optional<std::string> Fields::text(const std::string& key) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    wrong(key, "text");
    return std::nullopt;
}

std::optional<std::int64_t> Fields::whole(const std::string& key, std::int64_t least, std::int64_t most) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    const bool fits =
        value->is_number_integer() &&
        !(value->is_number_unsigned() && value->get<std::uint64_t>() > 9223372036854775807ULL) &&
        value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most;
    if (fits) return value->get<std::int64_t>();
    wrong(key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
}

std::optional<bool> Fields::flag(const std::string& key) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    wrong(key, "true or false");
    return std::nullopt;
}

std::optional<sim::Duration> Fields::duration(const std::string& key) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string())
        if (const auto parsed = parse_duration(value->get<std::string>())) {
            if (*parsed <= sim::seconds(10000 * 3600)) return parsed;
            wrong(key, "at most 10000h");
            return std::nullopt;
        }
    wrong(key, "a duration such as \"1500ms\" (units us, ms, s, min, h)");
    return std::nullopt;
}

std::optional<sim::Duration> Fields::signed_duration(const std::string& key) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    const std::string given = value->is_string() ? value->get<std::string>() : "";
    const bool back = !given.empty() && given.front() == '-';
    const auto length = parse_duration(back ? given.substr(1) : given);
    if (length) return back ? sim::Duration{-length->micros} : *length;
    wrong(key, "a duration such as \"60s\", or \"-60s\" back; at most ten years");
    return std::nullopt;
}

std::optional<std::pair<sim::Duration, sim::Duration>> Fields::duration_range(const std::string& key) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) {
        const auto fixed = duration(key);
        if (!fixed) return std::nullopt;
        return std::pair{*fixed, *fixed};
    }
    Fields range(*value, at(key), problems_);
    const auto from = range.duration("from");
    const auto to = range.duration("to");
    range.finish();
    if (from && to && *from <= *to) return std::pair{*from, *to};
    problems_.add(at(key), "expected {\"from\": ..., \"to\": ...} with from <= to");
    return std::nullopt;
}

std::optional<sim::LatencyTable> Fields::latency(const std::string& key) {
    const Json* value = get(key);
    return value == nullptr ? std::nullopt : latency_of(*value, *this, at(key), problems_);
}

std::optional<std::int64_t> Fields::bandwidth(const std::string& key) {
    const Json* value = get(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string())
        if (const auto parsed = parse_bandwidth(value->get<std::string>())) return parsed;
    wrong(key, "a bandwidth such as \"1Gbit\", \"100Mbit\", \"64kbit\" or \"unlimited\"");
    return std::nullopt;
}

std::optional<std::string> Fields::word(const std::string& key, const std::vector<std::string>& words) {
    const std::optional<std::string> given = text(key);
    if (!given) return std::nullopt;
    if (std::find(words.begin(), words.end(), *given) != words.end()) return given;
    std::string expected = "one of";
    for (const std::string& one : words)
        expected += " \"" + one + "\"";
    problems_.add(at(key), "expected " + expected + ", got \"" + *given + "\"" + did_you_mean(*given, words));
    return std::nullopt;
}

ConfigMap Fields::config(const std::string& key) {
    ConfigMap map;
    const Json* value = get(key);
    if (value == nullptr) return map;
    if (!value->is_object()) {
        wrong(key, "an object of Kafka's settings");
        return map;
    }
    for (const auto& [name, setting] : value->items()) {
        if (setting.is_string())
            map.emplace_back(name, setting.get<std::string>());
        else if (setting.is_number() || setting.is_boolean())
            map.emplace_back(name, setting.dump());
        else
            problems_.add(at(key) + "/" + name,
                          "expected text, a number, true or false, got " + shown(setting));
    }
    return map;
}

void Fields::finish() {
    if (!object_.is_object()) return;
    for (const auto& [key, value] : object_.items()) {
        if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
        problems_.add(at(key), "unknown key" + did_you_mean(key, known_));
    }
}

} // namespace kafka
