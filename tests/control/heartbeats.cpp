#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

TEST_CASE("controlled shutdown: a broker that leads nothing may go at once") {
    ControlTest test(configuration_of(3, {assignment_of({0, 1, 2})}, 1));
    const BrokerHeartbeatResponse answer = test.shut_down(2);
    CHECK(answer.should_shut_down);
    CHECK(answer.fenced);
    CHECK(test.broker(2).fenced);
    CHECK_FALSE(test.broker(2).in_controlled_shutdown);
    CHECK(test.history(0).back() == Step{0, set_of({0, 1}), {}, {}});
}

TEST_CASE("controlled shutdown: a leader goes when every active broker has read that it leads nothing") {
    ControlTest test(configuration_of(3, {assignment_of({0, 1, 2}), assignment_of({1, 0, 2})}, 1));
    BrokerHeartbeatResponse answer = test.shut_down(0);
    CHECK_FALSE(answer.should_shut_down);
    CHECK_FALSE(answer.fenced);
    CHECK(test.broker(0).in_controlled_shutdown);
    CHECK(test.history(0).back() == Step{1, set_of({1, 2}), {}, {}});
    CHECK(test.history(1).back() == Step{1, set_of({1, 2}), {}, {}});
    CHECK_FALSE(is_active(test.controller, BrokerSlot{0}));
    const Offset goal = test.last_offset();
    CHECK_FALSE(test.shut_down(0).should_shut_down); // nobody else has reported
    BrokerHeartbeatRequest behind = test.heartbeat_of(1);
    behind.metadata_offset = next(goal, -1);
    CHECK(test.ask<BrokerHeartbeatResponse>(BrokerSlot{1}, behind).error == ErrorCode::none);
    CHECK(test.heartbeat(2).error == ErrorCode::none);
    CHECK_FALSE(test.shut_down(0).should_shut_down); // broker 1 is one record behind
    CHECK(test.heartbeat(1).error == ErrorCode::none);
    answer = test.shut_down(0);
    CHECK(answer.should_shut_down);
    CHECK(answer.fenced);
    CHECK(test.time_of(0, BrokerEvent::in_controlled_shutdown).has_value());
    CHECK(test.time_of(0, BrokerEvent::shutdown_granted).has_value());
    CHECK_FALSE(test.time_of(0, BrokerEvent::in_controlled_shutdown, 2).has_value());
    // It may not come back into an ISR while it is on its way out.
    CHECK(test.propose(1, set_of({0, 1, 2})).error == ErrorCode::ineligible_replica);
}

TEST_CASE("controlled shutdown: a leader that nobody can replace keeps its leadership and waits") {
    ControlTest test(configuration_of(2, {assignment_of({0, 1})}, 1));
    test.propose(0, set_of({0}));
    CHECK_FALSE(test.shut_down(0).should_shut_down);
    // With eligible leader replicas it moves into them; the partition has no leader, and it may go.
    CHECK(test.history(0).back() == Step{-1, {}, set_of({0}), set_of({0})});
    CHECK(test.heartbeat(1).error == ErrorCode::none);
    CHECK(test.shut_down(0).should_shut_down);
}

TEST_CASE(
    "heartbeats: a broker is unfenced when it has read its registration and does not want to stay fenced") {
    Configuration configuration = configuration_of(2, {assignment_of({0, 1})}, 1);
    configuration.controller_dialect.fencing_check = FencingCheck::at_session_end;
    ControlTest test(configuration);
    CHECK(test.shut_down(1).should_shut_down);
    REQUIRE(test.register_again(1, test.broker(1).epoch).error == ErrorCode::none);
    BrokerHeartbeatRequest request = test.heartbeat_of(1);
    request.metadata_offset = next(test.broker(1).registration_offset, -1);
    BrokerHeartbeatResponse answer = test.ask<BrokerHeartbeatResponse>(BrokerSlot{1}, request);
    CHECK_FALSE(answer.caught_up);
    CHECK(answer.fenced);
    request.metadata_offset = test.broker(1).registration_offset;
    request.want_fence = true;
    answer = test.ask<BrokerHeartbeatResponse>(BrokerSlot{1}, request);
    CHECK(answer.caught_up);
    CHECK(answer.fenced);
    request.want_fence = false;
    answer = test.ask<BrokerHeartbeatResponse>(BrokerSlot{1}, request);
    CHECK_FALSE(answer.fenced);
    CHECK(test.time_of(1, BrokerEvent::unfenced).has_value());
    CHECK(test.history(0).back() ==
          Step{0, set_of({0}), {}, {}}); // unfencing alone brings nobody into an ISR
    CHECK(is_active(test.controller, BrokerSlot{1}));
}

TEST_CASE(
    "heartbeats: unfencing elects the last member of the ISR where there are no eligible leader replicas") {
    Configuration configuration = configuration_of(2, {assignment_of({0, 1})}, 1);
    configuration.controller_dialect.eligible_leader_replicas = false;
    ControlTest test(configuration);
    test.propose(0, set_of({0}));
    BrokerHeartbeatRequest fenced = test.heartbeat_of(0);
    fenced.want_fence = true;
    CHECK(test.ask<BrokerHeartbeatResponse>(BrokerSlot{0}, fenced).fenced);
    CHECK(test.history(0).back() == Step{-1, set_of({0}), {}, {}});
    CHECK_FALSE(test.heartbeat(0).fenced);
    CHECK(test.history(0).back() == Step{0, set_of({0}), {}, {}});
    CHECK(test.partition(0).leader_epoch == Epoch{2});
}

TEST_CASE("heartbeats: fencing elects uncleanly where the topic allowed it before") {
    for (const bool allowed : {true, false}) {
        Configuration configuration = configuration_of(2, {assignment_of({0, 1})}, 1);
        configuration.topics.front().settings.unclean_leader_election_enable = allowed;
        ControlTest test(configuration);
        test.propose(0, set_of({0}));
        BrokerHeartbeatRequest fenced = test.heartbeat_of(0);
        fenced.want_fence = true;
        CHECK(test.ask<BrokerHeartbeatResponse>(BrokerSlot{0}, fenced).fenced);
        CHECK(test.partition(0).leader == (allowed ? BrokerSlot{1} : no_slot));
        CHECK(test.partition(0).recovering == allowed);
    }
}
