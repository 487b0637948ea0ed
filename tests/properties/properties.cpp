// Laws that hold in every generated case. HIGHWATER_PROPERTY_SEEDS=N or A..B runs others than the first
// 2,000.

#include "tests/properties/laws.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace kafka;
using namespace properties;

namespace {

std::pair<std::uint64_t, std::uint64_t> wanted_seeds() {
    const char* given = std::getenv("HIGHWATER_PROPERTY_SEEDS");
    if (given == nullptr) return {1, 2000};
    const std::string text = given;
    const std::size_t dots = text.find("..");
    if (dots == std::string::npos) return {1, std::stoull(text)};
    return {std::stoull(text.substr(0, dots)), std::stoull(text.substr(dots + 2))};
}

std::vector<std::string> laws_broken_by(const Json& scenario, std::uint64_t seed, bool strict,
                                        const SettingTables& tables) {
    const Ran ran = run_case(scenario, seed, tables);
    if (!ran.outcome) return ran.broken;
    return broken_laws(*ran.outcome, strict);
}

/// The case as small as it gets, with what it breaks.
std::string story_of(const Case& made, const std::string& law, const SettingTables& tables) {
    const auto same = [&](const Json& attempt) {
        for (const std::string& one : laws_broken_by(attempt, made.seed, made.strict, tables))
            if (one.substr(0, 20) == law.substr(0, 20)) return true;
        return false;
    };
    const Json small = shrink(made.scenario, same);
    return "seed " + std::to_string(made.seed) + ": " + law + "\nhighwater run case.json --seed " +
           std::to_string(made.seed) + ", case.json:\n" + small.dump(1);
}

} // namespace

TEST_CASE("properties: the laws hold in generated cases") {
    const SettingTables tables;
    const auto [first, last] = wanted_seeds();
    int strict = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const Case made = generate(seed);
        strict += made.strict ? 1 : 0;
        const std::vector<std::string> broken = laws_broken_by(made.scenario, seed, made.strict, tables);
        if (broken.empty()) continue;
        FAIL_CHECK(story_of(made, broken.front(), tables));
    }
    MESSAGE("cases: " << last - first + 1 << ", of them with the strict promise: " << strict);
}

TEST_CASE("properties: shrinking keeps what matters and drops the rest") {
    Case made = generate(5);
    const auto mentions_crash = [](const Json& scenario) {
        for (const Json& fault : scenario["faults"])
            if (fault["do"] == "crash") return true;
        return false;
    };
    made.scenario["faults"] = Json::parse(R"([{"at":"1s","do":"pause","target":"broker 1","for":"1s"},
        {"at":"2s","do":"crash","target":"broker 1","for":"1s"},
        {"at":"3s","do":"stop","target":"broker 2","for":"1s"}])");
    const Json small = shrink(made.scenario, mentions_crash);
    CHECK(small["faults"].size() == 1);
    CHECK(small["producers"].size() == 1);
    CHECK(small["brokers"].size() == 3);
    CHECK(generate(7).scenario == generate(7).scenario);
    CHECK(generate(7).scenario != generate(8).scenario);
}
