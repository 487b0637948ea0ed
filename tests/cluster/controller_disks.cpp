// The disk of a controller's metadata log: full, failed, hung, slow.

#include "models/check/invariants.hpp"
#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string on_controllers(const std::string& faults, const std::string& release = "4.3",
                           const std::string& metadata = R"("controllers":3)") {
    return R"({"release":")" + release + R"(","metadata":{"type":"kraft",)" + metadata + R"(},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":3000,"rate":100},"config":{"acks":"all"}}],
        "until":"50s","faults":[)" +
           faults + "]}";
}

std::vector<std::pair<std::int64_t, int>> leaders_after(const Driven& run, std::int64_t after) {
    std::vector<std::pair<std::int64_t, int>> all;
    for (const auto& [time, fact] : run.all<fact::QuorumRoleChanged>())
        if (fact.role == QuorumRole::leader && time.micros / 1000 > after)
            all.emplace_back(time.micros / 1000, fact.voter.value);
    return all;
}

bool is_up(const Driven& run, std::size_t voter) {
    const sim::ProcessId process = Addresses::controller(*run.configuration, voter);
    return run.world.kernel.network.state(process) == sim::ProcessState::up;
}

} // namespace

TEST_CASE("controller disk: an active controller that cannot write ends, and another one takes over") {
    for (const char* how : {"full", "failed"}) {
        Driven run(on_controllers(std::string(R"({"at":"10s","do":"disk","how":")") + how +
                                  R"(","target":"controller 101","for":"15s"})"));
        run.until([&] { return run.world.kernel.now > sim::SimTime{20000000}; });
        CHECK(!is_up(run, 0));
        run.to_the_end();
        const auto failures = run.all<fact::MetadataDirectoryFailed>();
        REQUIRE(failures.size() == 1);
        CHECK(failures[0].second.voter == Voter{0});
        CHECK(failures[0].first.micros <= 10600000); // metadata.max.idle.interval.ms
        const bool gone = failures[0].second.cause == fact::DirectoryFailure::failed;
        CHECK(gone == (std::string(how) == "failed"));
        const auto leaders = leaders_after(run, 10000);
        REQUIRE(leaders.size() >= 1);
        CHECK(leaders[0].second != 0);
        CHECK(is_up(run, 0)); // started when the disk was well
        CHECK(run.ledger.streams[0].acknowledged == 3000);
    }
}

TEST_CASE("controller disk: a follower that cannot write ends, and nobody else is concerned") {
    Driven run(on_controllers(R"({"at":"10s","do":"disk","how":"full","target":"controller 102"})"));
    run.to_the_end();
    REQUIRE(run.all<fact::MetadataDirectoryFailed>().size() == 1);
    CHECK(!is_up(run, 1));
    CHECK(leaders_after(run, 10000).empty());
}

// Goal: who notices that the disk of the active controller hangs, and when. Its raft thread stands in a write
// within half a second, fetches are not answered, and after a fetch time-out (2 s) the others elect.
TEST_CASE("controller disk: when the disk of the active controller hangs, the others elect another one") {
    Driven run(
        on_controllers(R"({"at":"10s","do":"disk","how":"hung","target":"controller 101","for":"15s"})"));
    run.to_the_end();
    const auto leaders = leaders_after(run, 10000);
    REQUIRE(leaders.size() == 1);
    CHECK(leaders[0].second != 0);
    CHECK(leaders[0].first > 11900);
    CHECK(leaders[0].first < 17000);
    CHECK(run.all<fact::MetadataDirectoryFailed>().empty());
    CHECK(is_up(run, 0));
    // When its disk goes on it learns of its successor, and follows it.
    CHECK(run.world.controllers[0].memory.quorum.role == QuorumRole::follower);
    CHECK(run.world.controllers[0].durable.high_watermark == run.world.controllers[1].durable.high_watermark);
    CHECK(run.ledger.streams[0].acknowledged == 3000);
}

TEST_CASE("controller disk: a follower whose disk hangs stands still, and catches up") {
    Driven run(
        on_controllers(R"({"at":"10s","do":"disk","how":"hung","target":"controller 102","for":"15s"})"));
    run.until([&] { return run.world.kernel.now > sim::SimTime{24900000}; });
    const Offset stood = run.world.controllers[1].durable.drained;
    CHECK(stood < run.world.controllers[0].durable.drained);
    CHECK(leaders_after(run, 10000).empty());
    run.to_the_end();
    CHECK(run.world.controllers[1].durable.drained > stood);
    // Behind the write its leader seems to be gone; with pre-votes that ends nothing.
    CHECK(leaders_after(run, 10000).empty());
}

// Goal: a broker that dies while the disk of the only controller hangs is not replaced until it goes on.
TEST_CASE("controller disk: a quorum of one whose disk hangs decides nothing") {
    Driven run(on_controllers(R"({"at":"8s","do":"disk","how":"hung","target":"controller","for":"20s"},
                                 {"at":"10s","do":"crash","target":"broker 1"})",
                              "4.3", R"("controllers":1)"));
    run.until([&] { return run.world.kernel.now > sim::SimTime{27000000}; });
    CHECK(run.world.controllers[0].durable.committed.partitions[0].leader == Driven::slot(1));
    run.to_the_end();
    CHECK(run.decided().leader != Driven::slot(1));
    CHECK(run.ledger.streams[0].lost == 0);
}

TEST_CASE("controller disk: on a slow one each commit takes longer, and an election does") {
    const auto elected_ms = [](const std::string& slow) {
        Driven run(on_controllers(slow + R"({"at":"15s","do":"crash","target":"controller 101"})"));
        run.to_the_end();
        const auto leaders = leaders_after(run, 15000);
        REQUIRE(leaders.size() >= 1);
        return leaders.back().first;
    };
    const std::string slow =
        R"({"at":"5s","do":"disk","how":"slow","latency":"400ms","target":"controller 102"},
           {"at":"5s","do":"disk","how":"slow","latency":"400ms","target":"controller 103"},)";
    CHECK(elected_ms(slow) > elected_ms("") + 300);
}

TEST_CASE("controller disk: a combined node is one process on one disk") {
    const std::string combined = R"("controllers":3,"combined":true)";
    Driven run(on_controllers(R"({"at":"10s","do":"disk","how":"full","target":"broker 3","for":"10s"})",
                              "4.3", combined));
    run.until([&] { return run.world.kernel.now > sim::SimTime{12000000}; });
    CHECK(!is_running(run.world, Driven::slot(3)));
    CHECK(!is_up(run, 2));
    run.to_the_end();
    CHECK(is_running(run.world, Driven::slot(3)));
    CHECK(is_up(run, 2));
    CHECK(run.decided().isr.size() == 3);
}

TEST_CASE("controller disk: a fork, and mail that waits for a disk when its process dies") {
    Driven run(on_controllers(R"({"at":"10s","do":"disk","how":"hung","target":"controller 102"},
                                 {"at":"14s","do":"crash","target":"controller 102"},
                                 {"at":"16s","do":"disk","how":"hung","target":"controller 103"},
                                 {"at":"18s","do":"power_loss","target":"controller 103"})"));
    run.until([&] { return run.world.kernel.now > sim::SimTime{13000000}; });
    World fork = run.world;
    CHECK(digest(fork) == digest(run.world));
    run.to_the_end();
    while (step(fork)) {
    }
    CHECK(digest(fork) == digest(run.world));
    CHECK(run.world.controllers[1].memory.thread.waiting.empty());
    CHECK(run.world.controllers[2].memory.thread.waiting.empty());
}
