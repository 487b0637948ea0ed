// What administrators' tools would print at an instant: exact texts by release, and that looking changes
// nothing.

#include "tools/highwater/describe/description.hpp"

#include "models/cluster/observer.hpp"
#include "tests/schema.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace embedded {
extern const char* const schema_description_schema_json;
} // namespace embedded

using namespace kafka;
using namespace highwater;

namespace {

Scenario scenario_of(const std::string& text) {
    const SettingTables tables;
    ReadResult read = read_scenario(text, "x", {}, tables);
    for (const InputProblem& problem : read.problems)
        MESSAGE(format(problem));
    REQUIRE(read.problems.empty());
    return std::move(*read.scenario);
}

const char* const group_of_two = R"({"brokers":3,"config":{"group.initial.rebalance.delay.ms":0},
    "topics":[{"name":"orders","partitions":4,"replication.factor":3,"config":{"min.insync.replicas":2}}],
    "producers":[{"name":"shop","topic":"orders","start":"1s","records":{"count":400,"rate":100}}],
    "consumers":[{"name":"billing","topics":["orders"],"group":"billing","members":2,
                  "config":{"auto.offset.reset":"earliest","auto.commit.interval.ms":500}}],
    "faults":[{"at":"12s","do":"crash","target":"broker 3"},
              {"at":"20s","do":"stop","target":"consumer billing/1"},
              {"at":"20s","do":"stop","target":"consumer billing/2"}],
    "until":"40s"})";

Description at(const Scenario& scenario, std::int64_t seconds) {
    const sim::SimTime instant{seconds * 1000000};
    return describe(scenario, world_at(scenario, 1, instant), 1, instant);
}

/// One of each kind, made by hand, to be printed in the words of each release.
Description made(Release release) {
    Description d;
    d.release = release;
    d.answers = 1;
    DescribedTopic topic;
    topic.name = "orders";
    topic.partition_count = 1;
    topic.replication_factor = 3;
    topic.configs = {{"min.insync.replicas", "2"}};
    topic.partitions.push_back({0, 1, {1, 2, 3}, {1, 2}, {3}, {}, 2});
    topic.partitions.push_back({1, std::nullopt, {3, 1, 2}, {3}, {}, {3}, 2});
    d.topics.push_back(topic);
    DescribedGroup group;
    group.name = "billing";
    group.exists = group.answered = true;
    group.coordinator = 2;
    group.type = "classic";
    group.state = "Stable";
    group.strategy = "range";
    group.members.push_back(
        {"consumer-billing-1-4b1e", "/10.0.0.5", "consumer-billing-1", "", {{"orders", 0}}, {}, {}});
    group.offsets.push_back({{"orders", 0}, 7, 10, 3, 0});
    group.offsets.push_back({{"orders", 1}, std::nullopt, 4, std::nullopt, -1});
    d.groups.push_back(group);
    return d;
}

} // namespace

TEST_CASE("describe: topics look as kafka-topics of each release prints them") {
    CHECK(print_topics(made(Release::v4_3), TopicFilter::all).out ==
          "Topic: orders\tPartitionCount: 1\tReplicationFactor: 3\tConfigs: min.insync.replicas=2\n"
          "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2\tElr: 3\tLastKnownElr: \n"
          "\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 3,1,2\tIsr: 3\tElr: \tLastKnownElr: 3\n");
    CHECK(print_topics(made(Release::v3_7), TopicFilter::all).out ==
          "Topic: orders\tPartitionCount: 1\tReplicationFactor: 3\tConfigs: min.insync.replicas=2\n"
          "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2\n"
          "\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 3,1,2\tIsr: 3\n");
    CHECK(print_topics(made(Release::v1_0), TopicFilter::all).out ==
          "Topic:orders\tPartitionCount:1\tReplicationFactor:3\tConfigs:min.insync.replicas=2\n"
          "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2\n"
          "\tTopic: orders\tPartition: 1\tLeader: -1\tReplicas: 3,1,2\tIsr: 3\n");
}

