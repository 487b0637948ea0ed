// What faults of disks do to a cluster.

#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string with_disk(const std::string& faults, const std::string& more = "") {
    return cluster_test::three_replicas("70s", faults, more);
}

/// Two directories on each broker: t-0 lies in the first and t-1 in the second of all.
std::string with_directories(const std::string& faults, const std::string& more = "") {
    return R"({"brokers":[{"id":1,"directories":2},{"id":2,"directories":2},{"id":3,"directories":2}],
        "topics":[{"name":"t","partitions":2,"replication.factor":3,"assignment":[[1,2,3],[1,2,3]],
                   "config":{"min.insync.replicas":2}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},"config":{"acks":"all"}}],
        "until":"60s",)" +
           more + R"("faults":[)" + faults + "]}";
}

std::int64_t longest_gap_ms(const Driven& run) { return run.ledger.producers[0].longest_gap.micros / 1000; }

std::int64_t crashed_ms(const Driven& run, int broker) {
    return run.first_ms<fact::BrokerChanged>([&](const fact::BrokerChanged& f) {
        return f.broker == Driven::slot(broker) && f.event == BrokerEvent::crashed;
    });
}

} // namespace

// Goal: an append to a full disk fails, the only directory goes offline, and the broker halts: disk full is
// a broker kill, not back-pressure. Others lead, and when there is room again it is back.
TEST_CASE("disk full: the broker halts at its next write, and nothing is lost") {
    Driven run(with_disk(R"({"at":"5s","do":"disk","how":"full","target":"broker 1","for":"20s"})"));
    run.to_the_end();
    const auto failures = run.all<fact::LogDirectoryFailed>();
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].second.cause == fact::DirectoryFailure::full);
    CHECK(failures[0].second.halts);
    CHECK(crashed_ms(run, 1) >= 5000);
    CHECK(crashed_ms(run, 1) < 5100);
    CHECK(run.ledger.producers[0].retried.at(ErrorCode::kafka_storage_error) >= 1);
    CHECK(run.decided().leader_epoch.value >= 1);
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.ledger.streams[0].acknowledged == 2000);
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE(
    "disk full: a broker without anything to append fails at its next checkpoint, and after a start again") {
    Driven run(with_disk(R"({"at":"30s","do":"disk","how":"full","target":"broker 3"},
                            {"at":"40s","do":"start","target":"broker 3"})"));
    run.to_the_end();
    const auto failures = run.all<fact::LogDirectoryFailed>();
    REQUIRE(failures.size() == 2);
    CHECK(failures[0].first.micros <= 35100000); // replica.high.watermark.checkpoint.interval.ms
    CHECK(failures[1].first.micros > 41000000);
    CHECK(!is_running(run.world, Driven::slot(3)));
}

TEST_CASE("disk failed: a broker that cannot read its only directory does not come up") {
    Driven run(with_disk(R"({"at":"5s","do":"disk","how":"failed","target":"broker 2"},
                            {"at":"12s","do":"start","target":"broker 2"})"));
    run.to_the_end();
    const auto failures = run.all<fact::LogDirectoryFailed>();
    REQUIRE(failures.size() == 2);
    CHECK(failures[0].second.cause == fact::DirectoryFailure::failed);
    CHECK(run.all<fact::BrokerChanged>([](const fact::BrokerChanged& f) {
                 return f.broker == Driven::slot(2) && f.event == BrokerEvent::registered;
             })
              .empty());
    CHECK(run.ledger.streams[0].lost == 0);
}

// Goal: the brown-out. Nobody gets an answer to a write, but heartbeats need no disk and fetches are served:
// the leader stays leader, with everybody in its ISR.
TEST_CASE("disk hung: a leader answers no write, and stays leader") {
    Driven run(with_disk(R"({"at":"5s","do":"disk","how":"hung","target":"broker 1","for":"25s"})"));
    run.to_the_end();
    CHECK(run.decided().leader_epoch.value == 0);
    CHECK(longest_gap_ms(run) > 24900);
    CHECK(longest_gap_ms(run) < 26000);
    CHECK(run.all<fact::PartitionChanged>().size() == 1); // at the start
    CHECK(run.ledger.partitions[0].write_unavailable.total == sim::seconds(25));
    CHECK(run.ledger.partitions[0].read_unavailable.total == sim::Duration{0});
    CHECK(run.ledger.streams[0].acknowledged == 2000);
    CHECK(run.ledger.streams[0].duplicated == 0);
}

namespace {

/// As many connections as num.io.threads, and a reader that comes when the disk hangs.
std::string with_all_handlers_stuck(const std::string& release) {
    std::string producers;
    for (int i = 0; i < 8; ++i)
        producers += std::string(i == 0 ? "" : ",") + R"({"name":"p)" + std::to_string(i) +
                     R"(","topic":"t","records":{"count":4000,"rate":100},
                        "config":{"acks":"all","retries":100}})";
    return R"({"release":")" + release +
           R"(","topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                              "config":{"min.insync.replicas":2}}],
        "consumers":[{"name":"c","topics":["t"],"start":"20s","config":{"auto.offset.reset":"earliest"}}],
        "producers":[)" +
           producers + R"(],"until":"120s",
        "faults":[{"at":"5s","do":"disk","how":"hung","target":"broker 1","for":"60s"}]})";
}

} // namespace

