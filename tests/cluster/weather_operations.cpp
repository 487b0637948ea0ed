// Operations as families of weather: rolls, moves of replicas, elections.

#include "models/cluster/weather.hpp"
#include "models/cluster/world.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kafka;

namespace {

ReadResult read_operations(const std::string& weather, const std::string& more = "") {
    return read_scenario(R"({"brokers":4,"topics":[{"name":"t","partitions":2,"replication.factor":3,
            "config":{"min.insync.replicas":2}}],
        "producers":[{"topic":"t","records":{"count":2000,"rate":50},"config":{"acks":"all"}}],
        "until":"90s","weather":)" +
                             weather + more + "}",
                         "x.json", {}, SettingTables());
}

std::shared_ptr<const Configuration> drawn_operations(const std::string& weather, std::uint64_t seed) {
    ReadResult result = read_operations(weather);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return with_weather(result.scenario->configuration, seed);
}

std::string problems_of(const std::string& weather, const std::string& more = "") {
    std::string all;
    for (const InputProblem& problem : read_operations(weather, more).problems)
        all += format(problem) + "\n";
    return all;
}

std::size_t count_of(const std::vector<Fault>& faults, FaultKind kind) {
    return static_cast<std::size_t>(
        std::count_if(faults.begin(), faults.end(), [&](const Fault& one) { return one.kind == kind; }));
}

} // namespace

TEST_CASE("weather: a roll goes over all brokers, and the seed decides what it waits for") {
    std::size_t waits[2] = {0, 0};
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto drawn = drawn_operations(
            R"({"roll":{"mean_every":"30s","for":{"from":"10s","to":"20s"},"policy":{"wait_for":"drawn"}}})",
            seed);
        for (const Fault& fault : drawn->faults) {
            CHECK(fault.targets.at(0).text == "all brokers");
            CHECK(*fault.lasts_from >= sim::seconds(10));
            CHECK(*fault.lasts_from <= sim::seconds(20));
            CHECK(fault.timeout == sim::seconds(3600)); // nobody is left on its way down
            REQUIRE(fault.roll.wait_for != RollPolicy::Wait::nothing);
            waits[static_cast<std::size_t>(fault.roll.wait_for)] += 1;
        }
    }
    CHECK(waits[0] > 20);
    CHECK(waits[1] > 20);
}

TEST_CASE("weather: a roll begins no turn after its time, and leaves nobody down") {
    const auto drawn = drawn_operations(
        R"({"from":"5s","until":"6s","roll":{"mean_every":"300ms","for":"1s","at_most":1}})", 1);
    World world = make_world(drawn, 1);
    std::size_t stopping = 0;
    std::size_t given_up = 0;
    while (step(world))
        for (const Fact& fact : world.kernel.facts)
            if (const auto* moved = std::get_if<fact::OperationMoved>(&fact)) {
                stopping += moved->step == OperationStep::stopping ? 1 : 0;
                given_up += moved->step == OperationStep::gave_up ? 1 : 0;
            }
    CHECK(stopping == drawn->faults.size()); // of four brokers
    CHECK(given_up == drawn->faults.size());
    for (const Broker& broker : world.brokers)
        CHECK(broker.memory.lifecycle.state == LifecycleState::running);
}

TEST_CASE("weather: a move takes a partition to as many brokers, and all of them occur") {
    std::size_t times[4] = {0, 0, 0, 0};
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto drawn = drawn_operations(R"({"reassign":{"mean_every":"20s"}})", seed);
        for (const Fault& fault : drawn->faults) {
            REQUIRE(fault.reassigned.size() == 1);
            const auto& [partition, target] = fault.reassigned.front();
            CHECK(fault.targets.at(0).text == drawn->partition(partition).name);
            CHECK_FALSE(fault.lasts_from.has_value());
            CHECK(target.count == 3);
            REQUIRE(target.set().size() == 3);
            CHECK(drawn->partition(partition).later_replicas.contains(target.set()));
            for (int i = 0; i < 4; ++i)
                times[i] += target.set().has(BrokerSlot{i}) ? 1 : 0;
        }
    }
    for (const std::size_t one : times)
        CHECK(one > 5);
}