TEST_CASE("describe: filters of kafka-topics leave the partitions that they name") {
    const Description d = made(Release::v3_7);
    const std::string first = "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1,2\n";
    const std::string second = "\tTopic: orders\tPartition: 1\tLeader: none\tReplicas: 3,1,2\tIsr: 3\n";
    CHECK(print_topics(d, TopicFilter::under_replicated).out == first + second);
    CHECK(print_topics(d, TopicFilter::unavailable).out == second);
    CHECK(print_topics(d, TopicFilter::under_min_isr).out == second);
    CHECK(print_topics(d, TopicFilter::at_min_isr).out == first);
}

TEST_CASE(
    "describe: a reassignment shows, its new replicas do not count yet; a deleted topic is not listed") {
    const Scenario scenario = scenario_of(R"({"brokers":5,
        "topics":[{"name":"orders","assignment":[[1,2,3]]},{"name":"old","assignment":[[1]]}],
        "producers":[{"name":"shop","topic":"orders","records":{"count":20000,"rate":1000,"size":1000}}],
        "faults":[{"at":"10s","do":"reassign","target":"orders-0","replicas":[3,4,5],"throttle":"1kB"},
                  {"at":"10s","do":"delete_topic","target":"topic old"}],"until":"40s"})");
    const Description d = at(scenario, 11);
    REQUIRE(d.topics.size() == 1);
    CHECK(d.topics[0].replication_factor == 3);
    const DescribedPartition& moving = d.topics[0].partitions[0];
    CHECK(moving.adding == std::vector<int>{4, 5});
    CHECK(moving.removing == std::vector<int>{1, 2});
    const std::string text = print_topics(d, TopicFilter::all).out;
    CHECK(text.find("Replicas: 3,4,5,1,2\tIsr: 3,1,2\tAdding Replicas: 4,5\tRemoving Replicas: 1,2") !=
          std::string::npos);
    CHECK(print_topics(d, TopicFilter::under_replicated).out.empty());
}

TEST_CASE("describe: offsets look as kafka-consumer-groups of each release prints them") {
    CHECK(print_offsets(made(Release::v4_3), false).out ==
          "\nGROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             "
          "CONSUMER-ID             HOST            CLIENT-ID\n"
          "billing         orders          0          7               10              3               "
          "consumer-billing-1-4b1e /10.0.0.5       consumer-billing-1\n"
          "billing         orders          1          -               4               -               "
          "-                       -               -\n");
    CHECK(print_offsets(made(Release::v4_3), true).out.find("PARTITION  LEADER-EPOCH    CURRENT-OFFSET") !=
          std::string::npos);
    CHECK(print_offsets(made(Release::v2_2), false).out ==
          "\nTOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             "
          "CONSUMER-ID             HOST            CLIENT-ID\n"
          "orders          0          7               10              3               "
          "consumer-billing-1-4b1e /10.0.0.5       consumer-billing-1\n"
          "orders          1          -               4               -               "
          "-                       -               -\n");
    CHECK(print_offsets(made(Release::v0_9_0), false).out ==
          "GROUP, TOPIC, PARTITION, CURRENT OFFSET, LOG END OFFSET, LAG, OWNER\n"
          "billing, orders, 0, 7, 10, 3, consumer-billing-1_/10.0.0.5\n");
    const std::string fixed = print_offsets(made(Release::v1_0), false).out;
    CHECK(fixed.find("\nTOPIC                          PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG        "
                     "CONSUMER-ID                                       HOST                           "
                     "CLIENT-ID\n") == 0);
}

