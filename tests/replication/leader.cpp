// The rules behind Appendix A of the semantics reference, one by one. Its traces on clusters stand in
// tests/cluster/appendix_a.cpp.

#include "models/replication/leader.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

/// A leader (slot 0) with two followers.
struct Setting {
    Assignment assignment;
    Dialect dialect = dialect_of(newest_release);
    BrokerSettings settings;
    TopicSettings topic;
    BrokerSet eligible;
    std::vector<BrokerEpoch> epochs{BrokerEpoch{10}, BrokerEpoch{11}, BrokerEpoch{12}};
    Log log;
    Leader leader;

    Setting() {
        for (int i = 0; i < 3; ++i) {
            assignment.add(BrokerSlot{i});
            eligible.add(BrokerSlot{i});
        }
        leader.isr = assignment.set();
        for (RemoteReplica& remote : leader.remotes)
            remote.ever_caught_up = true;
    }
    LeaderView at(std::int64_t seconds) const {
        return {assignment, BrokerSlot{0}, dialect, settings,
                topic,      eligible,      epochs,  sim::SimTime{seconds * 1000000}};
    }
    RemoteReplica& follower(int i) { return leader.remotes[static_cast<std::size_t>(i)]; }
    void fetch(std::int64_t seconds, int from, std::int64_t offset, std::int64_t leader_end) {
        update_remote(at(seconds), leader, BrokerSlot{from}, Offset{offset}, Offset{leader_end},
                      BrokerEpoch{10 + from});
    }
};

constexpr sim::SimTime second(std::int64_t n) { return sim::SimTime{n * 1000000}; }

} // namespace

TEST_CASE("leader: A1, the last caught-up time is that of the previous fetch") {
    Setting s;
    s.fetch(0, 1, 100, 100);
    CHECK(s.follower(1).last_caught_up_time == second(0));
    s.fetch(20, 1, 150, 200);
    CHECK(s.follower(1).last_caught_up_time == second(0)); // 150 >= 100, the end at the previous fetch
    s.fetch(40, 1, 200, 300);
    CHECK(s.follower(1).last_caught_up_time == second(20));
    Setting t;
    t.fetch(0, 1, 100, 100);
    t.fetch(20, 1, 150, 200);
    t.fetch(40, 1, 190, 300); // one fetch and a bit behind
    CHECK(t.follower(1).last_caught_up_time == second(0));
}

TEST_CASE("leader: before 0.10.2 only reaching the end counts (KAFKA-4485)") {
    Setting s;
    s.dialect = dialect_of(Release::v0_10_0);
    s.fetch(0, 1, 100, 100);
    s.fetch(20, 1, 150, 200);
    s.fetch(40, 1, 200, 300);
    CHECK(s.follower(1).last_caught_up_time == second(0));
}

TEST_CASE("leader: A3, A5, an equal end is always in sync from 2.1 on (KAFKA-7152)") {
    Setting s;
    s.fetch(0, 1, 100, 100);
    s.fetch(0, 2, 100, 100);
    CHECK(out_of_sync(s.at(100), s.leader, Offset{100}).empty());
    CHECK(out_of_sync(s.at(30), s.leader, Offset{101}).empty());
    CHECK(out_of_sync(s.at(31), s.leader, Offset{101}).size() == 2); // both in one proposal
    s.dialect = dialect_of(Release::v2_0);
    CHECK(out_of_sync(s.at(100), s.leader, Offset{100}).size() == 2);
    s.leader.isr_state = PendingShrink{only(BrokerSlot{1})};
    CHECK(out_of_sync(s.at(100), s.leader, Offset{100}).empty()); // one change in flight
}

TEST_CASE("leader: A2, the high watermark is the least end of the ISR") {
    Setting s;
    s.fetch(1, 1, 10, 11);
    s.fetch(1, 2, 11, 11);
    CHECK(advanced_high_watermark(s.at(1), s.leader, Offset{11}, Offset{0}) == Offset{10});
    s.fetch(2, 1, 11, 11);
    CHECK(advanced_high_watermark(s.at(2), s.leader, Offset{11}, Offset{10}) == Offset{11});
    CHECK(advanced_high_watermark(s.at(2), s.leader, Offset{11}, Offset{12}) == Offset{12}); // never falls
}

