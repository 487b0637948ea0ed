// Results in a store of the application's own: apart from the offsets, and together with them.

#include "tests/client/group_run.hpp"

using namespace kafka;
using kafka::test::GroupRun;
using kafka::test::member;

namespace {

/// A process that writes results after each batch, commits every tenth, and dies at 5 s.
GroupRun crashed(const std::string& state, const std::string& more = "") {
    return GroupRun(
        member(R"("enable.auto.commit":false,"max.poll.records":20)",
               R"({"commit":"after-processing","commit_every":10,"process_time":"3ms","state":")" + state +
                   "\"" + more + "}"),
        R"({"at":"5s","do":"crash","target":"consumer c","for":"1s"})");
}

const StateSummary& state(const GroupRun& run) { return run.ledger.stored_state.groups[0]; }

} // namespace

TEST_CASE("state: apart from the offsets it counts twice what a crash makes the group read again") {
    const GroupRun run = crashed("apart");
    CHECK(state(run).kept);
    CHECK(state(run).distinct == 1000);
    CHECK(state(run).applied > 1000);
    CHECK(state(run).missing == 0);
}

TEST_CASE("state: together with the offsets it is exact, though records are processed again") {
    for (const char* every : {R"(,"state_every":"batch")", R"(,"state_every":"record")"}) {
        const GroupRun run = crashed("together", every);
        CHECK(state(run).applied == 1000);
        CHECK(state(run).distinct == 1000);
        CHECK(state(run).missing == 0);
        CHECK(run.group().processed == 1000);
    }
    const GroupRun batches = crashed("together");
    CHECK(batches.group().repeats > 0); // in memory, and gone with the process
    std::int64_t sought = 0;
    for (const ReaderPosition& position : batches.world.readers[0].positions)
        sought += position.phase == PositionPhase::fetching ? 1 : 0;
    CHECK(sought == 2);
}

TEST_CASE("state: offsets that are committed first leave records out of it") {
    const GroupRun run = GroupRun(
        member(R"("enable.auto.commit":false,"max.poll.records":20)",
               R"({"commit":"before-processing","process_time":"3ms","state":"apart"})"),
        R"({"when":{"committed":{"group":"g","partition":"t-0","at_least":200}},"by":"10ms","do":"crash",
            "target":"consumer c","for":"1s"})");
    CHECK(state(run).missing > 0);
    CHECK(state(run).applied == state(run).distinct);
}

TEST_CASE("state: a member that has lost its partition cannot write together with an offset") {
    // 1. A member sleeps longer than its session, with records in its hands. 2. Another one goes on and
    // writes.
    // 3. It wakes up and writes what it made of them: its condition does not hold.
    const std::string faults = R"({"at":"4s","do":"pause","target":"consumer c/1","for":"9s"})";
    const auto run = [&](const std::string& kind) {
        return GroupRun(
            member(R"("enable.auto.commit":false,"max.poll.records":20)",
                   R"({"commit":"after-processing","process_time":"9ms","state":")" + kind + "\"}",
                   R"(,"members":2)"),
            faults);
    };
    const GroupRun together = run("together");
    CHECK(state(together).refused > 0);
    CHECK(state(together).applied == state(together).distinct);
    CHECK(state(together).missing == 0);
    const GroupRun apart = run("apart");
    CHECK(state(apart).refused == 0);
    CHECK(state(apart).applied > state(apart).distinct);
}

TEST_CASE("state: when it is written goes with a store") {
    const std::string text = R"({"topics":[{"name":"t"}],"consumers":[{"name":"c","group":"g",
        "application":{"state_every":"record"}}]})";
    const ReadResult result = read_scenario(text, "x", {}, SettingTables());
    REQUIRE(!result.problems.empty());
    CHECK(format(result.problems.front()).find("goes with \"state\"") != std::string::npos);
}
