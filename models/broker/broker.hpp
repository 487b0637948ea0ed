#pragma once
// A broker as a value: what its disk keeps, and what its process knows.

#include "models/broker/coordination.hpp"
#include "models/broker/delayed.hpp"
#include "models/broker/quota.hpp"
#include "models/broker/traffic.hpp"
#include "models/broker/zookeeper.hpp"
#include "models/log/log.hpp"
#include "models/replication/leader.hpp"
#include "models/turn/channel.hpp"
#include "models/turn/device.hpp"
#include "models/turn/turn.hpp"
#include "sim/core/spares.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kafka {

/// The metadata that a broker has applied. Source: MetadataImage, as its caches give it.
struct MetadataImage {
    struct BrokerView {
        BrokerEpoch epoch = no_broker_epoch;
        bool fenced = true;
        bool in_controlled_shutdown = false;
        bool operator==(const BrokerView&) const = default;
    };
    Offset next_offset{0};                  // first record of the metadata log that is not applied
    std::vector<BrokerView> brokers;        // by slot
    std::vector<PartitionState> partitions; // by partition
    std::vector<TopicSettings> topics;      // by topic
    std::vector<BrokerEpoch> epochs;        // by slot, for the leader's checks
    std::uint64_t denied = 0;               // producers that may not write, as bits by index
    std::int32_t settings_fault = -1;       // "set" fault whose settings this broker runs with
    std::vector<std::int32_t> throttles;    // "reassign" faults whose throttle is in force
    std::int32_t finalized = -1;            // "finalize" fault whose features are in force
    bool operator==(const MetadataImage&) const = default;
};
/// Unfenced brokers that are not shutting down.
BrokerSet eligible_brokers(const MetadataImage& image);
/// Unfenced brokers, as clients are told.
BrokerSet alive_brokers(const MetadataImage& image);
bool may_write(const MetadataImage& image, ProducerIndex producer);
void apply(MetadataImage& image, const MetadataRecord& record, BrokerSlot self);

/// The broker as an observer of the quorum. Source: KafkaRaftClient (pollFollowerAsObserver).
struct QuorumObserver {
    Voter leader{0};                     // of the quorum, as known; no_voter = unknown
    Epoch epoch{1};                      // of the quorum, as known
    Voter asked{0};                      // who is asked for records now
    std::vector<MetadataRecord> records; // fetched, and not known to be committed
    std::vector<Epoch> epochs;           // of each of them
    Epoch last_epoch{1};                 // of the last committed record that was fetched
    Offset snapshot_end = no_offset;     // what is being applied is a snapshot
    bool operator==(const QuorumObserver&) const = default;
};

/// Life of a broker process. Source: BrokerLifecycleManager, BrokerState; semantics 4.4.
enum class LifecycleState : std::uint8_t {
    registering,
    recovering,
    running,
    pending_shutdown,
    shutting_down
};

struct Lifecycle {
    LifecycleState state = LifecycleState::registering;
    std::uint64_t incarnation = 0;
    BrokerEpoch epoch = no_broker_epoch;
    std::uint32_t heartbeat_round = 0;
    std::int32_t heartbeat_failures = 0;
    bool operator==(const Lifecycle&) const = default;
};

/// Follower fetches to one leader: one request in flight carries all its partitions. Source:
/// ReplicaFetcherThread. Leaves out: num.replica.fetchers above 1, fetch sessions (KIP-227) other than their
/// effect on sizes, throttling.
struct Fetcher {
    BrokerSlot leader;
    Channel channel;
    std::vector<std::int32_t> replicas; // positions in `Memory::replicas`, sorted
    std::uint32_t wake_round = 0;
    sim::SimTime wake_at = sim::SimTime::never(); // of the pending wake-up
    std::optional<FetchResponse> held;            // its records wait for the disk, and the thread with them
    sim::SimTime held_until;
    bool operator==(const Fetcher&) const = default;
};

/// Requests of one connection are handled one at a time. Source: SocketServer, Processor (mute and unmute).
struct ServedConnection {
    sim::ConnectionId id;
    bool busy = false;         // a request is queued, in service or delayed
    std::vector<Mail> waiting; // read later; in order
    bool operator==(const ServedConnection&) const = default;
};

struct QueuedRequest {
    sim::ConnectionId connection;
    Mail mail;
    bool operator==(const QueuedRequest&) const = default;
};

/// A partition of a produce request that waits for the high watermark.
struct ProducePart {
    PartitionIndex partition;
    Offset required_offset;
    Batch batch; // as appended, or the original's place for a duplicate
    ErrorCode error = ErrorCode::request_timed_out;
    bool pending = true;
    bool operator==(const ProducePart&) const = default;
};
using DelayedProduce = Delayed<ProducePart>;

/// A fetch that waits for data. Source: DelayedFetch; semantics 3.1.
struct DelayedFetch {
    sim::ConnectionId connection;
    FetchRequest request;
    std::uint32_t round = 0;
    sim::EventHandle timer;
    bool operator==(const DelayedFetch& o) const {
        return connection == o.connection && request == o.request && round == o.round;
    }
};

