// The ISR histories of real 4.3.1 clusters (reference/real), reproduced at the level of the controller: the
// test does what the brokers did, the controller must write the same leaders, ISR, ELR and lastKnownElr. Real
// broker 1 is slot 0.

#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

namespace {

/// Comes back after its session: registers, reads its registration, is unfenced.
void come_back(ControlTest& test, int slot, BrokerEpoch previous) {
    REQUIRE(test.register_again(slot, previous).error == ErrorCode::none);
    const BrokerHeartbeatResponse heard = test.heartbeat(slot);
    CHECK(heard.caught_up);
    CHECK_FALSE(heard.fenced);
}

/// Runs for `seconds` while these brokers send heartbeats every 2 s.
void live(ControlTest& test, int seconds, std::initializer_list<int> slots) {
    for (int i = 0; i < seconds; i += 2) {
        for (const int slot : slots)
            test.send(BrokerSlot{slot}, test.heartbeat_of(slot));
        test.advance(sim::seconds(2));
    }
}

} // namespace

TEST_CASE("history R05: a paused follower is fenced, and its ISR grows back by the leader's request") {
    ControlTest test(configuration_of(3, {assignment_of({1, 2, 0})}, 2));
    live(test, 16, {0, 1});
    CHECK(test.time_of(2, BrokerEvent::fenced).has_value());
    CHECK_FALSE(test.heartbeat(2).fenced); // it is unfenced by its next heartbeat, without registering
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::none);
    CHECK(test.history(0) == std::vector<Step>{{1, set_of({0, 1, 2}), {}, {}},
                                               {1, set_of({0, 1}), {}, {}},
                                               {1, set_of({0, 1, 2}), {}, {}}});
    CHECK(test.partition(0).leader_epoch == Epoch{0});
    CHECK(test.partition(0).partition_epoch == PartitionEpoch{2});
}

TEST_CASE("history R08: followers are stopped one by one under min ISR 2 and started again") {
    // Goal: [1,2,3] -> [1,2] -> [2] ELR [1] -> [2,3] -> [1,2,3], never a leader change, as in each of three
    // runs; and a second FENCED record nine seconds after the shutdown.
    ControlTest test(configuration_of(3, {assignment_of({1, 2, 0})}, 2));
    const BrokerEpoch epoch_of_a = test.broker(2).epoch;
    const BrokerEpoch epoch_of_b = test.broker(0).epoch;
    CHECK(test.shut_down(2).should_shut_down);
    live(test, 14, {0, 1});
    CHECK(test.shut_down(0).should_shut_down);
    live(test, 14, {1});
    REQUIRE(test.time_of(2, BrokerEvent::fenced, 2).has_value());
    const sim::Duration between =
        *test.time_of(2, BrokerEvent::fenced, 2) - *test.time_of(2, BrokerEvent::fenced, 1);
    CHECK(between > sim::seconds(9));
    CHECK(between <= sim::milliseconds(10135));
    come_back(test, 2, epoch_of_a);
    CHECK(test.propose(1, set_of({1, 2})).error == ErrorCode::none);
    live(test, 4, {1, 2});
    come_back(test, 0, epoch_of_b);
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::none);
    CHECK(test.history(0) == std::vector<Step>{{1, set_of({0, 1, 2}), {}, {}},
                                               {1, set_of({0, 1}), {}, {}},
                                               {1, set_of({1}), set_of({0}), {}},
                                               {1, set_of({1, 2}), {}, {}},
                                               {1, set_of({0, 1, 2}), {}, {}}});
    CHECK(test.partition(0).leader_epoch == Epoch{0});
}

TEST_CASE(
    "history R09 and R10: no leader until the old one returns or somebody asks for an unclean election") {
    // Goal: two topics of min ISR 1 lose their followers, then their leader (kill -9). R09 gets unclean
    // election enabled while it has no leader, which alone does nothing; then it is asked for. R10 waits for
    // its leader.
    Configuration configuration = configuration_of(3, {assignment_of({0, 1, 2})}, 1);
    TopicConfiguration other = configuration.topics.front();
    other.partition_first = PartitionIndex{1};
    configuration.topics.push_back(other);
    PartitionConfiguration partition = configuration.partitions.front();
    partition.topic = TopicIndex{1};
    configuration.partitions.push_back(partition);
    ControlTest test(configuration);
    const BrokerEpoch epochs[] = {test.broker(0).epoch, test.broker(1).epoch, test.broker(2).epoch};
    CHECK(test.shut_down(1).should_shut_down);
    CHECK(test.shut_down(2).should_shut_down);
    live(test, 10, {0});
    // Leader killed here; followers start.
    come_back(test, 1, epochs[1]);
    come_back(test, 2, epochs[2]);
    live(test, 12, {1, 2});
    const Step leaderless{-1, {}, set_of({0}), set_of({0})};
    CHECK(test.history(0).back() == leaderless);

    TopicSettings settings = configuration.topics.front().settings;
    settings.unclean_leader_election_enable = true;
    {
        Turn turn = test.turn();
        set_topic(test.controller, TopicIndex{0}, settings, turn);
    }
    live(test, 20, {1, 2});
    CHECK(test.history(0).back() == leaderless);
    {
        Turn turn = test.turn();
        elect(test.controller, PartitionIndex{0}, true, turn);
    }
    live(test, 2, {1, 2});
    CHECK(test.partition(0).recovering);
    CHECK(test.propose(1, set_of({1, 2})).error == ErrorCode::none);
    CHECK_FALSE(test.partition(0).recovering);
    REQUIRE(test.register_again(0, no_broker_epoch).error ==
            ErrorCode::none); // killed: no clean shutdown file
    CHECK(test.heartbeat(0).caught_up);
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::none);
    CHECK(test.propose(0, set_of({0, 1}), 1).error == ErrorCode::none);
    CHECK(test.propose(0, set_of({0, 1, 2}), 1).error == ErrorCode::none);

    CHECK(test.history(0) == std::vector<Step>{{0, set_of({0, 1, 2}), {}, {}},
                                               {0, set_of({0, 2}), {}, {}},
                                               {0, set_of({0}), {}, {}},
                                               {-1, {}, set_of({0}), set_of({0})},
                                               {1, set_of({1}), {}, {}},
                                               {1, set_of({1, 2}), {}, {}},
                                               {1, set_of({0, 1, 2}), {}, {}}});
    CHECK(test.history(1) ==
          std::vector<Step>{{0, set_of({0, 1, 2}), {}, {}},
                            {0, set_of({0, 2}), {}, {}},
                            {0, set_of({0}), {}, {}},
                            {-1, {}, set_of({0}), set_of({0})},
                            {-1, {}, {}, set_of({0})}, // it registered without a clean shutdown
                            {0, set_of({0}), {}, {}},  // unfenced: the last known leader
                            {0, set_of({0, 1}), {}, {}},
                            {0, set_of({0, 1, 2}), {}, {}}});
    CHECK(test.partition(0).leader_epoch == Epoch{2}); // as in p2's records of the real run
}

