// Topics that are deleted, and log directories that fail, under ZooKeeper; settings of its controller.

#include "models/cluster/control_plane.hpp"
#include "tests/cluster/driven.hpp"
#include "tests/text.hpp"

using namespace kafka;

namespace {

using cluster_test::Driven;

std::string deleting(const std::string& release, const std::string& faults, const std::string& more = "") {
    return R"({"release": ")" + release + R"(", "metadata": "zookeeper", "brokers": 4,)" + more + R"(
        "topics": [{"name": "t", "partitions": 2, "assignment": [[1, 2, 3], [2, 3, 1]]},
                   {"name": "u", "assignment": [[1, 2, 3]]}],
        "producers": [{"name": "p", "topic": "t", "records": {"count": 1500, "rate": 100},
                       "config": {"acks": "all", "retries": 3}},
                      {"name": "q", "topic": "u", "records": {"count": 2000, "rate": 100},
                       "config": {"acks": "all", "retries": 1000}}],
        "faults": [)" +
           faults + R"(], "until": "60s"})";
}

std::string directories(const std::string& release, const std::string& faults) {
    return R"({"release": ")" + release + R"(", "metadata": "zookeeper",
        "brokers": [{"id": 1, "directories": 2}, {"id": 2, "directories": 2}, {"id": 3, "directories": 2}],
        "topics": [{"name": "t", "partitions": 2, "assignment": [[1, 2, 3], [1, 2, 3]],
                    "config": {"min.insync.replicas": 2}}],
        "producers": [{"name": "p", "topic": "t", "records": {"count": 2000, "rate": 100},
                       "config": {"acks": "all", "retries": 1000}}],
        "faults": [)" +
           faults + R"(], "until": "50s"})";
}

void reach(Driven& run, std::int64_t seconds) {
    run.until([&] { return run.world.kernel.now > sim::SimTime{seconds * 1000000}; });
}

void check_deleted(const Driven& run) {
    for (const int partition : {0, 1}) {
        CHECK(run.decided(partition).deleted);
        for (const int broker : {1, 2, 3}) {
            CHECK(run.log(broker, partition).log_end_offset == Offset{0});
            CHECK(std::holds_alternative<Unassigned>(run.replica(broker, partition).role));
            const MetadataImage& image = run.world.brokers[static_cast<std::size_t>(broker - 1)].memory.image;
            CHECK_FALSE(exists(image.partitions[static_cast<std::size_t>(partition)]));
        }
    }
    CHECK(run.world.zookeeper.front().admin.empty());
    CHECK(run.ledger.streams[0].lost + run.ledger.streams[1].lost == 0);
    CHECK(run.ledger.streams[0].deleted == run.ledger.streams[0].acknowledged);
    CHECK(run.ledger.streams[2].acknowledged == 2000); // another topic
}

} // namespace