/// ISR changes on their way to the controller. Source: DefaultAlterPartitionManager.
struct AlterPartitionQueue {
    Channel channel;
    std::vector<AlterPartitionContent::Entry> queued; // one per partition at most
    std::vector<AlterPartitionContent::Entry> sent;   // in flight
    std::vector<PartitionIndex> forgotten;            // of these: a new leadership has dropped them (to 2.8)
    bool operator==(const AlterPartitionQueue&) const = default;
};

/// Report of replicas in a directory that the registration does not have. Source: AssignmentsManager
/// (KIP-858).
struct DirectoryReport {
    Channel channel;
    std::vector<PartitionIndex> partitions;
    bool operator==(const DirectoryReport&) const = default;
};

/// Records of a coordinator that wait for the disk.
struct HeldOrder {
    AppendOrder order;
    sim::SimTime until;
    bool operator==(const HeldOrder&) const = default;
};

/// What a process knows of its log directories, and what waits for them. Directories are bits by number.
struct DiskWork {
    std::uint32_t failing = 0;        // found out in this turn
    std::uint32_t offline = 0;        // given up until the process starts again
    std::uint32_t told = 0;           // of these: in the heartbeat under way
    std::uint32_t known = 0;          // of these: the controller has answered
    std::vector<std::uint32_t> stuck; // places of handlers that stand in write()
    std::vector<HeldOrder> orders;    // in order
    sim::Duration recovery;           // how long reading the logs again takes, before the first publication
    bool publication = false;         // metadata waits to be written, and then applied
    bool unrecovered = false;         // logs of an unclean end, to be looked at before the first publication
    std::vector<sim::SimTime> busy_until; // of each log's latest write on a slow disk; empty = none was slow
    bool operator==(const DiskWork&) const = default;
};

/// What the cleaner's thread knows. Source: LogCleaner, LogCleanerManager (uncleanablePartitions).
struct CleanerThread {
    bool dead = false;
    std::vector<PartitionIndex> uncleanable;
    bool operator==(const CleanerThread&) const = default;
};

/// What survives the process. `logs` stand at the positions of `Broker::hosted`.
struct Disk {
    std::vector<Log> logs;
    std::vector<ProducerStates> snapshots;              // of a clean shutdown, else empty
    bool clean_shutdown = true;                         // .kafka_cleanshutdown is there
    BrokerEpoch clean_shutdown_epoch = no_broker_epoch; // written in it (3.7)
    std::uint64_t directory = 0;                        // directory.id
    std::vector<DeviceState> devices;                   // by log directory; empty = all are well
    std::vector<Offset> cached_from; // of each log, the first offset in the page cache; empty = all are
    bool operator==(const Disk&) const = default;
};

/// What dies with the process.
struct Memory {
    std::vector<Replica> replicas; // at the positions of `Broker::hosted`
    MetadataImage image;
    Lifecycle lifecycle;
    Channel heartbeat;
    Channel metadata;
    QuorumObserver observer;
    std::vector<MetadataRecord> unapplied;         // fetched, being published
    std::vector<PartitionState> partitions_before; // of the publication under way
    std::vector<Fetcher> fetchers;                 // sorted by leader
    AlterPartitionQueue alter_partition;
    DirectoryReport directory_report;
    std::vector<ServedConnection> connections; // sorted by id
    std::vector<QueuedRequest> request_queue;  // waiting for a handler
    std::vector<QueuedRequest> in_service;     // a handler each; a free place has no valid connection
    std::vector<DelayedProduce> delayed_produces;
    sim::Spares<DelayedProduce::Part> spare_parts; // for them
    std::vector<DelayedFetch> delayed_fetches;
    Coordination coordination;
    TransactionTraffic traffic;
    ReplicationQuota leader_quota; // of throttled partitions
    ReplicationQuota follower_quota;
    std::uint32_t next_round = 1;
    Correlation next_correlation = 1;
    std::int64_t producer_ids_given = 0;
    DiskWork disk_work;
    ZooKeeperMember zookeeper;
    CleanerThread cleaner;
    bool operator==(const Memory&) const = default;
};

struct Broker {
    BrokerSlot slot;
    std::vector<PartitionIndex> hosted; // sorted; also those that a reassignment may give it
    Disk disk;
    Memory memory;
    std::uint64_t starts = 0;          // of its process, for incarnations
    std::int32_t upgraded_by = -1;     // "roll" fault that gave it its release
    std::int32_t protocol_by = -1;     // ZooKeeper: "finalize" fault, its inter.broker.protocol.version
    std::int64_t replicated_bytes = 0; // sent to followers since the run began
    bool exit_requested = false;       // the process has nothing left to do: the cluster ends it
    bool starts_again = false;         // once it has ended, its supervisor starts it
    bool halt_requested = false;       // Exit.halt: likewise, and nothing is put in order
    bool halted = false;               // it ended so, and has not started since
    bool operator==(const Broker&) const = default;
};

