#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

namespace {

Configuration two_brokers() { return configuration_of(2, {assignment_of({0, 1})}, 1); }

MetadataFetchRequest fetch_from(Offset offset) { return {BrokerSlot{0}, offset, offset}; }

std::size_t take(ControlTest& test, const MetadataFetchResponse& answer) {
    const std::size_t count = test.kernel.slabs.metadata_records.open(answer.content).records.size();
    test.kernel.slabs.metadata_records.release(answer.content);
    return count;
}

void want_fence(ControlTest& test, int slot) {
    BrokerHeartbeatRequest request = test.heartbeat_of(slot);
    request.want_fence = true;
    test.send(BrokerSlot{slot}, request);
}

} // namespace

TEST_CASE("metadata log: an empty image can fetch the whole cluster") {
    ControlTest test(two_brokers());
    const auto answer = test.ask<MetadataFetchResponse>(BrokerSlot{0}, fetch_from(Offset{0}));
    CHECK(answer.fetch_offset == Offset{0});
    CHECK(answer.high_watermark == high_watermark(test.controller));
    CHECK(take(test, answer) == initial_records(test.controller).size());
    CHECK(log_end_offset(test.controller) == Offset{3}); // two brokers, one partition
    CHECK(test.broker(0).epoch != test.broker(1).epoch);
}

TEST_CASE("metadata log: a fetch at the end waits 500 ms, or for the next commit") {
    ControlTest test(two_brokers());
    test.send(BrokerSlot{0}, fetch_from(Offset{3}));
    test.advance(sim::milliseconds(499));
    CHECK(test.inbox.empty());
    test.advance(sim::milliseconds(2));
    REQUIRE(test.last<MetadataFetchResponse>(BrokerSlot{0}));
    CHECK(take(test, *test.last<MetadataFetchResponse>(BrokerSlot{0})) == 0);

    test.inbox.clear();
    test.send(BrokerSlot{0}, fetch_from(Offset{3}));
    test.advance(sim::milliseconds(100));
    want_fence(test, 1);
    test.advance(sim::milliseconds(24));
    CHECK_FALSE(test.last<MetadataFetchResponse>(BrokerSlot{0}).has_value());
    test.advance(sim::milliseconds(2));
    const auto answer = test.last<MetadataFetchResponse>(BrokerSlot{0});
    REQUIRE(answer);
    CHECK(answer->high_watermark == Offset{5}); // the partition's and the broker's record, readable at once
    CHECK(take(test, *answer) == 2);
    test.advance(sim::seconds(1));
    CHECK(test.kernel.slabs.metadata_records.live() == 0); // the cancelled timer answers nobody
}

TEST_CASE("metadata log: records that come during the linger are committed with it") {
    ControlTest test(two_brokers());
    want_fence(test, 1);
    test.advance(sim::milliseconds(20));
    test.send(BrokerSlot{0}, test.heartbeat_of(0)); // writes nothing, but is decided on what is not committed
    Turn turn = test.turn();
    set_broker(test.controller, BrokerSlot{0}, 4, turn);
    test.advance(sim::milliseconds(4));
    CHECK(test.inbox.empty());
    CHECK(high_watermark(test.controller) == Offset{3});
    test.advance(sim::milliseconds(2));
    CHECK(high_watermark(test.controller) == Offset{6});
    CHECK(test.last<BrokerHeartbeatResponse>(BrokerSlot{0}).has_value());
    CHECK(test.last<BrokerHeartbeatResponse>(BrokerSlot{1}).has_value());
    test.inbox.clear();
    test.send(BrokerSlot{0}, test.heartbeat_of(0));
    test.advance(sim::milliseconds(1));
    CHECK(test.inbox.size() == 1); // nothing pending: at once
}

TEST_CASE("metadata log: a connection that is lost takes its parked fetch along") {
    ControlTest test(two_brokers());
    test.send(BrokerSlot{0}, fetch_from(Offset{3}));
    test.advance(sim::milliseconds(1));
    CHECK(test.controller.memory.parked.size() == 1);
    test.kernel.network.close(test.connections[0], sim::Side::client, test.now(), test.kernel.choices,
                              SignalScheduler{test.kernel.queue});
    test.advance(sim::milliseconds(1));
    CHECK(test.controller.memory.parked.empty());
    test.advance(sim::seconds(2));
    CHECK(test.kernel.slabs.metadata_records.live() == 0);
}

TEST_CASE("metadata log: a later fetch on a connection replaces the parked one") {
    ControlTest test(two_brokers());
    test.send(BrokerSlot{0}, fetch_from(Offset{3}));
    test.advance(sim::milliseconds(1));
    test.send(BrokerSlot{0}, fetch_from(Offset{3}));
    test.advance(sim::milliseconds(1));
    CHECK(test.controller.memory.parked.size() == 1);
    CHECK(test.ignored() == 1);
}

TEST_CASE("metadata log: a crash loses what was not committed, and nothing else") {
    ControlTest test(two_brokers());
    CHECK(test.propose(0, set_of({0})).error == ErrorCode::none);
    const PartitionState committed = test.partition(0);
    const Offset end = log_end_offset(test.controller);
    const sim::SlabHandle content = test.kernel.slabs.alter_partition.acquire();
    test.kernel.slabs.alter_partition.open(content).entries.push_back(test.proposal(0, set_of({0, 1})));
    test.send(BrokerSlot{0}, AlterPartitionRequest{BrokerSlot{0}, test.broker(0).epoch, content});
    test.advance(sim::milliseconds(10));
    CHECK(log_end_offset(test.controller) == next(end));
    test.crash_controller();
    test.advance(sim::seconds(1));
    test.restart_controller();
    CHECK(log_end_offset(test.controller) == end);
    CHECK(test.partition(0) == committed);
    CHECK(decided_partition_state(test.controller, PartitionIndex{0}) == committed);
    CHECK(test.history(0).back() == Step{0, set_of({0}), {}, {}});
    CHECK(test.kernel.slabs.alter_partition_answer.live() == 0);
    CHECK(test.propose(0, set_of({0, 1})).error == ErrorCode::none);
}

TEST_CASE("metadata log: a copy of a controller has the same future") {
    ControlTest test(two_brokers(), 5);
    want_fence(test, 1);
    test.advance(sim::milliseconds(3));
    ControlTest fork = test;
    CHECK(fork.controller == test.controller);
    test.advance(sim::seconds(20));
    fork.advance(sim::seconds(20));
    CHECK(fork.controller == test.controller);
    CHECK(fork.kernel == test.kernel);
    CHECK(fork.facts.size() == test.facts.size());
}
