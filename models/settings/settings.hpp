#pragma once
// The settings that the models act on, typed. Everything else that Kafka knows is in the tables.

#include "models/vocabulary/groups.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kafka {

enum class Acks : std::int8_t { all = -1, none = 0, leader = 1 };
/// Source: partitioner.class; BuiltInPartitioner (KIP-794), DefaultPartitioner, UniformStickyPartitioner,
/// RoundRobinPartitioner, and the defaults of other client libraries (settings/tables/clients.tsv).
enum class PartitionerKind : std::uint8_t { of_release, round_robin, uniform_sticky, random_per_record };
enum class KeyHash : std::uint8_t { murmur2, crc32, fnv1a };
enum class Compression : std::uint8_t { none, gzip, snappy, lz4, zstd };
enum class AutoOffsetReset : std::uint8_t { earliest, latest, none };

enum class IsolationLevel : std::uint8_t { read_uncommitted, read_committed };

/// A consumer as member of a group. Source: ConsumerConfig, GroupRebalanceConfig.
struct MemberSettings {
    GroupProtocol protocol = GroupProtocol::classic; // group.protocol; before 3.7 classic
    std::string instance_id;                         // group.instance.id; empty = dynamic member
    sim::Duration session_timeout = sim::milliseconds(45000);
    sim::Duration heartbeat_interval = sim::milliseconds(3000);
    sim::Duration max_poll_interval = sim::milliseconds(300000); // never before 0.10.1
    std::int32_t max_poll_records = 500;
    bool enable_auto_commit = true;
    sim::Duration auto_commit_interval = sim::milliseconds(5000);
    IsolationLevel isolation_level = IsolationLevel::read_uncommitted;
    std::vector<AssignorKind> assignors{AssignorKind::range, AssignorKind::cooperative_sticky};
    std::optional<AssignorKind> remote_assignor; // group.remote.assignor
    sim::Duration default_api_timeout = sim::milliseconds(60000);
    std::string rack; // client.rack
    bool operator==(const MemberSettings&) const = default;
};

/// Of a broker as group coordinator. Source: GroupCoordinatorConfig, GroupConfig.
struct GroupCoordinatorSettings {
    sim::Duration initial_rebalance_delay = sim::milliseconds(3000); // 0 before 0.11
    sim::Duration min_session_timeout = sim::milliseconds(6000);
    sim::Duration max_session_timeout = sim::milliseconds(1800000);
    std::int32_t max_size = 2147483647;
    std::int32_t offsets_partitions = 50;
    std::int32_t offsets_replication_factor = 3;
    sim::Duration offsets_commit_timeout = sim::milliseconds(5000);
    sim::Duration offsets_retention = sim::seconds(10080 * 60);
    sim::Duration offsets_retention_check_interval = sim::milliseconds(600000);
    sim::Duration append_linger =
        sim::Duration{0}; // group.coordinator.append.linger.ms; -1 ms = adaptive (4.2)
    sim::Duration consumer_session_timeout = sim::milliseconds(45000);   // KIP-848
    sim::Duration consumer_heartbeat_interval = sim::milliseconds(5000); // KIP-848
    std::int32_t consumer_max_size = 2147483647;
    // group.consumer.assignors: the first is used where members prefer none
    std::vector<AssignorKind> consumer_assignors{AssignorKind::uniform, AssignorKind::range};
    bool operator==(const GroupCoordinatorSettings&) const = default;
};

/// Of a broker as transaction coordinator. Source: TransactionLogConfig, TransactionStateManagerConfig.
struct TransactionCoordinatorSettings {
    sim::Duration max_timeout = sim::milliseconds(900000);
    std::int32_t state_partitions = 50;
    std::int32_t state_replication_factor = 3;
    std::int32_t state_min_isr = 2;
    sim::Duration abort_timed_out_interval = sim::milliseconds(10000); // 60000 before 2.5
    sim::Duration id_expiration = sim::milliseconds(604800000);
    bool partition_verification = true;                                 // 3.6 and later
    sim::Duration add_partitions_retry_backoff = sim::milliseconds(20); // 4.0 and later
    sim::Duration add_partitions_retry_backoff_max = sim::milliseconds(100);
    bool operator==(const TransactionCoordinatorSettings&) const = default;
};

