// Consumers that read from followers (KIP-392), in small clusters.

#include "tests/cluster/driven.hpp"

using namespace kafka;

namespace {

/// Three brokers in racks a, b, c; broker 1 leads; a consumer with the rack of broker 3.
struct Following : cluster_test::Driven {
    static std::string text(const std::string& top, const std::string& config, const std::string& faults) {
        return "{" + top +
               R"("brokers":[{"id":1,"rack":"a"},{"id":2,"rack":"b"},{"id":3,"rack":"c"}],
            "config":{"replica.lag.time.max.ms":4000)" +
               config + R"(},"topics":[{"name":"t","assignment":[[1,2,3]]}],
            "producers":[{"name":"p","topic":"t","records":{"count":20000,"rate":1000},
                "config":{"acks":"all"}}],
            "consumers":[{"name":"c","config":{"client.rack":"c","auto.offset.reset":"earliest",
            "metadata.max.age.ms":6000}}],"faults":[)" +
               faults + R"(],"until":"60s"})";
    }
    Following(const std::string& top, const std::string& config, const std::string& faults = "")
        : Driven(text(top, config, faults)) {
        to_the_end();
    }
    const ConsumerSummary& consumer() const { return ledger.consumers[0]; }
    std::int64_t from(std::size_t broker) const { return ledger.consumers[0].read_from[broker - 1]; }
};

const std::string by_rack =
    R"(,"replica.selector.class":"org.apache.kafka.common.replica.RackAwareReplicaSelector")";

} // namespace

TEST_CASE("following: with a rack-aware selector the consumer reads in its own rack, else from the leader") {
    const Following near("", by_rack);
    CHECK(near.consumer().distinct == 20000);
    CHECK(near.from(3) > 19000);
    CHECK(near.from(1) + near.from(2) < 1000);
    const Following leader("", "");
    CHECK(leader.from(1) == 20000);
    const Following old(R"("release":"2.3",)", "");
    CHECK(old.from(1) == 20000);
}

TEST_CASE("following: a preferred replica that dies sends the consumer back to the leader without a gap") {
    const Following ran("", by_rack, R"({"at":"8s","do":"crash","target":"broker 3"})");
    CHECK(ran.consumer().distinct == 20000);
    CHECK(ran.consumer().reread == 0);
    CHECK(ran.consumer().skipped == 0);
    CHECK(ran.from(3) > 7000);
    CHECK(ran.from(1) > 10000);
}

TEST_CASE("following: a new leader is asked anew, and may prefer the same follower") {
    const Following ran("", by_rack, R"({"at":"8s","do":"crash","target":"broker 1"})");
    CHECK(ran.consumer().distinct == 20000);
    CHECK(ran.from(3) > 15000);
}

TEST_CASE("following: a follower out of the ISR is not preferred any more, but it was before 3.4") {
    // 1. Broker 3 hears nothing from its leader from 5 s on and leaves the ISR. 2. The consumer has read all
    // that broker 3 has and goes on asking it until metadata.max.age.ms is over. 3. The leader prefers it
    // again before KAFKA-14372, for its log ends where the consumer stands.
    const std::string cut =
        R"({"at":"5s","do":"cut","between":["broker 3","broker 1"],"listener":"replication"})";
    const Following now("", by_rack, cut);
    CHECK(now.consumer().unread == 0);
    CHECK(now.from(1) > 10000);
    const Following before(R"("release":"3.3",)", by_rack, cut);
    CHECK(before.consumer().unread > 10000);
}

TEST_CASE("following: other replica selectors are refused") {
    const SettingTables tables;
    const ReadResult result =
        read_scenario(R"({"config":{"replica.selector.class":"com.example.Mine"},"topics":[{"name":"t"}]})",
                      "x", {}, tables);
    REQUIRE(!result.problems.empty());
    CHECK(format(result.problems.front()).find("RackAwareReplicaSelector or null") != std::string::npos);
}
