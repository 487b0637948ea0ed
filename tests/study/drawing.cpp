#include "tools/highwater/study/schedule.hpp"

#include "tests/schema.hpp"
#include "tests/text.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace highwater;

namespace {

std::string shipped(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(std::filesystem::path(HIGHWATER_SOURCE_DIR) / "scenarios" / file).rdbuf();
    return text.str();
}

kafka::Scenario parsed(const std::string& text, const std::string& file) {
    const kafka::SettingTables tables;
    kafka::ReadResult result = kafka::read_scenario(text, file, {}, tables);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return std::move(*result.scenario);
}

std::string drawn_text(const std::string& text, std::uint64_t seed) {
    return drawn_scenario(kafka::parse_source(text, "a.json").root, parsed(text, "a.json"), seed).dump(2);
}

/// The run of the file under `seed`, and the run of what was drawn from it under its own seed, are one.
void check_repeats(const std::string& text, std::uint64_t seed) {
    const kafka::Scenario scenario = parsed(text, "a.json");
    const kafka::Scenario fixed = parsed(drawn_text(text, seed), "another/place.json");
    CHECK(fixed.seed == seed);
    CHECK(fixed.name == scenario.name);
    CHECK(fixed.configuration->weather.empty());
    CHECK(Schema(std::string(kafka::scenario_schema())).complaint(drawn_text(text, seed)) == "");
    const Outcome one = run_once(scenario, seed, "", {});
    const Outcome other = run_once(fixed, fixed.seed, "", {});
    CHECK_MESSAGE(one.fingerprint == other.fingerprint, "seed " << seed << " of " << scenario.name);
    CHECK(one.events == other.events);
}

const std::string ranges = R"({
    "topics": [{"name": "orders"}],  // drawn below: a time, a broker, a delay and a length
    "producers": [{"topic": "orders", "records": {"count": 600, "rate": 100}}],
    "links": [{"between": ["broker 1", "broker 2"], "latency": "8ms"}],
    "faults": [
        {"at": {"from": "1s", "to": "3s"}, "do": "crash", "target": "any broker", "name": "first",
         "for": {"from": "1s", "to": "4s"}},
        {"after": "first", "by": {"from": "1s", "to": "2s"}, "do": "slow",
         "between": ["any broker", "controller"],
         "latency": "70ms", "for": "2s"},
        {"at": "6s", "do": "pause", "target": "host of any broker", "for": "500ms"}],
    "weather": {"from": "1s", "until": "9s",
                "pause": {"mean_every": "3s", "for": {"from": "10ms", "to": "900ms"}}},
    "until": "12s"})";

} // namespace

TEST_CASE("draw: the drawn file repeats the run of the shipped weather") {
    for (const char* file :
         {"weather/crashes.json", "weather/pauses_and_cuts.json", "weather/power_losses.json",
          "weather/all_layers.json", "weather/every_layer.json", "weather/swarm.json",
          "weather/beyond_the_bound.json", "faults/rolling_clog.json", "faults/trogdor.json",
          "faults/zone_power_loss.json"})
        for (const std::uint64_t seed : {1U, 9U, 42U})
            check_repeats(shipped(file), seed);
}

TEST_CASE("draw: ranges of times and any broker are decided, and the run is the same") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed)
        check_repeats(ranges, seed);
    const std::string text = drawn_text(ranges, 3);
    CHECK(!has(text, "any broker"));
    CHECK(!has(text, "\"from\""));
    CHECK(!has(text, "weather\""));
    CHECK(has(text, "host of broker "));
    CHECK(text != drawn_text(ranges, 4));
}

TEST_CASE("draw: nothing is left to draw in a drawn file") {
    const std::string once = drawn_text(ranges, 5);
    CHECK(drawn_text(once, 5) == once);
}

TEST_CASE("draw: a seed that numbers do not keep stands as a text") {
    const std::uint64_t large = 18446744073709551615ULL;
    const std::string text = drawn_text(ranges, large);
    CHECK(has(text, R"("seed": "18446744073709551615")"));
    CHECK(parsed(text, "a.json").seed == large);
}

TEST_CASE("draw: a seed that is none is told with its place") {
    const kafka::SettingTables tables;
    for (const char* seed : {"-1", "\"many\"", "1.5", "null"}) {
        const auto result = kafka::read_scenario(
            std::string(R"({"topics":[{"name":"t"}],"seed":)") + seed + "}", "x.json", {}, tables);
        REQUIRE(!result.problems.empty());
        CHECK(has(format(result.problems.front()), "/seed: expected a whole number, such as 42"));
    }
}
