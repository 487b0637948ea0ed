#include "tools/highwater/study/comparison.hpp"
#include "tests/schema.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace highwater;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream file(std::string(HIGHWATER_SOURCE_DIR) + "/" + path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

RunFigures run_of(std::uint64_t seed, std::int64_t lost, std::int64_t latency) {
    RunFigures run;
    run.seed = seed;
    run.sent = 1000;
    run.acknowledged = 1000;
    run.lost = lost;
    run.latencies.add(latency, 1000);
    run.quantiles = {latency, latency, -1, -1};
    return run;
}

Comparison two_presets() {
    Comparison comparison;
    comparison.scenario = "x";
    comparison.presets.resize(2);
    comparison.presets[0].name = "careful";
    comparison.presets[1].name = "hasty";
    comparison.seed_last = 1000;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed)
        comparison.add({run_of(seed, 0, 5000), run_of(seed, seed % 4 == 0 ? 3 : 0, 2000)});
    return comparison;
}

std::string repeat(const std::string& preset, std::uint64_t seed) {
    return "again " + preset + " " + std::to_string(seed);
}

} // namespace

TEST_CASE("comparison: none of a thousand is told as a bound, a share with its interval") {
    const Comparison comparison = two_presets();
    const std::string table = table_of(comparison, false, false, repeat);
    CHECK(has(table, "0 of 1000, at most 0.37 %"));
    CHECK(has(table, "250 of 1000, 22.34 to 27.81 %"));
    CHECK(has(table, "a loss under hasty: again hasty 4\n"));
    CHECK(!has(table, "safe"));
    CHECK(!has(table, "\033"));
    CHECK(has(table_of(comparison, true, false, repeat), "\033[1m"));
    CHECK(has(table_of(comparison, false, true, repeat), "the first twenty: 4 8 12 "));
}

TEST_CASE("comparison: a difference whose interval includes zero is marked, another is not") {
    const Comparison comparison = two_presets();
    const kafka::Json difference = json_of(comparison)["presets"][1]["difference"];
    CHECK(difference["seeds_with_loss"]["estimate"] == 0.25);
    CHECK(difference["seeds_with_loss"]["includes_zero"] == false);
    CHECK(difference["seeds_with_loss"]["only_this"] == 250);
    CHECK(difference["lost_per_million"]["estimate"].get<double>() == doctest::Approx(750));
    CHECK(difference["lost_per_million"]["includes_zero"] == false);
    CHECK(difference["duplicated_per_million"]["includes_zero"] == true);
    CHECK(difference["ack_latency_p99_us"]["estimate"] == -3000);
    CHECK(difference["ack_latency_p99_us"]["method"] == "sign_test");
    CHECK(json_of(comparison)["presets"][0]["difference"].is_null());
}

TEST_CASE("comparison: each column names its worst seeds, and how to run them") {
    Comparison comparison;
    comparison.presets.resize(1);
    comparison.presets[0].name = "hasty";
    comparison.seed_first = 11;
    for (std::uint64_t seed = 11; seed <= 30; ++seed)
        comparison.add(
            {run_of(seed, seed == 13 || seed == 17 ? 2 : seed == 20 ? 9 : 0, seed == 15 ? 2010 : 2000)});
    const auto command = [](const std::string& preset, std::uint64_t seed) {
        return "highwater run x.json --seed " + std::to_string(seed) + " --preset " + preset;
    };
    const kafka::Json preset = json_of(comparison, command)["presets"][0];
    CHECK(preset["repeat"] == "highwater run x.json --seed {seed} --preset hasty");
    const kafka::Json lost = preset["worst"]["lost_per_million"];
    REQUIRE(lost.size() == 3); // a seed without a loss is no bad seed
    CHECK(lost[0]["seed"] == "20");
    CHECK(lost[0]["value"].get<double>() == doctest::Approx(9000));
    CHECK(lost[1]["seed"] == "13");
    CHECK(lost[2]["seed"] == "17");
    CHECK(preset["worst"]["ack_latency_p99_us"].size() == 5);
    CHECK(preset["worst"]["ack_latency_p99_us"][0]["seed"] == "15");
    CHECK(!json_of(comparison)["presets"][0].contains("repeat"));
}

