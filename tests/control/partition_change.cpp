#include "models/control/partition_change.hpp"

#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

namespace {

const BrokerSet everybody = set_of({0, 1, 2});

PartitionState led_by(int leader, BrokerSet isr, BrokerSet elr = {}, BrokerSet last_known = {}) {
    PartitionState state;
    state.leader = BrokerSlot{leader};
    state.leader_epoch = Epoch{4};
    state.partition_epoch = PartitionEpoch{9};
    state.isr = isr;
    state.elr = elr;
    state.last_known_elr = last_known;
    return state;
}

struct Rules {
    int min_isr = 1;
    bool elr = true;
    bool shrink_bumps = false;
};

std::optional<ChangeResult> changed(const PartitionState& before, Rules rules, BrokerSet acceptable,
                                    const ChangeRequest& request) {
    const Assignment assignment = assignment_of({0, 1, 2});
    return change(before, {assignment, acceptable, rules.min_isr, rules.elr, true, rules.shrink_bumps},
                  request);
}

/// Fenced, killed or shut down: out of the ISR, and not acceptable.
ChangeRequest removal(const PartitionState& before, int slot, ElectionType type = ElectionType::online) {
    ChangeRequest request;
    request.target_isr = before.isr - only(BrokerSlot{slot});
    request.election = type;
    return request;
}

ChangeRequest isr_of(BrokerSet isr) {
    ChangeRequest request;
    request.target_isr = isr;
    request.leader_recovered = true;
    return request;
}

Step step(const PartitionState& state) {
    return {state.leader.value, state.isr, state.elr, state.last_known_elr};
}

} // namespace

TEST_CASE("partition change: nothing to change writes no record") {
    const PartitionState before = led_by(0, everybody);
    CHECK_FALSE(changed(before, {}, everybody, {}).has_value());
    CHECK_FALSE(changed(before, {}, everybody, isr_of(everybody)).has_value());
    // Leaderless, and nobody may lead.
    CHECK_FALSE(changed(led_by(-1, {}, only(BrokerSlot{0}), only(BrokerSlot{0})), {}, set_of({1, 2}), {})
                    .has_value());
}

TEST_CASE("partition change: every record raises the partition epoch, only a leader field the leader epoch") {
    const PartitionState before = led_by(0, set_of({0, 1}));
    const auto grown = changed(before, {}, everybody, isr_of(everybody));
    REQUIRE(grown);
    CHECK(grown->state.partition_epoch == PartitionEpoch{10});
    CHECK(grown->state.leader_epoch == Epoch{4});
    const auto shrunk = changed(before, {}, everybody, isr_of(set_of({0})));
    REQUIRE(shrunk);
    CHECK(shrunk->state.partition_epoch == PartitionEpoch{10});
    CHECK(shrunk->state.leader_epoch == Epoch{4});
    const auto elected = changed(before, {}, set_of({1, 2}), removal(before, 0));
    REQUIRE(elected);
    CHECK(elected->state.leader == BrokerSlot{1});
    CHECK(elected->state.leader_epoch == Epoch{5});
    const auto lost =
        changed(led_by(0, set_of({0})), {1, false}, set_of({1, 2}), removal(led_by(0, set_of({0})), 0));
    REQUIRE(lost);
    CHECK(lost->state.leader == no_slot);
    CHECK(lost->state.leader_epoch == Epoch{5});
}

TEST_CASE("partition change: before KAFKA-15021 a shrink raised the leader epoch, an expansion never") {
    const Rules old{1, false, true};
    const auto shrunk = changed(led_by(0, everybody), old, everybody, isr_of(set_of({0, 1})));
    REQUIRE(shrunk);
    CHECK(shrunk->state.leader == BrokerSlot{0});
    CHECK(shrunk->state.leader_epoch == Epoch{5});
    const auto grown = changed(led_by(0, set_of({0, 1})), old, everybody, isr_of(everybody));
    REQUIRE(grown);
    CHECK(grown->state.leader_epoch == Epoch{4});
}

TEST_CASE("partition change: without ELR the last member of the ISR stays, without a leader") {
    const PartitionState before = led_by(0, set_of({0}));
    const auto after = changed(before, {1, false}, set_of({1, 2}), removal(before, 0));
    REQUIRE(after);
    CHECK(step(after->state) == Step{-1, set_of({0}), {}, {}});
    CHECK_FALSE(after->unclean);
    const auto any = changed(before, {1, false}, set_of({1, 2}), removal(before, 0, ElectionType::unclean));
    REQUIRE(any);
    CHECK(step(any->state) == Step{1, set_of({1}), {}, {}});
    CHECK(any->unclean);
    CHECK(any->state.recovering);
}