// Goal: requests of eight connections fill num.io.threads, and nobody serves fetches any more. The followers
// have all that the leader has, so they stay in its ISR (KAFKA-7152); before 2.1 silence alone removed them.
TEST_CASE("disk hung: when all handlers stand in write(), reads are not served either") {
    Driven run(with_all_handlers_stuck("4.3"));
    run.to_the_end();
    CHECK(run.first_ms<fact::Delivered>() > 65000);
    CHECK(run.change_ms(ChangeCause::isr_shrink) == -1);
    CHECK(run.decided().leader_epoch.value == 0);
    CHECK(run.ledger.streams[0].lost == 0);
    Driven old(with_all_handlers_stuck("2.0"));
    old.to_the_end();
    CHECK(old.change_ms(ChangeCause::isr_shrink) > 14000); // replica.lag.time.max.ms was 10 s
    CHECK(old.change_ms(ChangeCause::isr_shrink) < 31000);
}

TEST_CASE("disk hung: a follower that cannot write what it fetched leaves the ISR") {
    Driven run(with_disk(R"({"at":"5s","do":"disk","how":"hung","target":"broker 2","for":"50s"})"));
    run.to_the_end();
    const auto left = run.all<fact::PartitionChanged>([](const fact::PartitionChanged& f) {
        return f.isr == Driven::set({1, 3});
    });
    REQUIRE(left.size() == 1);
    CHECK(left[0].first.micros > 34000000);
    CHECK(run.decided().isr.size() == 3);
    CHECK(run.log(2).log_end_offset == run.log(1).log_end_offset);
}

TEST_CASE("disk hung: a broker that shuts down waits for its disk") {
    Driven run(with_disk(R"({"at":"5s","do":"disk","how":"hung","target":"broker 3","for":"20s"},
                            {"at":"8s","do":"stop","target":"broker 3"})"));
    run.to_the_end();
    const std::int64_t stopped = run.first_ms<fact::BrokerChanged>(
        [](const fact::BrokerChanged& f) { return f.event == BrokerEvent::stopped; });
    CHECK(stopped == 25000);
}

TEST_CASE("disk hung: a crash gives back what waits in handlers and fetchers") {
    Driven run(with_disk(R"({"at":"5s","do":"disk","how":"hung","target":"all brokers","for":"40s"},
                            {"at":"7s","do":"crash","target":"all brokers","for":"3s"})"));
    run.to_the_end();
    CHECK(run.ledger.streams[0].acknowledged == 2000);
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("disk slow: every write takes longer, a follower's too") {
    const auto median = [](const std::string& target) {
        Driven run(with_disk(R"({"at":"0s","do":"disk","how":"slow","latency":"80ms","target":")" + target +
                             R"(","for":"30s"})"));
        run.to_the_end();
        CHECK(run.ledger.streams[0].acknowledged == 2000);
        const Tally& latencies = run.ledger.producers[0].latencies;
        return latencies.entries()[latencies.entries().size() / 2].first;
    };
    const std::int64_t calm = median("broker 3");
    CHECK(median("broker 1") > 80000);
    CHECK(calm > 80000); // acks=all waits for each member of the ISR
    CHECK(median("all brokers") > 160000);
}

TEST_CASE("disk slow: a flush of each record costs as much again") {
    const auto longest = [](const std::string& flush) {
        Driven run(R"({"config":{"log.flush.interval.messages":)" + flush +
                   R"(},"topics":[{"name":"t","replication.factor":1,"assignment":[[1]]}],
            "producers":[{"name":"shop","topic":"t","records":{"count":200,"rate":5}}],
            "faults":[{"at":"0s","do":"disk","how":"slow","latency":"50ms","target":"broker 1"}]})");
        run.to_the_end();
        return run.ledger.producers[0].latencies.entries().back().first;
    };
    CHECK(longest("1000000") < 80000);
    CHECK(longest("1") > 100000);
}

// Goal: with several directories a failed one takes only its own partitions offline (KIP-858): the broker
// tells the controller in a heartbeat, which elects others; what lies in the other directory stays.
TEST_CASE("directories: one that fails takes its partitions offline, and no other") {
    Driven run(with_directories(
        R"({"at":"5s","do":"disk","how":"failed","target":"broker 1","directory":2,"for":"10s"},
           {"at":"20s","do":"stop","target":"broker 1","for":"2s"})"));
    run.until([&] { return run.world.kernel.now > sim::SimTime{19000000}; });
    const auto failures = run.all<fact::LogDirectoryFailed>();
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].second.directory == 2);
    CHECK(!failures[0].second.halts);
    cluster_test::check_one_directory_lost(run);
}