TEST_CASE("weather: moves and elections are made, and no record is lost by them") {
    const auto drawn = drawn_operations(
        R"({"from":"5s","until":"50s","reassign":{"mean_every":"4s"},"elect":{"mean_every":"4s"}})", 3);
    CHECK(count_of(drawn->faults, FaultKind::reassign) > 3);
    CHECK(count_of(drawn->faults, FaultKind::elect) > 3);
    World world = make_world(drawn, 3);
    std::size_t over = 0;
    while (step(world))
        for (const Fact& fact : world.kernel.facts)
            if (const auto* moved = std::get_if<fact::OperationMoved>(&fact))
                over += moved->step == OperationStep::over ? 1 : 0;
    CHECK(over > 3);
    for (int i = 0; i < 2; ++i) {
        const PartitionState& state = decided_state(world, PartitionIndex{i});
        CHECK(state.isr.size() == 3);
        CHECK_FALSE(is_reassigning(state));
    }
}

TEST_CASE("weather: a roll counts as one broker away, as many as go at once, or all that do not wait") {
    const std::string two_away = R"({"tolerance":{"down":2},"crash":{"mean_every":"5s","for":"20s"},)";
    const auto crashes_beside = [&](const std::string& policy) {
        std::size_t all = 0;
        for (std::uint64_t seed = 1; seed <= 20; ++seed)
            all +=
                count_of(drawn_operations(two_away + R"("roll":{"from":"1us","mean_every":"90ms","for":"89s",
                    "policy":)" + policy + "}}",
                                          seed)
                             ->faults,
                         FaultKind::crash);
        return all;
    };
    const std::size_t one = crashes_beside(R"({"wait_for":"started"})");
    const std::size_t two = crashes_beside(R"({"at_once":2})");
    CHECK(one > 40); // one at a time beside the roll, which is there from the beginning on
    CHECK(two <= 1); // the roll has taken what may be away
    const auto nothing = drawn_operations(
        two_away + R"("roll":{"mean_every":"9s","for":"9s","policy":{"wait_for":"nothing"}}})", 1);
    CHECK(count_of(nothing->faults, FaultKind::roll) == 0); // four brokers, and two may be away
}

TEST_CASE("weather: what is wrong with operations is told with its place") {
    CHECK(has(problems_of(R"({"roll":{"mean_every":"20s"}})"), "/weather/roll/for: expected how long"));
    CHECK(has(problems_of(R"({"roll":{"mean_every":"20s","for":"9s","policy":{"wait_for":"luck"}}})"),
              "/weather/roll/policy/wait_for"));
    CHECK(has(problems_of(R"({"roll":{"mean_every":"20s","for":"9s","target":"t-0"}})"),
              "/weather/roll/target: expected processes"));
    CHECK(has(problems_of(R"({"roll":{"mean_time_to_failure":"9s","mean_time_to_repair":"9s"}})"),
              "/weather/roll/mean_time_to_failure: does not go with \"roll\""));
    CHECK(has(problems_of(R"({"reassign":{"mean_every":"20s","for":"9s"}})"),
              "/weather/reassign/for: does not go with \"reassign\""));
    CHECK(has(problems_of(R"({"reassign":{"mean_every":"20s","target":"broker 1"}})"),
              "/weather/reassign/target"));
    CHECK(has(problems_of(R"({"reassign":{"mean_every":"20s","replicas":[1]}})"),
              "/weather/reassign/replicas: unknown key"));
    CHECK(has(problems_of(R"({"reassign":{"mean_every":"20s"}})", R"(,"metadata":"zookeeper")"),
              "/weather/reassign: \"reassign\" is not modelled under ZooKeeper yet"));
    CHECK(has(problems_of(R"({"elect":{"mean_every":"20s","at_most":2}})"),
              "/weather/elect/at_most: does not go with \"elect\""));
    CHECK(has(problems_of(R"({"elect":{"mean_every":"20s","target":"rack a"}})"), "/weather/elect/target"));
    CHECK(problems_of(R"({"elect":{"mean_every":"20s","target":["t-0","topic t"]}})").empty());
}
