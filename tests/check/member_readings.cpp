// Each anomaly of group members is shown red by facts that contradict each other, and green by those that do
// not.

#include "models/check/guarantees.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

/// A group of two members over a topic whose records stand in the log; nothing was read yet.
struct GroupsTold {
    Scenario scenario;
    World world;
    MemberReadings readings;

    static Scenario read(const std::string& application) {
        const std::string text = R"({
            "topics":[{"name":"t","assignment":[[1,2,3],[1,2,3]],"config":{"min.insync.replicas":2}}],
            "producers":[{"name":"p","topic":"t","records":{"count":400,"rate":1000}}],
            "consumers":[{"name":"c","group":"g","members":2,"start":"1h","application":)" +
                                 application + R"(}],"until":"3s"})";
        ReadResult result = read_scenario(text, "x", {}, SettingTables());
        REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
        return std::move(*result.scenario);
    }
    explicit GroupsTold(const std::string& application = "{}")
        : scenario(read(application)), world(make_world(scenario.configuration, 1)),
          readings(*scenario.configuration) {
        do
            for (const Fact& noted : world.kernel.facts)
                readings.on(world.kernel.now, noted, world);
        while (step(world));
        REQUIRE(log_of(world, BrokerSlot{0}, PartitionIndex{0})->log_end_offset > Offset{100});
    }
    void tell(const Fact& fact, int second = 4) { readings.on(sim::SimTime{second * 1000000}, fact, world); }
    void assign(int member) {
        tell(fact::PartitionAssigned{ConsumerIndex{member}, PartitionIndex{0}, Generation{1}});
    }
    void revoke(int member) {
        tell(fact::PartitionRevoked{ConsumerIndex{member}, PartitionIndex{0}, Generation{1}, false});
    }
    void position(std::int64_t offset) {
        tell(fact::ConsumerPositioned{ConsumerIndex{0}, PartitionIndex{0}, Offset{offset},
                                      PositionCause::committed});
    }
    void poll(std::int64_t offset, std::int32_t count, int second = 4) {
        tell(fact::Delivered{ConsumerIndex{0}, PartitionIndex{0}, Offset{offset}, StreamIndex{0},
                             Value{offset}, count, Epoch{0}, BrokerSlot{0}},
             second);
    }
    void process(std::int64_t offset, std::int32_t count) {
        tell(fact::ProcessingEnded{ConsumerIndex{0}, PartitionIndex{0}, Offset{offset}, StreamIndex{0},
                                   Value{offset}, count, ProcessingOutcome::done});
    }
    void commit(std::int64_t offset, CommitCause cause) {
        tell(fact::CommitSent{ConsumerIndex{0}, PartitionIndex{0}, Offset{offset}, cause});
    }
    const MemberAnomalies& found() const { return readings.groups[0]; }
    GuaranteeState state(const std::string& name) const {
        Ledger ledger(*scenario.configuration);
        ledger.member_readings.groups = readings.groups;
        for (const Guarantee& one : judge(ledger, Readings(*scenario.configuration),
                                          Invariants(*scenario.configuration), *scenario.configuration))
            if (one.name == name) return one.state;
        return GuaranteeState::not_applicable;
    }
};

} // namespace

TEST_CASE("poll_skips and nonmonotonic_polls: successive polls of one process") {
    GroupsTold told;
    told.assign(0);
    told.position(0);
    told.poll(0, 10);
    told.poll(10, 10);
    CHECK(told.found().poll_skips + told.found().nonmonotonic_polls + told.found().unexpected_offsets == 0);
    CHECK(told.state("polls_follow_each_other") == GuaranteeState::held);
    told.poll(25, 5);
    CHECK(told.found().poll_skips == 5);
    told.poll(28, 4);
    CHECK(told.found().nonmonotonic_polls == 2);
    CHECK(told.found().unexpected_offsets == 2);
    CHECK(told.state("polls_follow_each_other") == GuaranteeState::violated);
}

TEST_CASE("poll_skips: what was given up is forgotten, and a new position is expected") {
    GroupsTold told;
    told.assign(0);
    told.poll(0, 10);
    told.revoke(0);
    told.assign(0);
    told.position(40);
    told.poll(40, 10);
    CHECK(told.found().poll_skips == 0);
    CHECK(told.found().unexpected_offsets == 0);
    told.position(70); // a reset: a skip that is explained
    told.poll(70, 10);
    CHECK(told.found().poll_skips == 20);
    CHECK(told.found().unexpected_offsets == 0);
}

TEST_CASE("auto_commits_ahead: an automatic commit of what is not processed yet") {
    GroupsTold told;
    told.assign(0);
    told.poll(0, 10);
    told.process(0, 10);
    told.commit(10, CommitCause::automatic);
    CHECK(told.found().auto_commits_ahead == 0);
    CHECK(told.state("automatic_commits_follow_processing") == GuaranteeState::held);
    told.poll(10, 10);
    told.process(10, 3);
    told.commit(20, CommitCause::automatic);
    CHECK(told.found().auto_commits_ahead == 7);
    CHECK(told.state("automatic_commits_follow_processing") == GuaranteeState::violated);
    told.commit(20, CommitCause::synchronous);
    CHECK(told.found().commits_ahead == 7);
}