TEST_CASE("directories: a broker that starts without one of them serves the others") {
    Driven run(with_directories(R"({"at":"5s","do":"crash","target":"broker 1","for":"4s"},
        {"at":"6s","do":"disk","how":"failed","target":"broker 1","directory":2})"));
    run.to_the_end();
    CHECK(run.decided(0).isr.size() == 3);
    CHECK(run.decided(1).isr == Driven::set({2, 3}));
    CHECK(std::holds_alternative<Unassigned>(run.replica(1, 1).role));
}

TEST_CASE("directories: a broker whose metadata log lies in the failed one halts") {
    Driven run(with_directories(
        R"({"at":"5s","do":"disk","how":"full","target":"broker 1","directory":1,"for":"60s"})"));
    run.to_the_end();
    REQUIRE(run.all<fact::LogDirectoryFailed>().size() == 1);
    CHECK(run.all<fact::LogDirectoryFailed>()[0].second.halts);
    CHECK(crashed_ms(run, 1) >= 5000);
}

TEST_CASE("directories: a failure that the controller does not hear of ends the broker") {
    Driven run(with_directories(
        R"({"at":"4s","do":"cut","between":["broker 1","controller"]},
           {"at":"5s","do":"disk","how":"failed","target":"broker 1","directory":2})",
        R"("config":{"log.dir.failure.timeout.ms":3000},)"));
    run.to_the_end();
    const std::int64_t failed = run.first_ms<fact::LogDirectoryFailed>();
    const std::int64_t stopped = run.first_ms<fact::BrokerChanged>(
        [](const fact::BrokerChanged& f) { return f.event == BrokerEvent::stopped; });
    REQUIRE(failed >= 5000);
    // It wants a controlled shutdown first, and waits for it (BrokerServer.shutdown: 5 minutes at most).
    CHECK((stopped == -1 || stopped >= failed + 3000));
    CHECK(run.world.brokers[0].memory.lifecycle.state == LifecycleState::pending_shutdown);
}

TEST_CASE("heal: disks are mended, and a broker that gave up a directory starts again") {
    Driven run(with_directories(
        R"({"at":"5s","do":"disk","how":"failed","target":"broker 1","directory":2},
           {"at":"6s","do":"disk","how":"full","target":"broker 2"},
           {"at":"7s","do":"disk","how":"hung","target":"broker 3"})",
        R"("heal":true,)"));
    run.to_the_end();
    CHECK(run.world.heal.converged_at);
    CHECK(run.decided(0).isr.size() == 3);
    CHECK(run.decided(1).isr.size() == 3);
    CHECK(run.ledger.streams[0].lost + run.ledger.streams[1].lost == 0);
}

// Goal: reads come from the page cache until the host has lost its power; then a start fails, and so does a
// fetch of what is on the disk alone. Writes go on all the while.
TEST_CASE("unreadable: what is in the page cache is read, and writes succeed") {
    Driven run(cluster_test::three_replicas(
        "30s", R"({"at":"6s","do":"disk","how":"unreadable","target":"broker 1","for":"10s"})",
        R"("consumers":[{"name":"c","topics":["t"],"start":"8s",
            "config":{"auto.offset.reset":"earliest"}}],)"));
    run.to_the_end();
    CHECK(run.all<fact::LogDirectoryFailed>().empty());
    CHECK(run.ledger.consumers[0].read == 2000);
    CHECK(run.decided().leader_epoch == Epoch{0});
}

TEST_CASE("unreadable: a broker that starts cannot load its logs, and is started when it is over") {
    Driven run(cluster_test::three_replicas(
        "50s", R"({"at":"6s","do":"disk","how":"unreadable","target":"broker 3","for":"14s"},
                  {"at":"7s","do":"crash","target":"broker 3","for":"2s"})",
        ""));
    run.to_the_end();
    const auto failures = run.all<fact::LogDirectoryFailed>();
    REQUIRE(!failures.empty());
    CHECK(failures[0].second.halts);
    CHECK(failures[0].second.broker == Driven::slot(3));
    CHECK(run.decided().isr == Driven::set({1, 2, 3}));
    CHECK(run.log(3).log_end_offset == Offset{2000});
}

TEST_CASE("unreadable: after a power loss a fetch of older records finds it out, one of newer does not") {
    const auto failed = [](const std::string& reset) {
        Driven run(cluster_test::three_replicas(
            "60s", R"({"at":"2s","do":"set","target":"topic t","config":{"flush.messages":1}},
                      {"at":"6s","do":"power_loss","target":"broker 1","for":"2s"},
                      {"at":"30s","do":"elect","type":"preferred","target":"t-0"},
                      {"at":"35s","do":"disk","how":"unreadable","target":"broker 1","for":"10s"})",
            R"("consumers":[{"name":"c","topics":["t"],"start":"37s",
                "config":{"auto.offset.reset":")" +
                reset + R"("}}],)"));
        run.to_the_end();
        return run.all<fact::LogDirectoryFailed>().size();
    };
    CHECK(failed("earliest") > 0);
    CHECK(failed("latest") == 0);
}
