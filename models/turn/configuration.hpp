#pragma once
// What a run is asked to be: immutable, shared by all copies of a world, resolved to the last default.

#include "models/dialect/dialect.hpp"
#include "models/settings/settings.hpp"
#include "models/vocabulary/application.hpp"
#include "models/vocabulary/groups.hpp"
#include "models/vocabulary/ids.hpp"
#include "models/vocabulary/keys.hpp"
#include "sim/choices/choices.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace kafka {

/// What a process does once it runs another release, or once features are finalized. Without an entry for
/// the present pair it does what it did at the start.
struct LaterDialect {
    std::int32_t upgrade = -1;   // "roll" fault that gave it its release; -1 = none
    std::int32_t finalized = -1; // "finalize" fault; -1 = none
    Dialect dialect;
};
inline const Dialect& later_dialect(const std::vector<LaterDialect>& all, const Dialect& first,
                                    std::int32_t upgrade, std::int32_t finalized) {
    for (const LaterDialect& one : all)
        if (one.upgrade == upgrade && one.finalized == finalized) return one.dialect;
    return first;
}

/// One broker as the scenario gives it. Shape: its slot is its position in `Configuration::brokers`.
struct BrokerConfiguration {
    BrokerId id;
    std::string rack; // empty = none
    Release release = newest_release;
    Dialect dialect;
    BrokerSettings settings;
    bool absent = false; // no part of the cluster until it is started
    std::vector<LaterDialect> later{};
};

/// Who keeps the cluster's metadata.
enum class MetadataType : std::uint8_t { kraft, zookeeper };

/// One voter of the KRaft quorum. Combined: it lives in the process of a broker
/// (process.roles=broker,controller).
struct ControllerConfiguration {
    BrokerId id;
    BrokerSlot combined_with = no_slot;
    std::string rack{}; // empty = none; a combined one has its broker's
};

/// What a topic is for. Internal topics come after all others in Configuration::topics.
enum class TopicPurpose : std::uint8_t { user, consumer_offsets, transaction_state };

/// Shape: of an internal topic only the partitions that a group or transactional id of the scenario hashes to
/// are modelled, in order of number; `kafka_partitions` is how many it has in Kafka.
struct TopicConfiguration {
    std::string name;
    PartitionIndex partition_first; // its partitions are consecutive
    std::int32_t partitions = 1;    // with those that faults create later
    TopicPurpose purpose = TopicPurpose::user;
    std::int32_t kafka_partitions = 0; // internal topics
    std::int32_t replication_factor = 3;
    TopicSettings settings;
};

struct PartitionConfiguration {
    TopicIndex topic;
    std::int32_t number = 0; // within its topic
    std::string name;        // "orders-0"
    Assignment assignment;
    StreamIndex internal_stream = no_stream; // of the records of an internal topic's partition
    bool created_later = false;              // by a fault: CreatePartitions
    BrokerSet later_replicas{};              // that reassignments of the script may give it
};

/// Part of a load: `count` records at `rate` per second from `start` on (rate 0 = all at once).
struct LoadSegment {
    sim::SimTime start;
    std::int64_t count = 0;
    std::int64_t rate = 0;
};

struct ProducerConfiguration {
    std::string name;
    TopicIndex topic;
    Release release = newest_release;
    Dialect dialect;
    ProducerSettings settings;
    std::vector<LoadSegment> load; // in time order, non-overlapping
    std::int32_t record_bytes = 100;
    std::int32_t keys = 0;                 // 0 = no key: sticky partitions; else record n has key n % keys
    std::int32_t compressed_percent = 50;  // of the bytes of records, with a compression.type
    std::int64_t unserializable_every = 0; // every n-th record cannot be serialized; 0 = none
    std::int64_t oversized_every = 0;      // every n-th record has oversized_bytes; 0 = none
    std::int32_t oversized_bytes = 0;
    sim::Duration timestamp_offset; // of its records' create times, from its clock; below 0 = old records
    bool monotonic = false;         // a library that measures time-outs by a monotonic clock
    ProducerApplication application;
    std::string rack;
    std::vector<TopicIndex> more_topics; // that it writes to: dead letters
    // Its streams are consecutive: partitions of its topic, then of the others.
    StreamIndex stream_first;
    ConsumerIndex owner{-1}; // it lives in the process of this consumer; -1 = in its own
    TransactionalIdIndex transactional_id = no_transactional_id;
    std::int32_t first_key = 0;       // of `keys`
    std::int64_t tombstone_every = 0; // every n-th record has no value; 0 = none
};

