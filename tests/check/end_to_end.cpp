// Lag over time, and records from send() to the effect of processing.

#include "tests/client/group_run.hpp"

using namespace kafka;
using kafka::test::GroupRun;
using kafka::test::member;

namespace {

constexpr const char* manual = R"("enable.auto.commit":false)";
const EndToEndSummary& end_to_end(const GroupRun& run) { return run.ledger.end_to_end.groups[0]; }
const LagSummary& lag(const GroupRun& run) { return run.ledger.lag.groups[0]; }

} // namespace

TEST_CASE("end_to_end: every record once, and how late") {
    const GroupRun run = GroupRun(member(manual, R"({"commit":"after-processing","process_time":"2ms"})"));
    CHECK(end_to_end(run).produced == 1000);
    CHECK(end_to_end(run).once == 1000);
    CHECK(delivery(end_to_end(run)) == "exactly once");
    CHECK(end_to_end(run).latencies.begin()->first >= 2000); // at least the time of processing
    std::int64_t measured = 0;
    for (const auto& [micros, count] : end_to_end(run).latencies)
        measured += count;
    CHECK(measured == 1000);
}

TEST_CASE("end_to_end: at least once, at most once, neither, by the code's commits and errors") {
    const std::string crash =
        R"({"when":{"committed":{"group":"g","partition":"t-0","at_least":100}},"by":"10ms",
        "do":"crash","target":"consumer c","for":"1s"})";
    const GroupRun least =
        GroupRun(member(manual, R"({"commit":"after-processing","commit_every":10,"process_time":"4ms"})"),
                 R"({"at":"5s","do":"crash","target":"consumer c","for":"1s"})");
    CHECK(end_to_end(least).repeated > 0);
    CHECK(end_to_end(least).once + end_to_end(least).repeated == 1000);
    CHECK(delivery(end_to_end(least)) == "at least once");
    const GroupRun most =
        GroupRun(member(manual, R"({"commit":"before-processing","process_time":"4ms"})"), crash);
    CHECK(end_to_end(most).passed_over > 0);
    CHECK(end_to_end(most).passed_over == most.group().lost);
    CHECK(delivery(end_to_end(most)) == "at most once");
    const GroupRun given_up = GroupRun(member(
        manual,
        R"({"commit":"after-processing","process_time":"2ms","fails":{"every":100},"on_failure":"skip"})"));
    CHECK(end_to_end(given_up).given_up == 9);
    CHECK(delivery(end_to_end(given_up)) == "at most once");
    EndToEndSummary both;
    both.repeated = 1;
    both.lost_in_log = 1;
    CHECK(delivery(both) == "neither");
}

TEST_CASE("end_to_end: what nobody has processed yet is still to come") {
    const GroupRun run = GroupRun(member(manual, R"({"commit":"after-processing","process_time":"200ms"})"));
    CHECK(end_to_end(run).to_come > 500);
    CHECK(end_to_end(run).to_come + end_to_end(run).once == 1000);
}

TEST_CASE("lag: grows while a group is away, is made up, and the series says when") {
    const GroupRun run = GroupRun(member(manual, R"({"commit":"after-processing","process_time":"1ms"})"),
                                  R"({"at":"2s","do":"stop","target":"consumer c","for":"3s"})");
    CHECK(lag(run).most > 500);
    CHECK(lag(run).most_at > sim::SimTime{4000000});
    CHECK(run.group().lag == 0);
    CHECK(lag(run).above[1] > sim::seconds(2)); // more than 100
    CHECK(lag(run).above[2] == sim::Duration{0});
    CHECK(lag(run).series.size() <= 240);
    const auto at = static_cast<std::size_t>(lag(run).most_at.micros / lag(run).width.micros);
    CHECK(lag(run).series[at] == lag(run).most);
    CHECK(lag(run).series.back() == 0);
}

TEST_CASE("lag: the series of a long run has few points, each the most of its time") {
    const GroupRun run = GroupRun(member(manual, "{}"));
    LagHistory history(*run.scenario.configuration);
    for (int second = 1; second <= 1000; ++second)
        history.on(
            sim::SimTime{second * 1000000LL},
            fact::HighWatermarkMoved{BrokerSlot{0}, PartitionIndex{0}, Offset{second}, Epoch{0}, true});
    history.at_end(sim::SimTime{1001000000LL});
    const LagSummary& long_one = history.groups[0];
    CHECK(long_one.series.size() <= 240);
    CHECK(long_one.series.size() > 100);
    CHECK(long_one.series.back() == 1000);
    CHECK(long_one.most == 1000);
    CHECK(std::is_sorted(long_one.series.begin(), long_one.series.end()));
}
