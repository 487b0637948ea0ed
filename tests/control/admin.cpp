#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kafka;
using namespace kafka::control_test;

namespace {

void ask_election(ControlTest& test, int partition, bool unclean) {
    Turn turn = test.turn();
    elect(test.controller, PartitionIndex{partition}, unclean, turn);
    test.advance(sim::milliseconds(30));
}

void live_until(ControlTest& test, sim::SimTime until, std::initializer_list<int> slots) {
    while (test.now() < until) {
        for (const int slot : slots)
            test.send(BrokerSlot{slot}, test.heartbeat_of(slot));
        test.advance(std::min(sim::seconds(2), until - test.now()));
    }
}

/// Broker 0 was away: both its leaderships are with others, and it is in the ISR again.
ControlTest after_a_restart(bool rebalances) {
    Configuration configuration = configuration_of(
        3, {assignment_of({0, 1, 2}), assignment_of({0, 2, 1}), assignment_of({1, 2, 0})}, 1);
    configuration.controller_settings.auto_leader_rebalance_enable = rebalances;
    ControlTest test(configuration);
    BrokerHeartbeatRequest fenced = test.heartbeat_of(0);
    fenced.want_fence = true;
    test.ask<BrokerHeartbeatResponse>(BrokerSlot{0}, fenced);
    test.heartbeat(0);
    test.propose(1, set_of({0, 1, 2}), 0);
    return test;
}

} // namespace

TEST_CASE("rebalance: after leader.imbalance.check.interval preferred leaders lead again where they may") {
    ControlTest test = after_a_restart(true);
    CHECK(test.partition(0).leader == BrokerSlot{1});
    CHECK(test.partition(1).leader == BrokerSlot{2});
    live_until(test, sim::SimTime{299900000}, {0, 1, 2});
    CHECK(test.partition(0).leader == BrokerSlot{1});
    live_until(test, sim::SimTime{300100000}, {0, 1, 2});
    CHECK(test.partition(0).leader == BrokerSlot{0});
    CHECK(test.partition(0).leader_epoch == Epoch{2});
    CHECK(test.partition(0).isr == set_of({0, 1, 2}));
    CHECK(test.partition(1).leader == BrokerSlot{2}); // broker 0 is not in that ISR
    CHECK(test.partition(2).leader == BrokerSlot{1});
    test.propose(2, set_of({0, 1, 2}), 1);
    live_until(test, sim::SimTime{600100000}, {0, 1, 2});
    CHECK(test.partition(1).leader == BrokerSlot{0});
}

TEST_CASE("rebalance: nothing happens with auto.leader.rebalance.enable off") {
    ControlTest test = after_a_restart(false);
    live_until(test, sim::SimTime{610000000}, {0, 1, 2});
    CHECK(test.partition(0).leader == BrokerSlot{1});
}

TEST_CASE("elect leaders: preferred moves only to a preferred leader that may lead") {
    ControlTest test = after_a_restart(false);
    ask_election(test, 0, false);
    CHECK(test.partition(0).leader == BrokerSlot{0});
    const int ignored = test.ignored();
    ask_election(test, 0, false); // not needed
    ask_election(test, 1, false); // not available: out of the ISR
    CHECK(test.ignored() == ignored + 2);
    CHECK(test.partition(1).leader == BrokerSlot{2});
}

TEST_CASE("elect leaders: unclean is not needed where there is a leader") {
    ControlTest test = after_a_restart(false);
    ask_election(test, 0, true);
    CHECK(test.ignored() == 1);
    CHECK(test.partition(0).leader == BrokerSlot{1});
}

TEST_CASE("topic settings: a new min.insync.replicas forgets the topic's eligible leader replicas") {
    for (const bool changes_min_isr : {true, false}) {
        Configuration configuration = configuration_of(3, {assignment_of({0, 1, 2})}, 2);
        ControlTest test(configuration);
        CHECK(test.propose(0, set_of({0})).error == ErrorCode::none);
        CHECK(test.partition(0).elr == set_of({1, 2}));
        const PartitionEpoch before = test.partition(0).partition_epoch;
        TopicSettings settings = configuration.topics.front().settings;
        settings.min_insync_replicas = changes_min_isr ? 3 : 2;
        settings.unclean_leader_election_enable = true;
        Turn turn = test.turn();
        set_topic(test.controller, TopicIndex{0}, settings, turn);
        test.advance(sim::milliseconds(30));
        CHECK(test.partition(0).elr == (changes_min_isr ? BrokerSet{} : set_of({1, 2})));
        CHECK(test.partition(0).partition_epoch == (changes_min_isr ? next(before) : before));
        CHECK(test.partition(0).isr == set_of({0}));
    }
}
