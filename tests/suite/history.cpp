// scenarios/history/: every file has two sides; the affected one names a damage, and the fixed one its
// absence.

#include "tests/suite/folder.hpp"
#include "tests/text.hpp"
#include "tools/highwater/suite/json.hpp"
#include "tools/highwater/suite/suite.hpp"
#include "tools/highwater/suite/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace highwater;
using kafka::Json;

namespace {

Json expectation_on(const Json& all, const std::string& that) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const Json& one) { return one["that"] == that; });
    return at == all.end() ? Json() : *at;
}

/// Whether no value satisfies both: the two sides of a pair say something different.
bool contradict(const Json& one, const Json& other) {
    const auto least = [](const Json& e) {
        return e.contains("at_least") ? e["at_least"] : e.value("is", Json());
    };
    const auto most = [](const Json& e) {
        return e.contains("at_most") ? e["at_most"] : e.value("is", Json());
    };
    if (one.contains("is") && other.contains("is")) return one["is"] != other["is"];
    const auto above = [&](const Json& a, const Json& b) {
        const Json low = least(a);
        const Json high = most(b);
        return low.is_number_integer() && high.is_number_integer() && low > high;
    };
    return above(one, other) || above(other, one);
}

} // namespace

TEST_CASE("history: every file is a pair whose sides contradict each other") {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(HIGHWATER_SOURCE_DIR) /
                                                                 "scenarios/history")) {
        if (entry.path().extension() != ".json") continue;
        ++files;
        std::ostringstream text;
        text << std::ifstream(entry.path()).rdbuf();
        const std::string file = entry.path().filename().generic_string();
        CAPTURE(file);
        const kafka::SettingTables tables;
        const kafka::ReadResult read = read_scenario(text.str(), file, {}, tables);
        REQUIRE(read.scenario);
        REQUIRE_MESSAGE(read.scenario->pair, "no \"fixed\" side");
        CHECK_MESSAGE(read.scenario->seeds >= 12, "under one seed a pair may be luck");
        CHECK_MESSAGE(has(read.scenario->story, "\n1. "), "the story has no numbered steps");
        CHECK_MESSAGE((has(read.scenario->source, "KIP-") || has(read.scenario->source, "KAFKA-") ||
                       has(read.scenario->source, "Jepsen")),
                      "the source names neither KIP nor issue");
        const Json root = Json::parse(text.str(), nullptr, true, true);
        std::size_t damages = 0;
        for (const Json& bad : root["expect"]) {
            const Json good = expectation_on(root["fixed"]["expect"], bad["that"]);
            if (!good.is_null() && contradict(bad, good)) ++damages;
        }
        CHECK_MESSAGE(damages >= 1, "nothing is expected of one side that the other rules out");
    }
    CHECK(files >= 1);
}

TEST_CASE("suite: a pair is run under both releases, and each side can fail") {
    const TestFolder folder("pairs");
    const auto pair = [](const std::string& affected, const std::string& fixed) {
        return R"({"topics": [{"name": "t"}], "release": "3.9",
"producers": [{"name": "shop", "records": {"count": 30, "rate": 1000}}],
"expect": [{"that": "records.acknowledged", )" +
               affected + R"(}],
"fixed": {"release": "4.0", "expect": [{"that": "records.acknowledged", )" +
               fixed + "}]}}\n";
    };
    folder.write("a.json", pair(R"("is": 30)", R"("is": 30)"));
    folder.write("b.json", pair(R"("is": 30)", R"("is": 31)"));
    folder.write("c.json", pair(R"("is": 31)", R"("is": 30)"));
    const SuiteResult result = run_suite(find_scenarios({folder.path()}), {}, {});
    REQUIRE(result.scenarios.size() == 6);
    CHECK(result.scenarios[0].release.empty());
    CHECK(result.scenarios[1].release == "4.0");
    CHECK(result.scenarios[0].runs[0].fingerprint != result.scenarios[1].runs[0].fingerprint);
    const TestState states[] = {TestState::passed, TestState::passed, TestState::passed,
                                TestState::failed, TestState::failed, TestState::passed};
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(result.scenarios[i].state == states[i]);
    CHECK(has(text_of(result.scenarios[3], false, false), "b.json under 4.0"));
    CHECK(has(text_of(result.scenarios[3], false, false), "--seed 1 -X release=4.0"));
    CHECK(json_of(result)["scenarios"][3]["release"] == "4.0");

    SuiteOptions one_side;
    one_side.overrides = {{"release", "4.0"}};
    const SuiteResult fixed = run_suite(find_scenarios({folder.path()}), one_side, {});
    REQUIRE(fixed.scenarios.size() == 3);
    CHECK(fixed.scenarios[1].state == TestState::failed);
    CHECK(fixed.scenarios[2].state == TestState::passed);
}
