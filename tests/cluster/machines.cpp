// What faults of machines do to a cluster.

#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string with_fault(const std::string& fault, const std::string& more = "") {
    return R"({"brokers":[{"id":1,"rack":"a"},{"id":2,"rack":"b"},{"id":3,"rack":"c"}],
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":2000,"rate":100},"config":{"acks":"all"}}],
        "until":"100s",)" +
           more + R"("faults":[)" + fault + "]}";
}

std::int64_t longest_gap(const Driven& run) { return run.ledger.producers[0].longest_gap.micros / 1000; }

/// When broker 2 left the ISR, in milliseconds; -1 = never.
std::int64_t left_isr_ms(const Driven& run) {
    return run.first_ms<fact::PartitionChanged>(
        [](const fact::PartitionChanged& f) { return !f.isr.has(Driven::slot(2)); });
}

} // namespace

TEST_CASE("gc: a leader that collects longer than its session loses its leadership, and nothing else") {
    Driven run(with_fault(R"({"at":"5s","do":"gc","target":"broker 1","for":"14s"})"));
    run.to_the_end();
    CHECK(run.decided().leader_epoch.value >= 1);
    CHECK(run.decided().isr.size() == 3);
    CHECK(longest_gap(run) > 8000);
    CHECK(run.ledger.streams[0].lost == 0);
    Driven shorter(with_fault(R"({"at":"5s","do":"gc","target":"broker 1","for":"3s"})"));
    shorter.to_the_end();
    CHECK(shorter.decided().leader_epoch.value == 0);
}

TEST_CASE("gc: what stopped a process twice ends when both have ended") {
    Driven run(with_fault(R"({"at":"5s","do":"gc","target":"broker 1","for":"6s"},
                             {"at":"6s","do":"pause","target":"broker 1","for":"2s"})"));
    run.until([&] { return run.world.kernel.now > sim::SimTime{9000000}; });
    CHECK(is_paused(run.world, Driven::slot(1)));
    run.until([&] { return run.world.kernel.now > sim::SimTime{12000000}; });
    CHECK(!is_paused(run.world, Driven::slot(1)));
}

// Goal: the order in which a process finds answers and time-outs when it goes on. A follower's fetch waits in
// its socket while it stands still for longer than replica.socket.timeout.ms (30 s): after SIGCONT it times
// out first and backs off, after a collection the answer is read first. Both are fenced meanwhile.
TEST_CASE("gc: answers that wait in a socket are read before requests time out") {
    const auto timed_out = [](const char* kind) {
        Driven run(
            with_fault(std::string(R"({"at":"5s","do":")") + kind + R"(","target":"broker 2","for":"40s"})"));
        run.until([&] { return run.world.kernel.now > sim::SimTime{45000000}; });
        run.until([&] { return run.decided().isr.has(Driven::slot(2)); });
        return run.world.kernel.now.micros;
    };
    CHECK(timed_out("gc") + 400000 < timed_out("pause"));
}

TEST_CASE("starve: a broker with too little CPU answers late, and as before when it has enough") {
    Driven calm(with_fault(""));
    Driven starved(with_fault(R"({"at":"5s","do":"starve","target":"broker 1","factor":300,"for":"10s"})"));
    calm.to_the_end();
    starved.to_the_end();
    const auto worst = [](const Driven& run) {
        return run.ledger.producers[0].latencies.entries().back().first;
    };
    CHECK(worst(starved) > 4 * worst(calm));
    CHECK(starved.ledger.streams[0].acknowledged == 2000);
}

TEST_CASE("power loss: a rack, a zone and the site go dark at one instant") {
    const auto dark = [](const std::string& target, const std::string& more = "") {
        Driven run(with_fault(R"({"at":"5s","do":"power_loss","target":")" + target + "\"}", more));
        std::int64_t count = 0;
        run.until([&] { return run.world.kernel.now >= sim::SimTime{5000000}; });
        for (std::uint32_t i = 0; i < run.world.kernel.network.process_count(); ++i)
            count += run.world.kernel.network.state(sim::ProcessId{i}) == sim::ProcessState::down ? 1 : 0;
        CHECK(run.world.kernel.now == sim::SimTime{5000000});
        return count;
    };
    const std::string voters = R"("metadata":{"type":"kraft","controllers":3,"racks":["a","b","c"]},
        "consumers":[{"name":"near","topics":["t"],"rack":"a"},{"name":"far","topics":["t"],"rack":"b"}],)";
    CHECK(dark("rack a", voters) == 1);
    CHECK(dark("zone a", voters) == 3); // its controller and its consumer, too
    CHECK(dark("site", voters) == 6);
    CHECK(dark("host of leader of t-0") == 1);
}

TEST_CASE("clock: a leader whose clock is set back keeps a lost follower in its ISR for longer") {
    const std::string cut =
        R"({"at":"4s","do":"cut","between":["broker 1","broker 2"],"listener":"replication"})";
    Driven right(with_fault(cut));
    Driven back(with_fault(cut + R"(,{"at":"5s","do":"clock","target":"broker 1","step":"-20s"})"));
    Driven fast(with_fault(cut + R"(,{"at":"5s","do":"clock","target":"broker 1","drift_ppm":4000000})"));
    Driven corrected(
        with_fault(cut + R"(,{"at":"5s","do":"clock","target":"broker 1","step":"-20s","for":"2s"})"));
    for (Driven* run : {&right, &back, &fast, &corrected})
        run->to_the_end();
    REQUIRE(left_isr_ms(right) > 30000);
    CHECK(left_isr_ms(back) >= left_isr_ms(right) + 14000); // looked at every replica.lag.time.max.ms / 2
    CHECK(left_isr_ms(fast) < left_isr_ms(right) - 10000);  // five times as fast
    CHECK(left_isr_ms(corrected) == left_isr_ms(right));
}

TEST_CASE("swizzle: brokers are clogged one by one and set free in another order, and all come back") {
    std::size_t most = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        Driven run(with_fault(R"({"at":"5s","do":"swizzle","target":"all brokers","for":"12s"})"), seed);
        run.to_the_end();
        std::vector<std::int32_t> freed;
        for (const auto& [time, f] : run.all<fact::FaultHappened>())
            if (f.undone) freed.push_back(f.broker.value);
        most = std::max(most, freed.size());
        CHECK(freed.size() >= 1);
        CHECK(freed.size() <= 2); // of three one is left out
        CHECK(run.world.kernel.network.rules().empty());
        CHECK(run.decided().isr.size() == 3);
        CHECK(run.ledger.streams[0].lost == 0);
    }
    CHECK(most == 2);
}
