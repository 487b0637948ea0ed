#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

namespace {

/// Leader 0, leader epoch 1, partition epoch above 1; broker 3 is registered and holds no replica.
ControlTest after_an_election() {
    ControlTest test(configuration_of(4, {assignment_of({0, 1, 2})}, 1));
    test.propose(0, set_of({0, 1}));
    return test;
}

} // namespace

TEST_CASE("alter partition: checks come in Kafka's order") {
    ControlTest test = after_an_election();
    const AlterPartitionContent::Entry good = test.proposal(0, set_of({0, 1, 2}));
    AlterPartitionContent::Entry entry = good;
    // Each request breaks one rule, and every rule that is checked later.
    entry.new_isr = set_of({1, 3});
    entry.epochs = {BrokerEpoch{12345}, BrokerEpoch{12345}};
    entry.leader_epoch = next(good.leader_epoch);
    entry.partition_epoch = next(good.partition_epoch, -1);
    CHECK(test.alter(1, entry).error == ErrorCode::not_controller); // leader epoch of the future
    entry.leader_epoch = next(good.leader_epoch, -1);
    entry.partition_epoch = next(good.partition_epoch);
    CHECK(test.alter(1, entry).error == ErrorCode::not_controller); // partition epoch of the future
    entry.partition_epoch = next(good.partition_epoch, -1);
    CHECK(test.alter(1, entry).error == ErrorCode::fenced_leader_epoch);
    entry.leader_epoch = good.leader_epoch;
    CHECK(test.alter(1, entry).error == ErrorCode::invalid_request); // not the leader
    CHECK(test.alter(0, entry).error == ErrorCode::invalid_update_version);
    entry.partition_epoch = good.partition_epoch;
    CHECK(test.alter(0, entry).error == ErrorCode::invalid_request); // not all are replicas
    entry.new_isr = set_of({1, 2});
    CHECK(test.alter(0, entry).error == ErrorCode::invalid_request); // without the leader
    entry.new_isr = set_of({0, 1, 2});
    CHECK(test.alter(0, entry).error == ErrorCode::ineligible_replica); // of another incarnation
    CHECK(test.partition(0).partition_epoch == good.partition_epoch);
    CHECK(test.alter(0, good).error == ErrorCode::none);
    CHECK(test.partition(0).isr == set_of({0, 1, 2}));
}

TEST_CASE("alter partition: to 3.2 a controller that is behind takes a leader for the one that is") {
    for (const Release release : {Release::v3_2, Release::v3_3}) { // KAFKA-14154
        Configuration configuration = configuration_of(4, {assignment_of({0, 1, 2})}, 1);
        configuration.controller_dialect = dialect_of(release);
        ControlTest test(configuration);
        test.propose(0, set_of({0, 1}));
        AlterPartitionContent::Entry entry = test.proposal(0, set_of({0, 1, 2}));
        const bool old = release < Release::v3_3;
        entry.partition_epoch = next(entry.partition_epoch);
        CHECK(test.alter(0, entry).error ==
              (old ? ErrorCode::invalid_update_version : ErrorCode::not_controller));
        entry.leader_epoch = next(entry.leader_epoch);
        CHECK(test.alter(0, entry).error ==
              (old ? ErrorCode::fenced_leader_epoch : ErrorCode::not_controller));
        CHECK(test.partition(0).isr == set_of({0, 1}));
    }
}

TEST_CASE("alter partition: a stale sender is refused as a whole") {
    ControlTest test = after_an_election();
    const sim::SlabHandle content = test.kernel.slabs.alter_partition.acquire();
    test.kernel.slabs.alter_partition.open(content).entries.push_back(test.proposal(0, set_of({0})));
    const AlterPartitionRequest request{BrokerSlot{0}, BrokerEpoch{999}, content};
    CHECK(test.ask<AlterPartitionResponse>(BrokerSlot{0}, request).error == ErrorCode::stale_broker_epoch);
    CHECK(test.kernel.slabs.alter_partition.live() == 0);
    CHECK(test.kernel.slabs.alter_partition_answer.live() == 0);
}