TEST_CASE("describe: members look as kafka-consumer-groups of each release prints them") {
    const std::string header = "\nGROUP           CONSUMER-ID             HOST            CLIENT-ID          "
                               "#PARTITIONS     ";
    const std::string row = "billing         consumer-billing-1-4b1e /10.0.0.5       consumer-billing-1 "
                            "1               ";
    CHECK(print_members(made(Release::v4_3), false).out == header + "\n" + row + "\n");
    CHECK(print_members(made(Release::v3_7), true).out == header + "ASSIGNMENT\n" + row + "orders(0)\n");
    CHECK(print_members(made(Release::v3_9), true).out == header + "ASSIGNMENT\n" + row + "(0)\n");
    CHECK(print_members(made(Release::v4_3), true).out ==
          header + "CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   \n" + row +
              "-               orders:0             -               -                   \n");
    Description with_instance = made(Release::v3_7);
    with_instance.groups[0].members[0].instance_id = "till-1";
    CHECK(print_members(with_instance, false).out.find("GROUP-INSTANCE-ID") != std::string::npos);
    with_instance.release = Release::v2_5;
    CHECK(print_members(with_instance, false).out.find("GROUP-INSTANCE-ID") == std::string::npos);
    CHECK(print_members(made(Release::v1_0), false).err ==
          "kafka-consumer-groups has --members since release 1.1\n");
}

TEST_CASE("describe: states look as kafka-consumer-groups of each release prints them") {
    CHECK(print_states(made(Release::v4_3), false).out ==
          "\nGROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS\n"
          "billing         broker-2:9092  (2)        range                Stable               1\n");
    CHECK(print_states(made(Release::v3_7), false).out ==
          "\nGROUP                     COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE           "
          "#MEMBERS\n"
          "billing                   broker-2:9092 (2)         range                Stable          1\n");
    CHECK(print_states(made(Release::v2_2), false).out ==
          "\nCOORDINATOR (ID)          ASSIGNMENT-STRATEGY       STATE                #MEMBERS\n"
          "broker-2:9092 (2)         range                     Stable               1\n");
}

TEST_CASE("describe: a group that is empty, rebalances, is absent or has no coordinator is told of in "
          "Kafka's words") {
    Description d = made(Release::v3_7);
    d.groups[0].state = "Empty";
    CHECK(print_offsets(d, false).err == "\nConsumer group 'billing' has no active members.\n");
    d.groups[0].state = "PreparingRebalance";
    CHECK(print_offsets(d, false).err == "\nWarning: Consumer group 'billing' is rebalancing.\n");
    d.groups[0].exists = false;
    CHECK(print_offsets(d, false).out == "\nError: Consumer group 'billing' does not exist.\n");
    d.release = Release::v4_3;
    CHECK(print_offsets(d, false).out ==
          "\nError: Executing consumer group command failed due to "
          "org.apache.kafka.common.errors.GroupIdNotFoundException: Group billing not found.\n");
    d.groups[0].answered = false;
    d.groups[0].coordinator = -1;
    CHECK(print_states(d, false).out.find("CoordinatorNotAvailableException") != std::string::npos);
}

TEST_CASE("describe: a running group has its members, offsets and lag") {
    const Scenario scenario = scenario_of(group_of_two);
    const Description d = at(scenario, 10);
    REQUIRE(d.groups.size() == 1);
    const DescribedGroup& group = d.groups[0];
    CHECK(group.state == "Stable");
    CHECK(group.strategy == "range");
    REQUIRE(group.members.size() == 2);
    CHECK(group.members[0].assignment.size() == 2);
    CHECK(group.members[0].client_id == "consumer-billing-1");
    CHECK(group.members[0].consumer_id.rfind("consumer-billing-1-", 0) == 0);
    REQUIRE(group.offsets.size() == 4);
    std::int64_t committed = 0;
    for (const DescribedOffset& row : group.offsets) {
        committed += row.current.value_or(0);
        CHECK(row.lag() == 0);
    }
    CHECK(committed == 400);
    REQUIRE(d.topics.size() == 2); // with __consumer_offsets
    CHECK(d.topics[0].name == "__consumer_offsets");
    CHECK(d.topics[0].partition_count == 50);
    CHECK(d.topics[0].configs.size() == 3);
    CHECK(std::find(d.topics[0].configs.begin(), d.topics[0].configs.end(),
                    std::pair<std::string, std::string>{"segment.bytes", "104857600"}) !=
          d.topics[0].configs.end());
    CHECK(d.topics[1].configs ==
          std::vector<std::pair<std::string, std::string>>{{"min.insync.replicas", "2"}});
    CHECK(d.topics[1].topic_id.size() == 22);
}

