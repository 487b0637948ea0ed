// Operations under ZooKeeper: replicas that move, topics that go, brokers that come later, directories that
// fail, releases that change.

#include "models/cluster/control_plane.hpp"
#include "models/cluster/dispatch.hpp"
#include "tests/cluster/driven.hpp"
#include "tests/text.hpp"

using namespace kafka;

namespace {

using cluster_test::Driven;

constexpr const char* with_reassignment[] = {"0.10.2", "2.3", "2.4", "2.6", "2.7", "3.9"};

/// A load of 20 s; orders-0 is led by the first broker, and the last one is the controller.
std::string operated(const std::string& release, const std::string& faults, const std::string& brokers = "5",
                     const std::string& more = "") {
    return R"({"release": ")" + release + R"(", "metadata": "zookeeper", "brokers": )" + brokers + "," +
           more + R"(
        "topics": [{"name": "orders", "assignment": [[1, 2, 3]], "config": {"min.insync.replicas": 2}}],
        "producers": [{"name": "shop", "topic": "orders", "records": {"count": 2000, "rate": 100},
                       "config": {"acks": "all", "retries": 1000}}],
        "faults": [)" +
           faults + R"(], "until": "60s"})";
}

Operations::State outcome_of(const Driven& run, std::size_t operation) {
    REQUIRE(run.ledger.operations.all.size() > operation);
    return run.ledger.operations.all[operation].state;
}

std::size_t reasons(const Driven& run, const std::string& text) {
    return run.all<fact::Ignored>([&](const auto& f) { return has(f.reason, text); }).size();
}

void run_up_to(Driven& run, std::int64_t seconds) {
    run.until([&] { return run.world.kernel.now > sim::SimTime{seconds * 1000000}; });
}

void check_moved(const Driven& run, std::initializer_list<int> to, int leader) {
    CHECK(run.decided().replicas.set() == Driven::set(to));
    CHECK(run.decided().isr == Driven::set(to));
    CHECK(run.decided().leader == Driven::slot(leader));
    CHECK_FALSE(is_reassigning(run.decided()));
    CHECK(run.world.zookeeper.front().admin.empty());
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].acknowledged == 2000);
}

} // namespace

TEST_CASE("zookeeper: new replicas are in sync before the old ones go, and their logs go with them") {
    for (const char* release : with_reassignment) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(operated(release, R"({"at": "5s", "do": "reassign", "name": "m", "target": "orders-0",
                         "replicas": [4, 5, 3]},
                        {"after": "m", "by": "1s", "do": "stop", "target": ["broker 1", "broker 2"]})"));
        std::size_t most = 0;
        while (run.next())
            most = std::max(most, static_cast<std::size_t>(run.decided().isr.size()));
        run.ledger.at_end(run.world);
        CHECK(outcome_of(run, 0) == Operations::State::over);
        check_moved(run, {3, 4, 5}, 4);
        CHECK(most == 5); // all new ones were in it before an old one went
        CHECK(run.log(1).log_end_offset == Offset{0});
        CHECK(std::holds_alternative<Unassigned>(run.replica(1).role));
        CHECK(run.log(4).log_end_offset == run.log(3).log_end_offset);
        CHECK(run.change_ms(ChangeCause::reassignment_began) >= 5000);
        CHECK(run.change_ms(ChangeCause::reassignment_completed) >
              run.change_ms(ChangeCause::reassignment_began));
        CHECK(run.all<fact::LogTruncated>(
                     [](const auto& f) { return f.cause == RemovalCause::replica_removed; })
                  .size() == 2);
    }
}

