#include "tools/highwater/trace/lines.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace highwater {

namespace {

bool wanted(const std::vector<std::string>& words, const std::string& word) {
    return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

} // namespace

LineText line_text(const std::string& line) {
    LineText text;
    const auto object = nlohmann::ordered_json::parse(line, nullptr, false);
    if (object.is_discarded()) {
        text.members = line;
        return text;
    }
    for (const auto& item : object.items()) {
        const std::string value =
            item.value().is_string() ? item.value().get<std::string>() : item.value().dump();
        if (item.key() == "fact")
            text.fact = value;
        else if (item.key() == "partition")
            text.partition = value;
        if (item.key() == "time_us" || item.key() == "fact") continue;
        if (item.key() == "event" && item.value().is_number()) continue;
        text.members += (text.members.empty() ? "" : "  ") + item.key() + "=" + value;
    }
    return text;
}

bool Extract::has(const LineText& text) const {
    return wanted(facts, text.fact) && wanted(partitions, text.partition);
}

bool Extract::has_partition(const std::string& name) const { return wanted(partitions, name); }

} // namespace highwater