/// Effective settings of one producer. Source: ProducerConfig of its release.
struct ProducerSettings {
    Acks acks = Acks::all;
    bool enable_idempotence = true;
    std::int32_t retries = 2147483647;
    std::int32_t max_in_flight_requests_per_connection = 5;
    std::int32_t batch_size = 16384;
    sim::Duration linger = sim::milliseconds(5);
    std::int64_t max_request_size = 1048576;
    std::int64_t buffer_memory = 33554432;
    sim::Duration max_block = sim::milliseconds(60000);          // inside send() for memory
    sim::Duration max_block_metadata = sim::milliseconds(60000); // inside send() for metadata
    Compression compression = Compression::none;
    PartitionerKind partitioner = PartitionerKind::of_release;
    KeyHash key_hash = KeyHash::murmur2;
    bool partitioner_ignore_keys = false;
    bool partitioner_adaptive = true;
    sim::Duration request_timeout = sim::milliseconds(30000);
    sim::Duration delivery_timeout =
        sim::milliseconds(120000);          // before 2.1: none, see expire_by_request_timeout
    bool expire_by_request_timeout = false; // before 2.1 queued batches expire by request.timeout.ms
    sim::Duration retry_backoff = sim::milliseconds(100);
    sim::Duration retry_backoff_max = sim::milliseconds(1000); // equal to retry_backoff before 3.7 (constant)
    sim::Duration reconnect_backoff = sim::milliseconds(50);
    sim::Duration reconnect_backoff_max = sim::milliseconds(1000);
    sim::Duration connection_setup_timeout = sim::milliseconds(10000); // before 2.7: never
    sim::Duration connection_setup_timeout_max = sim::milliseconds(30000);
    sim::Duration metadata_max_age = sim::milliseconds(300000);
    bool rebootstrap = true;      // metadata.recovery.strategy
    std::string transactional_id; // empty = none
    sim::Duration transaction_timeout = sim::milliseconds(60000);
    bool operator==(const ProducerSettings&) const = default;
};

/// Effective settings of one consumer. Source: ConsumerConfig of its release.
struct ConsumerSettings {
    AutoOffsetReset auto_offset_reset = AutoOffsetReset::latest;
    std::int32_t fetch_min_bytes = 1;
    std::int32_t fetch_max_bytes = 52428800;
    std::int32_t max_partition_fetch_bytes = 1048576;
    sim::Duration fetch_max_wait = sim::milliseconds(500);
    sim::Duration request_timeout = sim::milliseconds(30000);
    sim::Duration retry_backoff = sim::milliseconds(100);
    sim::Duration retry_backoff_max = sim::milliseconds(1000);
    sim::Duration reconnect_backoff = sim::milliseconds(50);
    sim::Duration reconnect_backoff_max = sim::milliseconds(1000);
    sim::Duration connection_setup_timeout = sim::milliseconds(10000);
    sim::Duration connection_setup_timeout_max = sim::milliseconds(30000);
    sim::Duration metadata_max_age = sim::milliseconds(300000);
    MemberSettings member;
    bool operator==(const ConsumerSettings&) const = default;
};

/// Effective settings of one topic: topic config over its broker synonyms over the default of the release.
/// Source: LogConfig, ServerTopicConfigSynonyms. `flush_*` use the greatest integer for "never".
struct TopicSettings {
    std::int32_t min_insync_replicas = 1;
    bool unclean_leader_election_enable = false;
    std::int64_t max_message_bytes = 1048588;
    std::int64_t flush_messages = 9223372036854775807;
    sim::Duration flush_interval = {9223372036854775807};           // flush.ms
    std::int64_t segment_bytes = 1073741824;                        // segment.bytes
    sim::Duration segment_time = sim::seconds(604800);              // segment.ms
    std::int64_t retention_bytes = -1;                              // below 0 = no bound
    std::int64_t retention_millis = 604800000;                      // below 0 = no bound
    bool log_append_time = false;                                   // message.timestamp.type
    std::int64_t timestamp_before_max_millis = 9223372036854775807; // message.timestamp.before.max.ms
    std::int64_t timestamp_after_max_millis = 9223372036854775807;  // message.timestamp.after.max.ms
    bool keeps_segments =
        false; // any of segments or retention was given, or the run is longer than their defaults
    bool cleanup_delete = true; // cleanup.policy
    bool cleanup_compact = false;
    std::int32_t min_cleanable_ppm = 500000;               // min.cleanable.dirty.ratio, in millionths
    std::int64_t min_compaction_lag = 0;                   // milliseconds, as the others
    std::int64_t max_compaction_lag = 9223372036854775807; // 2.3 (KIP-354)
    std::int64_t delete_retention = 86400000;              // of tombstones and markers
    bool operator==(const TopicSettings&) const = default;
};

