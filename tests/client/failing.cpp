// Records that an application cannot process: as values, and in a group on one broker.

#include "tests/client/group_run.hpp"

#include "models/check/guarantees.hpp"

using namespace kafka;
using kafka::test::GroupRun;
using kafka::test::member;

namespace {

PolledRecords piece(int partition, std::int64_t offset, std::int32_t count) {
    return {PartitionIndex{partition}, Offset{offset}, StreamIndex{0}, Value{offset}, count, Epoch{0}};
}

std::string code(const std::string& more) {
    return R"({"commit":"after-processing","process_time":"2ms",)" + more + "}";
}

/// A member whose downstream system is down from 3 s to 13 s.
GroupRun run_outage(const std::string& policy, const std::string& config = R"("enable.auto.commit":false)",
                    const std::string& faults = "") {
    return GroupRun(member(config, code(R"("fails":{"down":{"from":"3s","to":"13s"}},)" + policy)), faults);
}

const FailureSummary& failures(const GroupRun& run) { return run.ledger.consumption.failures.groups[0]; }

GuaranteeState state(const GroupRun& run, const std::string& name) {
    const Readings readings(*run.scenario.configuration);
    const Invariants invariants(*run.scenario.configuration);
    for (const Guarantee& one : judge(run.ledger, readings, invariants, *run.scenario.configuration))
        if (one.name == name) return one.state;
    return GuaranteeState::not_applicable;
}

std::string problem_of_application(const std::string& application) {
    const std::string text = R"({"topics":[{"name":"t"},{"name":"dead"}],"consumers":[{"name":"c","group":"g",
        "topics":["t"],"application":)" +
                             application + "}]}";
    const ReadResult result = read_scenario(text, "x", {}, SettingTables());
    return result.problems.empty() ? "" : format(result.problems.front());
}

} // namespace

TEST_CASE("failing: which attempts fail, by number, by draw, by outage") {
    FailingRecords which;
    which.every = 100;
    const sim::SimTime now{5000000};
    CHECK(attempt_fails(which, Value{99}, 0, now, 0));
    CHECK(attempt_fails(which, Value{199}, 7, now, 0)); // a poison pill: whatever the attempt
    CHECK_FALSE(attempt_fails(which, Value{100}, 0, now, 0));
    which.attempts = 2;
    CHECK(attempt_fails(which, Value{99}, 1, now, 0));
    CHECK_FALSE(attempt_fails(which, Value{99}, 2, now, 0));
    FailingRecords drawn;
    drawn.share = {1, 2};
    CHECK(attempt_fails(drawn, Value{7}, 0, now, 0) != attempt_fails(drawn, Value{7}, 0, now, ~0ULL));
    FailingRecords down;
    down.down.push_back({sim::SimTime{5000000}, sim::SimTime{6000000}});
    CHECK(attempt_fails(down, Value{1}, 0, now, 0));
    CHECK_FALSE(attempt_fails(down, Value{1}, 0, sim::SimTime{6000000}, 0));
}

TEST_CASE("failing: retries are used up, then comes what the code does then") {
    FailurePolicy policy;
    policy.reaction = FailureReaction::block;
    policy.then = FailureReaction::skip;
    CHECK(reaction_to(policy, 1000) == FailureReaction::block);
    policy.retries = 2;
    CHECK(reaction_to(policy, 2) == FailureReaction::block);
    CHECK(reaction_to(policy, 3) == FailureReaction::skip);
    policy.reaction = FailureReaction::dead_letter; // does not try again
    CHECK(reaction_to(policy, 1) == FailureReaction::dead_letter);
}

TEST_CASE("failing: the rest of a partition leaves the batch with the record that failed") {
    std::vector<PolledRecords> batch{piece(0, 0, 5), piece(1, 40, 3), piece(0, 5, 2)};
    const auto taken = take_rest(batch, 0, 2);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0] == piece(0, 2, 3));
    CHECK(taken[1] == piece(0, 5, 2));
    REQUIRE(batch.size() == 2);
    CHECK(batch[0] == piece(0, 0, 2));
    CHECK(batch[1] == piece(1, 40, 3));
    take_rest(batch, 1, 0);
    CHECK(batch.size() == 1);
}

TEST_CASE("failing: a paused partition is retried in order, and the member stays in its group") {
    const GroupRun run =
        run_outage(R"("commit_offsets":"processed","on_failure":"pause_and_retry","retry_after":"300ms")",
                   R"("enable.auto.commit":false,"max.poll.interval.ms":5000)");
    CHECK(run.group().processed == 1000);
    CHECK(run.group().lost == 0);
    CHECK(run.group().repeats == 0);
    CHECK(run.gone_members.empty());
    CHECK(failures(run).pauses == 2);
    CHECK(failures(run).recovered == 2);
    CHECK(failures(run).retried + 2 == failures(run).failed + 2);
    CHECK(failures(run).paused_longest > sim::seconds(9));
    std::int64_t last[2] = {-1, -1};
    bool ordered = true;
    for (const auto& [time, done] : run.processed) {
        if (done.outcome != ProcessingOutcome::done) continue;
        std::int64_t& before = last[done.partition.value];
        ordered = ordered && done.base_offset.value > before;
        before = done.base_offset.value;
    }
    CHECK(ordered);
}

