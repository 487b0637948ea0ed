// Rolling restarts, reassignments and the like: what is read, and what is refused.

#include "models/scenario/fields.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

ReadResult with_operations(const std::string& faults,
                           const std::string& brokers = R"([{"id":1,"rack":"a"},{"id":2,"rack":"b"},
    {"id":3,"rack":"c"},{"id":4},{"id":5}])") {
    const SettingTables tables;
    return read_scenario(R"({"brokers":)" + brokers + R"(,"topics":[{"name":"t","assignment":[[1,2,3]]}],
        "producers":[{"name":"shop","topic":"t"}],
        "consumers":[{"name":"billing","topics":["t"],"group":"g","members":2}],"faults":[)" +
                             faults + "]}",
                         "x.json", {}, tables);
}

std::string refused_operation(const std::string& faults) {
    std::string all;
    for (const InputProblem& problem : with_operations(faults).problems)
        all += format(problem) + "\n";
    return all;
}

Configuration accepted_operation(const std::string& faults) {
    ReadResult result = with_operations(faults);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return *result.scenario->configuration;
}

} // namespace

TEST_CASE("roll: the policy is read, and has defaults") {
    const Fault plain = accepted_operation(R"({"at":"1s","do":"roll","target":"all brokers"})").faults[0];
    CHECK(plain.roll.wait_for == RollPolicy::Wait::in_sync);
    CHECK(plain.roll.at_once == 1);
    CHECK(plain.timeout == sim::seconds(300));
    const Fault all =
        accepted_operation(
            R"({"at":"1s","do":"roll","target":["broker 1","rack b"],"policy":{"order":"by_rack",
        "at_once":"rack","wait_for":"started","pause":"5s","how":"crash","timeout":"30s"}})")
            .faults[0];
    CHECK(all.roll.order == RollPolicy::Order::by_rack);
    CHECK(all.roll.at_once == 0);
    CHECK(all.roll.wait_for == RollPolicy::Wait::started);
    CHECK(all.roll.pause == sim::seconds(5));
    CHECK(all.roll.crash);
    CHECK(all.timeout == sim::seconds(30));
    CHECK(accepted_operation(R"({"at":"1s","do":"roll","target":"consumer billing"})")
              .faults[0]
              .targets.size() == 2);
    CHECK(has(refused_operation(R"({"at":"1s","do":"roll","target":"all brokers","policy":{"at_once":0}})"),
              "/faults/0/policy/at_once: expected a whole number from 1 to 60, or \"rack\""));
    CHECK(has(
        refused_operation(R"({"at":"1s","do":"roll","target":"all brokers","policy":{"wait":"started"}})"),
        "/faults/0/policy/wait: unknown key"));
    CHECK(has(
        refused_operation(R"({"at":"1s","do":"roll","target":"all brokers","policy":{"order":"random"}})"),
        "/faults/0/policy/order"));
    CHECK(has(refused_operation(R"({"at":"1s","do":"roll","target":"topic t"})"),
              "/faults/0/target: expected processes"));
    CHECK(has(refused_operation(R"({"at":"1s","do":"roll","target":"controller"})"),
              "/faults/0/target: expected processes"));
    CHECK(has(refused_operation(R"({"at":"1s","do":"roll","target":"leader of t-0","release":"4.3"})"),
              "/faults/0/release: goes with brokers and controllers that are named"));
    CHECK(has(refused_operation(R"({"at":"1s","do":"crash","target":"broker 1","policy":{}})"),
              "/faults/0/policy: unknown key"));
}

TEST_CASE("reassign: replicas, throttle and cancel") {
    const Configuration read = accepted_operation(
        R"({"at":"1s","do":"reassign","target":"t-0","replicas":[3,4,5],"throttle":"10MB"},
           {"at":"2s","do":"reassign","target":"topic t","cancel":true})");
    CHECK(read.faults[0].throttle == 10000000);
    REQUIRE(read.faults[0].reassigned.size() == 1);
    CHECK(read.faults[0].reassigned[0].second.slots[0] == BrokerSlot{2});
    CHECK(read.partitions[0].later_replicas.has(BrokerSlot{4}));
    CHECK(read.faults[1].cancel);
    const auto reassign = [](const std::string& keys) {
        return refused_operation(R"({"at":"1s","do":"reassign","target":"t-0")" + keys + "}");
    };
    CHECK(has(reassign(""), "/faults/0/replicas: expected the brokers that have it then"));
    CHECK(has(reassign(R"(,"replicas":[3,9])"), "/faults/0/replicas/1: no such broker: 9"));
    CHECK(has(reassign(R"(,"replicas":[3,3])"), "/faults/0/replicas/1: broker stands twice"));
    CHECK(has(reassign(R"(,"replicas":[3],"throttle":"fast")"),
              "/faults/0/throttle: expected bytes per second such as \"10MB\""));
    CHECK(
        has(reassign(R"(,"replicas":[3],"cancel":true)"), "/faults/0/replicas: does not go with \"cancel\""));
    CHECK(has(refused_operation(R"({"at":"1s","do":"reassign","target":"broker 1","replicas":[3]})"),
              "/faults/0/target: expected a partition such as"));
}

TEST_CASE("operations: deletion, unregistering and finalizing name what they mean") {
    CHECK(has(refused_operation(R"({"at":"1s","do":"delete_topic","target":"t-0"})"),
              "/faults/0/target: expected \"topic NAME\""));
    CHECK(has(refused_operation(R"({"at":"1s","do":"unregister","target":"rack a"})"),
              "/faults/0/target: expected \"broker N\""));
    CHECK(has(refused_operation(R"({"at":"1s","do":"finalize"})"), "/faults/0/release: expected a release"));
    const Configuration read = accepted_operation(
        R"({"at":"1s","do":"roll","name":"r","target":"all brokers","release":"4.3"},
           {"after":"r","do":"finalize"})");
    CHECK(read.faults[1].release == Release::v4_3);
}

TEST_CASE("brokers: who arrives later is not given replicas, and is started by a fault of its own") {
    ReadResult result =
        with_operations("", R"([{"id":1},{"id":2},{"id":3},{"id":4,"starts":"9s"},{"id":5,"absent":true}])");
    REQUIRE(result.problems.empty());
    const Configuration& read = *result.scenario->configuration;
    CHECK(read.brokers[3].absent);
    CHECK(read.brokers[4].absent);
    REQUIRE(read.faults.size() == 1);
    CHECK(read.faults[0].name == "broker 4 arrives");
    CHECK(read.faults[0].kind == FaultKind::start);
    for (const PartitionConfiguration& partition : read.partitions)
        for (const BrokerSlot slot : partition.assignment)
            CHECK(slot.value < 3);
    const ReadResult wrong = with_operations("", R"([{"id":1},{"id":2},{"id":3,"absent":true}])");
    REQUIRE_FALSE(wrong.problems.empty());
    CHECK(has(format(wrong.problems.front()), "broker 3 is no part of the cluster at the start"));
}