/// A group, or a transactional id: who coordinates it is the leader of `partition`.
struct CoordinatedConfiguration {
    std::string name;
    PartitionIndex partition; // of __consumer_offsets or __transaction_state
};

/// One member: a process of its own. A consumer of the scenario with N members stands here N times, with
/// names "billing/1" to "billing/N" and one `entry`; with one member its name is "billing".
struct ConsumerConfiguration {
    std::string name;
    std::int32_t entry = 0;  // position in the scenario's list
    std::int32_t member = 1; // from 1
    std::int32_t members = 1;
    GroupIndex group = no_group;
    InstanceIndex instance = no_instance; // one index for each distinct group.instance.id
    std::vector<TopicIndex> topics;
    Release release = newest_release;
    Dialect dialect;
    ConsumerSettings settings;
    sim::SimTime start;
    std::string rack;
    ConsumerApplication application;
    bool monotonic = false; // a library that measures time-outs by a monotonic clock
};

/// Name of the scenario's entry: without the number of the member.
inline std::string base_name(const ConsumerConfiguration& consumer) {
    return consumer.members > 1 ? consumer.name.substr(0, consumer.name.rfind('/')) : consumer.name;
}

/// Which stream belongs to which producer and partition. Streams of internal partitions come last and have
/// no producer.
struct StreamConfiguration {
    ProducerIndex producer;
    PartitionIndex partition;
};

/// What kind of traffic a link rule speaks of.
enum class LinkKind : std::uint8_t { client = 1, replication = 2, control = 4, any = 7 };

struct NetworkConfiguration {
    sim::LatencyTable latency{sim::microseconds(250), sim::milliseconds(1), sim::milliseconds(4)};
    std::int64_t bandwidth_bits = 1000000000; // per second, each host and direction; 0 = unlimited
    sim::LatencyTable request_service{sim::microseconds(60), sim::microseconds(400), sim::milliseconds(3)};
    sim::Duration service_per_kibibyte = sim::microseconds(20); // of a produce request's records
    sim::LatencyTable process_exit{sim::milliseconds(40), sim::milliseconds(120), sim::milliseconds(200)};
    sim::LatencyTable metadata_apply{sim::milliseconds(2), sim::milliseconds(15), sim::milliseconds(60)};
    /// Reading an internal partition that has records, before its coordinator serves; and for each MiB of it.
    /// Source: CoordinatorLoaderImpl, TransactionStateManager: reads of 5 MiB (offsets.load.buffer.size).
    sim::LatencyTable coordinator_load{sim::milliseconds(5), sim::milliseconds(20), sim::milliseconds(100)};
    sim::Duration coordinator_load_per_mebibyte = sim::milliseconds(10);
    /// The kernel writes dirty pages of this age by itself; nothing = a power loss takes all that was not
    /// flushed.
    std::optional<sim::Duration> write_back;
    /// Reading logs again after an unclean end. Source: LogLoader.recoverLog.
    sim::Duration log_recovery_per_mebibyte;
    sim::LatencyTable process_start{sim::milliseconds(1500), sim::milliseconds(3500),
                                    sim::milliseconds(5000)};
};

// --- the script of faults ---

enum class FaultKind : std::uint8_t {
    crash,
    pause,
    resume,
    stop,
    start,
    power_loss,
    wipe_disk,
    cut,
    heal,
    slow,
    elect,
    set,
    deny,  // a producer loses its permission to write
    allow, // and has it again
    create_partitions,
    gc,             // a stop-the-world pause of the JVM
    starve,         // too little CPU: what the process does takes longer
    clock,          // its host's wall clock steps or drifts
    swizzle,        // brokers are clogged one after the other, and set free in another order
    disk,           // the device of a log directory: see DiskTrouble
    delete_records, // an administrator's DeleteRecords
    corrupt,        // bits of a batch on a broker's disk flip
    roll,           // processes are restarted one after the other
    reassign,
    delete_topic,
    unregister, // a broker that is gone for good
    finalize,   // features of the release that all brokers run now
};

