#include "models/scenario/expectations.hpp"
#include "models/scenario/fields.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/text.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

ReadResult read_text(const std::string& text, const std::vector<Override>& overrides = {}) {
    const SettingTables tables;
    return read_scenario(text, "x.json", overrides, tables);
}

/// All problems as text, one a line.
std::string problems(const std::string& text, const std::vector<Override>& overrides = {}) {
    std::string all;
    for (const InputProblem& problem : read_text(text, overrides).problems)
        all += format(problem) + "\n";
    return all;
}

const char* const whole = R"({
  "name": "failover", "story": "s", "source": "c", "release": "4.3", "metadata": {"type": "kraft",
             "controllers": 1},
  "brokers": [{"id": 1, "rack": "a"}, {"id": 2, "rack": "b"}, {"id": 5, "rack": "c", "release": "3.9"}],
  "config": {"replica.lag.time.max.ms": 20000},
  "topics": [{"name": "orders", "partitions": 2, "replication.factor": 3,
             "config": {"min.insync.replicas": 2}}], // a comment
  "network": {"latency": {"p50": "250us", "p99": "1ms", "max": "4ms"}, "bandwidth": "1Gbit"},
  "producers": [{"name": "shop", "topic": "orders", "start": "1s", "records": {"count": 50, "rate": 5,
             "size": 100}}],
  "consumers": [{"name": "billing", "topics": ["orders"], "config": {"auto.offset.reset": "earliest"}}],
  "faults": [{"at": {"from": "5s", "to": "6s"}, "do": "crash", "target": "leader of orders-0",
             "name": "first", "for": "3s"},
             {"after": "first", "by": "20s", "do": "start", "target": "target of first"},
             {"when": {"isr_size": {"partition": "orders-1", "at_most": 1}}, "by": "1s",
             "do": "power_loss", "target": "host of broker 5"},
             {"at": "9s", "do": "cut", "between": ["rack a", "controller"], "direction": "forward",
             "how": "reset"},
             {"at": "10s", "do": "set", "target": "topic orders", "config": {"min.insync.replicas": 1}}],
  "until": "60s",
  "expect": [{"that": "records.lost", "is": 0}]
})";

} // namespace

TEST_CASE("scenario: a whole file is read") {
    const ReadResult result = read_text(whole);
    REQUIRE_MESSAGE(result.problems.empty(), problems(whole));
    const Configuration& c = *result.scenario->configuration;
    CHECK(c.brokers.size() == 3);
    CHECK(c.brokers[2].release == Release::v3_9);
    CHECK(c.brokers[0].settings.replica_lag_time_max == sim::milliseconds(20000));
    CHECK(c.partitions.size() == 2);
    CHECK(c.partitions[1].name == "orders-1");
    CHECK(c.faults.size() == 5);
    CHECK(c.faults[0].at_to == sim::SimTime{6000000});
    CHECK(c.faults[1].after == 0);
    CHECK(c.faults[4].topic_settings[0].second.min_insync_replicas == 1);
}

TEST_CASE("scenario: unknown keys name what was probably meant, with file, line and pointer") {
    CHECK(problems("{\"topics\":[{\"name\":\"x\",\"partitons\":1}]}") ==
          "x.json:1: /topics/0/partitons: unknown key; did you mean \"partitions\"?\n");
    CHECK(has(problems("{\n\"topics\":[{\"name\":\"x\"}],\n\"brokrs\": 3}"),
              "x.json:3: /brokrs: unknown key; did you mean \"brokers\"?"));
}

TEST_CASE("scenario: all problems come at once") {
    const std::string all = problems(
        R"({"topics":[{"name":"x"}], "release": "9.9", "until": "soon", "producers":[{"topic":"y",
             "config":{"ackz":"1"}}],
        "faults":[{"at":"5s","do":"crsh","target":"leader of x-0"},{"do":"crash","target":"broker 9"}]})");
    CHECK(has(all, "/release: expected a Kafka release"));
    CHECK(has(all, "/until: expected a duration such as \"1500ms\""));
    CHECK(has(all, "/producers/0/topic: no such topic: \"y\""));
    CHECK(has(all, "/producers/0/config/ackz: unknown producer setting; did you mean \"acks\"?"));
    CHECK(has(all, "/faults/0/do: unknown fault \"crsh\"; did you mean \"crash\"?"));
    CHECK(has(all, "/faults/1: expected exactly one of \"at\", \"after\", \"when\""));
    CHECK(has(all, "/faults/1/target: no such broker: \"9\""));
}

TEST_CASE("scenario: what JSON itself gets wrong") {
    CHECK(has(problems("{\"topics\":[{\"name\":\"x\"}],\n \"topics\":[]}"),
              "x.json:2: /topics: duplicate key"));
    CHECK(has(problems("{\"topics\":"), "not JSON"));
    CHECK(has(problems("[]"), "expected an object"));
    CHECK(has(problems("{}"), "/topics: expected at least one topic"));
    std::string deep;
    for (int i = 0; i < 70; ++i)
        deep += "[";
    CHECK(has(problems(deep), "nested deeper than 64 levels"));
}

TEST_CASE("scenario: durations are exact, or refused") {
    CHECK(parse_duration("4.5s") == sim::Duration{4500000});
    CHECK(parse_duration("0.25ms") == sim::Duration{250});
    CHECK(parse_duration("1.5min") == sim::Duration{90000000});
    for (const char* const wrong :
         {"0.5us", "1.0000001s", "1.s", ".5s", "1.2.3s", "1.0000000000h", "5", "1,5s"})
        CHECK_MESSAGE(!parse_duration(wrong), wrong);
    CHECK(has(problems(R"({"topics":[{"name":"x"}],"until":"0.5us"})"), "/until: expected a duration"));
}

