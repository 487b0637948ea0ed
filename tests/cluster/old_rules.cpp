// Rules of former releases on a cluster, each with the release that mended it.

#include "models/dialect/dialect.hpp"
#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string under(const std::string& release, const std::string& metadata, const std::string& brokers,
                  const std::string& faults) {
    return R"({"release":")" + release + R"(",)" + metadata + R"("brokers":)" + brokers +
           R"(,"config":{"auto.leader.rebalance.enable":false,"replica.lag.time.max.ms":5000},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":1,"unclean.leader.election.enable":false}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},
                      "config":{"acks":"all","retries":1000}}],
        "until":"40s","faults":[)" +
           faults + "]}";
}

} // namespace

// 1. Broker 2 has less than broker 1, and leads. 2. Broker 1 follows it, and is out of its range.
TEST_CASE("ahead of its leader: to 1.1 a follower halts its broker, from 2.0.1 on it cuts its log") {
    CHECK(halts_beyond_leader(dialect_of(Release::v0_8_2)));
    CHECK(halts_beyond_leader(dialect_of(Release::v1_1)));
    CHECK_FALSE(halts_beyond_leader(dialect_of(Release::v2_0))); // KAFKA-7414
    for (const std::string release : {"0.10.2", "2.0"}) {
        Driven run(under(release, "", "3", R"({"at":"2s","do":"crash","target":"broker 3"},
            {"at":"14s","do":"stop","target":"broker 1"},
            {"at":"17s","do":"power_loss","target":"broker 2","for":"5s"},
            {"at":"32s","do":"start","target":"broker 1"})"));
        run.to_the_end();
        const bool halts = run.world.brokers[0].halted;
        CHECK(halts == (release == "0.10.2"));
        const bool agree = run.log(1).log_end_offset == run.log(2).log_end_offset;
        CHECK(agree != halts);
    }
    // Where unclean elections are allowed the trace of one is nothing to die for.
    std::string text = under("0.10.2", "", "3", R"({"at":"2s","do":"crash","target":"broker 3"},
        {"at":"14s","do":"stop","target":"broker 1"},
        {"at":"17s","do":"power_loss","target":"broker 2","for":"5s"},
        {"at":"32s","do":"start","target":"broker 1"})");
    const std::string off = R"("unclean.leader.election.enable":false)";
    text.replace(text.find(off), off.size(), R"("unclean.leader.election.enable":true)");
    Driven run(text);
    run.to_the_end();
    CHECK_FALSE(run.world.brokers[0].halted);
}

// The steps of forget_isr_change (models/broker/isr.cpp).
TEST_CASE("ISR: to 2.8 an answer that comes after an election takes the next proposal with it") {
    for (const std::string release : {"2.7", "2.8", "3.0"}) {
        Driven run(under(release, R"("metadata":{"type":"zookeeper","controller":4},)", "4",
                         R"({"at":"2s","do":"cut","between":["broker 2","broker 1"],"how":"reset",
                             "listener":"replication","for":"13s"},
            {"at":"13s","do":"slow","between":["broker 1","broker 4"],"direction":"forward",
             "listener":"control","latency":{"p50":"4s","p99":"4s","max":"4s"},"for":"12s"},
            {"at":"16500ms","do":"stop","target":"broker 3"})"));
        run.to_the_end();
        const auto* leader = std::get_if<Leader>(&run.replica(1).role);
        REQUIRE(leader != nullptr);
        const bool frozen = isr_change_in_flight(*leader);
        CHECK(frozen == (release != "3.0")); // KAFKA-12686
        const AlterPartitionQueue& queue = run.world.brokers[0].memory.alter_partition;
        CHECK(queue.queued.empty());
        CHECK(queue.sent.empty());
        CHECK(queue.forgotten.empty());
        CHECK(run.decided().isr == (frozen ? Driven::set({1}) : Driven::set({1, 2})));
    }
}

// 1. The leader dies and starts again, and does not reach the controller: it may not serve. 2. Its producer
// connects. Before 3.5 the kernel takes the connection and the request, and nobody answers until the request
// times out; since then it is refused, again and again.
TEST_CASE("port: from 3.5 on a broker that is not ready refuses connections") {
    for (const std::string release : {"3.4", "3.5"}) {
        Driven run(under(release, "", "3", R"({"at":"3s","do":"crash","target":"broker 1"},
            {"at":"4s","do":"cut","between":["broker 1","controller"],"for":"20s"},
            {"at":"4s","do":"start","target":"broker 1"})"));
        const sim::Network<Mail>& network = run.world.kernel.network;
        const sim::ProcessId process = Addresses::broker(Driven::slot(1));
        REQUIRE(run.until([&] { return run.world.kernel.now >= sim::SimTime{11000000}; }));
        REQUIRE(network.state(process) == sim::ProcessState::up);
        CHECK(is_starting(run.world.brokers[0]));
        CHECK(network.listens(process) == (release == "3.4")); // KAFKA-14658
        run.to_the_end();
        CHECK(network.listens(process));
        CHECK(run.decided().isr == Driven::set({1, 2, 3}));
    }
    Driven old(
        under("3.9", R"("metadata":"zookeeper",)", "3", R"({"at":"3s","do":"crash","target":"broker 1"},
            {"at":"4s","do":"start","target":"broker 1"})"));
    old.to_the_end(); // there it opens its port early
    CHECK(old.world.kernel.network.listens(Addresses::broker(Driven::slot(1))));
}

// The steps of finish_shutdown (models/broker/durability.cpp).
TEST_CASE("marker: to 3.4 a broker that has loaded nothing writes that its logs are in order") {
    for (const std::string release : {"3.4", "3.5"}) {
        Driven run(under(release, "", "3",
                         R"({"at":"6s","do":"corrupt","target":"broker 3","partition":"t-0","offset":100},
            {"at":"6s","do":"crash","target":"broker 3"},
            {"at":"7s","do":"cut","between":["broker 3","controller"],"for":"13s"},
            {"at":"8s","do":"start","target":"broker 3"},
            {"at":"18s","do":"stop","target":"broker 3"},
            {"at":"22s","do":"start","target":"broker 3"})"));
        run.until([&] { return run.world.kernel.now >= sim::SimTime{19000000}; });
        const bool trusts = run.world.brokers[2].disk.clean_shutdown;
        CHECK(trusts == (release == "3.4")); // KAFKA-15375
        run.to_the_end();
        CHECK(run.log(3).corrupt.empty() != trusts);
        CHECK(run.log(3).log_end_offset == Offset{2000});
    }
}

TEST_CASE("marker: to 3.4, too, a broker that loads its logs after an unclean end cuts what is not whole") {
    Driven run(under("3.4", "", "3",
                     R"({"at":"6s","do":"corrupt","target":"broker 3","partition":"t-0","offset":100},
        {"at":"6s","do":"crash","target":"broker 3","for":"4s"})"));
    run.to_the_end();
    CHECK(run.log(3).corrupt.empty());
    CHECK(run.log(3).log_end_offset == Offset{2000});
    CHECK(run.all<fact::LogTruncated>(
                 [](const fact::LogTruncated& f) { return f.cause == RemovalCause::corruption; })
              .size() == 1);
}