/// Effective settings of one broker (or controller). Source: KafkaConfig of its release.
/// The KRaft quorum. Source: QuorumConfig, KRaftConfigs.
struct QuorumSettings {
    sim::Duration election_timeout = sim::milliseconds(1000);
    sim::Duration fetch_timeout = sim::milliseconds(2000);
    sim::Duration election_backoff_max = sim::milliseconds(1000);
    std::int64_t snapshot_after_bytes = 20971520; // metadata.log.max.record.bytes.between.snapshots
    sim::Duration snapshot_interval = sim::milliseconds(3600000); // 0 = by size only
    bool operator==(const QuorumSettings&) const = default;
};

/// Of a broker's logs and their directories. Source: ServerLogConfigs, CleanerConfig.
struct LogSettings {
    std::int32_t directories = 1;                                       // log.dirs: how many there are
    sim::Duration directory_failure_timeout = sim::milliseconds(30000); // log.dir.failure.timeout.ms (3.7)
    sim::Duration flush_scheduler_interval = {9223372036854775807};
    std::int32_t recovery_threads = 2; // num.recovery.threads.per.data.dir; 1 before 4.0
    sim::Duration retention_check_interval = sim::milliseconds(300000);
    sim::Duration start_offset_checkpoint_interval = sim::milliseconds(60000);
    sim::Duration initial_task_delay = sim::milliseconds(30000); // constant before 3.8
    sim::Duration flush_offset_checkpoint_interval = sim::milliseconds(60000);
    bool cleaner_enable = true;                               // log.cleaner.enable; false in 0.8.2
    sim::Duration cleaner_backoff = sim::milliseconds(15000); // log.cleaner.backoff.ms
    bool operator==(const LogSettings&) const = default;
};

struct ZooKeeperSettings {                         // without a meaning in KRaft, and gone with 4.0
    std::int32_t leader_imbalance_percentage = 10; // leader.imbalance.per.broker.percentage
    std::int32_t controlled_shutdown_max_retries = 3;
    sim::Duration controlled_shutdown_retry_backoff = sim::milliseconds(5000);
    bool operator==(const ZooKeeperSettings&) const = default;
};

struct BrokerSettings {
    sim::Duration replica_lag_time_max = sim::milliseconds(30000);
    std::int64_t replica_lag_max_messages = 0; // 0.8.2 only (4000); 0 = no such rule
    sim::Duration replica_fetch_wait_max = sim::milliseconds(500);
    std::int32_t replica_fetch_min_bytes = 1;
    std::int32_t replica_fetch_max_bytes = 1048576;
    std::int32_t replica_fetch_response_max_bytes = 10485760;
    sim::Duration replica_fetch_backoff = sim::milliseconds(1000); // 0 in 0.8.2
    sim::Duration replica_socket_timeout = sim::milliseconds(30000);
    sim::Duration replica_high_watermark_checkpoint_interval = sim::milliseconds(5000);
    sim::Duration request_timeout = sim::milliseconds(30000);
    std::int32_t num_io_threads = 8;
    std::int32_t queued_max_requests = 500;
    std::int32_t num_replica_fetchers = 1;
    sim::Duration broker_heartbeat_interval = sim::milliseconds(2000);
    sim::Duration broker_session_timeout = sim::milliseconds(9000);
    sim::Duration initial_broker_registration_timeout = sim::milliseconds(60000);
    bool controlled_shutdown_enable = true;
    sim::Duration zookeeper_session_timeout = sim::milliseconds(18000); // 6000 before 2.5; unused in KRaft
    bool auto_leader_rebalance_enable = true;
    sim::Duration leader_imbalance_check_interval = sim::seconds(300);
    bool delete_topic_enable = true;                                            // false before 1.0
    sim::Duration unclean_leader_election_interval = sim::milliseconds(300000); // 3.9 and later; 0 = never
    sim::Duration metadata_max_idle_interval = sim::milliseconds(500);          // 0 = no no-op records
    sim::Duration controller_quorum_append_linger = sim::milliseconds(25);
    sim::Duration controller_quorum_request_timeout = sim::milliseconds(2000);
    sim::Duration controller_quorum_retry_backoff = sim::milliseconds(20);
    LogSettings log;
    std::string rack;              // broker.rack
    bool rack_aware_reads = false; // replica.selector.class = RackAwareReplicaSelector (KIP-392)
    GroupCoordinatorSettings group;
    TransactionCoordinatorSettings transaction;
    QuorumSettings quorum;
    ZooKeeperSettings zookeeper;
    bool operator==(const BrokerSettings&) const = default;
};

} // namespace kafka