/// What a scenario and the verdict call each kind, in the order of the enumerators.
constexpr const char* fault_words[] = {"crash",        "pause",      "resume",
                                       "stop",         "start",      "power_loss",
                                       "wipe_disk",    "cut",        "heal",
                                       "slow",         "elect",      "set",
                                       "deny",         "allow",      "create_partitions",
                                       "gc",           "starve",     "clock",
                                       "swizzle",      "disk",       "delete_records",
                                       "corrupt",      "roll",       "reassign",
                                       "delete_topic", "unregister", "finalize"};
static_assert(std::size(fault_words) == static_cast<std::size_t>(FaultKind::finalize) + 1);
constexpr const char* word_of(FaultKind kind) { return fault_words[static_cast<std::size_t>(kind)]; }

/// Whom a fault means. `named` faults are resolved when they happen.
enum class TargetKind : std::uint8_t {
    broker,
    controller,
    leader_of,
    follower_of,
    all_brokers,
    any_broker,
    rack,
    producer,
    consumer,
    coordinator_of,
    partition,
    topic,
    host_of,
    target_of,
    none,
    zone, // all processes of a rack, clients too
    site, // all brokers and controllers
    zookeeper,
};

struct Target {
    TargetKind kind = TargetKind::none;
    BrokerSlot broker;        // broker
    PartitionIndex partition; // leader_of, follower_of, partition; coordinator_of: its internal one
    TopicIndex topic;         // topic
    std::int32_t nth = 1;     // follower N of, from 1
    std::int32_t index =
        -1;           // producer, consumer, controller (-1: the active one); target_of: the other fault
    std::string rack; // rack, zone
    TargetKind host = TargetKind::none; // host_of: the kind inside (the other fields describe it)
    std::string text;                   // as written
};

enum class WhenKind : std::uint8_t {
    isr_size,
    acknowledged,
    appended,
    high_watermark,
    leader,
    joined,    // members of a group that have their assignment
    committed, // offset of a group in a partition; 0 = nothing
    lag,       // of a group: high watermark less committed offset, in a partition or over all
};

/// A condition on the cluster; true when the value lies within [at_least, at_most].
struct Condition {
    WhenKind kind{};
    PartitionIndex partition;    // isr_size, appended, high_watermark, leader
    ProducerIndex producer;      // acknowledged
    GroupIndex group = no_group; // joined, committed, lag; the partition of lag may be -1
    std::int64_t at_least = 0;
    std::int64_t at_most = 9223372036854775807;
    BrokerSlot leader = no_slot; // leader is; no_slot = none
};

/// What a slow link does to messages besides latency and bandwidth.
struct LinkTrouble {
    std::optional<sim::LatencyTable> jitter; // added to the latency of each message
    std::int32_t loss_ppm = 0;               // of segments, in parts per million
    sim::Duration close_delay;               // how much later the end of a connection is told
    bool any() const { return jitter || loss_ppm > 0 || close_delay > sim::Duration{0}; }
};

/// What is wrong with a disk. full: no write succeeds; failed: no write and no read does; hung: whoever
/// writes waits until it is over; slow: each write and flush takes longer; unreadable: reads of what is not
/// in the page cache fail.
enum class DiskTrouble : std::uint8_t { full, failed, hung, slow, unreadable };
constexpr const char* disk_trouble_words[] = {"full", "failed", "hung", "slow", "unreadable"};
constexpr const char* word_of(DiskTrouble trouble) {
    return disk_trouble_words[static_cast<std::size_t>(trouble)];
}
struct DiskFault {
    DiskTrouble trouble{};
    std::int32_t directory = 0;   // 1 = the first of log.dirs; 0 = all of them
    PartitionIndex partition{-1}; // corrupt: of this partition's log,
    Offset offset{0};             // the batch that holds this offset
};

