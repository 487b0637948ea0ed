#include "models/settings/resolve.hpp"

#include "models/settings/merge.hpp"

#include <algorithm>

namespace kafka {

namespace {

using parts::Merged;

constexpr sim::Duration never{9223372036854775807};

template <class Settings> Resolved<Settings> with(Merged&& merged, const Settings& settings) {
    return {settings, std::move(merged.effective), std::move(merged.problems), std::move(merged.warnings)};
}

void complain(Merged& merged, const std::string& setting, const std::string& message) {
    const EffectiveSetting* found = merged.find(setting);
    merged.problems.push_back(
        {setting, found == nullptr ? SettingSource::default_config : found->source, message});
}

Acks acks_of(const std::string& text) {
    if (text == "0") return Acks::none;
    if (text == "1") return Acks::leader;
    return Acks::all;
}

/// Source: ProducerConfig.postProcessAndValidateIdempotenceConfigs (3.0), and KafkaProducer of 0.11 to 2.8,
/// where an explicit idempotence raised the defaults that it needs; semantics 6.1.
void check_idempotence(Merged& merged, ProducerSettings& settings, Release release) {
    const bool asked = merged.was_given("enable.idempotence") && settings.enable_idempotence;
    if (release < Release::v3_0 && asked) {
        if (!merged.was_given("acks")) {
            settings.acks = Acks::all;
            merged.derive("acks", "all");
        }
        if (!merged.was_given("retries")) {
            settings.retries = 2147483647;
            merged.derive("retries", "2147483647");
        }
    }
    if (asked && merged.was_preset("max.in.flight.requests.per.connection") &&
        settings.max_in_flight_requests_per_connection > 5) {
        settings.max_in_flight_requests_per_connection = 5; // librdkafka lowers what was not asked for
        merged.derive("max.in.flight.requests.per.connection", "5");
    }
    if (asked && merged.was_preset("acks")) {
        settings.acks = Acks::all; // so do aiokafka and others
        merged.derive("acks", "all");
    }
    const char* conflict = nullptr;
    if (settings.acks != Acks::all)
        conflict = "acks";
    else if (settings.retries == 0)
        conflict = "retries";
    else if (settings.max_in_flight_requests_per_connection > 5)
        conflict = "max.in.flight.requests.per.connection";
    if (!settings.enable_idempotence || conflict == nullptr) return;
    if (asked) {
        complain(merged, conflict,
                 "the idempotent producer needs acks=all, retries above 0 and at most 5 requests in flight "
                 "(Kafka throws "
                 "ConfigException)");
        return;
    }
    settings.enable_idempotence = false; // silently, as Kafka does
    merged.derive("enable.idempotence", "false");
}

/// transactional.id turns idempotence on where nobody has turned it off. Source: ProducerConfig
/// (maybeOverrideEnableIdempotence, postProcessAndValidateIdempotenceConfigs).
void check_transactions(Merged& merged, ProducerSettings& settings, Release release) {
    if (settings.transactional_id.empty()) {
        if (merged.was_given("transaction.timeout.ms"))
            merged.warnings.push_back("transaction.timeout.ms has no effect without transactional.id");
        return;
    }
    if (release < Release::v3_0 && !merged.was_given("enable.idempotence")) {
        settings.enable_idempotence = true;
        merged.derive("enable.idempotence", "true");
        if (!merged.was_given("acks")) {
            settings.acks = Acks::all;
            merged.derive("acks", "all");
        }
        if (!merged.was_given("retries")) {
            settings.retries = 2147483647;
            merged.derive("retries", "2147483647");
        }
    }
    const bool fits = settings.enable_idempotence && settings.acks == Acks::all && settings.retries > 0 &&
                      settings.max_in_flight_requests_per_connection <= 5;
    if (!fits)
        complain(merged, "transactional.id",
                 "needs enable.idempotence=true, acks=all, retries above 0 and at most 5 requests in flight "
                 "(Kafka throws ConfigException)");
}

/// Source: ProducerConfig.configureDeliveryTimeout; semantics 6.1.2.
void check_delivery_timeout(Merged& merged, ProducerSettings& settings) {
    if (merged.find("delivery.timeout.ms") == nullptr) {
        settings.delivery_timeout = never;
        settings.expire_by_request_timeout = true; // before 2.1
        return;
    }
    const sim::Duration least = settings.linger + settings.request_timeout;
    if (settings.delivery_timeout >= least) return;
    if (merged.was_given("delivery.timeout.ms")) {
        complain(merged, "delivery.timeout.ms",
                 "expected at least linger.ms + request.timeout.ms = " + std::to_string(least.micros / 1000) +
                     ", got \"" + merged.text("delivery.timeout.ms", "") + "\"");
        return;
    }
    settings.delivery_timeout = least;
    merged.derive("delivery.timeout.ms", std::to_string(least.micros / 1000));
}

template <class Settings> void fill_connections(const Merged& merged, Settings& settings) {
    settings.retry_backoff = merged.millis("retry.backoff.ms", settings.retry_backoff);
    settings.retry_backoff_max =
        merged.find("retry.backoff.max.ms") == nullptr
            ? settings.retry_backoff // constant before 3.7
            : std::max(settings.retry_backoff,
                       merged.millis("retry.backoff.max.ms", settings.retry_backoff_max));
    settings.reconnect_backoff = merged.millis("reconnect.backoff.ms", settings.reconnect_backoff);
    settings.reconnect_backoff_max =
        merged.find("reconnect.backoff.max.ms") == nullptr
            ? settings.reconnect_backoff
            : merged.millis("reconnect.backoff.max.ms", settings.reconnect_backoff_max);
    settings.connection_setup_timeout = merged.millis("socket.connection.setup.timeout.ms", never);
    settings.connection_setup_timeout_max = merged.millis("socket.connection.setup.timeout.max.ms", never);
    settings.metadata_max_age = merged.millis("metadata.max.age.ms", settings.metadata_max_age);
    settings.request_timeout = merged.millis("request.timeout.ms", settings.request_timeout);
}

std::int32_t whole(const Merged& merged, const std::string& setting, std::int32_t otherwise) {
    return static_cast<std::int32_t>(merged.number(setting, otherwise));
}

} // namespace

std::string_view name(SettingSource source) {
    switch (source) {
    case SettingSource::default_config:
        return "DEFAULT_CONFIG";
    case SettingSource::client_preset:
        return "CLIENT_PRESET";
    case SettingSource::static_broker_config:
        return "STATIC_BROKER_CONFIG";
    case SettingSource::dynamic_broker_config:
        return "DYNAMIC_BROKER_CONFIG";
    case SettingSource::dynamic_topic_config:
        return "DYNAMIC_TOPIC_CONFIG";
    case SettingSource::client_config:
        return "CLIENT_CONFIG";
    case SettingSource::preset:
        return "PRESET";
    case SettingSource::override_x:
        return "OVERRIDE";
    }
    return "";
}

namespace {

/// A setting whose words are known. Complains about any other.
template <class Word, std::size_t count>
Word one_of(Merged& merged, const char* setting, const std::pair<const char*, Word> (&words)[count],
            Word otherwise) {
    const std::string value = merged.text(setting, "");
    if (value.empty()) return otherwise;
    std::string known;
    for (const auto& [text, word] : words) {
        if (value == text) return word;
        known += (known.empty() ? "" : ", ") + std::string(text);
    }
    complain(merged, setting, "expected one of " + known + ", got \"" + value + "\"");
    return otherwise;
}

/// Classes of Kafka, and the words that other libraries have for theirs.
void fill_partitioner(Merged& merged, ProducerSettings& settings) {
    struct Choice {
        PartitionerKind kind;
        KeyHash hash;
        bool ignores_keys;
    };
    constexpr auto sticky = PartitionerKind::uniform_sticky;
    constexpr auto random = PartitionerKind::random_per_record;
    constexpr auto robin = PartitionerKind::round_robin;
    const std::string kafka = "org.apache.kafka.clients.producer.";
    const std::string classes[] = {kafka + "internals.DefaultPartitioner", kafka + "UniformStickyPartitioner",
                                   kafka + "RoundRobinPartitioner"};
    const std::pair<const char*, Choice> words[] = {
        {"null", {PartitionerKind::of_release, KeyHash::murmur2, false}},
        {classes[0].c_str(), {sticky, KeyHash::murmur2, false}},
        {classes[1].c_str(), {sticky, KeyHash::murmur2, true}},
        {classes[2].c_str(), {robin, KeyHash::murmur2, true}},
        {"librdkafka.consistent_random", {sticky, KeyHash::crc32, false}},
        {"sarama.hash", {random, KeyHash::fnv1a, false}},
        {"kafka-go.RoundRobin", {robin, KeyHash::murmur2, true}},
        {"aiokafka.DefaultPartitioner", {random, KeyHash::murmur2, false}}};
    Choice chosen = one_of(merged, "partitioner.class", words, words[0].second);
    const bool given = merged.was_given("partitioner.class") || merged.was_preset("partitioner.class");
    if (!given) chosen = words[0].second; // DefaultPartitioner before 3.3 is what the release does
    settings.partitioner = chosen.kind;
    settings.key_hash = chosen.hash;
    settings.partitioner_ignore_keys = chosen.ignores_keys || merged.flag("partitioner.ignore.keys", false);
    settings.partitioner_adaptive = merged.flag("partitioner.adaptive.partitioning.enable", false);
}

/// How long send() may stay inside. Source: KafkaProducer, BufferPool; before 0.9 block.on.buffer.full and
/// metadata.fetch.timeout.ms, which 0.9 and 0.10 still honour.
void fill_blocking(Merged& merged, ProducerSettings& settings, Release release) {
    settings.buffer_memory = merged.number("buffer.memory", settings.buffer_memory);
    settings.max_block = merged.millis("max.block.ms", settings.max_block);
    settings.max_block_metadata = settings.max_block;
    if (release < Release::v0_9_0) {
        settings.max_block = merged.flag("block.on.buffer.full", true) ? never : sim::Duration{0};
        settings.max_block_metadata = merged.millis("metadata.fetch.timeout.ms", settings.max_block_metadata);
    } else if (merged.was_given("block.on.buffer.full")) {
        if (merged.flag("block.on.buffer.full", false)) settings.max_block = never;
    } else if (merged.was_given("metadata.fetch.timeout.ms")) {
        settings.max_block = merged.millis("metadata.fetch.timeout.ms", settings.max_block);
        settings.max_block_metadata = settings.max_block;
    }
}

} // namespace

Resolved<ProducerSettings> resolve_producer(const SettingTables& tables, Release release,
                                            std::span<const Layer> layers) {
    Merged merged = parts::merge(tables, SettingScope::producer, release, layers);
    ProducerSettings settings;
    fill_connections(merged, settings);
    if (release < Release::v0_9_0)
        settings.request_timeout = merged.millis("timeout.ms", settings.request_timeout);
    settings.acks = acks_of(merged.text("acks", "all"));
    settings.enable_idempotence = merged.flag("enable.idempotence", false);
    settings.retries = whole(merged, "retries", 0);
    settings.max_in_flight_requests_per_connection =
        whole(merged, "max.in.flight.requests.per.connection", 5);
    settings.batch_size = whole(merged, "batch.size", settings.batch_size);
    settings.linger = merged.millis("linger.ms", settings.linger);
    settings.max_request_size = merged.number("max.request.size", settings.max_request_size);
    settings.delivery_timeout = merged.millis("delivery.timeout.ms", settings.delivery_timeout);
    const std::pair<const char*, Compression> codecs[] = {{"none", Compression::none},
                                                          {"gzip", Compression::gzip},
                                                          {"snappy", Compression::snappy},
                                                          {"lz4", Compression::lz4},
                                                          {"zstd", Compression::zstd}};
    settings.compression = one_of(merged, "compression.type", codecs, Compression::none);
    fill_partitioner(merged, settings);
    fill_blocking(merged, settings, release);
    std::string recovery = merged.text("metadata.recovery.strategy", "none");
    std::transform(recovery.begin(), recovery.end(), recovery.begin(),
                   [](unsigned char c) { return static_cast<char>(c | 0x20); });
    settings.transactional_id = parts::given_text(merged, "transactional.id");
    settings.transaction_timeout = merged.millis("transaction.timeout.ms", settings.transaction_timeout);
    settings.rebootstrap = recovery == "rebootstrap";
    if (merged.text("acks", "") == "-1") merged.derive("acks", "all");
    check_idempotence(merged, settings, release);
    check_transactions(merged, settings, release);
    check_delivery_timeout(merged, settings);
    return with(std::move(merged), settings);
}

Resolved<ConsumerSettings> resolve_consumer(const SettingTables& tables, Release release,
                                            std::span<const Layer> layers) {
    Merged merged = parts::merge(tables, SettingScope::consumer, release, layers);
    ConsumerSettings settings;
    fill_connections(merged, settings);
    const std::string reset = merged.text("auto.offset.reset", "latest");
    settings.auto_offset_reset = reset == "earliest" ? AutoOffsetReset::earliest
                                 : reset == "none"   ? AutoOffsetReset::none
                                                     : AutoOffsetReset::latest;
    settings.fetch_min_bytes = whole(merged, "fetch.min.bytes", settings.fetch_min_bytes);
    settings.fetch_max_bytes = whole(merged, "fetch.max.bytes", settings.fetch_max_bytes);
    settings.max_partition_fetch_bytes =
        whole(merged, "max.partition.fetch.bytes", settings.max_partition_fetch_bytes);
    settings.fetch_max_wait = merged.millis("fetch.max.wait.ms", settings.fetch_max_wait);
    settings.member = parts::member_settings(merged);
    parts::check_protocol(merged, settings.member);
    return with(std::move(merged), settings);
}

namespace {

/// Broker keys in hours and minutes stand for a topic's milliseconds. Source: ServerTopicConfigSynonyms.
std::string in_millis(const std::string& setting, const std::string& key, const std::string& value) {
    const auto ends = [](const std::string& text, const std::string& end) {
        return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
    };
    const std::int64_t unit = ends(key, ".hours") ? 3600000 : ends(key, ".minutes") ? 60000 : 1;
    if (!ends(setting, ".ms") || unit == 1) return value;
    const std::int64_t count = std::strtoll(value.c_str(), nullptr, 10);
    return count < 0 ? "-1" : std::to_string(count * unit);
}

/// Files are kept account of where a topic says something of them.
void fill_retention(const Merged& merged, TopicSettings& settings) {
    settings.segment_bytes = merged.number("segment.bytes", settings.segment_bytes);
    settings.segment_time = merged.millis("segment.ms", settings.segment_time);
    settings.retention_bytes = merged.number("retention.bytes", settings.retention_bytes);
    settings.retention_millis = merged.number("retention.ms", settings.retention_millis);
    constexpr std::int64_t unbounded = 9223372036854775807; // the default of 0.8.2
    if (settings.retention_bytes == unbounded) settings.retention_bytes = -1;
    for (const char* name : {"segment.bytes", "segment.ms", "retention.bytes", "retention.ms"})
        settings.keeps_segments = settings.keeps_segments || merged.was_given(name);
}

/// Before 3.6 one bound stood for both sides; to 3.9 it still does where the newer ones have their default.
/// Source: LogConfig.getMessageTimestampBeforeMaxMs, getMessageTimestampAfterMaxMs (KIP-937).
void fill_timestamps(const Merged& merged, TopicSettings& settings) {
    constexpr std::int64_t unbounded = 9223372036854775807;
    settings.log_append_time = merged.text("message.timestamp.type", "CreateTime") == "LogAppendTime";
    const std::int64_t either = merged.number("message.timestamp.difference.max.ms", unbounded);
    const auto bound = [&](const char* name) {
        const std::int64_t own = merged.number(name, unbounded);
        return own == unbounded ? either : own;
    };
    settings.timestamp_before_max_millis = bound("message.timestamp.before.max.ms");
    settings.timestamp_after_max_millis = bound("message.timestamp.after.max.ms");
}

} // namespace

Resolved<TopicSettings> resolve_topic(const SettingTables& tables, Release release,
                                      std::span<const Layer> layers, std::span<const Layer> broker_layers) {
    Merged merged = parts::merge(tables, SettingScope::topic, release, layers);
    for (EffectiveSetting& setting : merged.effective) {
        const SettingRow& row = *tables.find(SettingScope::topic, setting.name);
        std::string synonyms = cell_at(row.broker_synonyms, release).value_or("");
        if (synonyms.empty() && row.modelled)
            synonyms = cell_at(row.broker_synonyms, newest_release).value_or("");
        while (!synonyms.empty()) { // the first broker key that is set supplies the value
            const std::size_t comma = std::min(synonyms.find(','), synonyms.size());
            const std::string key = synonyms.substr(0, comma);
            synonyms.erase(0, std::min(comma + 1, synonyms.size()));
            const SettingRow* broker_row = tables.find(SettingScope::broker, key);
            if (broker_row == nullptr) continue;
            std::vector<std::pair<SettingSource, std::string>> inherited;
            for (const Layer& layer : broker_layers)
                for (const auto& given : layer.values)
                    if (given.first == key) inherited.emplace_back(layer.source, given.second);
            const std::optional<std::string> broker_default = default_of(*broker_row, release);
            if (inherited.empty() && broker_default && *broker_default != "null")
                inherited.emplace_back(SettingSource::default_config, *broker_default);
            if (inherited.empty()) continue;
            for (auto& [source, value] : inherited)
                value = in_millis(setting.name, key, value);
            setting.synonyms.pop_back(); // the class's own default is hidden by the broker's
            setting.synonyms.insert(setting.synonyms.end(), inherited.begin(), inherited.end());
            setting.source = setting.synonyms.front().first;
            setting.value = setting.synonyms.front().second;
            break;
        }
    }
    TopicSettings settings;
    settings.min_insync_replicas = whole(merged, "min.insync.replicas", settings.min_insync_replicas);
    settings.unclean_leader_election_enable = merged.flag("unclean.leader.election.enable", false);
    settings.max_message_bytes = merged.number("max.message.bytes", settings.max_message_bytes);
    settings.flush_messages = merged.number("flush.messages", settings.flush_messages);
    settings.flush_interval = merged.millis("flush.ms", never);
    fill_retention(merged, settings);
    fill_timestamps(merged, settings);
    parts::fill_cleanup(merged, settings);
    return with(std::move(merged), settings);
}

namespace {

ZooKeeperSettings zookeeper_settings(const Merged& merged) {
    ZooKeeperSettings s;
    s.leader_imbalance_percentage =
        whole(merged, "leader.imbalance.per.broker.percentage", s.leader_imbalance_percentage);
    s.controlled_shutdown_max_retries =
        whole(merged, "controlled.shutdown.max.retries", s.controlled_shutdown_max_retries);
    s.controlled_shutdown_retry_backoff =
        merged.millis("controlled.shutdown.retry.backoff.ms", s.controlled_shutdown_retry_backoff);
    return s;
}

QuorumSettings quorum_settings(const Merged& merged) {
    QuorumSettings s;
    s.election_timeout = merged.millis("controller.quorum.election.timeout.ms", s.election_timeout);
    s.fetch_timeout = merged.millis("controller.quorum.fetch.timeout.ms", s.fetch_timeout);
    s.election_backoff_max =
        merged.millis("controller.quorum.election.backoff.max.ms", s.election_backoff_max);
    s.snapshot_after_bytes =
        merged.number("metadata.log.max.record.bytes.between.snapshots", s.snapshot_after_bytes);
    s.snapshot_interval = merged.millis("metadata.log.max.snapshot.interval.ms", sim::Duration{0}); // 3.4
    return s;
}

} // namespace

Resolved<BrokerSettings> resolve_broker(const SettingTables& tables, Release release,
                                        std::span<const Layer> layers) {
    Merged merged = parts::merge(tables, SettingScope::broker, release, layers);
    BrokerSettings s;
    s.replica_lag_time_max = merged.millis("replica.lag.time.max.ms", s.replica_lag_time_max);
    s.replica_lag_max_messages = merged.number("replica.lag.max.messages", 0);
    s.replica_fetch_wait_max = merged.millis("replica.fetch.wait.max.ms", s.replica_fetch_wait_max);
    s.replica_fetch_min_bytes = whole(merged, "replica.fetch.min.bytes", s.replica_fetch_min_bytes);
    s.replica_fetch_max_bytes = whole(merged, "replica.fetch.max.bytes", s.replica_fetch_max_bytes);
    s.replica_fetch_response_max_bytes =
        whole(merged, "replica.fetch.response.max.bytes", s.replica_fetch_response_max_bytes);
    s.replica_fetch_backoff = merged.millis("replica.fetch.backoff.ms", sim::Duration{0}); // none in 0.8.2
    s.replica_socket_timeout = merged.millis("replica.socket.timeout.ms", s.replica_socket_timeout);
    s.replica_high_watermark_checkpoint_interval = merged.millis(
        "replica.high.watermark.checkpoint.interval.ms", s.replica_high_watermark_checkpoint_interval);
    s.request_timeout = merged.millis("request.timeout.ms", s.request_timeout);
    s.num_io_threads = whole(merged, "num.io.threads", s.num_io_threads);
    s.broker_heartbeat_interval = merged.millis("broker.heartbeat.interval.ms", s.broker_heartbeat_interval);
    s.broker_session_timeout = merged.millis("broker.session.timeout.ms", s.broker_session_timeout);
    s.zookeeper_session_timeout = merged.millis("zookeeper.session.timeout.ms", s.zookeeper_session_timeout);
    s.controlled_shutdown_enable = merged.flag("controlled.shutdown.enable", true);
    s.auto_leader_rebalance_enable = merged.flag("auto.leader.rebalance.enable", true);
    s.leader_imbalance_check_interval =
        sim::seconds(merged.number("leader.imbalance.check.interval.seconds", 300));
    s.zookeeper = zookeeper_settings(merged);
    s.delete_topic_enable = merged.flag("delete.topic.enable", true);
    s.unclean_leader_election_interval =
        merged.millis("unclean.leader.election.interval.ms", sim::Duration{0});
    s.controller_quorum_append_linger =
        merged.millis("controller.quorum.append.linger.ms", s.controller_quorum_append_linger);
    s.controller_quorum_request_timeout =
        merged.millis("controller.quorum.request.timeout.ms", s.controller_quorum_request_timeout);
    s.controller_quorum_retry_backoff =
        merged.millis("controller.quorum.retry.backoff.ms", s.controller_quorum_retry_backoff);
    // Before 3.3 there is no such setting, and no no-op record (KIP-835).
    s.metadata_max_idle_interval = merged.millis("metadata.max.idle.interval.ms", sim::Duration{0});
    s.quorum = quorum_settings(merged);
    const std::string directories = parts::given_text(merged, "log.dirs");
    s.log.directories =
        1 + static_cast<std::int32_t>(std::count(directories.begin(), directories.end(), ','));
    s.log.directory_failure_timeout =
        merged.millis("log.dir.failure.timeout.ms", s.log.directory_failure_timeout);
    s.log.recovery_threads = whole(merged, "num.recovery.threads.per.data.dir", 1);
    s.log.retention_check_interval =
        merged.millis("log.retention.check.interval.ms", s.log.retention_check_interval);
    s.log.start_offset_checkpoint_interval = merged.millis("log.flush.start.offset.checkpoint.interval.ms",
                                                           s.log.start_offset_checkpoint_interval);
    s.log.cleaner_enable = merged.flag("log.cleaner.enable", true);
    s.log.cleaner_backoff = merged.millis("log.cleaner.backoff.ms", s.log.cleaner_backoff);
    s.log.initial_task_delay = merged.millis("log.initial.task.delay.ms", s.log.initial_task_delay);
    s.log.flush_scheduler_interval = merged.millis("log.flush.scheduler.interval.ms", never);
    s.rack = merged.text("broker.rack", "");
    const std::string selector = parts::given_text(merged, "replica.selector.class");
    const std::string selector_class = selector.substr(selector.rfind('.') + 1);
    s.rack_aware_reads = selector_class == "RackAwareReplicaSelector";
    if (!selector.empty() && !s.rack_aware_reads && selector_class != "LeaderSelector")
        complain(merged, "replica.selector.class",
                 "expected org.apache.kafka.common.replica.RackAwareReplicaSelector or null, got \"" +
                     selector + "\"");
    s.group = parts::group_settings(merged);
    parts::check_consumer_groups(merged);
    s.transaction = parts::transaction_settings(merged);
    if (s.replica_fetch_wait_max > s.replica_lag_time_max) // Source: KafkaConfig.validateValues
        complain(merged, "replica.fetch.wait.max.ms",
                 "expected at most replica.lag.time.max.ms = " +
                     std::to_string(s.replica_lag_time_max.micros / 1000) + ", got \"" +
                     merged.text("replica.fetch.wait.max.ms", "") + "\"");
    return with(std::move(merged), s);
}

std::string describe(const EffectiveSetting& setting) {
    std::string line = "  " + setting.name + "=" + setting.value + " sensitive=false synonyms={";
    bool first = true;
    for (const auto& [source, value] : setting.synonyms) {
        line += (first ? "" : ", ") + std::string(name(source)) + ":" + setting.name + "=" + value;
        first = false;
    }
    return line + "}";
}

} // namespace kafka
