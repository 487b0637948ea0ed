#include "models/settings/resolve.hpp"
#include "models/settings/presets.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

const EffectiveSetting& setting(const std::vector<EffectiveSetting>& all, const std::string& name) {
    for (const EffectiveSetting& one : all)
        if (one.name == name) return one;
    REQUIRE_MESSAGE(false, name << " is not there");
    return all.front();
}

Resolved<ProducerSettings> producer(Release release, const ConfigMap& config) {
    const SettingTables tables;
    const Layer layers[] = {{SettingSource::client_config, config}};
    return resolve_producer(tables, release, layers);
}

} // namespace

TEST_CASE("settings: defaults change with the release") {
    const SettingTables tables;
    CHECK(producer(Release::v2_8, {}).settings.acks == Acks::leader);
    CHECK(producer(Release::v3_0, {}).settings.acks == Acks::all);
    CHECK(!producer(Release::v2_8, {}).settings.enable_idempotence);
    CHECK(producer(Release::v3_0, {}).settings.enable_idempotence);
    CHECK(producer(Release::v3_9, {}).settings.linger == sim::Duration{0});
    CHECK(producer(Release::v4_0, {}).settings.linger == sim::milliseconds(5));
    CHECK(producer(Release::v2_0, {}).settings.expire_by_request_timeout);
    CHECK(producer(Release::v3_6, {}).settings.retry_backoff_max == sim::milliseconds(100));
    CHECK(producer(Release::v3_7, {}).settings.retry_backoff_max == sim::milliseconds(1000));
    CHECK(resolve_broker(tables, Release::v2_4, {}).settings.replica_lag_time_max ==
          sim::milliseconds(10000));
    CHECK(resolve_broker(tables, Release::v2_5, {}).settings.replica_lag_time_max ==
          sim::milliseconds(30000));
    CHECK(resolve_topic(tables, Release::v0_10_2, {}, {}).settings.unclean_leader_election_enable);
    CHECK(!resolve_topic(tables, Release::v0_11_0, {}, {}).settings.unclean_leader_election_enable);
}

TEST_CASE("settings: the strongest source wins and says so") {
    const SettingTables tables;
    const Layer layers[] = {{SettingSource::override_x, {{"acks", "all"}}},
                            {SettingSource::client_config, {{"acks", "1"}, {"linger.ms", "7"}}}};
    const Resolved<ProducerSettings> resolved = resolve_producer(tables, newest_release, layers);
    CHECK(resolved.settings.acks == Acks::all);
    CHECK(setting(resolved.effective, "acks").source == SettingSource::override_x);
    CHECK(setting(resolved.effective, "linger.ms").source == SettingSource::client_config);
    CHECK(describe(setting(resolved.effective, "acks")) ==
          "  acks=all sensitive=false synonyms={OVERRIDE:acks=all, CLIENT_CONFIG:acks=1, "
          "DEFAULT_CONFIG:acks=all}");
}

TEST_CASE("settings: a topic takes what it does not say from its broker") {
    const SettingTables tables;
    const Layer broker[] = {
        {SettingSource::static_broker_config, {{"min.insync.replicas", "2"}, {"message.max.bytes", "500"}}}};
    const Layer own[] = {{SettingSource::dynamic_topic_config, {{"max.message.bytes", "900"}}}};
    const Resolved<TopicSettings> resolved = resolve_topic(tables, newest_release, own, broker);
    CHECK(resolved.settings.min_insync_replicas == 2);
    CHECK(setting(resolved.effective, "min.insync.replicas").source == SettingSource::static_broker_config);
    CHECK(resolved.settings.max_message_bytes == 900);
}

TEST_CASE("settings: every problem is reported, each with what was expected") {
    const Resolved<ProducerSettings> wrong = producer(newest_release, {{"ackz", "1"},
                                                                       {"acks", "2"},
                                                                       {"linger.ms", "soon"},
                                                                       {"retries", "-1"},
                                                                       {"metadata.fetch.timeout.ms", "5"},
                                                                       {"enable.idempotence", "yes"},
                                                                       {"batch.size", "99999999999"}});
    REQUIRE(wrong.problems.size() == 7);
    CHECK(wrong.problems[0].message == "unknown producer setting; did you mean \"acks\"?");
    CHECK(wrong.problems[1].message.find("one of [all, -1, 0, 1]") != std::string::npos);
    CHECK(wrong.problems[2].message == "expected a whole number (LONG), got \"soon\"");
    CHECK(wrong.problems[3].message == "expected at least 0, got \"-1\"");
    CHECK(wrong.problems[4].message.find("release 4.3 has no such producer setting") != std::string::npos);
    CHECK(wrong.problems[5].message == "expected true or false, got \"yes\"");
    CHECK(wrong.problems[6].message == "expected a whole number (INT), got \"99999999999\"");
}

TEST_CASE("settings: what is known and not modelled is accepted with a warning") {
    const Resolved<ProducerSettings> resolved = producer(newest_release, {{"send.buffer.bytes", "1000"}});
    CHECK(resolved.problems.empty());
    REQUIRE(resolved.warnings.size() == 1);
    CHECK(resolved.warnings[0] == "send.buffer.bytes is accepted but not modelled");
}

TEST_CASE("settings: idempotence gives way silently, or refuses what contradicts it") {
    CHECK(!producer(newest_release, {{"acks", "1"}}).settings.enable_idempotence);
    CHECK(producer(newest_release, {{"acks", "1"}}).problems.empty());
    CHECK(producer(newest_release, {{"acks", "1"}, {"enable.idempotence", "true"}}).problems.size() == 1);
    CHECK(producer(newest_release,
                   {{"max.in.flight.requests.per.connection", "6"}, {"enable.idempotence", "true"}})
              .problems.size() == 1);
    const Resolved<ProducerSettings> old = producer(Release::v2_0, {{"enable.idempotence", "true"}});
    CHECK(old.settings.acks == Acks::all);
    CHECK(old.settings.retries == 2147483647);
}

