// Rolling restarts, reassignments, deletions: what a whole cluster does under them.

#include "models/check/liveness.hpp"
#include "tests/cluster/driven.hpp"

using namespace kafka;
using namespace kafka::cluster_test;

namespace {

std::string scenario_with(const std::string& faults, const std::string& brokers = "3",
                          const std::string& more = R"("until":"90s",)") {
    return R"({"brokers":)" + brokers +
           R"(,"topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
        "config":{"min.insync.replicas":2}}],)" +
           more + R"("producers":[{"name":"p","topic":"t","records":{"count":8000,"rate":200},
        "config":{"acks":"all"}}],"faults":[)" +
           faults + "]}";
}

/// Processes that a roll stopped, in order, with the time in milliseconds.
std::vector<std::pair<std::int64_t, int>> stopped(const Driven& run) {
    std::vector<std::pair<std::int64_t, int>> all;
    for (const auto& [time, f] : run.all<fact::OperationMoved>())
        if (f.step == OperationStep::stopping) all.emplace_back(time.micros / 1000, f.target.value + 1);
    return all;
}

const Operations::Summary& only_operation(const Driven& run) {
    REQUIRE(run.ledger.operations.all.size() == 1);
    return run.ledger.operations.all.front();
}

} // namespace

TEST_CASE("roll: one broker after the other, the next when nothing is under-replicated, and then the rest") {
    Driven run(
        scenario_with(R"({"at":"5s","do":"roll","name":"r","target":"all brokers","policy":{"pause":"2s"}},
        {"after":"r","by":"1s","do":"elect","target":"t-0"})"));
    std::size_t most_down = 0;
    while (run.next()) {
        std::size_t down = 0;
        for (int i = 0; i < 3; ++i)
            down += is_running(run.world, BrokerSlot{i}) ? 0U : 1U;
        most_down = std::max(most_down, down);
    }
    run.ledger.at_end(run.world);
    CHECK(most_down == 1);
    const auto order = stopped(run);
    REQUIRE(order.size() == 3);
    CHECK(order[0].second == 1);
    CHECK(order[1].second == 2);
    CHECK(order[2].second == 3);
    const Operations::Summary& roll = only_operation(run);
    CHECK(roll.state == Operations::State::over);
    REQUIRE(roll.steps[0].back);
    CHECK(order[1].first * 1000 >= (*roll.steps[0].back).micros + 2000000);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.decided().isr.size() == 3);
    // What comes after it comes after its end.
    const auto elected = run.all<fact::FaultHappened>([](const auto& f) { return f.fault == 1; });
    REQUIRE(elected.size() == 1);
    CHECK(elected[0].first == *roll.ended + sim::seconds(1));
    CHECK(run.decided().leader == Driven::slot(1));
}

TEST_CASE("roll: by rack, with a whole rack at once; the active controller last") {
    const std::string racks = R"([{"id":1,"rack":"b"},{"id":2,"rack":"a"},{"id":3,"rack":"b"}])";
    Driven by_rack(scenario_with(
        R"({"at":"5s","do":"roll","target":"all brokers","policy":{"order":"by_rack","at_once":"rack"}})",
        racks));
    by_rack.to_the_end();
    const auto order = stopped(by_rack);
    REQUIRE(order.size() == 3);
    CHECK(order[0].second == 2);
    CHECK(order[1].second == 1);
    CHECK(order[2].second == 3);
    CHECK(order[1].first == order[2].first);
    Driven last(scenario_with(
        R"({"at":"5s","do":"roll","target":"all brokers","policy":{"order":"controller_last"}})", "3",
        R"("until":"120s","metadata":{"type":"kraft","controllers":3,"combined":true},)"));
    last.to_the_end();
    const auto then = stopped(last);
    REQUIRE(then.size() == 3);
    CHECK(then[2].second == 1); // the first voter leads at the start
    CHECK(only_operation(last).state == Operations::State::over);
}