TEST_CASE("auto_commits_ahead: code that holds records back has asked for it") {
    GroupsTold told(R"({"fails":{"every":7},"on_failure":"pause_and_retry"})");
    told.assign(0);
    told.poll(0, 10);
    told.commit(10, CommitCause::automatic);
    CHECK(told.state("automatic_commits_follow_processing") == GuaranteeState::allowed);
}

TEST_CASE("committed_past_position: a commit of what the consumer has not read") {
    GroupsTold told;
    told.assign(0);
    told.position(0);
    told.poll(0, 10);
    told.process(0, 10);
    told.commit(10, CommitCause::synchronous);
    CHECK(told.found().committed_past_position == 0);
    told.commit(11, CommitCause::synchronous);
    CHECK(told.found().committed_past_position == 1);
    CHECK(told.state("commits_name_what_was_read") == GuaranteeState::violated);
}

TEST_CASE("commits_backwards: a commit below the one before it") {
    GroupsTold told;
    fact::OffsetCommitted commit;
    commit.group = GroupIndex{0};
    commit.consumer = ConsumerIndex{0};
    commit.partition = PartitionIndex{0};
    for (const int offset : {10, 20, 20}) {
        commit.offset = Offset{offset};
        told.tell(commit);
    }
    CHECK(told.found().commits_backwards == 0);
    commit.offset = Offset{15};
    told.tell(commit);
    CHECK(told.found().commits_backwards == 1);
    commit.offset = Offset{5};
    commit.error = ErrorCode::illegal_generation; // refused
    told.tell(commit);
    CHECK(told.found().commits_backwards == 1);
}

TEST_CASE("consumed_unassigned, committed_unassigned, revoked_unassigned, processed_unassigned") {
    GroupsTold told;
    told.poll(0, 10);
    CHECK(told.found().consumed_unassigned == 10);
    CHECK(told.state("only_assigned_partitions_are_consumed") == GuaranteeState::violated);
    told.process(0, 4);
    CHECK(told.found().processed_unassigned == 4);
    told.commit(4, CommitCause::synchronous);
    CHECK(told.found().committed_unassigned == 1);
    CHECK(told.state("only_assigned_partitions_are_committed") == GuaranteeState::violated);
    GroupsTold revoked;
    revoked.assign(0);
    revoked.revoke(0);
    CHECK(revoked.found().revoked_unassigned == 0);
    revoked.revoke(0);
    CHECK(revoked.found().revoked_unassigned == 1);
    CHECK(revoked.state("only_assigned_partitions_are_consumed") == GuaranteeState::violated);
}

TEST_CASE("unexpected_rebalance: a generation that nothing explains") {
    GroupsTold told;
    const auto generation = [&](int number) {
        told.tell(
            fact::GroupChanged{BrokerSlot{0}, GroupIndex{0}, GroupState::stable, Generation{number}, 2});
    };
    const auto count = [&](RebalanceCause cause) {
        return told.found().rebalances[static_cast<std::size_t>(cause)];
    };
    const auto leave = [&](LeaveCause cause) {
        told.tell(fact::MemberLeft{BrokerSlot{0}, GroupIndex{0}, ConsumerIndex{0}, MemberId{1}, cause});
    };
    told.tell(fact::MemberJoined{BrokerSlot{0}, GroupIndex{0}, ConsumerIndex{0}, MemberId{1}, Generation{0}});
    generation(1);
    CHECK(count(RebalanceCause::member_joined) == 1);
    leave(LeaveCause::session_expired);
    generation(2);
    leave(LeaveCause::left);
    generation(3);
    leave(LeaveCause::replaced_by_instance);
    generation(4);
    CHECK(count(RebalanceCause::member_expired) == 1);
    CHECK(count(RebalanceCause::member_left) == 1);
    CHECK(count(RebalanceCause::static_member) == 1);
    CHECK(count(RebalanceCause::unexpected) == 0);
    generation(5);
    CHECK(count(RebalanceCause::unexpected) == 1);
}

TEST_CASE("worst_realtime_lag: how long the last record of a poll had not been the newest") {
    GroupsTold told;
    told.assign(0);
    told.poll(0, 10, 5);
    const sim::Duration first = told.found().worst_realtime_lag;
    CHECK(first > sim::seconds(4)); // the eleventh came within the first second
    CHECK(first < sim::seconds(5));
    told.poll(10, 10, 6);
    CHECK(told.found().worst_realtime_lag > sim::seconds(5));
    const Offset end = log_of(told.world, BrokerSlot{0}, PartitionIndex{0})->log_end_offset;
    GroupsTold latest;
    latest.assign(0);
    latest.poll(end.value - 10, 10, 9); // up to date
    CHECK(latest.found().worst_realtime_lag == sim::Duration{0});
}
