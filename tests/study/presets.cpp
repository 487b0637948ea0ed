// Presets that the program carries.

#include "tools/highwater/study/presets.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

TEST_CASE("presets: those of client libraries are the rows of clients.tsv, all of them") {
    const kafka::SettingTables tables;
    std::ifstream file(std::string(HIGHWATER_SOURCE_DIR) + "/models/settings/tables/clients.tsv");
    std::map<std::string, std::map<std::string, kafka::ConfigMap>> wanted; // client, scope
    for (std::string line; std::getline(file, line);) {
        std::istringstream cells(line);
        std::string client, scope, setting, value;
        std::getline(cells, client, '\t');
        std::getline(cells, scope, '\t');
        std::getline(cells, setting, '\t');
        std::getline(cells, value, '\t');
        if (scope == "producer" || scope == "consumer") wanted[client][scope].emplace_back(setting, value);
    }
    CHECK(wanted.size() == 5);
    for (auto& entry : wanted) {
        const std::string& client = entry.first;
        auto& scopes = entry.second;
        bool fine = true;
        const auto presets = highwater::find_presets({"client-" + client}, {}, tables, fine);
        REQUIRE_MESSAGE(presets.size() == 1, client);
        CHECK(fine);
        const auto sorted = [](kafka::ConfigMap map) {
            std::sort(map.begin(), map.end());
            return map;
        };
        CHECK_MESSAGE(sorted(presets[0].producer) == sorted(scopes["producer"]), client);
        CHECK_MESSAGE(sorted(presets[0].consumer) == sorted(scopes["consumer"]), client);
        CHECK(presets[0].topic.empty());
        CHECK(presets[0].broker.empty());
    }
}
