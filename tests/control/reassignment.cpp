#include "tests/control/fixture.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using namespace kafka::control_test;

namespace {

bool move(ControlTest& test, const Assignment& target, int partition = 0) {
    Turn turn = test.turn();
    const bool accepted = reassign(test.controller, PartitionIndex{partition}, target, turn);
    test.advance(sim::milliseconds(30));
    return accepted;
}

ControlTest cluster(int min_isr = 1) {
    Configuration configuration = configuration_of(6, {assignment_of({0, 1, 2})}, min_isr);
    configuration.partitions[0].later_replicas = set_of({3, 4, 5});
    return ControlTest(configuration);
}

int told(const ControlTest& test) {
    int count = 0;
    for (const auto& [when, fact] : test.facts)
        count += std::holds_alternative<fact::ReplicasChanged>(fact) ? 1 : 0;
    return count;
}

} // namespace

TEST_CASE("reassignment: the new replicas are added, and the old ones go when all new ones are in sync") {
    ControlTest test = cluster(2);
    REQUIRE(move(test, assignment_of({3, 4, 2})));
    CHECK(test.partition(0).replicas == assignment_of({3, 4, 2, 0, 1}));
    CHECK(test.partition(0).adding == set_of({3, 4}));
    CHECK(test.partition(0).removing == set_of({0, 1}));
    CHECK(test.partition(0).leader == BrokerSlot{0});
    CHECK(test.partition(0).leader_epoch == Epoch{0}); // nobody has to hear of an epoch yet
    CHECK(test.propose(0, set_of({0, 1, 2, 3})).error == ErrorCode::none);
    CHECK(is_reassigning(test.partition(0)));
    // The leader itself is taken away: it hears that somebody else was elected.
    CHECK(test.propose(0, set_of({0, 1, 2, 3, 4})).error == ErrorCode::new_leader_elected);
    CHECK_FALSE(is_reassigning(test.partition(0)));
    CHECK(test.partition(0).replicas == assignment_of({3, 4, 2}));
    CHECK(test.partition(0).isr == set_of({2, 3, 4}));
    CHECK(test.partition(0).leader == BrokerSlot{3}); // the preferred one of the new replicas
    CHECK(test.partition(0).leader_epoch == Epoch{1});
    CHECK(told(test) == 2);
}

TEST_CASE("reassignment: a leader that stays leads on, in a new epoch") {
    ControlTest test = cluster();
    REQUIRE(move(test, assignment_of({3, 0, 4})));
    CHECK(test.propose(0, set_of({0, 1, 2, 3, 4})).error == ErrorCode::none);
    CHECK(test.partition(0).leader == BrokerSlot{0});
    CHECK(test.partition(0).leader_epoch == Epoch{1}); // replicas that went must hear of it
    CHECK(test.partition(0).isr == set_of({0, 3, 4}));
}

TEST_CASE("reassignment: another order is written at once, and changes who is preferred") {
    ControlTest test = cluster();
    REQUIRE(move(test, assignment_of({2, 1, 0})));
    CHECK_FALSE(is_reassigning(test.partition(0)));
    CHECK(test.partition(0).leader == BrokerSlot{0});
    Turn turn = test.turn();
    elect(test.controller, PartitionIndex{0}, false, turn);
    test.advance(sim::milliseconds(30));
    CHECK(test.partition(0).leader == BrokerSlot{2});
}

TEST_CASE("reassignment: fewer replicas are done at once when one of them is in sync") {
    ControlTest test = cluster();
    REQUIRE(move(test, assignment_of({1})));
    CHECK(test.partition(0).replicas == assignment_of({1}));
    CHECK(test.partition(0).isr == set_of({1}));
    CHECK(test.partition(0).leader == BrokerSlot{1});
}

TEST_CASE("reassignment: taken back, the replicas are those of before") {
    ControlTest test = cluster();
    CHECK_FALSE(move(test, {})); // nothing to take back
    REQUIRE(move(test, assignment_of({3, 4, 5})));
    test.propose(0, set_of({0, 1, 2, 3}));
    REQUIRE(move(test, {}));
    CHECK(test.partition(0).replicas.set() == set_of({0, 1, 2}));
    CHECK(test.partition(0).isr == set_of({0, 1, 2}));
    CHECK(test.partition(0).leader == BrokerSlot{0});
    CHECK_FALSE(is_reassigning(test.partition(0)));
}

TEST_CASE("reassignment: a broker that is not registered is refused, and forgotten brokers leave every ISR") {
    ControlTest test = cluster();
    {
        Turn turn = test.turn();
        CHECK(unregister(test.controller, BrokerSlot{5}, turn));
        CHECK_FALSE(unregister(test.controller, BrokerSlot{5}, turn));
        CHECK(unregister(test.controller, BrokerSlot{0}, turn));
    }
    test.advance(sim::milliseconds(30));
    CHECK_FALSE(move(test, assignment_of({3, 4, 5})));
    CHECK_FALSE(test.broker(0).registered);
    CHECK(test.partition(0).leader == BrokerSlot{1});
    CHECK(test.partition(0).isr == set_of({1, 2}));
    CHECK(test.heartbeat(0).error == ErrorCode::broker_id_not_registered);
}

TEST_CASE("deletion: partitions of the topic are gone, also for a leader that proposes an ISR") {
    ControlTest test = cluster();
    const AlterPartitionContent::Entry late = test.proposal(0, set_of({0, 1}));
    Turn turn = test.turn();
    delete_topic(test.controller, TopicIndex{0}, turn);
    test.advance(sim::milliseconds(30));
    CHECK(test.partition(0).deleted);
    CHECK_FALSE(exists(test.partition(0)));
    CHECK(test.alter(0, late).error == ErrorCode::unknown_topic_or_partition);
    ControllerImage image = empty_image(test.configuration); // what a snapshot says
    for (const MetadataRecord& record : describe(test.controller.memory.image))
        apply(image, record);
    CHECK(image.partitions[0].deleted);
}