TEST_CASE("roll: without waiting two brokers are down at once; one that does not come back ends it") {
    Driven hasty(scenario_with(
        R"({"at":"5s","do":"roll","target":"all brokers","policy":{"wait_for":"nothing","pause":"500ms"}})"));
    hasty.to_the_end();
    CHECK(only_operation(hasty).state == Operations::State::over);
    CHECK(hasty.ledger.partitions[0].write_unavailable.longest > sim::seconds(1));
    Driven stuck(scenario_with(
        R"({"at":"2s","do":"crash","target":"broker 3"},
           {"at":"20s","do":"roll","name":"r","target":"all brokers","policy":{"timeout":"20s"}},
           {"after":"r","do":"start","target":"broker 3"})"));
    stuck.to_the_end();
    const Operations::Summary& roll = stuck.ledger.operations.all.front();
    CHECK(roll.state == Operations::State::gave_up); // broker 3 is out of sync all the time
    CHECK(roll.steps.size() == 1);
    CHECK(stuck.decided().isr.size() == 3); // what comes after it comes all the same
}

TEST_CASE("roll: members of a group and producers, killed or stopped") {
    Driven run(scenario_with(
        R"({"at":"5s","do":"roll","target":"consumer c","policy":{"pause":"1s"}},
           {"at":"6s","do":"roll","target":"producer p","policy":{"how":"crash"}})",
        "3",
        R"("until":"90s","consumers":[{"name":"c","topics":["t"],"group":"g","members":3,
           "config":{"session.timeout.ms":6000,"heartbeat.interval.ms":2000}}],)"));
    run.to_the_end();
    REQUIRE(run.ledger.operations.all.size() == 2);
    CHECK(run.ledger.operations.all[0].steps.size() == 3);
    for (const Operations::Summary& one : run.ledger.operations.all)
        CHECK(one.state == Operations::State::over);
}

TEST_CASE("reassign: the copy is complete before the old replicas go, and their logs go with them") {
    Driven run(scenario_with(R"({"at":"10s","do":"reassign","name":"m","target":"t-0","replicas":[4,5,3]},
        {"after":"m","by":"2s","do":"stop","target":["broker 1","broker 2"]})",
                             "5"));
    run.to_the_end();
    CHECK(only_operation(run).state == Operations::State::over);
    CHECK(run.decided().replicas.set() == Driven::set({3, 4, 5}));
    CHECK(run.decided().isr == Driven::set({3, 4, 5}));
    CHECK(run.decided().leader == Driven::slot(4));
    CHECK(run.log(1).log_end_offset == Offset{0});
    CHECK(run.log(4).log_end_offset == run.log(3).log_end_offset);
    CHECK(run.ledger.streams[0].acknowledged == 8000);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].duplicated == 0);
    const auto removed =
        run.all<fact::LogTruncated>([](const auto& f) { return f.cause == RemovalCause::replica_removed; });
    CHECK(removed.size() == 2);
}

/// A fetch that the quota permits brings up to replica.fetch.max.bytes, whatever the throttle is: small here.
TEST_CASE("reassign: a throttle makes it slower, too low a one endless, and cancelling gives it back") {
    const auto moved_ms = [](const std::string& throttle, const std::string& more = "") {
        Driven run(
            scenario_with(R"({"at":"20s","do":"reassign","name":"m","target":"t-0","replicas":[4,5,3])" +
                              throttle + "}" + more,
                          "5", R"("until":"90s","config":{"replica.fetch.max.bytes":10000},)"));
        run.to_the_end();
        const Operations::Summary& one = run.ledger.operations.all.front();
        CHECK(run.ledger.streams[0].lost == 0);
        if (one.state == Operations::State::cancelled) {
            CHECK(run.decided().replicas.set() == Driven::set({1, 2, 3}));
            return std::int64_t{-2};
        }
        return one.ended ? (*one.ended - one.began).micros / 1000 : std::int64_t{-1};
    };
    const std::int64_t free = moved_ms("");
    const std::int64_t slow = moved_ms(R"(,"throttle":"60kB")");
    CHECK(free > 0);
    CHECK(slow > free + 3000);
    CHECK(moved_ms(R"(,"throttle":"10kB")") == -1); // 20 kB each second are written
    CHECK(moved_ms(R"(,"throttle":"10kB")",
                   R"(,{"at":"40s","do":"reassign","target":"t-0","cancel":true})") == -2);
}

TEST_CASE("brokers: one that arrives later takes no part until then, and may be given replicas") {
    const std::string brokers =
        R"([{"id":1},{"id":2},{"id":3},{"id":4,"starts":"10s"},{"id":5,"absent":true}])";
    Driven run(scenario_with(R"({"at":"5s","do":"reassign","target":"t-0","replicas":[2,3,4],"name":"early"},
        {"at":"30s","do":"reassign","target":"t-0","replicas":[2,3,4],"name":"move"})",
                             brokers));
    CHECK_FALSE(is_running(run.world, Driven::slot(4)));
    run.to_the_end();
    REQUIRE(run.ledger.operations.all.size() == 2);
    CHECK(run.ledger.operations.all[0].state == Operations::State::refused); // nobody knows broker 4 yet
    CHECK(run.ledger.operations.all[1].state == Operations::State::over);
    CHECK(run.decided().isr == Driven::set({2, 3, 4}));
    CHECK_FALSE(is_running(run.world, Driven::slot(5)));
}