TEST_CASE("settings: delivery.timeout.ms covers linger and request") {
    CHECK(producer(newest_release, {{"delivery.timeout.ms", "1000"}}).problems.size() == 1);
    CHECK(producer(newest_release, {{"request.timeout.ms", "200000"}}).settings.delivery_timeout ==
          sim::milliseconds(200005));
}

TEST_CASE("settings: members and coordinators by release") {
    const SettingTables tables;
    const Layer layers[] = {
        {SettingSource::client_config,
         {{"group.instance.id", "one"},
          {"isolation.level", "read_committed"},
          {"partition.assignment.strategy", "org.apache.kafka.clients.consumer.StickyAssignor"}}}};
    const MemberSettings given = resolve_consumer(tables, Release::v4_3, layers).settings.member;
    CHECK(given.instance_id == "one");
    CHECK(given.isolation_level == IsolationLevel::read_committed);
    CHECK(given.assignors == std::vector<AssignorKind>{AssignorKind::sticky});
    const MemberSettings newest = resolve_consumer(tables, Release::v4_3, {}).settings.member;
    CHECK(newest.assignors ==
          std::vector<AssignorKind>{AssignorKind::range, AssignorKind::cooperative_sticky});
    CHECK(newest.session_timeout == sim::milliseconds(45000));
    CHECK(newest.instance_id.empty());
    CHECK(newest.protocol == GroupProtocol::classic);
    const MemberSettings older = resolve_consumer(tables, Release::v2_8, {}).settings.member;
    CHECK(older.assignors == std::vector<AssignorKind>{AssignorKind::range});
    CHECK(older.session_timeout == sim::milliseconds(10000));
    const BrokerSettings broker = resolve_broker(tables, Release::v4_3, {}).settings;
    CHECK(broker.group.consumer_assignors.front() == AssignorKind::uniform);
    CHECK(broker.group.offsets_partitions == 50);
    CHECK(broker.transaction.abort_timed_out_interval == sim::milliseconds(10000));
    CHECK(resolve_broker(tables, Release::v2_4, {}).settings.transaction.abort_timed_out_interval ==
          sim::milliseconds(60000));
    CHECK(producer(Release::v4_3, {{"transactional.id", "pay"}}).settings.transactional_id == "pay");
    CHECK(producer(Release::v4_3, {}).settings.transactional_id.empty());
}

TEST_CASE("settings: a client library's defaults lie under the scenario and over Kafka's") {
    const SettingTables tables;
    CHECK(client_names() ==
          std::vector<std::string>{"librdkafka-2", "sarama", "kafka-go", "aiokafka", "franz-go"});
    CHECK(java_release_of("java-3.9") == Release::v3_9);
    CHECK(!client_preset("kafkajs", SettingScope::producer, newest_release, tables));
    const std::pair<const char*, Acks> expected[] = {{"librdkafka-2", Acks::all},
                                                     {"sarama", Acks::leader},
                                                     {"kafka-go", Acks::none},
                                                     {"aiokafka", Acks::leader},
                                                     {"franz-go", Acks::all}};
    for (const auto& one : expected) {
        const std::string client = one.first;
        const auto preset = client_preset(client, SettingScope::producer, newest_release, tables);
        REQUIRE(preset);
        const Layer layers[] = {{SettingSource::client_config, {{"linger.ms", "33"}}}, preset->layer};
        const Resolved<ProducerSettings> resolved = resolve_producer(tables, newest_release, layers);
        CHECK(resolved.problems.empty());
        CHECK(resolved.warnings.empty());
        CHECK(resolved.settings.acks == one.second);
        CHECK(resolved.settings.linger == sim::milliseconds(33));
        CHECK(setting(resolved.effective, "acks").source == SettingSource::client_preset);
        CHECK(resolved.settings.enable_idempotence == (client == "franz-go"));
        const auto consumer = client_preset(client, SettingScope::consumer, newest_release, tables);
        const Layer own[] = {consumer->layer};
        CHECK(resolve_consumer(tables, newest_release, own).problems.empty());
    }
    const auto librdkafka = client_preset("librdkafka-2", SettingScope::producer, newest_release, tables);
    const Layer asked[] = {{SettingSource::client_config, {{"enable.idempotence", "true"}}},
                           librdkafka->layer};
    const Resolved<ProducerSettings> lowered = resolve_producer(tables, newest_release, asked);
    CHECK(lowered.problems.empty());
    CHECK(lowered.settings.max_in_flight_requests_per_connection == 5);
}

TEST_CASE("settings: how long send() blocks has another name in each age") {
    CHECK(producer(Release::v4_3, {{"max.block.ms", "7"}}).settings.max_block == sim::milliseconds(7));
    CHECK(producer(Release::v0_8_2, {}).settings.max_block == sim::Duration{9223372036854775807});
    CHECK(producer(Release::v0_8_2, {{"block.on.buffer.full", "false"}}).settings.max_block ==
          sim::Duration{0});
    CHECK(producer(Release::v0_8_2, {{"metadata.fetch.timeout.ms", "5"}}).settings.max_block_metadata ==
          sim::milliseconds(5));
    CHECK(producer(Release::v0_10_2, {{"block.on.buffer.full", "true"}}).settings.max_block ==
          sim::Duration{9223372036854775807});
    CHECK(!producer(Release::v4_3, {{"partitioner.class", "com.example.Mine"}}).problems.empty());
    CHECK(producer(Release::v2_8, {}).settings.partitioner == PartitionerKind::of_release);
}