TEST_CASE("describe: a crash and a closed group are seen when they have happened") {
    const Scenario scenario = scenario_of(group_of_two);
    const Description before = at(scenario, 11);
    const Description after = at(scenario, 25);
    for (const DescribedPartition& partition : before.topics[1].partitions)
        CHECK(partition.isr.size() == 3);
    for (const DescribedPartition& partition : after.topics[1].partitions) {
        CHECK(partition.isr == std::vector<int>{partition.isr[0], partition.isr[1]});
        CHECK(std::find(partition.isr.begin(), partition.isr.end(), 3) == partition.isr.end());
        CHECK(partition.leader != 3);
    }
    CHECK(after.groups[0].state == "Empty");
    CHECK(after.groups[0].members.empty());
    CHECK(after.groups[0].offsets.size() == 4);
    CHECK(print_offsets(after, false).err.find("has no active members") != std::string::npos);
}

TEST_CASE(
    "describe: the world stands still after all events of the instant, and goes on as if nobody had looked") {
    const Scenario scenario = scenario_of(group_of_two);
    World straight = make_world(scenario.configuration, 3);
    run(straight, {});
    for (const std::int64_t micros : {0L, 1000000L, 12000000L, 39999999L}) {
        World world = world_at(scenario, 3, sim::SimTime{micros});
        CHECK(world.kernel.now.micros <= micros);
        CHECK(world.kernel.queue.next_time().micros > micros);
        (void)describe(scenario, world, 3, sim::SimTime{micros});
        run(world, {});
        CHECK(digest(world) == digest(straight));
    }
}

TEST_CASE("describe: without a broker that answers the tools say what Kafka's say") {
    const Scenario scenario = scenario_of(
        R"({"brokers":1,"topics":[{"name":"t","replication.factor":1}],
            "faults":[{"at":"2s","do":"crash","target":"broker 1"}],"until":"9s"})");
    const Description d = at(scenario, 3);
    CHECK_FALSE(d.answers);
    CHECK(print_topics(d, TopicFilter::all).out.find("Error while executing topic command") == 0);
}

TEST_CASE("describe: settings stand in the order of Java's hash map, changes at run time among them") {
    std::vector<std::pair<std::string, std::string>> entries{{"min.insync.replicas", "2"},
                                                             {"cleanup.policy", "compact"},
                                                             {"flush.messages", "1"},
                                                             {"flush.ms", "2"}};
    sort_as_hash_map(entries);
    std::string order;
    for (const auto& [name, value] : entries)
        order += name + " ";
    CHECK(order == "min.insync.replicas cleanup.policy flush.ms flush.messages ");
    const Scenario scenario = scenario_of(R"({"brokers":1,"topics":[{"name":"t","replication.factor":1}],
        "faults":[{"at":"2s","do":"set","target":"topic t","config":{"unclean.leader.election.enable":true}}],
        "until":"9s"})");
    CHECK(at(scenario, 1).topics[0].configs.empty());
    CHECK(at(scenario, 4).topics[0].configs ==
          std::vector<std::pair<std::string, std::string>>{{"unclean.leader.election.enable", "true"}});
}

TEST_CASE("describe: the JSON is as its schema says") {
    const Schema schema(embedded::schema_description_schema_json);
    const Scenario scenario = scenario_of(group_of_two);
    for (const std::int64_t seconds : {0, 1, 10, 13, 21, 39})
        CHECK(schema.complaint(json_of(at(scenario, seconds)).dump()) == "");
    Json wrong = json_of(made(Release::v4_3));
    CHECK(schema.complaint(wrong.dump()) == "");
    wrong["topics"][0]["partitions"][0]["isr"] = "1,2";
    CHECK(schema.complaint(wrong.dump()) != "");
}