TEST_CASE("zookeeper: a leader that stays leads on in new epochs, of which everybody hears") {
    for (const char* release : {"2.3", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(
            operated(release, R"({"at": "5s", "do": "reassign", "target": "orders-0", "replicas": [1, 4]})"));
        run.to_the_end();
        check_moved(run, {1, 4}, 1);
        CHECK(run.decided().leader_epoch >= Epoch{3}); // began, is complete, the ISR shrinks
        const auto* leader = std::get_if<Leader>(&run.replica(1).role);
        REQUIRE(leader != nullptr);
        CHECK(leader->leader_epoch == run.decided().leader_epoch);
        CHECK(leader->isr == Driven::set({1, 4}));
        CHECK(std::get<Follower>(run.replica(4).role).leader_epoch == run.decided().leader_epoch);
    }
}

TEST_CASE("zookeeper: another order of the same replicas is taken at once, also while one is out of sync") {
    Driven run(operated("3.9", R"({"at": "4s", "do": "stop", "target": "broker 3", "for": "10s"},
        {"at": "6s", "do": "reassign", "name": "m", "target": "orders-0", "replicas": [2, 3, 1]})"));
    run.to_the_end();
    CHECK(outcome_of(run, 0) == Operations::State::over);
    CHECK(run.decided().replicas.slots[0] == Driven::slot(2));
    CHECK(run.change_ms(ChangeCause::reassignment_began) < 6100);
    CHECK(run.change_ms(ChangeCause::reassignment_completed) == -1);
    check_moved(run, {1, 2, 3}, 1); // nobody has asked for an election yet
}

TEST_CASE("zookeeper: a controller that takes over goes on with a reassignment") {
    for (const char* release : {"2.3", "2.6", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(operated(release, R"({"at": "4s", "do": "cut", "between": ["broker 1", "broker 4"],
                         "listener": "replication", "for": "40s"},
                        {"at": "5s", "do": "reassign", "name": "m", "target": "orders-0",
                         "replicas": [1, 2, 4]},
                        {"at": "8s", "do": "crash", "target": "controller"})"));
        run_up_to(run, 7);
        CHECK(run.decided().adding == Driven::set({4}));
        run.to_the_end();
        CHECK(run.world.zookeeper.front().controller_epoch == Epoch{2});
        CHECK(outcome_of(run, 0) == Operations::State::over);
        check_moved(run, {1, 2, 4}, 1);
    }
}

TEST_CASE("zookeeper: a reassignment waits for a new replica whose broker is down, and goes on with it") {
    Driven run(operated("3.9", R"({"at": "4s", "do": "cut", "between": ["broker 1", "broker 4"],
                                   "listener": "replication", "for": "10s"},
                                  {"at": "5s", "do": "reassign", "name": "m", "target": "orders-0",
                                   "replicas": [1, 2, 4]},
                                  {"at": "8s", "do": "crash", "target": "broker 4"},
                                  {"at": "35s", "do": "start", "target": "broker 4"})"));
    run_up_to(run, 34);
    CHECK(is_reassigning(run.decided()));
    run.to_the_end();
    check_moved(run, {1, 2, 4}, 1);
}

TEST_CASE("zookeeper: through a node there is one reassignment at a time, and none is taken back") {
    const std::string two = R"({"at": "4s", "do": "cut", "between": ["broker 1", "broker 4"],
                                "listener": "replication", "for": "10s"},
        {"at": "5s", "do": "reassign", "name": "first", "target": "orders-0", "replicas": [1, 2, 4]},
        {"at": "8s", "do": "reassign", "name": "second", "target": "orders-0", "replicas": [1, 2, 5]})";
    Driven node(operated("2.3", two));
    node.to_the_end();
    CHECK(outcome_of(node, 0) == Operations::State::over);
    CHECK(outcome_of(node, 1) == Operations::State::refused); // the node is there
    check_moved(node, {1, 2, 4}, 1);
    Driven asked(operated("2.4", two)); // KIP-455: the later one replaces it
    asked.to_the_end();
    CHECK(outcome_of(asked, 0) == Operations::State::cancelled);
    CHECK(outcome_of(asked, 1) == Operations::State::over);
    check_moved(asked, {1, 2, 5}, 1);
    CHECK(std::holds_alternative<Unassigned>(asked.replica(4).role)); // nobody needs it any more
}

TEST_CASE("zookeeper: a reassignment that is taken back leaves the replicas of before") {
    for (const char* release : {"2.4", "2.7", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(operated(release, R"({"at": "4s", "do": "cut", "between": ["broker 1", "broker 4"],
                         "listener": "replication"},
                        {"at": "5s", "do": "reassign", "name": "m", "target": "orders-0",
                         "replicas": [1, 5, 4]},
                        {"at": "10s", "do": "reassign", "target": "orders-0", "cancel": true},
                        {"at": "12s", "do": "reassign", "name": "nothing", "target": "orders-0",
                         "cancel": true})"));
        run.to_the_end();
        CHECK(outcome_of(run, 0) == Operations::State::cancelled);
        CHECK(run.ledger.operations.all.back().state == Operations::State::refused);
        CHECK(reasons(run, "NO_REASSIGNMENT_IN_PROGRESS") == 1);
        check_moved(run, {1, 2, 3}, 1);
        CHECK(run.log(5).log_end_offset == Offset{0}); // it was in sync, and is deleted
    }
}

TEST_CASE("zookeeper: a throttle is a setting of topics and brokers; too low a one holds the move back") {
    const auto moved_ms = [](const std::string& throttle) {
        Driven run(operated("3.9",
                            R"({"at": "12s", "do": "reassign", "name": "m", "target": "orders-0",
                                "replicas": [4, 5, 3])" +
                                throttle + "}",
                            "5", R"("config": {"replica.fetch.max.bytes": 10000},)"));
        run.to_the_end();
        CHECK(run.ledger.streams[0].lost == 0);
        const Operations::Summary& one = run.ledger.operations.all.front();
        CHECK(run.world.zookeeper.front().throttles.empty() == one.ended.has_value());
        CHECK(run.world.brokers[0].memory.image.throttles.empty() == one.ended.has_value());
        return one.ended ? (*one.ended - one.began).micros / 1000 : std::int64_t{-1};
    };
    const std::int64_t free = moved_ms("");
    CHECK(free > 0);
    CHECK(moved_ms(R"(, "throttle": "40kB")") > free + 1000);
    CHECK(moved_ms(R"(, "throttle": "2kB")") == -1);
}

TEST_CASE("zookeeper: a broker that arrives later takes no part until then, and may be given replicas") {
    const std::string brokers =
        R"([{"id":1},{"id":2},{"id":3},{"id":4,"starts":"10s"},{"id":5,"absent":true}])";
    Driven run(operated("3.9", R"({"at": "5s", "do": "reassign", "target": "orders-0",
                                   "replicas": [2, 3, 4], "name": "early"},
                                  {"at": "20s", "do": "reassign", "target": "orders-0",
                                   "replicas": [2, 3, 4], "name": "move"},
                                  {"after": "move", "by": "1s", "do": "unregister", "target": "broker 1",
                                   "name": "too early"},
                                  {"after": "move", "by": "2s", "do": "stop", "target": "broker 1"},
                                  {"after": "move", "by": "6s", "do": "unregister", "target": "broker 1",
                                   "name": "gone"})",
                        brokers));
    CHECK_FALSE(is_running(run.world, Driven::slot(4)));
    CHECK(run.configuration->first_controller == Driven::slot(3)); // the last that is there
    run.to_the_end();
    CHECK(outcome_of(run, 0) == Operations::State::refused); // nobody knows broker 4 yet
    CHECK(outcome_of(run, 1) == Operations::State::over);
    CHECK(outcome_of(run, 2) == Operations::State::refused); // its node is there
    CHECK(outcome_of(run, 3) == Operations::State::over);
    check_moved(run, {2, 3, 4}, 2);
    CHECK_FALSE(is_running(run.world, Driven::slot(5)));
    CHECK(decided_registration(run.world, Driven::slot(1)).epoch == no_broker_epoch);
}

