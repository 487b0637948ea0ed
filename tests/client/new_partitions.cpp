// Partitions that are added to a topic while producers and consumers run (CreatePartitions).

#include "tests/cluster/driven.hpp"

#include <set>

using namespace kafka;

namespace {

/// A topic of two partitions that has six from 10 s on; clients refresh their metadata every 5 s.
struct Growing : cluster_test::Driven {
    static std::string text(const std::string& consumers, const std::string& faults,
                            const std::string& producer = "") {
        return R"({"brokers":3,"config":{"group.initial.rebalance.delay.ms":0},
            "topics":[{"name":"t","partitions":2}],
            "producers":[{"name":"p","topic":"t","records":{"count":30000,"rate":1000,"key":{"count":50}},
                "config":{"acks":"all","metadata.max.age.ms":5000})" +
               producer + R"(}],"consumers":[)" + consumers + R"(],"faults":[)" + faults +
               R"(],"until":"60s"})";
    }
    explicit Growing(const std::string& consumers,
                     const std::string& faults =
                         R"({"at":"10s","do":"create_partitions","target":"topic t","partitions":6})")
        : Driven(text(consumers, faults)) {
        to_the_end();
    }
    std::int64_t end_of(std::int32_t partition) const {
        const BrokerSlot leader = decided_state(world, PartitionIndex{partition}).leader;
        return log_of(world, leader, PartitionIndex{partition})->log_end_offset.value;
    }
};

std::string group_member(const std::string& protocol, const std::string& reset, std::int32_t members = 2) {
    return R"({"name":"c","group":"g","members":)" + std::to_string(members) +
           R"(,"config":{"group.protocol":")" + protocol + R"(","enable.auto.commit":false,
        "metadata.max.age.ms":)" +
           std::string(reset == "latest" ? "20000" : "4000") + // later than the producer, or earlier
           R"(,"auto.offset.reset":")" + reset + R"("},"application":{"commit":"after-processing"}})";
}

} // namespace

TEST_CASE("new partitions: a producer spreads its keys over them once its metadata shows them") {
    const Growing ran(R"({"name":"c","config":{"auto.offset.reset":"earliest","metadata.max.age.ms":4000}})");
    std::int64_t all = 0;
    for (std::int32_t i = 0; i < 6; ++i) {
        CHECK(ran.end_of(i) > 0);
        all += ran.end_of(i);
    }
    CHECK(all == 30000);
    CHECK(ran.end_of(0) + ran.end_of(1) > 10000); // all of the first ten seconds
    CHECK(ran.ledger.consumers[0].distinct == 30000);
    CHECK(ran.ledger.consumers[0].unread == 0);
}

TEST_CASE("new partitions: a group takes them over, in both protocols") {
    for (const char* protocol : {"classic", "consumer"}) {
        CAPTURE(protocol);
        const Growing ran(group_member(protocol, "earliest"));
        CHECK(ran.ledger.consumption.groups[0].processed == 30000);
        CHECK(ran.ledger.consumption.groups[0].lost == 0);
        std::set<std::int32_t> owned;
        for (const Reader& reader : ran.world.readers)
            for (const ReaderPosition& position : reader.positions)
                CHECK(owned.insert(position.partition.value).second);
        CHECK(owned.size() == 6);
    }
}

TEST_CASE("new partitions: auto.offset.reset=latest skips what was written before the group looked") {
    for (const char* protocol : {"classic", "consumer"}) {
        CAPTURE(protocol);
        const Growing late(group_member(protocol, "latest"));
        const auto skipped = [&] {
            std::int64_t count = 0;
            for (const auto& [time, at] : late.all<fact::ConsumerPositioned>())
                if (at.partition >= PartitionIndex{2}) count += at.offset.value;
            return count;
        };
        CHECK(late.ledger.consumption.groups[0].processed < 30000);
        CHECK(skipped() > 0);
    }
}

TEST_CASE(
    "new partitions: they survive the controller and a leader, and start without a leader's records lost") {
    const Growing ran(R"({"name":"c","config":{"auto.offset.reset":"earliest","metadata.max.age.ms":4000}})",
                      R"({"at":"10s","do":"create_partitions","target":"topic t","partitions":6},
                         {"at":"12s","do":"crash","target":"controller","for":"2s"},
                         {"at":"16s","do":"crash","target":"broker 1","for":"5s"})");
    CHECK(ran.ledger.consumers[0].distinct == 30000);
    for (std::int32_t i = 0; i < 6; ++i)
        CHECK(decided_state(ran.world, PartitionIndex{i}).leader != no_slot);
}

TEST_CASE("new partitions: what makes no sense is refused with its place") {
    const SettingTables tables;
    const auto problem = [&](const std::string& fault) {
        const ReadResult result = read_scenario(Growing::text("", fault), "x", {}, tables);
        return result.problems.empty() ? std::string{} : format(result.problems.front());
    };
    CHECK(problem(R"({"at":"1s","do":"create_partitions","target":"topic t","partitions":2})")
              .find("more than the 2") != std::string::npos);
    CHECK(
        problem(R"({"at":"1s","do":"create_partitions","target":"topic t"})").find("/faults/0/partitions") !=
        std::string::npos);
    CHECK(problem(R"({"at":"1s","do":"create_partitions","target":"broker 1","partitions":4})")
              .find("topic NAME") != std::string::npos);
}
