// Consumers whose position lies beyond a log that was cut (KIP-320), under both group protocols.

#include "tests/cluster/driven.hpp"

using namespace kafka;

namespace {

/// 1. A member reads 18,000 records; brokers 2 and 3 are down. 2. The leader dies, broker 2 leads uncleanly
/// with about 2,000 of them. 3. 5,000 other records take their offsets. The group's own topic lives on.
struct Truncated : cluster_test::Driven {
    static std::string text(const std::string& protocol, const std::string& reset, const std::string& fault) {
        return R"({"brokers":6,
            "config":{"offsets.topic.replication.factor":6,"auto.leader.rebalance.enable":false},
            "topics":[{"name":"t","assignment":[[1,2,3]],
                "config":{"unclean.leader.election.enable":true,"min.insync.replicas":1}}],
            "producers":[{"name":"p","topic":"t","start":"1s","records":{"count":18000,"rate":1000}},
                {"name":"q","topic":"t","start":"40s","records":{"count":5000,"rate":1000}}],
            "consumers":[{"name":"c","group":"g","config":{"group.protocol":")" +
               protocol + R"(","enable.auto.commit":false,"auto.offset.reset":")" + reset +
               R"("},"application":{"commit":"after-processing"}}],
            "faults":[{"at":"3s","do":"crash","target":"broker 2"},
                {"at":"4s","do":"crash","target":"broker 3"},{"at":"20s","do":"crash","target":"broker 1"},
                {"at":"32s","do":"start","target":"broker 2"})" +
               fault + R"(],"until":"85s"})";
    }
    Truncated(const std::string& protocol, const std::string& reset, const std::string& fault = "",
              sim::SimTime end = sim::SimTime::never())
        : Driven(text(protocol, reset, fault)) {
        go_on(end);
    }
    void go_on(sim::SimTime end) {
        until([&] { return world.kernel.now >= end; });
    }
    /// Every position that the member took so far.
    std::vector<fact::ConsumerPositioned> positioned() const {
        std::vector<fact::ConsumerPositioned> found;
        for (const auto& [time, at] : all<fact::ConsumerPositioned>())
            found.push_back(at);
        return found;
    }
    ConsumingStage stage() const { return world.readers[0].thread.stage; }
    Offset position() const {
        return world.readers[0].positions.empty() ? no_offset : world.readers[0].positions[0].offset;
    }
    Offset end_of_log() const { return log_of(world, BrokerSlot{1}, PartitionIndex{0})->log_end_offset; }
};

} // namespace

TEST_CASE(
    "truncation: a member goes on from where the logs part, whatever its reset policy, in both protocols") {
    for (const char* protocol : {"classic", "consumer"})
        for (const char* reset : {"earliest", "latest"}) {
            CAPTURE(protocol);
            CAPTURE(reset);
            const Truncated ran(protocol, reset);
            REQUIRE(!ran.positioned().empty());
            CHECK(ran.positioned().back().cause == PositionCause::truncation_detected);
            CHECK(ran.positioned().back().offset < Offset{4000});
            CHECK(ran.positioned().back().offset > Offset{1000});
            CHECK(ran.position() == ran.end_of_log());
            CHECK(ran.end_of_log() < Offset{9000});
        }
}

TEST_CASE("truncation: without a reset policy poll() throws, and the application ends") {
    // Without a policy a first start has nothing to begin at, so the policy is taken away while the
    // member stands at the end of the old log.
    for (const char* protocol : {"classic", "consumer"}) {
        CAPTURE(protocol);
        Truncated ran(protocol, "earliest", "", sim::SimTime{30000000});
        CHECK(ran.position() == Offset{18000});
        auto changed = std::make_shared<Configuration>(*ran.configuration);
        changed->consumers[0].settings.auto_offset_reset = AutoOffsetReset::none;
        ran.world.configuration = changed;
        ran.go_on(sim::SimTime{85000000});
        CHECK(ran.stage() == ConsumingStage::ended);
        CHECK(ran.positioned().back().cause == PositionCause::no_reset_policy);
    }
}

TEST_CASE("truncation: a member that restarts checks its committed offset against the leader's epochs") {
    for (const char* protocol : {"classic", "consumer"}) {
        CAPTURE(protocol);
        const Truncated ran(protocol, "latest",
                            R"(,{"at":"25s","do":"crash","target":"consumer c","for":"45s"})");
        REQUIRE(!ran.positioned().empty());
        CHECK(ran.positioned().back().cause == PositionCause::truncation_detected);
        CHECK(ran.positioned().back().offset < Offset{4000});
        CHECK(ran.position() == ran.end_of_log());
    }
}
