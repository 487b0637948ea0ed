// The lines of Kafka's verifiable clients: fields and their order, and that they add up to the run.

#include "tools/highwater/verifiable/verifiable.hpp"

#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <sstream>

using namespace kafka;
using highwater::Verifiable;

namespace {

struct Told {
    std::vector<Json> lines;
    int count(const std::string& name) const {
        return static_cast<int>(std::count_if(lines.begin(), lines.end(),
                                              [&](const Json& line) { return line.at("name") == name; }));
    }
    const Json& first(const std::string& name) const {
        return *std::find_if(lines.begin(), lines.end(),
                             [&](const Json& line) { return line.at("name") == name; });
    }
};

Told told(const std::string& text, const std::string& client, bool verbose = false) {
    const SettingTables tables;
    ReadResult read = read_scenario(text, "x", {}, tables);
    REQUIRE(read.problems.empty());
    const auto configuration = read.scenario->configuration;
    Verifiable verifiable(*configuration, verbose);
    World world = make_world(configuration, 1);
    Observer* const observers[] = {&verifiable};
    run(world, observers);
    Told result;
    std::istringstream lines(verifiable.text(client));
    for (std::string line; std::getline(lines, line);)
        result.lines.push_back(Json::parse(line));
    return result;
}

std::vector<std::string> fields_of(const Json& line) {
    std::vector<std::string> names;
    for (const auto& item : line.items())
        names.push_back(item.key());
    return names;
}

using Fields = std::vector<std::string>;

const char* const one_of_each = R"({"brokers":3,"config":{"group.initial.rebalance.delay.ms":0},
    "topics":[{"name":"orders","partitions":1,"replication.factor":3,"config":{"min.insync.replicas":2}}],
    "producers":[{"name":"shop","topic":"orders","start":"1s","records":{"count":400,"rate":40},
                  "config":{"delivery.timeout.ms":3000,"request.timeout.ms":1000,"linger.ms":0}}],
    "consumers":[{"name":"billing","topics":["orders"],"group":"billing",
                  "config":{"auto.offset.reset":"earliest","enable.auto.commit":false},
                  "application":{"commit":"after-processing"}}],
    "faults":[{"at":"4s","do":"crash","target":"broker 2","for":"4s"},
              {"at":"4s","do":"crash","target":"broker 3","for":"4s"},
              {"at":"25s","do":"stop","target":"consumer billing","for":"2s"}],
    "until":"40s"})";

} // namespace

TEST_CASE("verifiable: a producer's lines have the fields of VerifiableProducer, in their order") {
    const Told shop = told(one_of_each, "shop");
    CHECK(fields_of(shop.lines.front()) == Fields{"timestamp", "name"});
    CHECK(shop.lines.front().at("name") == "startup_complete");
    const Fields success{"timestamp", "name", "key", "value", "topic", "partition", "offset"};
    CHECK(fields_of(shop.first("producer_send_success")) == success);
    const Fields error{"timestamp", "name", "topic", "key", "value", "exception", "message"};
    REQUIRE(shop.count("producer_send_error") > 0);
    CHECK(fields_of(shop.first("producer_send_error")) == error);
    CHECK(shop.first("producer_send_error")
              .at("exception")
              .get<std::string>()
              .rfind("class org.apache.kafka.common.errors.", 0) == 0);
    CHECK(shop.lines[shop.lines.size() - 2].at("name") == "shutdown_complete");
    const Json& last = shop.lines.back();
    CHECK(fields_of(last) ==
          Fields{"timestamp", "name", "sent", "acked", "target_throughput", "avg_throughput"});
    CHECK(last.at("sent") == 400);
    CHECK(last.at("acked") == shop.count("producer_send_success"));
    CHECK(shop.count("producer_send_success") + shop.count("producer_send_error") == 400);
    CHECK(last.at("target_throughput") == 40);
    CHECK(last.at("avg_throughput").is_number_float());
}

