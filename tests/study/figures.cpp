// What a comparison counts of one run.

#include "tools/highwater/study/figures.hpp"

#include <doctest/doctest.h>

using namespace highwater;

namespace {

kafka::Scenario small(const std::string& consumer, const std::string& faults) {
    const std::string text = R"({"topics": [{"name": "orders", "replication.factor": 3}],
        "producers": [{"name": "shop", "topic": "orders", "start": "1s",
                       "records": {"count": 2000, "rate": 500, "size": 100}}],
        "consumers": [{"name": "billing", "topics": ["orders"])" +
                             consumer + R"(}], "faults": [)" + faults + R"(], "until": "30s"})";
    const kafka::SettingTables tables;
    kafka::ReadResult result = read_scenario(text, "small.json", {}, tables);
    for (const kafka::InputProblem& problem : result.problems)
        MESSAGE(format(problem));
    REQUIRE(result.scenario);
    return *result.scenario;
}

} // namespace

TEST_CASE("figures: from send() to the reader's hands, once for each reader, and bytes of all replicas") {
    const kafka::Scenario scenario = small(R"(, "config": {"auto.offset.reset": "earliest"})", "");
    Costs costs(*scenario.configuration);
    Watch watch;
    watch.other = &costs;
    const Outcome outcome = run_once(scenario, 1, "", watch);
    const RunFigures run = figures_of(outcome, costs);
    CHECK(run.end_to_end.total() == 2000);
    const auto quantile = [&](Latency which) { return run.quantiles[static_cast<std::size_t>(which)]; };
    CHECK(quantile(Latency::end_to_end_p50) > 1000); // linger and three hops
    CHECK(quantile(Latency::end_to_end_p50) < 100000);
    CHECK(quantile(Latency::end_to_end_p99) >= quantile(Latency::end_to_end_p50));
    CHECK(run.stored_bytes > 3 * 2000 * 100);
    CHECK(run.stored_bytes % 3 == 0); // three equal logs
    CHECK(run.replicated_bytes >= run.stored_bytes * 2 / 3);
    CHECK(run.measure(Measure::read_unavailable) == 0);
    CHECK(run.measure(Measure::skipped) == 0);
    CHECK(run.measure(Measure::reread) == 0);
}

TEST_CASE("figures: a leader that dies is time without writes and without reads") {
    const kafka::Scenario scenario =
        small("", R"({"at": "2s", "do": "crash", "target": "leader of orders-0", "for": "10s"})");
    const RunFigures run = run_figures(scenario, 1, "");
    CHECK(run.measure(Measure::write_unavailable) > 0);
    CHECK(run.measure(Measure::read_unavailable) > 0);
    CHECK(run.longest_unavailable <= run.write_unavailable);
}

TEST_CASE("figures: a member that dies with what it has polled reads again, or skips what it had committed") {
    const std::string crash =
        R"({"when": {"committed": {"group": "billing", "partition": "orders-0", "at_least": 1}},
            "by": "100ms", "do": "crash", "target": "consumer billing", "for": "2s"})";
    const auto figures = [&](const std::string& application) {
        return run_figures(small(R"(, "group": "billing", "config": {"auto.offset.reset": "earliest",
            "enable.auto.commit": false, "session.timeout.ms": 6000},
            "application": {"process_time": "1ms", "commit": ")" +
                                     application + R"("})",
                                 crash),
                           1, "");
    };
    const RunFigures before = figures("before-processing");
    CHECK(before.measure(Measure::skipped) > 0);
    CHECK(before.processed_again == 0);
    const RunFigures after = figures("after-processing");
    CHECK(after.measure(Measure::skipped) == 0);
    CHECK(after.measure(Measure::reread) > 0);
    CHECK(after.processed_again > 0);
}