TEST_CASE("delete_topic: records are deleted, not lost; producers retry until their time-out is over") {
    Driven run(R"({"brokers":3,"topics":[{"name":"t","replication.factor":3},{"name":"u"}],"until":"60s",
        "producers":[{"name":"p","topic":"t","records":{"count":2000,"rate":100},
          "config":{"acks":"all","delivery.timeout.ms":5000,"request.timeout.ms":2000,"linger.ms":0,
            "max.block.ms":5000}},
          {"name":"q","topic":"u","records":{"count":2000,"rate":100}}],
        "consumers":[{"name":"c","topics":["t"]}],
        "faults":[{"at":"10s","do":"stop","target":"broker 3","for":"10s"},
          {"at":"12s","do":"delete_topic","target":"topic t"}]})");
    run.to_the_end();
    CHECK(run.decided().deleted);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].unavailable == 0);
    CHECK(run.ledger.streams[0].deleted == run.ledger.streams[0].acknowledged);
    CHECK(run.ledger.streams[0].deleted > 500);
    CHECK(run.ledger.streams[0].failed > 100); // TimeoutException
    for (int broker = 1; broker <= 3; ++broker)
        CHECK(run.log(broker).log_end_offset == Offset{0}); // also where it was down then
    CHECK(run.ledger.streams[1].acknowledged == 2000);
}

TEST_CASE("delete_topic: delete.topic.enable may forbid it") {
    Driven run(scenario_with(R"({"at":"5s","do":"delete_topic","target":"topic t"})", "3",
                             R"("until":"20s","config":{"delete.topic.enable":false},)"));
    run.to_the_end();
    CHECK(only_operation(run).state == Operations::State::refused);
    CHECK_FALSE(run.decided().deleted);
    CHECK(run.decided().isr.size() == 3);
}

TEST_CASE("upgrade: what the cluster must agree on waits for finalize, which waits for the last broker") {
    Driven run(R"({"release":"3.9","brokers":3,"until":"150s","metadata":{"type":"kraft","controllers":3},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
          "config":{"min.insync.replicas":2}}],
        "producers":[{"name":"p","topic":"t","records":{"count":8000,"rate":100},"config":{"acks":"all"}}],
        "faults":[
        {"at":"5s","do":"roll","name":"c","target":["controller 101","controller 102","controller 103"],
          "release":"4.1"},
        {"after":"c","do":"finalize","release":"4.1","name":"early"},
        {"after":"c","do":"roll","name":"b","target":"all brokers","release":"4.1"},
        {"after":"b","do":"finalize","release":"4.1","name":"late"}]})");
    const auto& dialect = [&](int broker) -> const Dialect& {
        return dialect_of(run.world.brokers[static_cast<std::size_t>(broker - 1)], *run.configuration);
    };
    CHECK_FALSE(dialect(1).group.coordinator_runtime);
    CHECK_FALSE(dialect(1).group.consumer_protocol);
    const auto state = [&](std::size_t i) { return run.ledger.operations.all[i].state; };
    REQUIRE(run.until(
        [&] { return run.ledger.operations.all.size() == 3 && state(2) == Operations::State::over; }));
    CHECK(state(1) == Operations::State::refused);
    CHECK(dialect(1).group.coordinator_runtime);     // what it can do by itself
    CHECK_FALSE(dialect(1).group.consumer_protocol); // what the others must know, too
    CHECK_FALSE(dialect_of(run.world.controllers[0], *run.configuration).eligible_leader_replicas);
    run.to_the_end();
    CHECK(state(2) == Operations::State::over);
    CHECK(state(3) == Operations::State::over);
    CHECK(dialect(1).group.consumer_protocol);
    CHECK(dialect_of(run.world.controllers[0], *run.configuration).eligible_leader_replicas);
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("heal: a reassignment that its throttle holds back is unfinished by design, a free one completes") {
    const auto judged = [](const std::string& throttle) {
        Driven run(R"({"brokers":5,"topics":[{"name":"t","assignment":[[1,2,3]]}],"until":"30s","heal":true,
            "config":{"replica.fetch.max.bytes":10000},
            "producers":[{"name":"p","topic":"t","records":{"count":20000,"rate":1000,"size":1000}}],
            "faults":[{"at":"20s","do":"reassign","target":"t-0","replicas":[4,5,3])" +
                   throttle + "}]}");
        run.to_the_end();
        return *judge_liveness(run.world);
    };
    CHECK(judged("").state == Liveness::State::converged);
    const Liveness slow = judged(R"(,"throttle":"1kB")");
    CHECK(slow.state == Liveness::State::unavailable_by_design);
    REQUIRE(slow.open.size() == 1);
    CHECK(slow.open[0].property == HealProperty::reassignments_complete);
    CHECK(slow.open[0].action == HealAction::raise_throttle_or_cancel);
}