TEST_CASE("scenario: values outside their bounds") {
    CHECK(has(problems(R"({"topics":[{"name":"x","replication.factor":4}]})"),
              "expected at most the number of brokers (3), got 4"));
    CHECK(has(problems(R"({"topics":[{"name":"x","assignment":[[1,1]]}]})"), "broker stands twice"));
    CHECK(has(problems(R"({"topics":[{"name":"x","assignment":[[1,7]]}]})"), "no such broker"));
    CHECK(has(problems(R"({"brokers": 61, "topics":[{"name":"x"}]})"), "a whole number from 1 to 60"));
    CHECK(has(problems(R"({"topics":[{"name":"x"}],"producers":[{"records":{"rate":5}}]})"),
              "expected \"count\" beside it"));
    CHECK(has(problems(R"({"topics":[{"name":"x"}],"faults":[{"at":"1s","do":"elect",
             "target":"broker 1"}]})"),
              "expected a partition"));
    CHECK(has(problems(R"({"topics":[{"name":"x"}],"faults":[{"at":"1s","do":"slow",
             "target":"broker 1"}]})"),
              "expected \"latency\" or \"bandwidth\""));
}

TEST_CASE("scenario: -X goes to every place that has the setting, or to one") {
    const auto with = [](const std::string& key, const std::string& value) {
        const ReadResult result = read_text(whole, {{key, value}});
        REQUIRE_MESSAGE(result.problems.empty(), problems(whole, {{key, value}}));
        return *result.scenario->configuration;
    };
    CHECK(with("acks", "1").producers[0].settings.acks == Acks::leader);
    CHECK(with("producer.shop.linger.ms", "9").producers[0].settings.linger == sim::milliseconds(9));
    CHECK(with("topic.orders.min.insync.replicas", "3").topics[0].settings.min_insync_replicas == 3);
    CHECK(with("broker.5.replica.lag.time.max.ms", "9000").brokers[2].settings.replica_lag_time_max ==
          sim::milliseconds(9000));
    CHECK(with("broker.5.replica.lag.time.max.ms", "9000").brokers[1].settings.replica_lag_time_max ==
          sim::milliseconds(20000));
    CHECK(with("release", "3.9").release == Release::v3_9);
    CHECK(
        has(problems(whole, {{"minn.insync.replicas", "1"}}),
            "-X minn.insync.replicas: hits nothing in this scenario; did you mean \"min.insync.replicas\"?"));
    CHECK(has(problems(whole, {{"acks", "7"}}), "-X acks: expected one of"));
}

TEST_CASE("expectations: a path may go through keys with dots and into lists") {
    const Json verdict = Json::parse(
        R"({"partitions":{"a.b-0":{"leader":2,"isr":[1,2],"timeline":[{"time_us":0,"leader":1},
             {"time_us":5000000,"leader":null}]}},"losses":[{"count":3}]})");
    Expectation expectation;
    expectation.that = "partitions.a.b-0.isr";
    expectation.value = Json::array({1, 2});
    CHECK(evaluate(expectation, verdict).held);
    expectation.that = "losses.0.count";
    expectation.comparison = Expectation::Comparison::at_most;
    expectation.value = 2;
    CHECK(!evaluate(expectation, verdict).held);
    expectation.that = "partitions.a.b-0.leader";
    expectation.comparison = Expectation::Comparison::is;
    expectation.value = "none";
    expectation.at = sim::SimTime{6000000};
    CHECK(evaluate(expectation, verdict).held);
    expectation.at = sim::SimTime{1000000};
    CHECK(!evaluate(expectation, verdict).held);
    expectation.at.reset();
    expectation.that = "loses.0.count";
    CHECK(has(evaluate(expectation, verdict).problem, "did you mean \"losses\"?"));
}

TEST_CASE("internal topics: too few brokers cap the factor with a warning; targets name coordinators") {
    const ReadResult read = read_text(
        R"({"brokers":2,"topics":[{"name":"t"}],
            "producers":[{"name":"p","records":{"count":1},"config":{"transactional.id":"pay"}}],
            "consumers":[{"name":"c","group":"g"},{"name":"d","group":"g"}],
            "faults":[{"at":"1s","do":"crash","target":"coordinator of g"},
                      {"at":"1s","do":"start","target":"target of fault 1"},
                      {"at":"9s","do":"pause","target":"coordinator of pay"}]})");
    REQUIRE_MESSAGE(read.problems.empty(), format(read.problems.front()));
    const Configuration& configuration = *read.scenario->configuration;
    REQUIRE(configuration.topics.size() == 3);
    CHECK(configuration.topics[1].replication_factor == 2);
    CHECK(configuration.topics[2].name == "__transaction_state");
    CHECK(configuration.topics[2].settings.min_insync_replicas == 2);
    CHECK(configuration.groups.size() == 1); // both consumers share it
    CHECK(configuration.faults[0].targets[0].partition == configuration.groups[0].partition);
    bool warned = false;
    for (const std::string& warning : read.scenario->warnings)
        warned =
            warned || has(warning, "offsets.topic.replication.factor = 3 is above the number of brokers");
    CHECK(warned);
    CHECK(has(problems(R"({"topics":[{"name":"t"}],
        "faults":[{"at":"1s","do":"crash","target":"coordinator of g"}]})"),
              "no such group or transactional.id"));
}
