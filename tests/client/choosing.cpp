// Which partitions a producer's records reach, and how many bytes they take, in a whole cluster.

#include "models/check/ledger.hpp"
#include "models/client/producer/producer.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace kafka;

namespace {

/// Records acknowledged by partition, and bytes that followers copied.
struct Spread {
    std::vector<std::int64_t> records;
    std::int64_t bytes = 0;
    std::int64_t most() const { return *std::max_element(records.begin(), records.end()); }
    std::int64_t least() const { return *std::min_element(records.begin(), records.end()); }
};

Spread run(const std::string& producer, const std::string& faults = "") {
    const SettingTables tables;
    const std::string text = R"({"topics":[{"name":"t","partitions":3,"assignment":[[1,2],[2,3],[3,1]]}],
        "producers":[{"name":"p","start":"1s",)" +
                             producer + R"(}],"faults":[)" + faults + "]}";
    const ReadResult read = read_scenario(text, "x", {}, tables);
    REQUIRE_MESSAGE(read.problems.empty(), format(read.problems.front()));
    World world = make_world(read.scenario->configuration, 1);
    Ledger ledger(*read.scenario->configuration);
    do {
        for (const Fact& noted : world.kernel.facts)
            ledger.on(world.kernel.now, world.events, noted, world);
        ledger.after_step(world);
    } while (step(world));
    ledger.at_end(world);
    Spread spread;
    for (const StreamSummary& stream : ledger.streams)
        spread.records.push_back(stream.acknowledged);
    spread.bytes = ledger.replicated_bytes;
    return spread;
}

} // namespace

TEST_CASE("partitioner.class: RoundRobinPartitioner deals records out, sticky ones fill a batch first") {
    const std::string load = R"("records":{"count":3000,"rate":3000},"config":{)";
    const Spread dealt =
        run(load + R"("partitioner.class":"org.apache.kafka.clients.producer.RoundRobinPartitioner"})");
    CHECK(dealt.records == std::vector<std::int64_t>{1000, 1000, 1000});
    const Spread sticky = run(load + "}");
    CHECK(sticky.records[0] + sticky.records[1] + sticky.records[2] == 3000);
    CHECK(sticky.most() != sticky.least());
}

TEST_CASE("partitioner.ignore.keys: a key chooses the partition, unless keys are ignored") {
    const std::string load = R"("records":{"count":3000,"rate":3000,"key":{"count":1}},"config":{)";
    const Spread keyed = run(load + "}");
    CHECK(keyed.most() == 3000); // one key, one partition
    const Spread ignored = run(load + R"("partitioner.ignore.keys":true})");
    CHECK(ignored.most() < 3000);
    // Another library's hash puts the only key "0" into the partition that its own rule says.
    const Spread other = run(load + R"("partitioner.class":"sarama.hash"})");
    CHECK(other.records[static_cast<std::size_t>(partition_of_key(0, KeyHash::fnv1a, 3))] == 3000);
}

TEST_CASE("partitioner.adaptive.partitioning.enable: fewer records go where a queue is long") {
    const std::string load = R"("records":{"count":60000,"rate":20000},
        "config":{"max.in.flight.requests.per.connection":1)";
    constexpr const char* slow = R"({"at":"0s","do":"slow","between":["producer p","leader of t-0"],
        "latency":"150ms"})";
    const Spread adaptive = run(load + "}", slow);
    const Spread uniform = run(load + R"(,"partitioner.adaptive.partitioning.enable":false})", slow);
    CHECK(adaptive.records[0] < uniform.records[0]);
    CHECK(adaptive.records[0] + adaptive.records[1] + adaptive.records[2] == 60000);
}

TEST_CASE("compression.type: as many records take fewer bytes, by the ratio that the scenario gives") {
    const std::string load = R"("records":{"count":20000,"rate":20000,"compressed_percent":20},"config":{)";
    const Spread plain = run(load + "}");
    const Spread small = run(load + R"("compression.type":"zstd"})");
    CHECK(small.records[0] + small.records[1] + small.records[2] == 20000);
    CHECK(small.bytes * 4 < plain.bytes);
}