TEST_CASE(
    "alter partition: members that are fenced, leaving or unknown to the leader's metadata are ineligible") {
    ControlTest test = after_an_election();
    BrokerHeartbeatRequest fenced = test.heartbeat_of(2);
    fenced.want_fence = true;
    CHECK(test.ask<BrokerHeartbeatResponse>(BrokerSlot{2}, fenced).fenced);
    CHECK(test.propose(0, set_of({0, 1, 2})).error == ErrorCode::ineligible_replica);
    CHECK_FALSE(test.heartbeat(2).fenced);
    AlterPartitionContent::Entry without_epochs = test.proposal(0, set_of({0, 1, 2}));
    without_epochs.epochs = {no_broker_epoch, no_broker_epoch, no_broker_epoch}; // before KIP-903
    CHECK(test.alter(0, without_epochs).error == ErrorCode::none);
}

TEST_CASE("alter partition: before 3.3 a fenced member is let in") { // KAFKA-13916, KIP-841
    for (const Release release : {Release::v3_2, Release::v3_3}) {
        Configuration configuration = configuration_of(4, {assignment_of({0, 1, 2})}, 1);
        configuration.controller_dialect = dialect_of(release);
        ControlTest test(configuration);
        test.propose(0, set_of({0, 1}));
        BrokerHeartbeatRequest fenced = test.heartbeat_of(2);
        fenced.want_fence = true;
        REQUIRE(test.ask<BrokerHeartbeatResponse>(BrokerSlot{2}, fenced).fenced);
        const ErrorCode answer = test.propose(0, set_of({0, 1, 2})).error;
        CHECK(answer == (release < Release::v3_3 ? ErrorCode::none : ErrorCode::ineligible_replica));
        CHECK(test.partition(0).isr.has(BrokerSlot{2}) == (release < Release::v3_3));
    }
}

TEST_CASE("alter partition: a retry of what succeeded is refused by its version, a repetition of what is so "
          "is not") {
    ControlTest test = after_an_election();
    const AlterPartitionContent::Entry entry = test.proposal(0, set_of({0, 1, 2}));
    CHECK(test.alter(0, entry).error == ErrorCode::none);
    CHECK(test.alter(0, entry).error == ErrorCode::invalid_update_version);
    const Offset end = log_end_offset(test.controller);
    const AlterPartitionAnswer::Entry same = test.propose(0, set_of({0, 1, 2}));
    CHECK(same.error == ErrorCode::none);
    CHECK(same.partition_epoch == test.partition(0).partition_epoch);
    CHECK(log_end_offset(test.controller) == end);
}

TEST_CASE("alter partition: the answer waits for the commit and brings the new state") {
    ControlTest test = after_an_election();
    const sim::SlabHandle content = test.kernel.slabs.alter_partition.acquire();
    test.kernel.slabs.alter_partition.open(content).entries.push_back(test.proposal(0, set_of({0})));
    test.inbox.clear();
    test.send(BrokerSlot{0}, AlterPartitionRequest{BrokerSlot{0}, test.broker(0).epoch, content});
    const sim::SimTime sent = test.now();
    test.advance(sim::milliseconds(24));
    CHECK(test.inbox.empty());
    CHECK(test.partition(0).isr == set_of({0, 1}));
    CHECK(decided_partition_state(test.controller, PartitionIndex{0}).isr == set_of({0}));
    test.advance(sim::milliseconds(2));
    REQUIRE(test.inbox.size() == 1);
    CHECK(test.inbox.front().at - sent >= sim::milliseconds(25));
    CHECK(test.inbox.front().at - sent < sim::milliseconds(26));
    const auto answer = test.last<AlterPartitionResponse>(BrokerSlot{0});
    REQUIRE(answer);
    const auto& entry = test.kernel.slabs.alter_partition_answer.open(answer->content).entries.front();
    CHECK(entry.isr == set_of({0}));
    CHECK(entry.leader == BrokerSlot{0});
    CHECK(entry.partition_epoch == test.partition(0).partition_epoch);
    CHECK(test.partition(0).isr == set_of({0}));
}
