#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kafka;
using namespace kafka::control_test;

namespace {

Configuration three_brokers(FencingCheck rule) {
    Configuration configuration = configuration_of(3, {assignment_of({0, 1, 2})}, 2);
    configuration.controller_dialect.fencing_check = rule;
    return configuration;
}

/// Silence of broker 0 after its last heartbeat at a time of the seed until it is fenced; the others live on.
sim::Duration silence_until_fenced(FencingCheck rule, std::uint64_t seed) {
    ControlTest test(three_brokers(rule), seed);
    test.advance(sim::microseconds(static_cast<std::int64_t>(sim::draw_bits(seed, 1, 2, 3) % 2000000)));
    test.send(BrokerSlot{0}, test.heartbeat_of(0));
    const sim::SimTime last = test.now();
    while (!test.time_of(0, BrokerEvent::fenced)) {
        for (const int slot : {1, 2})
            test.send(BrokerSlot{slot}, test.heartbeat_of(slot));
        test.advance(sim::milliseconds(500));
        REQUIRE(test.now() - last < sim::seconds(20));
    }
    CHECK(test.history(0).back() == Step{1, set_of({1, 2}), {}, {}});
    CHECK_FALSE(test.time_of(1, BrokerEvent::fenced).has_value());
    return *test.time_of(0, BrokerEvent::fenced) - last;
}

} // namespace

TEST_CASE("sessions: to 3.9 a broker is fenced exactly when its session ends") {
    for (std::uint64_t seed = 0; seed < 200; ++seed)
        CHECK(silence_until_fenced(FencingCheck::at_session_end, seed) ==
              sim::seconds(9) + sim::microseconds(1));
}

TEST_CASE("sessions: since 4.0 a broker is fenced within an eighth of a session after its session ends") {
    sim::Duration least = sim::seconds(100);
    sim::Duration most;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const sim::Duration silence = silence_until_fenced(FencingCheck::every_eighth_of_session, seed);
        least = std::min(least, silence);
        most = std::max(most, silence);
    }
    CHECK(least > sim::seconds(9));
    CHECK(most <= sim::microseconds(9000000 + 1125000));
    CHECK(least < sim::milliseconds(9100)); // all phases are met
    CHECK(most > sim::milliseconds(10000));
}

TEST_CASE("sessions: 2.8 fences several on the state before all of them, and a fenced one may lead") {
    for (const bool one_by_one : {true, false}) { // KAFKA-13173
        Configuration configuration = three_brokers(FencingCheck::at_session_end);
        configuration.controller_dialect.quorum.fences_one_by_one = one_by_one;
        ControlTest test(configuration);
        for (const int slot : {0, 1, 2})
            test.send(BrokerSlot{slot}, test.heartbeat_of(slot));
        test.advance(sim::seconds(5));
        test.send(BrokerSlot{2}, test.heartbeat_of(2));
        test.advance(sim::seconds(5)); // the sessions of 0 and 1 end at the same instant
        CHECK(test.broker(0).fenced);
        CHECK(test.broker(1).fenced);
        CHECK_FALSE(test.broker(2).fenced);
        const PartitionState& state = test.partition(0);
        CHECK(state.leader == BrokerSlot{one_by_one ? 2 : 0});
        CHECK(state.isr == (one_by_one ? set_of({2}) : set_of({0, 2})));
    }
}

TEST_CASE("sessions: when several are stale they are fenced one after the other") {
    for (const FencingCheck rule : {FencingCheck::at_session_end, FencingCheck::every_eighth_of_session}) {
        ControlTest test(three_brokers(rule), 7);
        test.advance(sim::seconds(12));
        sim::SimTime first = sim::SimTime::never();
        sim::SimTime last;
        for (const int slot : {0, 1, 2}) {
            REQUIRE(test.time_of(slot, BrokerEvent::fenced).has_value());
            first = std::min(first, *test.time_of(slot, BrokerEvent::fenced));
            last = std::max(last, *test.time_of(slot, BrokerEvent::fenced));
        }
        const bool at_once = rule == FencingCheck::at_session_end;
        CHECK(last - first == (at_once ? sim::milliseconds(0) : sim::milliseconds(20)));
        CHECK(test.partition(0).leader == no_slot);
        CHECK(test.history(0).back() == Step{-1, {}, set_of({1, 2}), set_of({2})});
    }
}

