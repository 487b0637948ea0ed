#include "models/scenario/expectations.hpp"

#include "models/scenario/fields.hpp"

namespace kafka {

namespace {

std::string wanted_text(const Expectation& expectation) {
    std::string text;
    if (expectation.comparison == Expectation::Comparison::at_least) text = "at least ";
    if (expectation.comparison == Expectation::Comparison::at_most) text = "at most ";
    text += expectation.value.is_string() ? expectation.value.get<std::string>() : expectation.value.dump();
    if (expectation.at) text += " at " + std::to_string(expectation.at->micros / 1000) + "ms";
    return text;
}

/// Follows the path; a list that is too short has null there.
///  `missing` gets the part that names nothing, and the keys that stood there.
const Json* follow(const Json& root, const std::string& path, const Json& nothing, std::string& missing,
                   std::vector<std::string>& candidates) {
    const Json* at = &root;
    std::string rest = path;
    while (!rest.empty()) {
        const Json* found = nullptr;
        std::size_t length = 0;
        if (at->is_object()) {
            for (const auto& [key, value] : at->items()) {
                const bool fits = rest == key || rest.rfind(key + ".", 0) == 0;
                if (!fits || key.size() < length) continue;
                length = key.size();
                found = &value;
            }
        } else if (at->is_array()) {
            const std::string digits = rest.substr(0, rest.find('.'));
            const bool number = !digits.empty() && digits.size() < 9 &&
                                digits.find_first_not_of("0123456789") == std::string::npos;
            if (number && std::stoul(digits) >= at->size()) return &nothing;
            if (number) {
                found = &(*at)[std::stoul(digits)];
                length = digits.size();
            }
        }
        if (found == nullptr) {
            missing = rest;
            if (at->is_object())
                for (const auto& [key, value] : at->items())
                    candidates.push_back(key);
            return nullptr;
        }
        at = found;
        rest = rest.size() > length ? rest.substr(length + 1) : "";
    }
    return at;
}

/// "partitions.orders-0.leader" at an instant: looked up in the partition's timeline.
const Json* at_time(const Json& verdict, const Expectation& expectation, Json& holder) {
    bool known = false;
    const std::size_t dot = expectation.that.rfind('.');
    if (dot == std::string::npos) return nullptr;
    std::string missing;
    std::vector<std::string> candidates;
    const Json* timeline =
        follow(verdict, expectation.that.substr(0, dot) + ".timeline", Json::array(), missing, candidates);
    if (timeline == nullptr) return nullptr;
    const std::string key = expectation.that.substr(dot + 1);
    for (const Json& entry : *timeline)
        if (entry.contains(key) && entry["time_us"].get<std::int64_t>() <= expectation.at->micros) {
            holder = entry[key]; // no leader is null
            known = true;
        }
    return known ? &holder : nullptr;
}

bool holds(const Expectation& expectation, const Json& got) {
    if (expectation.comparison == Expectation::Comparison::is) {
        if (expectation.value == "none" && got.is_null()) return true;
        return got == expectation.value;
    }
    if (!got.is_number_integer()) return false;
    const auto number = got.get<std::int64_t>();
    const auto bound = expectation.value.get<std::int64_t>();
    return expectation.comparison == Expectation::Comparison::at_least ? number >= bound : number <= bound;
}

} // namespace

ExpectationResult evaluate(const Expectation& expectation, const Json& verdict) {
    ExpectationResult result;
    result.that = expectation.that;
    result.wanted = wanted_text(expectation);
    std::string missing;
    std::vector<std::string> candidates;
    Json holder;
    const Json nothing;
    const Json* got = expectation.at ? at_time(verdict, expectation, holder)
                                     : follow(verdict, expectation.that, nothing, missing, candidates);
    if (got == nullptr) {
        result.problem = expectation.at
                             ? "only leader, leader_epoch, isr and elr of a partition are known at an instant"
                             : "the verdict has no \"" + missing + "\" there" +
                                   did_you_mean(missing.substr(0, missing.find('.')), candidates);
        return result;
    }
    result.got = *got;
    result.held = holds(expectation, *got);
    return result;
}

} // namespace kafka
