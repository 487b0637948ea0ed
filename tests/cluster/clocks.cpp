// Wall clocks of clients and controllers that step: who times by them, and what comes of it.

#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string shop_with(const std::string& faults, const std::string& producer) {
    return R"({"topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],
                   "config":{"min.insync.replicas":2}}],
        "network":{"latency":"20ms"},
        "producers":[{"name":"shop","topic":"t","records":{"count":4000,"rate":200},)" +
           producer + R"(}],"until":"40s","faults":[)" + faults + "]}";
}

std::int64_t timed_out(const Driven& run) {
    const auto& failed = run.ledger.producers[0].failed;
    const auto at = failed.find(SendFailure::timeout);
    return at == failed.end() ? 0 : at->second;
}

/// A group of one member, which needs `each` for a record.
std::string group_with(const std::string& faults, const std::string& each) {
    return R"({"config":{"group.initial.rebalance.delay.ms":0},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]]}],
        "producers":[{"name":"shop","topic":"t","records":{"count":3000,"rate":50}}],
        "consumers":[{"name":"one","topics":["t"],"group":"g",
            "config":{"auto.offset.reset":"earliest","session.timeout.ms":10000},
            "application":{"process_time":")" +
           each + R"("}}],
        "until":"60s","faults":[)" +
           faults + "]}";
}

std::string voters_with(const std::string& faults, const std::string& release = "4.3") {
    return R"({"release":")" + release +
           R"(","metadata":{"type":"kraft","controllers":3},"topics":[{"name":"t"}],"until":"50s",
            "faults":[)" +
           faults + "]}";
}

std::int64_t leader_ms(const Driven& run, std::int64_t after) {
    for (const auto& [time, fact] : run.all<fact::QuorumRoleChanged>())
        if (fact.role == QuorumRole::leader && time.micros / 1000 > after) return time.micros / 1000;
    return -1;
}

std::size_t members_left(const Driven& run) { return run.all<fact::MemberLeft>().size(); }

} // namespace

// Goal: a batch is as old as the producer's clock says. The cluster is well, and what is under way still
// fails at the next answer; what comes later is not concerned. A library with a monotonic clock goes on.
TEST_CASE("clock: a producer whose clock jumps over delivery.timeout.ms fails what is under way") {
    const std::string step = R"({"at":"5s","do":"clock","target":"producer shop","step":"10min"})";
    Driven java(shop_with(step, R"("config":{"acks":"all"})"));
    Driven other(shop_with(step, R"("client":"librdkafka-2","config":{"acks":"all"})"));
    Driven calm(shop_with("", R"("config":{"acks":"all"})"));
    for (Driven* run : {&java, &other, &calm})
        run->to_the_end();
    CHECK(timed_out(java) >= 1);
    CHECK(timed_out(java) < 100);
    CHECK(timed_out(other) == 0);
    CHECK(timed_out(calm) == 0);
    CHECK(java.ledger.streams[0].acknowledged + timed_out(java) == 4000);
    CHECK(java.ledger.streams[0].written_though_failed >= 1); // the cluster had them
}

TEST_CASE("clock: latencies are true times, whatever the producer's clock does") {
    Driven run(shop_with(R"({"at":"5s","do":"clock","target":"producer shop","step":"-60s"})",
                         R"("config":{"acks":"all","linger.ms":0})"));
    run.to_the_end();
    for (const auto& [time, fact] : run.all<fact::RecordsAcknowledged>()) {
        CHECK(fact.created <= time);
        CHECK(time - fact.created < sim::seconds(1));
    }
    CHECK(run.ledger.streams[0].acknowledged == 4000);
}

TEST_CASE("clock: an open batch lingers until a clock that was set back has come so far again") {
    const auto worst_ms = [](const std::string& linger) {
        Driven run(shop_with(R"({"at":"5050ms","do":"clock","target":"producer shop","step":"-4s"})",
                             R"("config":{"acks":"all","linger.ms":)" + linger + "}"));
        run.to_the_end();
        std::int64_t worst = 0;
        for (const auto& [time, fact] : run.all<fact::RecordsAcknowledged>())
            worst = std::max(worst, (time - fact.created).micros / 1000);
        return worst;
    };
    CHECK(worst_ms("0") < 500);
    // A batch is full after 148 records, 740 ms; an open one waits for that.
    CHECK(worst_ms("100") > 500);
}

// Goal: after a failover a producer asks for metadata, but not before its last refresh lies behind it. Since
// 3.7 errors name the new leader (KIP-951), so an older one.
TEST_CASE("clock: a producer whose clock was set back asks nobody who leads now") {
    const auto gap_ms = [](const std::string& faults) {
        Driven run(shop_with(faults + R"({"at":"8s","do":"stop","target":"broker 1"})",
                             R"("release":"3.6","config":{"acks":"all","metadata.max.age.ms":3000})"));
        run.to_the_end();
        return run.ledger.producers[0].longest_gap.micros / 1000;
    };
    CHECK(gap_ms("") < 3000);
    CHECK(gap_ms(R"({"at":"7s","do":"clock","target":"producer shop","step":"-15s"},)") > 10000);
}