TEST_CASE("leader: A6, below min ISR the high watermark stands still from 3.7 on (KAFKA-15583)") {
    Setting s;
    s.topic.min_insync_replicas = 2;
    s.leader.isr = only(BrokerSlot{0});
    s.follower(1).ever_caught_up = s.follower(2).ever_caught_up = false;
    CHECK(advanced_high_watermark(s.at(50), s.leader, Offset{51}, Offset{50}) == Offset{50});
    s.dialect = dialect_of(Release::v3_6);
    CHECK(advanced_high_watermark(s.at(50), s.leader, Offset{51}, Offset{50}) == Offset{51});
}

TEST_CASE("leader: A7, a replica that is about to join holds the high watermark back") {
    Setting s;
    s.leader.isr = only(BrokerSlot{0}) | only(BrokerSlot{1});
    s.fetch(1, 1, 20, 20);
    s.follower(2).log_end_offset = Offset{5};
    s.follower(2).ever_caught_up = false;
    CHECK(advanced_high_watermark(s.at(1), s.leader, Offset{20}, Offset{0}) == Offset{20});
    s.leader.isr_state = PendingExpand{BrokerSlot{2}};
    CHECK(maximal_isr(s.leader).size() == 3);
    CHECK(advanced_high_watermark(s.at(1), s.leader, Offset{20}, Offset{0}) == Offset{5});
    s.leader.isr_state = PendingShrink{only(BrokerSlot{1})}; // a member about to leave still counts
    CHECK(maximal_isr(s.leader).size() == 2);
}

TEST_CASE("leader: who may join the ISR") {
    Setting s;
    s.leader.isr = only(BrokerSlot{0}) | only(BrokerSlot{1});
    s.leader.epoch_start_offset = Offset{30};
    s.fetch(1, 2, 25, 40);
    CHECK(!may_join_isr(s.at(1), s.leader, BrokerSlot{2}, Offset{20})); // KAFKA-7128: below the epoch's start
    s.dialect.join = JoinRule::at_high_watermark;
    CHECK(may_join_isr(s.at(1), s.leader, BrokerSlot{2}, Offset{20}));
    CHECK(!may_join_isr(s.at(1), s.leader, BrokerSlot{2}, Offset{26}));
    s.dialect = dialect_of(newest_release);
    s.fetch(2, 2, 35, 40);
    CHECK(may_join_isr(s.at(2), s.leader, BrokerSlot{2}, Offset{20}));
    s.eligible.remove(BrokerSlot{2}); // KIP-841: fenced
    CHECK(!may_join_isr(s.at(2), s.leader, BrokerSlot{2}, Offset{20}));
    s.eligible.add(BrokerSlot{2});
    s.epochs[2] = BrokerEpoch{99}; // KIP-903: a later incarnation is registered
    CHECK(!may_join_isr(s.at(2), s.leader, BrokerSlot{2}, Offset{20}));
    CHECK(!update_remote(s.at(2), s.leader, BrokerSlot{2}, Offset{36}, Offset{40}, BrokerEpoch{12}));
}

TEST_CASE("leader: a new epoch begins at the own end and gives members a fresh allowance") {
    Setting s;
    Batch batch;
    batch.count = 3;
    append_as_leader(s.log, batch, Epoch{1});
    PartitionState state;
    state.leader = BrokerSlot{0};
    state.leader_epoch = Epoch{5};
    state.isr = only(BrokerSlot{0}) | only(BrokerSlot{1});
    const Leader leader = make_leader(s.at(100), state, Role{Unassigned{}}, s.log);
    CHECK(leader.epoch_start_offset == Offset{3});
    CHECK(latest_epoch(s.log.epochs) == Epoch{5}); // KAFKA-7415: before any append
    CHECK(leader.remotes[1].last_caught_up_time == second(100));
    CHECK(!leader.remotes[2].ever_caught_up);
    CHECK(leader.remotes[1].log_end_offset == no_offset);
    Log old;
    s.dialect = dialect_of(Release::v1_1); // mended in 2.0.1, the 2.0 of here
    CHECK(dialect_of(Release::v2_0).epoch_starts_at_election);
    make_leader(s.at(100), state, Role{Unassigned{}}, old);
    CHECK(latest_epoch(old.epochs) == no_epoch);
}

TEST_CASE("leader: min.insync.replicas is capped by the replication factor from 3.7 on") {
    Setting s;
    s.topic.min_insync_replicas = 5;
    CHECK(effective_min_isr(s.at(0)) == 3);
    s.dialect = dialect_of(Release::v3_6);
    CHECK(effective_min_isr(s.at(0)) == 5);
}