TEST_CASE("zookeeper: a topic goes when every replica was deleted") {
    for (const char* release : {"1.0", "2.3", "2.6", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(deleting(release, R"({"at": "10s", "do": "delete_topic", "target": "topic t"})"));
        run.to_the_end();
        check_deleted(run);
        CHECK(run.ledger.streams[0].deleted > 100);
        CHECK(run.change_ms(ChangeCause::topic_deleted) < 10500);
    }
}

TEST_CASE("zookeeper: a deletion waits for the broker of a replica, and a new controller goes on with it") {
    Driven run(deleting("3.9", R"({"at": "8s", "do": "stop", "target": "broker 3"},
                                  {"at": "10s", "do": "delete_topic", "target": "topic t"},
                                  {"at": "15s", "do": "crash", "target": "controller"},
                                  {"at": "45s", "do": "start", "target": "broker 3"})"));
    reach(run, 44);
    CHECK(run.world.zookeeper.front().controller_epoch == Epoch{2});
    CHECK_FALSE(run.decided(0).deleted);
    CHECK(run.decided(0).leader == no_slot); // brokers know the topic no more
    CHECK(run.log(1, 0).log_end_offset == Offset{0});
    CHECK(run.log(3, 0).log_end_offset > Offset{0});
    run.to_the_end();
    check_deleted(run);
}

TEST_CASE("zookeeper: a topic that was deleted is not created again when the controller looks again") {
    Driven run(deleting("3.9", R"({"at": "10s", "do": "delete_topic", "target": "topic t"},
                                  {"at": "15s", "do": "crash", "target": "zookeeper", "for": "3s"})"));
    run.to_the_end();
    check_deleted(run);
}

TEST_CASE("zookeeper: a deletion waits for a reassignment") {
    Driven run(deleting("3.9", R"({"at": "4s", "do": "cut", "between": ["broker 1", "broker 4"],
                                   "listener": "replication", "for": "16s"},
                                  {"at": "5s", "do": "reassign", "target": "t-0", "replicas": [1, 2, 4]},
                                  {"at": "10s", "do": "delete_topic", "target": "topic t"})"));
    reach(run, 19);
    CHECK(is_reassigning(run.decided(0)));
    CHECK(run.decided(1).leader == Driven::slot(2)); // the others wait with it
    run.to_the_end();
    CHECK(run.change_ms(ChangeCause::reassignment_completed) > 20000);
    check_deleted(run);
    CHECK(run.log(4, 0).log_end_offset == Offset{0});
}

TEST_CASE(
    "zookeeper: a topic is deleted only where delete.topic.enable says so, which is the default from 1.0") {
    const auto deletes = [](const char* release, const std::string& more) {
        Driven run(deleting(release, R"({"at": "5s", "do": "delete_topic", "target": "topic t"})", more));
        run.to_the_end();
        REQUIRE(run.ledger.operations.all.size() <= 1);
        const bool refused = !run.ledger.operations.all.empty() &&
                             run.ledger.operations.all[0].state == Operations::State::refused;
        CHECK(refused != run.decided(0).deleted);
        return run.decided(0).deleted;
    };
    CHECK_FALSE(deletes("0.11.0", ""));
    CHECK(deletes("0.11.0", R"("config": {"delete.topic.enable": true},)"));
    CHECK(deletes("1.0", ""));
    CHECK_FALSE(deletes("3.9", R"("config": {"delete.topic.enable": false},)"));
}

TEST_CASE("zookeeper: of a directory that fails the controller hears, and its replicas are led by others") {
    for (const char* release : {"1.0", "2.6", "3.9"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(directories(release, R"({"at": "5s", "do": "disk", "how": "failed", "target": "broker 1",
                                            "directory": 2, "for": "10s"},
                                           {"at": "20s", "do": "stop", "target": "broker 1", "for": "2s"})"));
        reach(run, 19);
        cluster_test::check_one_directory_lost(run);
    }
}

TEST_CASE("zookeeper: the first directory is like any other; before 1.0 each failure halts the broker") {
    const std::string fails =
        R"({"at": "5s", "do": "disk", "how": "full", "target": "broker 1", "directory": 1})";
    Driven newer(directories("1.0", fails));
    newer.to_the_end();
    CHECK(is_running(newer.world, Driven::slot(1)));
    CHECK(newer.decided(0).leader == Driven::slot(2));
    CHECK(newer.decided(1).leader == Driven::slot(1));
    Driven older(directories("0.11.0", fails));
    older.to_the_end();
    REQUIRE(older.all<fact::LogDirectoryFailed>().size() == 1);
    CHECK(older.all<fact::LogDirectoryFailed>()[0].second.halts);
    CHECK_FALSE(is_running(older.world, Driven::slot(1)));
    CHECK(older.decided(1).leader == Driven::slot(2));
}

TEST_CASE("zookeeper: a broker that starts without a directory is told of, and a new controller learns it") {
    Driven run(directories("3.9", R"({"at": "5s", "do": "stop", "target": "broker 1", "for": "4s"},
        {"at": "6s", "do": "disk", "how": "failed", "target": "broker 1", "directory": 2},
        {"at": "15s", "do": "crash", "target": "controller"},
        {"at": "40s", "do": "elect", "type": "preferred", "target": "topic t"})"));
    run.to_the_end();
    CHECK(run.decided(0).leader == Driven::slot(1));
    CHECK(run.decided(1).leader == Driven::slot(2));
    CHECK_FALSE(run.decided(1).isr.has(Driven::slot(1)));
    CHECK(std::holds_alternative<Unassigned>(run.replica(1, 1).role));
}

TEST_CASE("zookeeper: a preferred election goes through a node before 2.4, and the node goes with it") {
    for (const char* release : {"2.3", "2.4"}) {
        const std::string name = release;
        CAPTURE(name);
        Driven run(deleting(release, R"({"at": "5s", "do": "stop", "target": "broker 1", "for": "3s"},
                                        {"at": "20s", "do": "elect", "type": "preferred", "target": "u-0"})",
                            R"("config": {"auto.leader.rebalance.enable": false},)"));
        reach(run, 19);
        CHECK(run.decided(2).leader == Driven::slot(2));
        bool node = false;
        run.until([&] {
            node = node || !run.world.zookeeper.front().admin.empty();
            return run.decided(2).leader == Driven::slot(1);
        });
        CHECK(node == (std::string(release) == "2.3"));
        run.to_the_end();
        CHECK(run.world.zookeeper.front().admin.empty());
        CHECK(run.decided(2).leader == Driven::slot(1));
    }
}

TEST_CASE("zookeeper: leaders go back by themselves when more than a percentage is led by others") {
    const auto goes_back = [](const std::string& percentage) {
        Driven run(deleting("3.9", R"({"at": "5s", "do": "stop", "target": "broker 1", "for": "3s"})",
                            R"("config": {"leader.imbalance.check.interval.seconds": 10,
                                          "leader.imbalance.per.broker.percentage": )" +
                                percentage + "},"));
        run.to_the_end();
        return run.decided(0).leader == Driven::slot(1);
    };
    CHECK(goes_back("10"));
    CHECK(goes_back("99"));
    CHECK_FALSE(goes_back("100")); // all that it should lead are led by others: no more than that
}

TEST_CASE("zookeeper: how often a broker asks for its shutdown, and how long it waits, are settings") {
    const auto stopped_ms = [](const std::string& config) {
        Driven run(R"({"release": "2.3", "metadata": "zookeeper", "config": {
            "zookeeper.session.timeout.ms": 60000)" +
                   config + R"(},
            "topics": [{"name": "t", "assignment": [[1, 2]]}],
            "faults": [{"at": "9s", "do": "crash", "target": "controller"},
                       {"at": "9s", "do": "crash", "target": "broker 2"},
                       {"at": "10s", "do": "stop", "target": "broker 1"}], "until": "60s"})");
        run.to_the_end();
        return run.first_ms<fact::BrokerChanged>(
            [](const auto& f) { return f.broker == Driven::slot(1) && f.event == BrokerEvent::stopped; });
    };
    CHECK(stopped_ms("") >= 20000);
    const std::int64_t once = stopped_ms(R"(, "controlled.shutdown.max.retries": 1)");
    CHECK(once >= 10000);
    CHECK(once < 11000);
    const std::int64_t quick = stopped_ms(R"(, "controlled.shutdown.retry.backoff.ms": 1000)");
    CHECK(quick >= 12000);
    CHECK(quick < 14000);
}

// Goal: a rolling upgrade under ZooKeeper. 1. All brokers come back with the new program, and go on as the
// old one where others must agree. 2. In a second roll they get the new inter.broker.protocol.version.
TEST_CASE("zookeeper: the protocol moves in a second roll, which waits for the last broker") {
    Driven run(R"({"release": "2.6", "metadata": "zookeeper", "until": "140s",
        "topics": [{"name": "t", "replication.factor": 3, "assignment": [[1, 2, 3]],
                    "config": {"min.insync.replicas": 2}}],
        "producers": [{"name": "p", "topic": "t", "records": {"count": 6000, "rate": 100},
                       "config": {"acks": "all", "retries": 1000}}],
        "faults": [{"at": "5s", "do": "roll", "name": "b", "target": "all brokers", "release": "3.9"},
                   {"at": "6s", "do": "finalize", "release": "3.9", "name": "early"},
                   {"after": "b", "by": "1s", "do": "finalize", "release": "3.9", "name": "late"}]})");
    const auto dialect = [&](int broker) -> const Dialect& {
        return dialect_of(run.world.brokers[static_cast<std::size_t>(broker - 1)], *run.configuration);
    };
    const auto state = [&](std::size_t i) {
        return i < run.ledger.operations.all.size() ? run.ledger.operations.all[i].state
                                                    : Operations::State::under_way;
    };
    REQUIRE(run.until([&] { return state(0) == Operations::State::over; }));
    CHECK(state(1) == Operations::State::refused);
    CHECK(dialect(1).high_watermark_waits_for_min_isr); // what it can do by itself
    CHECK_FALSE(dialect(1).isr_change_is_asynchronous); // what the controller must know, too
    CHECK_FALSE(dialect(3).isr_change_is_asynchronous);
    run.to_the_end();
    CHECK(state(2) == Operations::State::over);
    for (const int broker : {1, 2, 3})
        CHECK(dialect(broker).isr_change_is_asynchronous);
    CHECK(run.all<fact::FeaturesFinalized>().size() == 1);
    CHECK(run.all<fact::OperationMoved>([](const auto& f) { return f.step == OperationStep::back; }).size() ==
          6); // each of them twice
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.ledger.streams[0].lost == 0);
    CHECK(run.ledger.streams[0].acknowledged == 6000);
}