TEST_CASE("clock: a member at work whose clock jumps over max.poll.interval.ms leaves its group") {
    const std::string step = R"({"at":"20100ms","do":"clock","target":"consumer one","step":"10min"})";
    Driven slow(group_with(step, "3s"));
    Driven calm(group_with("", "3s"));
    Driven quick(group_with(step, "0ms"));
    for (Driven* run : {&slow, &calm, &quick})
        run->to_the_end();
    CHECK(members_left(slow) >= 1);
    CHECK(members_left(calm) == 0);
    CHECK(members_left(quick) == 0); // poll() comes first
}

// Goal: a Timer that is reset counts from where the clock had been, so no heartbeat is sent for as long, and
// the coordinator, whose clock is monotonic, expels the member.
TEST_CASE("clock: a member whose clock is set back by more than its session is expelled") {
    const auto left_ms = [](const std::string& step) {
        Driven run(
            group_with(R"({"at":"20s","do":"clock","target":"consumer one","step":")" + step + "\"}", "0ms"));
        run.to_the_end();
        return run.first_ms<fact::MemberLeft>();
    };
    CHECK(left_ms("-4s") == -1);
    const std::int64_t classic = left_ms("-30s");
    CHECK(classic > 27000);
    CHECK(classic < 34000);
}

TEST_CASE("clock: a member that times by a monotonic clock stays, however far its wall clock is set back") {
    std::string text =
        group_with(R"({"at":"20s","do":"clock","target":"consumer one","step":"-60s"})", "0ms");
    const std::string name = R"("name":"one",)";
    REQUIRE(text.find(name) != std::string::npos);
    text.insert(text.find(name) + name.size(), R"("client":"librdkafka-2",)");
    Driven run(text);
    run.to_the_end();
    CHECK(members_left(run) == 0);
}

TEST_CASE("clock: a member of the consumer protocol whose clock is set back is expelled, too") {
    const std::string text = R"({"config":{"group.consumer.min.session.timeout.ms":6000,
            "group.consumer.session.timeout.ms":10000,"group.consumer.min.heartbeat.interval.ms":2000,
            "group.consumer.heartbeat.interval.ms":2000},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]]}],
        "producers":[{"name":"shop","topic":"t","records":{"count":3000,"rate":50}}],
        "consumers":[{"name":"one","topics":["t"],"group":"g",
            "config":{"auto.offset.reset":"earliest","group.protocol":"consumer"}}],
        "until":"50s","faults":[{"at":"20s","do":"clock","target":"consumer one","step":"-25s"}]})";
    Driven run(text);
    run.to_the_end();
    CHECK(run.first_ms<fact::MemberLeft>() > 27000);
    CHECK(run.first_ms<fact::MemberLeft>() < 34000);
    CHECK(has_assignment(run.world.readers[0])); // it has come back
}

// Goal: the raft thread looks at its Timers behind the message that wakes it, so a leader resigns when that
// is not the fetch that counts; the cluster has another controller at once.
TEST_CASE("clock: an active controller whose clock jumps resigns, or goes on, and never harms") {
    int resigned = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        Driven run(voters_with(R"({"at":"10s","do":"clock","target":"controller 101","step":"60s"})"), seed);
        run.to_the_end();
        const std::int64_t elected = leader_ms(run, 10000);
        if (elected < 0) continue;
        ++resigned;
        CHECK(elected < 13000);
    }
    CHECK(resigned >= 1);
}

TEST_CASE("clock: a follower whose clock jumps hears of its leader first, and goes on") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        Driven run(voters_with(R"({"at":"10s","do":"clock","target":"controller 102","step":"60s"})"), seed);
        run.to_the_end();
        CHECK(leader_ms(run, 10000) == -1);
    }
}

// Goal: the voter that was set back believes in its dead leader for the length of the step. With pre-votes
// (4.0) the other one asks in vain for as long; without them it is elected at once.
TEST_CASE("clock: a voter that was set back keeps a quorum with pre-votes without a leader") {
    const std::string faults = R"({"at":"10s","do":"clock","target":"controller 102","step":"-20s"},
                                  {"at":"12s","do":"crash","target":"controller 101"})";
    Driven with_pre_votes(voters_with(faults, "4.3"));
    Driven without(voters_with(faults, "3.9"));
    with_pre_votes.to_the_end();
    without.to_the_end();
    CHECK(leader_ms(with_pre_votes, 12000) > 28000);
    CHECK(leader_ms(with_pre_votes, 12000) < 38000);
    CHECK(leader_ms(without, 12000) > 12000);
    CHECK(leader_ms(without, 12000) < 18000);
}

TEST_CASE("clock: a process that starts on a host whose clock is wrong knows no other time") {
    Driven run(shop_with(R"({"at":"3s","do":"clock","target":"producer shop","step":"10min"},
                            {"at":"5s","do":"crash","target":"producer shop","for":"3s"})",
                         R"("config":{"acks":"all"},"application":{"restart":"resend"})"));
    run.until([&] { return run.world.kernel.now > sim::SimTime{7000000}; });
    const std::int64_t before = timed_out(run);
    run.to_the_end();
    CHECK(timed_out(run) == before);
}
