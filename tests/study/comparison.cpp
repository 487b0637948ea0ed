#include "tools/highwater/study/comparison.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace highwater;

namespace {

RunFigures run_of(std::uint64_t seed, std::int64_t lost, std::int64_t latency) {
    RunFigures run;
    run.seed = seed;
    run.sent = 1000;
    run.acknowledged = 1000;
    run.lost = lost;
    run.latencies.add(latency, 1000);
    run.p50 = latency;
    run.p99 = latency;
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
    Comparison comparison = two_presets();
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
    Comparison comparison = two_presets();
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