TEST_CASE("failing: a commit of the position goes past what waits for its retry, and a crash loses it") {
    const std::string crash = R"({"at":"8s","do":"crash","target":"consumer c","for":"2s"})";
    const std::string policy = R"("on_failure":"pause_and_retry","retry_after":"300ms")";
    const GroupRun position = run_outage(policy, R"("enable.auto.commit":false)", crash);
    CHECK(position.group().lost > 0);
    CHECK(state(position, "consumed_at_least_once") == GuaranteeState::allowed);
    const GroupRun processed =
        run_outage(policy + R"(,"commit_offsets":"processed")", R"("enable.auto.commit":false)", crash);
    CHECK(processed.group().lost == 0);
    CHECK(processed.group().processed == 1000);
}

TEST_CASE("failing: a partition that was given up takes its held records along") {
    const GroupRun run =
        GroupRun(member(R"("enable.auto.commit":false)",
                        code(R"("fails":{"down":{"from":"3s","to":"13s"}},"commit_offsets":"processed",
               "on_failure":"pause_and_retry","retry_after":"300ms")"),
                        R"(,"members":2)"),
                 R"({"at":"7s","do":"stop","target":"consumer c/1","for":"12s"})");
    CHECK(run.group().processed == 1000);
    CHECK(run.group().lost == 0);
}

TEST_CASE("failing: retries inside the loop outlast max.poll.interval.ms") {
    const GroupRun run = run_outage(R"("on_failure":"block","retry_after":"300ms")",
                                    R"("enable.auto.commit":false,"max.poll.interval.ms":5000)");
    REQUIRE(!run.gone_members.empty());
    CHECK(run.group().commits_fenced > 0);
    CHECK(run.group().repeats > 0);
    CHECK(run.group().lost == 0);
    CHECK(failures(run).blocked_total > sim::seconds(9));
}

TEST_CASE("failing: what is skipped is neither processed nor lost, and the guarantee says so") {
    const GroupRun run = GroupRun(
        member(R"("enable.auto.commit":false)", code(R"("fails":{"every":100},"on_failure":"skip")")));
    CHECK(failures(run).skipped == 9); // 590 records stand in one partition, 410 in the other
    CHECK(run.group().processed == 991);
    CHECK(run.group().lost == 0);
    CHECK(run.group().waiting == 0);
    CHECK(state(run, "consumed_at_least_once") == GuaranteeState::allowed);
}

TEST_CASE("failing: a share is drawn for each record, and is the same for every process") {
    const GroupRun run = GroupRun(
        member(R"("enable.auto.commit":false)", code(R"("fails":{"percent":10},"on_failure":"skip")")),
        R"({"at":"4s","do":"crash","target":"consumer c","for":"1s"})");
    CHECK(failures(run).skipped > 60);
    CHECK(failures(run).skipped < 150);
    CHECK(failures(run).recovered == 0);
    CHECK(run.group().processed + failures(run).skipped == 1000);
}

TEST_CASE("failing: a process that ends itself is started again, and reads on from its last commit") {
    const GroupRun run = run_outage(R"("on_failure":"halt","restart_after":"2s")");
    CHECK(failures(run).halts >= 2);
    CHECK(run.group().processed == 1000);
    CHECK(run.group().lost == 0);
    const GroupRun alone = run_outage(R"("on_failure":"halt")");
    CHECK(failures(alone).halts == 1);
    CHECK(alone.group().lag > 0);
}

TEST_CASE("failing: what does not fit together is refused by name") {
    CHECK(problem_of_application(R"({"fails":{}})").find("which records") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"every":5,"percent":3}})").find("exclude each other") !=
          std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"attempts":3,"down":{"from":"1s","to":"2s"}}})")
              .find("goes with") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"down":{"from":"3s","to":"2s"}}})").find("after \"from\"") !=
          std::string::npos);
    CHECK(problem_of_application(R"({"on_failure":"skip"})").find("nothing fails here") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"every":5},"on_failure":"skip","retries":2,"then":"skip"})")
              .find("goes with \"on_failure\"") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"every":5},"on_failure":"block","retries":2})")
              .find("go together") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"every":5},"on_failure":"dead_letter"})")
              .find("expected the topic") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"every":5},"on_failure":"dead_letter","dead_letter":"t"})")
              .find("does not read") != std::string::npos);
    CHECK(problem_of_application(R"({"fails":{"every":5},"on_failure":"skip","dead_letter":"dead"})")
              .find("goes with") != std::string::npos);
    CHECK(problem_of_application(
              R"({"fails":{"every":5},"on_failure":"dead_letter","dead_letter":"dead"})") == "");
}