/// How a rolling restart goes on. Source: operators' practice (Kafka's upgrade notes: "one broker at a
/// time"); Strimzi's KafkaRoller restarts the active controller last.
struct RollPolicy {
    enum class Order : std::uint8_t { by_id, by_rack, controller_last } order = Order::by_id;
    enum class Wait : std::uint8_t {
        in_sync, // brokers: no partition is under-replicated; members: they have their assignment
        started, // brokers: unfenced; others: the process is up
        nothing, // the next one's turn comes a pause after the start was ordered
    } wait_for = Wait::in_sync;
    std::int32_t at_once = 1; // 0 = a whole rack
    sim::Duration pause;      // before the next one
    bool crash = false;       // kill -9 in place of SIGTERM
};

/// One line of "faults", resolved. Exactly one of `at`, `after`, `when` starts it.
struct Fault {
    std::string name; // given, or "fault 3" counted from 1
    FaultKind kind{};
    std::vector<Target> targets;         // cut, heal, slow: the ends of "between"
    std::optional<sim::SimTime> at_from; // with at_to: a range that the seed decides
    sim::SimTime at_to;
    std::int32_t after = -1; // index of another fault
    std::optional<Condition> when;
    sim::Duration by_from; // delay after `after` or `when`; with by_to a range
    sim::Duration by_to;
    std::optional<sim::Duration> lasts_from; // "for"
    sim::Duration lasts_to;
    bool forward_only = false; // cut, slow: only from the first end to the second
    std::uint8_t kinds = static_cast<std::uint8_t>(LinkKind::any);
    enum class How : std::uint8_t { silence, reset, stall } how = How::silence;
    std::optional<sim::LatencyTable> latency; // slow, and disk: slow
    std::int64_t bandwidth_bits = 0;          // slow; 0 = unchanged
    LinkTrouble trouble;                      // slow
    std::int32_t factor = 1;                  // starve: how many times longer its work takes
    sim::Duration clock_step;                 // clock: forward, or back when it is negative
    std::int64_t clock_drift_ppm = 0;         // clock: too fast, or too slow when it is negative
    DiskFault disk;
    Offset before = no_offset;   // delete_records; no_offset = the high watermark
    bool unclean = false;        // elect
    std::int32_t partitions = 0; // create_partitions: how many the topic has then
    RollPolicy roll;
    std::optional<Release> release; // roll: they come back with it
    sim::Duration timeout;          // roll, reassign: the administrator gives up then
    std::vector<std::pair<PartitionIndex, Assignment>> reassigned; // reassign: the target of each
    std::int64_t throttle = 0; // reassign: bytes per second and broker; 0 = none
    bool cancel = false;       // reassign: what is under way is taken back
    // set: the complete settings after the change, for each topic and broker that it concerns; roll: those
    // of the release
    std::vector<std::pair<TopicIndex, TopicSettings>> topic_settings;
    std::vector<std::pair<BrokerSlot, BrokerSettings>> broker_settings;
    std::string pointer; // JSON pointer, for messages
};

/// A family of random faults, as a scenario's "weather" gives it. The seed decides when they come, whom they
/// hit and how long they last; see models/cluster/weather.hpp.
struct WeatherFamily {
    Fault fault;               // what each of them is: kind, "for", link; without time, target and name
    std::vector<Target> among; // each hits one of these; empty = the fault's own two ends
    sim::Duration mean_every;  // mean of the exponential gaps between them
    // Or, of each of `among` for itself: mean times to failure and to repair, both exponential; 0 = the
    // above.
    sim::Duration time_to_failure;
    sim::Duration time_to_repair;
    sim::SimTime from;
    sim::SimTime until;
    bool draws_wait = false;  // roll: the seed decides what each waits for, "in_sync" or "started"
    std::int32_t at_most = 0; // at once; 0 = no bound
    sim::Duration rest;       // how long after its end a fault still counts as being there
};

/// What holds for all families together.
struct WeatherRules {
    bool swarm = false;     // each seed draws which families there are, and how strong each is
    std::int32_t lossy = 0; // at most so many brokers lose what they have not flushed, at once; 0 = no bound
    std::int32_t down = 0;  // at most so many brokers do not answer, at once; 0 = no bound
    sim::Duration rest;     // how long after its end a fault still counts
    bool breaks = false;    // once, lossy + 1 brokers lose their power at one instant
    sim::SimTime from;
    sim::SimTime until;
};

/// What comes after the faults: all of them are undone, and the cluster has some time to come back.
struct HealConfiguration {
    std::vector<Target> without;        // brokers and racks that stay away
    std::optional<sim::Duration> bound; // else what the clients and brokers wait for
};