TEST_CASE("sessions: a restarted controller gives everybody a new session") {
    for (const FencingCheck rule : {FencingCheck::at_session_end, FencingCheck::every_eighth_of_session}) {
        ControlTest test(three_brokers(rule));
        test.advance(sim::seconds(8));
        test.crash_controller();
        test.advance(sim::seconds(5));
        test.restart_controller();
        test.advance(sim::milliseconds(8900));
        CHECK_FALSE(test.time_of(0, BrokerEvent::fenced).has_value());
        test.advance(sim::milliseconds(1300));
        CHECK(test.time_of(0, BrokerEvent::fenced).has_value());
        CHECK(test.history(0).front() == Step{0, set_of({0, 1, 2}), {}, {}});
    }
}

TEST_CASE("registration: a new incarnation is refused while the former one is in session, then accepted") {
    for (const FencingCheck rule : {FencingCheck::at_session_end, FencingCheck::every_eighth_of_session}) {
        ControlTest test(three_brokers(rule), 3);
        const BrokerEpoch before = test.broker(0).epoch;
        CHECK(test.register_again(0, no_broker_epoch).error == ErrorCode::duplicate_broker_registration);
        CHECK(test.time_of(0, BrokerEvent::registration_refused).has_value());
        CHECK(test.broker(0).epoch == before);
        CHECK_FALSE(test.broker(0).fenced);
        for (int i = 0; i < 18; ++i) { // up to 9 s: refused each time
            for (const int slot : {1, 2})
                test.send(BrokerSlot{slot}, test.heartbeat_of(slot));
            CHECK(test.register_again(0, no_broker_epoch).error == ErrorCode::duplicate_broker_registration);
            test.advance(sim::milliseconds(460));
        }
        test.advance(sim::seconds(9) - (test.now() - sim::SimTime{}) + sim::milliseconds(1));
        const BrokerRegistrationResponse accepted = test.register_again(0, no_broker_epoch);
        CHECK(accepted.error == ErrorCode::none);
        CHECK(accepted.epoch > before);
        CHECK(test.broker(0).epoch == accepted.epoch);
        CHECK(test.broker(0).fenced);
        CHECK(test.partition(0).leader == BrokerSlot{1});
        CHECK_FALSE(test.partition(0).isr.has(BrokerSlot{0}));
        // Heartbeats of the former incarnation are refused from now on.
        BrokerHeartbeatRequest old = test.heartbeat_of(0);
        old.epoch = before;
        CHECK(test.ask<BrokerHeartbeatResponse>(BrokerSlot{0}, old).error == ErrorCode::stale_broker_epoch);
    }
}

TEST_CASE("registration: a broker that was shut down registers at once to 3.9, at the end of its session "
          "since 4.0") {
    for (const FencingCheck rule : {FencingCheck::at_session_end, FencingCheck::every_eighth_of_session}) {
        ControlTest test(three_brokers(rule));
        const BrokerEpoch epoch = test.broker(2).epoch;
        CHECK(test.shut_down(2).should_shut_down);
        const bool at_once = rule == FencingCheck::at_session_end;
        const ErrorCode expected = at_once ? ErrorCode::none : ErrorCode::duplicate_broker_registration;
        CHECK(test.register_again(2, epoch).error == expected);
    }
}

TEST_CASE("registration: the same incarnation may register again and keeps its epoch") {
    ControlTest test(three_brokers(FencingCheck::every_eighth_of_session));
    const BrokerRegistrationState before = test.broker(1);
    const BrokerRegistrationRequest request{BrokerSlot{1}, before.incarnation, no_broker_epoch,
                                            before.log_directory};
    const auto answer = test.ask<BrokerRegistrationResponse>(BrokerSlot{1}, request);
    CHECK(answer.error == ErrorCode::none);
    CHECK(answer.epoch == before.epoch);
    CHECK_FALSE(test.broker(1).fenced);
    CHECK(test.broker(1).registration_offset > before.registration_offset);
    CHECK(test.history(0).size() == 1);
}

TEST_CASE("registration: a clean shutdown keeps a replica eligible, an unclean one does not") {
    for (const bool clean : {true, false}) {
        ControlTest test(three_brokers(FencingCheck::at_session_end));
        const BrokerEpoch epoch = test.broker(2).epoch;
        CHECK(test.shut_down(2).should_shut_down);
        CHECK(test.shut_down(1).should_shut_down); // ISR {0} with min ISR 2: slot 1 becomes eligible
        const BrokerEpoch epoch_of_1 = test.broker(1).epoch;
        CHECK(test.history(0).back() == Step{0, set_of({0}), set_of({1}), {}});
        CHECK(test.register_again(1, clean ? epoch_of_1 : epoch).error == ErrorCode::none);
        CHECK(test.partition(0).elr == (clean ? set_of({1}) : BrokerSet{}));
    }
}
