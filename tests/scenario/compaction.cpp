// Keys, tombstones and cleanup.policy: what is read, and what is refused.

#include "models/scenario/fields.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

ReadResult with_topic(const std::string& topic, const std::string& records, const std::string& more = "") {
    return read_scenario(R"({"topics":[{"name":"t",)" + topic + R"(}],
        "producers":[{"name":"shop","topic":"t","records":{)" +
                             records + R"(}}])" + more + "}",
                         "x.json", {}, SettingTables());
}

std::string text_of(const ReadResult& result) {
    std::string all;
    for (const InputProblem& problem : result.problems)
        all += format(problem) + "\n";
    return all;
}

const Configuration& settled(const ReadResult& result) {
    REQUIRE_MESSAGE(result.problems.empty(), text_of(result));
    return *result.scenario->configuration;
}

const std::string compact = R"("config":{"cleanup.policy":"compact"})";

} // namespace

TEST_CASE("compaction: each stream of a compacted topic knows the keys of its values") {
    const ReadResult result = with_topic(R"("partitions":3,)" + compact,
                                         R"("count":100,"key":{"first":5,"count":20,"tombstone_every":7})");
    const Configuration& configuration = settled(result);
    CHECK(configuration.compacts);
    REQUIRE(configuration.keys.size() == configuration.streams.size());
    std::size_t all = 0;
    for (const StreamKeys& keys : configuration.keys) {
        all += keys.cycle.size();
        CHECK(keys.first == 5);
        CHECK(keys.count == 20);
        CHECK(keys.tombstone_every == 7);
    }
    CHECK(all == 20);
    CHECK(configuration.topics[0].settings.keeps_segments);
    CHECK(!configuration.topics[0].settings.cleanup_delete);
}

TEST_CASE("compaction: settings of the topic and those of the broker") {
    const ReadResult result = with_topic(
        R"("config":{"min.cleanable.dirty.ratio":0.25,"delete.retention.ms":1000})", R"("count":1)",
        R"(,"config":{"log.cleanup.policy":"compact,delete","log.cleaner.min.compaction.lag.ms":2000,
            "log.cleaner.backoff.ms":500})");
    const TopicSettings& topic = settled(result).topics[0].settings;
    CHECK(topic.cleanup_compact);
    CHECK(topic.cleanup_delete);
    CHECK(topic.min_cleanable_ppm == 250000);
    CHECK(topic.delete_retention == 1000);
    CHECK(topic.min_compaction_lag == 2000);
    CHECK(settled(result).brokers[0].settings.log.cleaner_backoff == sim::milliseconds(500));
    CHECK(!settled(with_topic(R"("partitions":1)", R"("count":1)")).compacts);
    CHECK(settled(with_topic(R"("partitions":1)", R"("count":1)")).keys.empty());
}

TEST_CASE("compaction: a policy that a fault sets needs keys and files from the start") {
    const ReadResult result = with_topic(
        R"("partitions":1)", R"("count":10,"key":{"count":2})",
        R"(,"faults":[{"at":"1s","do":"set","target":"topic t","config":{"cleanup.policy":"compact"}}])");
    CHECK(settled(result).compacts);
    CHECK(settled(result).topics[0].settings.keeps_segments);
    CHECK(!settled(result).topics[0].settings.cleanup_compact);
    CHECK(settled(result).keys[0].cycle.size() == 2);
}

TEST_CASE("compaction: what cannot be told is refused with its place") {
    const auto why = [](const std::string& topic, const std::string& records, const std::string& more = "") {
        return text_of(with_topic(topic, records, more));
    };
    CHECK(has(why(compact, R"("count":1,"key":{"count":0})"), "/producers/0/records/key/count"));
    CHECK(has(why(compact, R"("count":1,"key":{"firts":3})"), "first"));
    CHECK(has(why(compact, R"("count":1,"key":{"tombstone_every":0})"),
              "/producers/0/records/key/tombstone_every"));
    CHECK(has(why(R"("config":{"cleanup.policy":"compcat"})", R"("count":1)"), "cleanup.policy"));
    CHECK(has(why(R"("partitions":2,)" + compact, R"("count":1,"key":{"count":4})",
                  R"(,"faults":[{"at":"1s","do":"create_partitions","target":"topic t","partitions":4}])"),
              "/producers/0"));
    CHECK(has(why(R"("config":{"cleanup.policy":"compact","min.compaction.lag.ms":10,
                      "max.compaction.lag.ms":5})",
                  R"("count":1)"),
              "max.compaction.lag.ms"));
}