TEST_CASE("comparison: a violated guarantee is shown with the command that repeats it") {
    Comparison comparison = two_presets();
    CHECK(!comparison.has_violation());
    RunFigures broken = run_of(1001, 2, 2000);
    broken.violated = {"acknowledged_records_survive"};
    comparison.add({run_of(1001, 0, 5000), broken});
    CHECK(comparison.has_violation());
    CHECK(has(table_of(comparison, false, false, repeat),
              "VIOLATED under hasty: acknowledged_records_survive in 1 of 1001 seeds\n  again hasty 1001\n"));
    CHECK(json_of(comparison)["presets"][1]["violated"]["acknowledged_records_survive"]["first_seed"] ==
          "1001");
}

TEST_CASE("comparison: too few seeds give no interval instead of a wrong one") {
    Comparison comparison;
    comparison.presets.resize(2);
    comparison.add({run_of(1, 0, 5000), run_of(1, 1, 2000)});
    const kafka::Json difference = json_of(comparison)["presets"][1]["difference"];
    CHECK(difference["lost_per_million"]["interval"].is_null());
    CHECK(difference["ack_latency_p50_us"]["interval"].is_null());
    CHECK(difference["seeds_with_loss"]["includes_zero"] == true);
    CHECK(has(table_of(comparison, false, false, repeat), "too few seeds"));
}

TEST_CASE(
    "comparison: a share of losses is decided, or said to be undecided, and JSON is what the schema says") {
    const Comparison clear = two_presets();
    CHECK(clear.decision(clear.presets[1]) == Decision::more);
    CHECK(clear.is_decided());
    CHECK(has(table_of(clear, false, false, repeat), "hasty loses in more seeds than careful"));
    Comparison unclear;
    unclear.presets.resize(2);
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        unclear.add({run_of(seed, 0, 5000), run_of(seed, seed % 50 == 0 ? 1 : 0, 5000)});
    CHECK(unclear.decision(unclear.presets[1]) == Decision::undecided);
    CHECK(has(table_of(unclear, false, false, repeat), "INCONCLUSIVE: 100 seeds"));
    CHECK(json_of(unclear)["conclusive"] == false);
    Comparison equal;
    equal.presets.resize(2);
    for (std::uint64_t seed = 1; seed <= 1000; ++seed)
        equal.add({run_of(seed, 0, 5000), run_of(seed, 0, 5000)});
    CHECK(equal.decision(equal.presets[1]) == Decision::same);
    const Schema schema(file_text("tools/highwater/study/comparison.schema.json"));
    for (Comparison all : {clear, unclear, equal})
        for (const bool until : {false, true}) {
            all.until_decided = until;
            CHECK(schema.complaint(json_of(all).dump()) == "");
        }
}

TEST_CASE("comparison: who is worse in a column and better in none is beaten, who trades is not") {
    Comparison comparison;
    comparison.presets.resize(3);
    comparison.presets[0].name = "careful"; // loses nothing, slow
    comparison.presets[1].name = "hasty";   // loses, fast
    comparison.presets[2].name = "foolish"; // loses as hasty does, as slow as careful
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const std::int64_t lost = seed % 4 == 0 ? 3 : 0;
        comparison.add({run_of(seed, 0, 5000), run_of(seed, lost, 2000), run_of(seed, lost, 5000)});
    }
    const std::vector<Beaten> beaten = beaten_presets(comparison);
    REQUIRE(beaten.size() == 2);
    CHECK(beaten[0].preset == "foolish");
    CHECK(beaten[0].by == "careful");
    CHECK(beaten[0].worse == std::vector<std::string>{"seeds that lost", "lost/M"});
    CHECK(beaten[1].by == "hasty");
    CHECK(beaten[1].worse == std::vector<std::string>{"ack p50", "ack p99"});
    CHECK(has(table_of(comparison, false, false, repeat), "worse in any): careful, hasty\n"));
    CHECK(json_of(comparison)["pareto"]["front"] == kafka::Json::array({"careful", "hasty"}));
}

TEST_CASE("comparison: clean seeds that a bound still needs are counted exactly") {
    CHECK(clean_runs_needed(0, 100, 0.01) == 268); // ln 0.025 / ln 0.99 = 367.04
    CHECK(clopper_pearson(0, 368).high <= 0.01);
    CHECK(clopper_pearson(0, 367).high > 0.01);
    CHECK(clean_runs_needed(0, 368, 0.01) == 0);
    const std::int64_t more = clean_runs_needed(2, 500, 0.01);
    CHECK(clopper_pearson(2, 500 + more).high <= 0.01);
    CHECK(clopper_pearson(2, 500 + more - 1).high > 0.01);
}
