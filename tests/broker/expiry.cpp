// Committed offsets that nobody needs any more: offsets.retention.minutes by release, and deleted topics.

#include "models/group/coordinator.hpp"
#include "tests/cluster/driven.hpp"

using namespace kafka;
using namespace kafka::cluster_test;

namespace {

/// 100 records at 2 s, read and committed at once by hand, never again. A minute of retention, looked at
/// every five seconds. `consumers` and `faults`: further ones, each with its comma.
std::string quiet(const std::string& release, const std::string& faults, const std::string& until = "150s",
                  const std::string& more = "", const std::string& config = "") {
    return R"({"release":")" + release +
           R"(","config":{"delete.topic.enable":true,"offsets.retention.minutes":1,
            "offsets.retention.check.interval.ms":5000},
        "topics":[{"name":"t","partitions":2,"replication.factor":3},{"name":"u","replication.factor":3}],
        "producers":[{"name":"shop","topic":"t","start":"2s","records":{"count":100,"rate":100}}],
        "consumers":[{"name":"c","topics":["t"],"group":"g","config":{"auto.offset.reset":"earliest",
            "enable.auto.commit":false)" +
           config + R"(},"application":{"commit":"after-processing"}}],)" + more + R"("until":")" + until +
           R"(","faults":[)" + faults + "]}";
}

const char* const leaves_at_20_s = R"({"at":"20s","do":"stop","target":"consumer c"})";

std::vector<std::pair<sim::SimTime, fact::OffsetForgotten>> forgotten(const Driven& run) {
    return run.all<fact::OffsetForgotten>();
}

std::int64_t group_died_ms(const Driven& run) {
    return run.first_ms<fact::GroupChanged>([](const auto& f) { return f.state == GroupState::dead; });
}

const Group* group_at(const Driven& run, int broker) {
    for (const Group& group :
         run.world.brokers[static_cast<std::size_t>(broker - 1)].memory.coordination.groups.groups)
        if (group.index == GroupIndex{0}) return &group;
    return nullptr;
}

} // namespace

TEST_CASE(
    "offsets expire: to 2.0 a retention after their commit, from 2.1 on not while somebody is a member") {
    for (const std::string release : {"0.10.2", "2.0", "2.1", "2.3", "2.7", "2.8", "3.9", "4.3"}) {
        CAPTURE(release);
        Driven run(quiet(release, ""));
        run.to_the_end();
        const bool by_commit = release == "0.10.2" || release == "2.0";
        CHECK(forgotten(run).size() == (by_commit ? 2 : 0));
        CHECK(group_died_ms(run) == -1);
        if (!by_commit) continue;
        const std::int64_t at = forgotten(run)[0].first.micros / 1000;
        CHECK(at > 62000);
        CHECK(at < 75000);
        CHECK(forgotten(run)[0].second.cause == ForgetCause::retention);
    }
}

TEST_CASE("offsets expire: a retention after the last member has left, and the group goes with them") {
    for (const std::string release : {"2.1", "2.8", "3.9", "4.3"}) {
        CAPTURE(release);
        Driven run(quiet(release, leaves_at_20_s));
        run.to_the_end();
        REQUIRE(forgotten(run).size() == 2);
        const std::int64_t at = forgotten(run)[0].first.micros / 1000;
        CHECK(at >= 80000);
        CHECK(at < 90000);
        CHECK(group_died_ms(run) == at);
        for (const int broker : {1, 2, 3})
            CHECK(group_at(run, broker) == nullptr);
        CHECK(run.ledger.consumption.groups[0].forgotten == 2);
    }
}

TEST_CASE("offsets expire: by their commits in a group of the consumer protocol that is empty") {
    Driven run(quiet("4.3", leaves_at_20_s, "150s", "", R"(,"group.protocol":"consumer")"));
    run.to_the_end();
    REQUIRE(forgotten(run).size() == 2);
    const std::int64_t at = forgotten(run)[0].first.micros / 1000;
    CHECK(at > 62000);
    CHECK(at < 75000);
    CHECK(group_died_ms(run) == at);
}