TEST_CASE("history R09: the interval of unclean elections acts on its own") {
    Configuration configuration = configuration_of(2, {assignment_of({0, 1})}, 1);
    ControlTest test(configuration);
    CHECK(test.shut_down(1).should_shut_down);
    const BrokerEpoch epoch = test.broker(1).epoch;
    live(test, 10, {0});
    come_back(test, 1, epoch);
    live(test, 12, {1});
    CHECK(test.partition(0).leader == no_slot);
    TopicSettings settings = configuration.topics.front().settings;
    settings.unclean_leader_election_enable = true;
    {
        Turn turn = test.turn();
        set_topic(test.controller, TopicIndex{0}, settings, turn);
    }
    while (test.now() < sim::SimTime{297000000})
        live(test, 2, {1});
    CHECK(test.partition(0).leader == no_slot);
    live(test, 4, {1});
    CHECK(test.partition(0).leader == BrokerSlot{1});
}

TEST_CASE("history R20: a replaced disk is reported before the new incarnation registers") {
    // Goal: 2 [1,2,3] -> [1,2,3] and [1,2] at one time -> [1,2,3] -> [1,2] at the registration -> [1,2,3].
    ControlTest test(configuration_of(3, {assignment_of({1, 2, 0})}, 2));
    const std::uint64_t new_directory = 77;
    const auto report = [&] {
        const sim::SlabHandle content = test.kernel.slabs.partitions.acquire();
        test.kernel.slabs.partitions.open(content).partitions = {PartitionIndex{0}};
        return test.ask<AssignReplicasToDirsResponse>(
            BrokerSlot{2}, AssignReplicasToDirsRequest{BrokerSlot{2}, new_directory, content});
    };
    live(test, 2, {0, 1, 2});
    CHECK(report().error == ErrorCode::none);
    // It fetches as the incarnation that the metadata knows, and is let in again.
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::none);
    live(test, 12, {0, 1});
    const BrokerRegistrationRequest request{BrokerSlot{2}, 999, no_broker_epoch, new_directory};
    const bool fenced_first = test.time_of(2, BrokerEvent::fenced).has_value();
    REQUIRE(test.ask<BrokerRegistrationResponse>(BrokerSlot{2}, request).error == ErrorCode::none);
    CHECK_FALSE(test.heartbeat(2).fenced);
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::none);
    CHECK(fenced_first); // the third real run; in the first it registers before the periodic task sees it
    CHECK(test.history(0) == std::vector<Step>{{1, set_of({0, 1, 2}), {}, {}},
                                               {1, set_of({0, 1, 2}), {}, {}},
                                               {1, set_of({0, 1}), {}, {}},
                                               {1, set_of({0, 1, 2}), {}, {}},
                                               {1, set_of({0, 1}), {}, {}},
                                               {1, set_of({0, 1, 2}), {}, {}}});
    CHECK(report().error == ErrorCode::none); // now it is the registered one: nothing to write
    CHECK(test.history(0).size() == 6);
}

TEST_CASE("directories: a leader whose disk was replaced loses the leadership at its report") {
    ControlTest test(configuration_of(3, {assignment_of({0, 1, 2})}, 2));
    const sim::SlabHandle content = test.kernel.slabs.partitions.acquire();
    test.kernel.slabs.partitions.open(content).partitions = {PartitionIndex{0}};
    const AssignReplicasToDirsRequest request{BrokerSlot{0}, 77, content};
    CHECK(test.ask<AssignReplicasToDirsResponse>(BrokerSlot{0}, request).error == ErrorCode::none);
    CHECK(test.history(0).back() == Step{1, set_of({1, 2}), {}, {}});
    // Back in the ISR it may not lead, because its directory is offline to its registration.
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::none);
    Turn turn = test.turn();
    elect(test.controller, PartitionIndex{0}, false, turn);
    CHECK(decided_partition_state(test.controller, PartitionIndex{0}).leader == BrokerSlot{1});
}