TEST_CASE("zookeeper: a process of 0.8.2 that may not register waits, later ones end and are started again") {
    for (const auto& [release, waits] : {std::pair{"0.8.2", true}, std::pair{"0.9.0", false}}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(operated(release, R"({"at": "8s", "do": "crash", "target": "broker 2"},
                                        {"at": "8500ms", "do": "start", "target": "broker 2"})",
                            "3", R"("config": {"zookeeper.session.timeout.ms": 12000},)"));
        run.to_the_end();
        const auto starts = run.all<fact::BrokerChanged>(
            [](const auto& f) { return f.broker == Driven::slot(2) && f.event == BrokerEvent::started; });
        CHECK((starts.size() == 1) == waits);
        CHECK(run.decided().isr.size() == 3);
    }
}

// Goal: 1. A leader of before 2.7 takes a replica back into the ISR, and tells the controller some seconds
// later. 2. The replica's broker is gone before. The controller has to find it in the ISR all the same.
TEST_CASE("zookeeper: a replica that is back in the ISR leaves it again, though nobody has told of it yet") {
    Driven run(operated("2.3", R"({"at": "8s", "do": "stop", "target": "broker 2"},
                                  {"at": "12s", "do": "start", "target": "broker 2"})",
                        "5", R"("config": {"controlled.shutdown.enable": false},)"));
    run_up_to(run, 12);
    CHECK(run.decided().isr == Driven::set({1, 3}));
    REQUIRE(run.until([&] { return run.decided().isr.size() == 3; }));
    parts::stop(run.world, Addresses::broker(Driven::slot(2)));
    run.to_the_end();
    CHECK(run.decided().leader == Driven::slot(1));
    CHECK(run.decided().isr == Driven::set({1, 3}));
}
