#include "models/control/election.hpp"

#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

namespace {

/// Assignment 2, 0, 1.
ElectionResult elected(ElectionType type, int leader, BrokerSet isr, BrokerSet elr, BrokerSet last_known,
                       BrokerSet acceptable, bool last_known_may_lead = true) {
    const Assignment assignment = assignment_of({2, 0, 1});
    return elect({assignment, BrokerSlot{leader}, isr, elr, last_known, acceptable, last_known_may_lead},
                 type);
}

constexpr BrokerSet none{};

ElectionResult clean(int slot) { return {BrokerSlot{slot}, false}; }
ElectionResult unclean(int slot) { return {BrokerSlot{slot}, true}; }

} // namespace

TEST_CASE("election: a valid leader stays, whatever the assignment prefers") {
    CHECK(elected(ElectionType::online, 1, set_of({0, 1, 2}), none, none, set_of({0, 1, 2})) == clean(1));
    CHECK(elected(ElectionType::unclean, 1, set_of({0, 1, 2}), none, none, set_of({0, 1, 2})) == clean(1));
}

TEST_CASE("election: the first acceptable member of the ISR in assignment order wins") {
    const auto online = ElectionType::online;
    CHECK(elected(online, 2, set_of({0, 1}), none, none, set_of({0, 1})) == clean(0));
    CHECK(elected(online, 0, set_of({1, 2}), none, none, set_of({1, 2})) == clean(2));
    CHECK(elected(online, 2, set_of({0, 1}), none, none, set_of({1})) == clean(1));
    CHECK(elected(online, -1, set_of({1}), none, none, set_of({0, 1, 2})) == clean(1));
    CHECK(elected(online, 2, set_of({2}), none, none, set_of({0, 1})) == ElectionResult{});
}

TEST_CASE("election: eligible leader replicas count only while the ISR is empty") {
    const auto online = ElectionType::online;
    CHECK(elected(online, -1, none, set_of({0, 1}), none, set_of({0, 1, 2})) == clean(0));
    CHECK(elected(online, -1, none, set_of({0, 1}), none, set_of({1, 2})) == clean(1));
    CHECK(elected(online, 2, set_of({2}), set_of({0}), none, set_of({0, 1})) == ElectionResult{});
}

TEST_CASE(
    "election: the last known leader is elected when ISR and ELR are empty, it is alive and the only entry") {
    const auto online = ElectionType::online;
    CHECK(elected(online, -1, none, none, set_of({1}), set_of({0, 1, 2})) == unclean(1));
    CHECK(elected(online, -1, none, none, set_of({1}), set_of({0, 2})) == ElectionResult{});
    CHECK(elected(online, -1, none, none, set_of({0, 1}), set_of({0, 1})) == ElectionResult{});
    CHECK(elected(online, -1, none, set_of({0}), set_of({1}), set_of({1, 2})) == ElectionResult{});
    CHECK(elected(online, -1, none, none, set_of({1}), set_of({0, 1, 2}), false) == ElectionResult{});
}

TEST_CASE("election: unclean takes the first live replica, after everything better") {
    const auto any = ElectionType::unclean;
    CHECK(elected(any, 2, set_of({2}), none, none, set_of({0, 1})) == unclean(0));
    CHECK(elected(any, -1, none, set_of({2}), set_of({2}), set_of({0, 1})) == unclean(0));
    CHECK(elected(any, -1, none, none, set_of({1}), set_of({0, 1})) ==
          unclean(1)); // the last known leader first
    CHECK(elected(any, -1, none, set_of({1}), none, set_of({0, 1})) == clean(1));
    CHECK(elected(any, 2, set_of({2}), none, none, none) == ElectionResult{});
}

TEST_CASE("election: preferred moves to the first replica only when that may lead") {
    const auto preferred = ElectionType::preferred;
    CHECK(elected(preferred, 0, set_of({0, 1, 2}), none, none, set_of({0, 1, 2})) == clean(2));
    CHECK(elected(preferred, 1, set_of({0, 1}), none, none, set_of({0, 1, 2})) == clean(1)); // not in the ISR
    CHECK(elected(preferred, 1, set_of({0, 1, 2}), none, none, set_of({0, 1})) == clean(1)); // not alive
    CHECK(elected(preferred, 2, set_of({0, 2}), none, none, set_of({0})) == clean(0));
    CHECK(elected(preferred, 2, set_of({2}), none, none, set_of({0, 1})) == ElectionResult{});
}