/// A broker's own timers.
enum class BrokerTimer : std::uint8_t {
    service,
    heartbeat,
    heartbeat_timeout,
    heartbeat_connect,
    metadata_connect,
    metadata_timeout,
    metadata_apply,
    isr_check,
    checkpoint,
    flush,
    fetcher_wake,
    fetcher_timeout,
    alter_partition_send,
    alter_partition_timeout,
    directory_send,
    produce_expired,
    fetch_expired,
    shutdown_timeout,
    coordinator_loaded,
    coordinator_append_expired,
    group_coordinator,       // the timer's other fields are the coordinator's
    transaction_coordinator, // likewise
    disk_ready,              // what waited for a disk goes on
    directory_failure_timeout,
    retention,
    log_start_checkpoint,
    write_back,
    zookeeper, // its fields are those of control/zookeeper/client.hpp
    cleaner,
};
static_assert(static_cast<std::uint8_t>(BrokerTimer::zookeeper) == zookeeper_timer_number);

const BrokerSettings& settings_of(const Broker& broker, const Configuration& configuration);
/// What it can do, by its release and by the features that it knows to be finalized.
inline const Dialect& dialect_of(const Broker& broker, const Configuration& configuration) {
    const BrokerConfiguration& own = configuration.broker(broker.slot);
    if (own.later.empty()) return own.dialect;
    const std::int32_t finalized =
        configuration.has_zookeeper() ? broker.protocol_by : broker.memory.image.finalized;
    return later_dialect(own.later, own.dialect, broker.upgraded_by, finalized);
}
/// The partition's replicas, as this broker's metadata has them.
const Assignment& replicas_of(const Broker& broker, PartitionIndex partition,
                              const Configuration& configuration);
/// Position of `partition` among the hosted; -1 when this broker never has a replica of it.
int position_of(const Broker& broker, PartitionIndex partition);

Broker make_broker(const Configuration& configuration, BrokerSlot slot);
/// The process begins: loads logs, learns metadata, registers. `healthy` = time 0 of a cluster that already
/// runs.
struct HealthyStart {
    MetadataImage image;
    std::uint64_t incarnation = 0;
    BrokerEpoch epoch;
};
void start(Broker& broker, const HealthyStart* healthy, Turn& turn);
/// SIGTERM. Source: BrokerServer.shutdown: controlled shutdown, then exit.
void begin_shutdown(Broker& broker, Turn& turn);
/// Whether it has not been ready for requests since its process began.
bool is_starting(const Broker& broker);
/// Whether it hands over before it ends.
bool is_shutting_down(const Broker& broker);
/// The process ends in good order: flush, checkpoints, marker. Source: LogManager.shutdown.
void finish_shutdown(Broker& broker, Turn& turn);
/// The process is gone; page cache and disk stay.
void forget_memory(Broker& broker, Turn& turn);
/// The page cache is gone too: each log keeps a prefix between its recovery point and its end.
void lose_unflushed(Broker& broker, Turn& turn);
/// The disk is replaced by an empty, formatted one.
void wipe_disk(Broker& broker, Turn& turn);

/// A fault of the device under a log directory (from 1; 0 = under each of them), or its end.
struct DeviceFault {
    DiskTrouble trouble{};
    std::int32_t directory = 0;
    std::optional<sim::LatencyTable> latency{};
    bool over = false;
};
void change_device(Broker& broker, const DeviceFault& fault, Turn& turn);
/// All devices are well again; what failed in this process stays offline until it starts again.
void mend_devices(Broker& broker, Turn& turn);
/// The batch that holds `offset` is no longer what was written, on this broker's disk; false when it has
/// none.
bool corrupt_batch(Broker& broker, PartitionIndex partition, Offset offset);
/// DeleteRecords at the leader: everything below `before` (no_offset = the high watermark) is gone.
/// Error: NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR, OFFSET_OUT_OF_RANGE above the high watermark.
/// Source: Partition.deleteRecordsOnLeader; semantics 5.3.4. Leaves out: the answer, which waits until all
/// live replicas have followed (DelayedDeleteRecords).
ErrorCode delete_records(Broker& broker, PartitionIndex partition, Offset before, Turn& turn);
/// A write to the replica's log would not return now.
bool hangs_on_disk(const Broker& broker, PartitionIndex partition, const Configuration& configuration);
/// The end of the process waits for a disk: its logs cannot be flushed.
bool waits_for_disk(const Broker& broker);
/// ElectLeaders, at the broker that is the controller under ZooKeeper: UNCLEAN or PREFERRED.
void elect(Broker& broker, PartitionIndex partition, bool unclean, Turn& turn);
/// AlterPartitionReassignments likewise (2.4); without a target it is taken back. False when it is refused.
bool reassign(Broker& broker, PartitionIndex partition, const Assignment& target, Turn& turn);

void on(Broker& broker, sim::ConnectionId connection, sim::Side side, const Mail& mail, Turn& turn);
void on(Broker& broker, const Connected& event, Turn& turn);
void on(Broker& broker, const Refused& event, Turn& turn);
void on(Broker& broker, const Disconnected& event, Turn& turn);
void on(Broker& broker, const Timer& timer, Turn& turn);

} // namespace kafka