/// Everything that a run is. Two runs of equal configuration and seed give equal bytes.
struct Configuration {
    Release release = newest_release;
    BrokerSettings controller_settings;
    Dialect controller_dialect;
    std::vector<LaterDialect> later_controllers{};
    MetadataType metadata = MetadataType::kraft;
    std::vector<ControllerConfiguration> controllers; // KRaft: the voters; empty under ZooKeeper
    std::int32_t zookeeper_servers = 0;               // ZooKeeper: 1, a process that stands for the ensemble
    BrokerSlot first_controller{0}; // ZooKeeper: the broker that is the controller at time 0
    std::vector<BrokerConfiguration> brokers;
    std::vector<TopicConfiguration> topics;
    std::vector<PartitionConfiguration> partitions;
    std::vector<ProducerConfiguration> producers;
    std::vector<ConsumerConfiguration> consumers;
    std::vector<StreamConfiguration> streams;
    StreamIndex internal_stream_first; // streams from here on belong to internal partitions
    std::vector<CoordinatedConfiguration> groups;
    std::vector<CoordinatedConfiguration> transactional_ids;
    bool moves_log_starts = false;  // retention may delete, or an administrator does
    bool compacts = false;          // a topic of the user is compacted, or will be
    std::vector<StreamKeys> keys{}; // by stream; empty unless a topic is compacted
    NetworkConfiguration network;
    std::vector<Fault> faults;
    std::vector<WeatherFamily> weather; // drawn into faults by the seed before the run; then empty
    WeatherRules weather_rules;
    std::optional<HealConfiguration> heal;
    std::optional<sim::SimTime> until; // else: loads done, faults over, then a settling time

    BrokerSlot slot_of(BrokerId id) const {
        for (std::size_t i = 0; i < brokers.size(); ++i)
            if (brokers[i].id == id) return BrokerSlot{static_cast<std::int32_t>(i)};
        return no_slot;
    }
    bool has_zookeeper() const { return metadata == MetadataType::zookeeper; }
    /// Processes of the control plane that are no brokers.
    std::size_t control_processes() const {
        return controllers.size() + static_cast<std::size_t>(zookeeper_servers);
    }
    const BrokerConfiguration& broker(BrokerSlot slot) const {
        return brokers[static_cast<std::size_t>(slot.value)];
    }
    const PartitionConfiguration& partition(PartitionIndex index) const {
        return partitions[static_cast<std::size_t>(index.value)];
    }
    const TopicConfiguration& topic(TopicIndex index) const {
        return topics[static_cast<std::size_t>(index.value)];
    }
    const TopicConfiguration& topic_of(PartitionIndex index) const { return topic(partition(index).topic); }
    bool is_internal(PartitionIndex index) const { return topic_of(index).purpose != TopicPurpose::user; }
    const CoordinatedConfiguration& group(GroupIndex index) const {
        return groups[static_cast<std::size_t>(index.value)];
    }
    const CoordinatedConfiguration& transactional_id(TransactionalIdIndex index) const {
        return transactional_ids[static_cast<std::size_t>(index.value)];
    }
    const StreamConfiguration& stream(StreamIndex index) const {
        return streams[static_cast<std::size_t>(index.value)];
    }
    const ProducerConfiguration& producer(ProducerIndex index) const {
        return producers[static_cast<std::size_t>(index.value)];
    }
    const ConsumerConfiguration& consumer(ConsumerIndex index) const {
        return consumers[static_cast<std::size_t>(index.value)];
    }
};

/// Log directory of a broker's replica, from 0. Source: LogManager.nextLogDirs: a new log goes where the
/// fewest are. Shape: partitions are placed in order of index; the first of several that have as few takes
/// it, where Kafka leaves it to the order of a hash map.
inline int directory_of(const Configuration& configuration, BrokerSlot broker, PartitionIndex partition) {
    const int directories = configuration.broker(broker).settings.log.directories;
    if (directories == 1) return 0;
    int before = 0;
    for (std::int32_t i = 0; i < partition.value; ++i)
        before += configuration.partition(PartitionIndex{i}).assignment.set().has(broker) ? 1 : 0;
    return before % directories;
}

} // namespace kafka