TEST_CASE("verifiable: a consumer's lines have the fields of VerifiableConsumer, in their order") {
    const Told billing = told(one_of_each, "billing", true);
    CHECK(billing.lines.front().at("name") == "startup_complete");
    CHECK(fields_of(billing.first("partitions_assigned")) == Fields{"timestamp", "name", "partitions"});
    CHECK(fields_of(billing.first("partitions_assigned").at("partitions").at(0)) ==
          Fields{"topic", "partition"});
    CHECK(fields_of(billing.first("partitions_revoked")) == Fields{"timestamp", "name", "partitions"});
    CHECK(fields_of(billing.first("records_consumed")) == Fields{"timestamp", "name", "count", "partitions"});
    CHECK(fields_of(billing.first("records_consumed").at("partitions").at(0)) ==
          Fields{"topic", "partition", "count", "minOffset", "maxOffset"});
    CHECK(fields_of(billing.first("record_data")) ==
          Fields{"timestamp", "name", "key", "value", "topic", "partition", "offset"});
    CHECK(fields_of(billing.first("offsets_committed")) == Fields{"timestamp", "name", "offsets", "success"});
    CHECK(fields_of(billing.first("offsets_committed").at("offsets").at(0)) ==
          Fields{"topic", "partition", "offset"});
    CHECK(billing.count("startup_complete") == 2); // stopped and started again
    CHECK(billing.count("shutdown_complete") == 1);
}

TEST_CASE("verifiable: what is consumed adds up, record by record") {
    const Told billing = told(one_of_each, "billing", true);
    std::int64_t summed = 0;
    std::int64_t next_offset = 0;
    for (const Json& line : billing.lines) {
        if (line.at("name") != "records_consumed") continue;
        summed += line.at("count").get<std::int64_t>();
        const Json& part = line.at("partitions").at(0);
        CHECK(part.at("count") == line.at("count"));
        CHECK(part.at("minOffset") == next_offset);
        next_offset = part.at("maxOffset").get<std::int64_t>() + 1;
    }
    CHECK(summed == billing.count("record_data"));
    CHECK(summed == next_offset);
    CHECK(told(one_of_each, "billing").count("record_data") == 0);
}

TEST_CASE("verifiable: each acknowledged record is read at the place that its line names") {
    const Told shop = told(one_of_each, "shop");
    const Told billing = told(one_of_each, "billing", true);
    std::map<std::string, std::int64_t> read;
    for (const Json& line : billing.lines)
        if (line.at("name") == "record_data") read[line.at("value")] = line.at("offset");
    for (const Json& line : shop.lines)
        if (line.at("name") == "producer_send_success") CHECK(read.at(line.at("value")) == line.at("offset"));
}

TEST_CASE("verifiable: keys repeat, and a value is the number of its record") {
    const Told shop = told(R"({"brokers":1,"topics":[{"name":"t","partitions":3,"replication.factor":1}],
        "producers":[{"name":"p","topic":"t","records":{"count":50,"rate":100,"key":{"count":7}}}]})",
                           "p");
    std::map<std::int64_t, int> seen;
    for (const Json& line : shop.lines) {
        if (line.at("name") != "producer_send_success") continue;
        const std::int64_t value = std::stoll(line.at("value").get<std::string>());
        seen[value] += 1;
        CHECK(line.at("key") == std::to_string(value % 7));
    }
    CHECK(seen.size() == 50);
    CHECK(seen.begin()->first == 0);
    CHECK(seen.rbegin()->first == 49);
}

TEST_CASE("verifiable: a killed consumer says nothing, and without keys a value names its partition") {
    const Told all = told(R"({"brokers":1,"topics":[{"name":"t","partitions":2,"replication.factor":1}],
        "producers":[{"name":"p","topic":"t","records":{"count":50,"rate":100}}],
        "consumers":[{"name":"c","topics":["t"],"group":"g"}],
        "faults":[{"at":"8s","do":"crash","target":"consumer c"}],"until":"12s"})",
                          "");
    CHECK(all.count("shutdown_complete") == 1); // the producer's
    const std::string value = all.first("producer_send_success").at("value");
    CHECK(value.find('.') == 1);
}