TEST_CASE(
    "partition change: the ELR collects who leaves while the ISR is below min ISR, and empties above it") {
    const Rules two{2};
    const auto at_limit = changed(led_by(0, everybody), two, everybody, isr_of(set_of({0, 1})));
    REQUIRE(at_limit);
    CHECK(step(at_limit->state) == Step{0, set_of({0, 1}), {}, {}}); // A6: still at min ISR
    const auto below = changed(at_limit->state, two, everybody, isr_of(set_of({0})));
    REQUIRE(below);
    CHECK(step(below->state) == Step{0, set_of({0}), set_of({1}), {}});
    const auto back = changed(below->state, two, everybody, isr_of(set_of({0, 2})));
    REQUIRE(back);
    CHECK(step(back->state) == Step{0, set_of({0, 2}), {}, {}});
}

TEST_CASE("partition change: an eligible leader replica is elected cleanly and becomes the ISR") {
    const PartitionState before = led_by(-1, {}, set_of({1, 2}), set_of({2}));
    ChangeRequest request;
    const auto after = changed(before, {2}, set_of({0, 1}), request);
    REQUIRE(after);
    CHECK(step(after->state) == Step{1, set_of({1}), set_of({2}), {}});
    CHECK_FALSE(after->unclean);
    CHECK_FALSE(after->state.recovering);
}

TEST_CASE(
    "partition change: an unclean shutdown takes a replica out of the ELR and keeps the last known leader") {
    const PartitionState before = led_by(-1, {}, set_of({0}), set_of({0}));
    ChangeRequest request;
    request.target_isr = before.isr;
    request.uncleanly_shut_down = set_of({0});
    const auto after = changed(before, {}, set_of({1, 2}), request);
    REQUIRE(after);
    CHECK(step(after->state) == Step{-1, {}, {}, set_of({0})});
    CHECK(after->state.leader_epoch == before.leader_epoch);
    CHECK(after->state.partition_epoch == next(before.partition_epoch));
    const auto returned = changed(after->state, {}, everybody, {});
    REQUIRE(returned);
    CHECK(step(returned->state) == Step{0, set_of({0}), {}, {}});
    CHECK(returned->unclean); // counts as unclean: nobody knows what it lost
    CHECK(returned->state.recovering);
}

TEST_CASE("partition change: the leader's first AlterPartition ends the recovery") {
    PartitionState before = led_by(0, set_of({0}));
    before.recovering = true;
    const auto after = changed(before, {}, everybody, isr_of(set_of({0})));
    REQUIRE(after);
    CHECK_FALSE(after->state.recovering);
    CHECK(after->state.partition_epoch == PartitionEpoch{10});
}

TEST_CASE("partition change: clearing eligible leader replicas is one record, and none when there are none") {
    CHECK_FALSE(without_eligible_leader_replicas(led_by(0, everybody)).has_value());
    const auto after = without_eligible_leader_replicas(led_by(-1, {}, set_of({1}), set_of({1})));
    REQUIRE(after);
    CHECK(step(*after) == Step{-1, {}, {}, {}});
    CHECK(after->partition_epoch == PartitionEpoch{10});
    CHECK(after->leader_epoch == Epoch{4});
}

TEST_CASE(
    "partition change: over all small states the invariants hold and nothing changes without a record") {
    const Assignment assignment = assignment_of({0, 1, 2});
    int records = 0;
    for (std::uint64_t isr = 0; isr < 8; ++isr)
        for (std::uint64_t elr = 0; elr < 8; ++elr)
            for (std::uint64_t acceptable = 0; acceptable < 8; ++acceptable)
                for (std::uint64_t target = 0; target < 8; ++target)
                    for (int leader = -1; leader < 3; ++leader)
                        for (int rules = 0; rules < 24; ++rules) {
                            if ((isr & elr) != 0) continue;
                            if (leader >= 0 && !BrokerSet{isr}.has(BrokerSlot{leader})) continue;
                            if ((isr & ~target & acceptable) != 0) continue; // who is removed may not lead
                            const bool with_elr = (rules & 1) != 0;
                            if (!with_elr && (elr != 0 || isr == 0)) continue;
                            ChangeRequest request;
                            request.target_isr = BrokerSet{isr & target};
                            const auto types = {ElectionType::online, ElectionType::unclean,
                                                ElectionType::preferred};
                            request.election = types.begin()[rules / 8];
                            const PartitionState before = led_by(leader, {isr}, {elr});
                            const ChangeView view{assignment, {acceptable}, 1 + (rules / 2) % 2,
                                                  with_elr,   true,         (rules / 4) % 2 == 1};
                            const auto after = change(before, view, request); // asserts its invariants
                            records += after ? 1 : 0;
                            if (!after) continue;
                            const BrokerSlot now = after->state.leader;
                            const bool moved = now != before.leader;
                            CHECK((!moved || after->state.leader_epoch == Epoch{5}));
                            CHECK((!moved || now == no_slot || view.acceptable.has(now)));
                        }
    CHECK(records > 1000);
}
