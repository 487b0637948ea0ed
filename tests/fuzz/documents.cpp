#include "tests/fuzz/documents.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fuzz {

using kafka::Json;
using properties::Chooser;

std::vector<std::pair<std::string, Json>> shipped_scenarios() {
    std::vector<std::pair<std::string, Json>> all;
    const std::filesystem::path root = std::filesystem::path(HIGHWATER_SOURCE_DIR) / "scenarios";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const std::string path = entry.path().string();
        const bool measured =
            path.find("/measured/") != std::string::npos || path.find("/presets/") != std::string::npos;
        if (entry.path().extension() != ".json" || measured) continue;
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        Json document = Json::parse(text.str(), nullptr, false, true);
        if (document.is_object() && document.contains("topics")) all.emplace_back(path, std::move(document));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return all;
}

namespace {

/// Places of the document, the root first.
void collect(Json& at, std::vector<Json*>& places) {
    places.push_back(&at);
    for (Json& child : at)
        if (child.is_structured())
            collect(child, places);
        else
            places.push_back(&child);
}

Json odd_value(Chooser& choose) {
    const std::vector<Json> pool{nullptr,
                                 true,
                                 0,
                                 -1,
                                 1,
                                 3,
                                 60,
                                 61,
                                 2147483647,
                                 9223372036854775807,
                                 18446744073709551615ULL,
                                 1e300,
                                 0.5,
                                 "",
                                 "0us",
                                 "1ms",
                                 "9223372036854775807h",
                                 "99999999999999999999s",
                                 "-5s",
                                 "5 s",
                                 "1Gbit",
                                 "broker 1",
                                 "broker 99",
                                 "leader of orders-0",
                                 "host of host of broker 1",
                                 "target of first",
                                 "controller",
                                 "4.3",
                                 "0.8.2",
                                 "9.9",
                                 Json::array(),
                                 Json::object(),
                                 Json::array({1, 1}),
                                 std::string(300, 'x'),
                                 "all",
                                 "\u00e9",
                                 "a/b~c"};
    return choose.one_of(pool);
}

void change_once(Json& document, Chooser& choose) {
    std::vector<Json*> places;
    collect(document, places);
    Json& at = *choose.one_of(places);
    if (at.is_object() && !at.empty() && choose.happens(2, 3)) {
        auto member = at.begin();
        std::advance(member, static_cast<std::ptrdiff_t>(choose.below(at.size())));
        const std::string key = member.key();
        switch (choose.below(4)) {
        case 0:
            at.erase(key);
            return;
        case 1:
            at[key + "s"] = Json(at[key]);
            return;
        case 2:
            at[key] = Json(*choose.one_of(places));
            return;
        default:
            at[key] = odd_value(choose);
            return;
        }
    }
    if (at.is_array() && !at.empty() && choose.happens(2, 3)) {
        const Json copy = at[choose.below(at.size())];
        if (choose.happens(1, 2))
            at.push_back(copy);
        else
            at.erase(choose.below(at.size()));
        return;
    }
    at = odd_value(choose);
}

} // namespace

Json changed(Json document, Chooser& choose) {
    for (std::int64_t i = choose.between(1, 4); i > 0; --i)
        change_once(document, choose);
    return document;
}

} // namespace fuzz