TEST_CASE("offsets expire: the next coordinator knows neither offsets nor group, and a member begins anew") {
    for (const std::string release : {"2.8", "4.3"}) {
        CAPTURE(release);
        Driven run(quiet(release, std::string(leaves_at_20_s) +
                                      R"(,{"at":"100s","do":"crash","target":"coordinator of g"},
                                         {"at":"115s","do":"start","target":"consumer c"})"));
        run.to_the_end();
        REQUIRE(forgotten(run).size() == 2);
        const auto stable =
            run.all<fact::GroupChanged>([](const auto& f) { return f.state == GroupState::stable; });
        REQUIRE(stable.size() == 2);
        CHECK(stable[1].second.broker != stable[0].second.broker);
        CHECK(stable[1].second.generation == Generation{1});
        CHECK(run.ledger.consumption.groups[0].twice == 100); // earliest: all of it again
    }
}

TEST_CASE("offsets expire: while an empty group rebalances, from 2.4 to 2.8.1 (KAFKA-13636)") {
    const std::string comes_back = R"({"at":"70s","do":"stop","target":"consumer c","for":"10s"})";
    const auto run_under = [&](const std::string& release) {
        std::string text = quiet(release, comes_back);
        const std::string often = R"("offsets.retention.check.interval.ms":500)";
        text.replace(text.find(R"("offsets.retention.check.interval.ms":5000)"), often.size() + 1, often);
        Driven run(text);
        run.to_the_end();
        return forgotten(run).size();
    };
    CHECK(run_under("2.3") == 0);
    CHECK(run_under("2.4") == 2);
    CHECK(run_under("2.7") == 2);
    CHECK(run_under("2.8") == 0);
    CHECK(run_under("4.3") == 0);
}

TEST_CASE("offsets expire: of a topic that the members no longer ask for, from 2.4 on") {
    for (const std::string release : {"2.3", "2.4", "2.8", "4.3"}) {
        CAPTURE(release);
        std::string text = quiet(release, leaves_at_20_s);
        const std::string second = R"(},{"name":"d","topics":["u"],"group":"g","start":"15s",
            "config":{"enable.auto.commit":false}}],)";
        text.replace(text.find("}],\"until\""), 3, second);
        Driven run(text);
        run.to_the_end();
        CHECK(forgotten(run).size() == (release == "2.3" ? 0 : 2));
        CHECK(group_died_ms(run) == -1); // d is a member
    }
}

TEST_CASE("offsets expire: by the coordinator's wall clock") {
    Driven run(quiet("2.0", R"({"at":"30s","do":"clock","target":"all brokers","step":"40s"})"));
    run.to_the_end();
    REQUIRE(forgotten(run).size() == 2);
    CHECK(forgotten(run)[0].first.micros / 1000 < 31000 + 5000);
}

TEST_CASE("offsets of a deleted topic go with it, from 0.10.2 on, under both control planes") {
    const std::string deletes = R"({"at":"20s","do":"delete_topic","target":"topic t"})";
    const auto count = [&](const std::string& release, const std::string& metadata) {
        Driven run(quiet(release, deletes, "40s", R"("metadata":")" + metadata + "\","));
        run.to_the_end();
        std::size_t found = 0;
        for (const auto& [time, one] : forgotten(run)) {
            CHECK(one.cause == ForgetCause::topic_deleted);
            CHECK(time.micros / 1000 < 22000);
            ++found;
        }
        return found;
    };
    CHECK(count("4.3", "kraft") == 2);
    CHECK(count("3.9", "kraft") == 2);
    CHECK(count("3.9", "zookeeper") == 2);
    CHECK(count("0.10.2", "zookeeper") == 2);
    CHECK(count("0.10.0", "zookeeper") == 0);
}
