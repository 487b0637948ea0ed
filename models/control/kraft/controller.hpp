#pragma once
// The active KRaft controller with its metadata log, as a value.

#include "models/control/kraft/image.hpp"
#include "models/control/kraft/quorum.hpp"
#include "models/control/kraft/raft_thread.hpp"
#include "models/control/partition_change.hpp"
#include "models/turn/turn.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// What the controller remembers of one broker's heartbeats; lost with the process.
/// Source: BrokerHeartbeatManager.BrokerHeartbeatState, BrokerHeartbeatTracker (4.0).
struct BrokerContact {
    sim::SimTime last_contact;
    bool tracked = false; // every_eighth_of_session: this epoch has an entry in the tracker
    Offset metadata_offset = no_offset;
    Offset controlled_shutdown_offset = no_offset; // set: on its way out, and when it may go
    bool operator==(const BrokerContact&) const = default;
};

/// A metadata fetch that waits for records.
struct ParkedFetch {
    sim::ConnectionId connection;
    MetadataFetchRequest request;
    std::uint32_t round = 0;
    sim::EventHandle timer;
    bool operator==(const ParkedFetch&) const = default;
};

/// An answer that waits until the records before `offset` are committed.
struct DeferredReply {
    sim::ConnectionId connection;
    Offset offset;
    Mail mail;
    bool operator==(const DeferredReply&) const = default;
};

/// One voter of the quorum; the leader of the quorum is the active controller. A write of the active
/// controller changes its image at once; its records are drained into the log after
/// controller.quorum.append.linger.ms, flushed, and committed when a majority of voters has flushed them.
/// Answers wait for that. What was not drained is lost with the process, what was not committed may be.
/// A quorum of one voter is led by it from time 0 and after each start of its process; it needs no election.
/// Source: QuorumController, KafkaRaftClient, BatchAccumulator; semantics 4.4, 4.5, 4.10.
/// Leaves out: changes of the voters (KIP-853), the controller's queue time, LeaderChange and no-op records
/// of a quorum of one (its high watermark moves before parked fetches are answered, so that nothing ever
/// waits for them).
struct Controller {
    using Image = ControllerImage;
    /// What the disk keeps. The high watermark and the committed image stand for what the voter reads again
    /// from its log and its snapshot when it starts.
    struct Durable {
        MetadataLog log;          // from `drained` on: still in memory
        Offset drained{0};        // end of what is flushed
        Offset high_watermark{0}; // end of what this voter knows to be committed
        Image committed;
        MetadataSnapshot snapshot;
        ElectionState election;
        bool told_creation = false;
        bool operator==(const Durable&) const = default;
    };
    struct Volatile {
        Image image;                         // active controller: with what is not committed yet
        std::vector<BrokerContact> contacts; // by slot
        std::vector<ParkedFetch> parked;
        std::vector<DeferredReply> deferred;
        bool commit_is_scheduled = false;
        bool session_check_is_scheduled = false; // at_session_end
        std::uint32_t fetch_round = 0;
        bool active = false;         // it decides
        std::uint32_t term = 0;      // of its activity: timers of an older one are stale
        std::int64_t idle_since = 0; // log end at the last look; unchanged: a no-op record is written
        QuorumMemory quorum;
        RaftThread thread;
        bool operator==(const Volatile&) const = default;
    };
    Voter voter{0};
    Durable durable;
    Volatile memory;
    std::int32_t upgraded_by = -1; // "roll" fault that gave it its release
    DeviceState device;            // under its metadata log
    bool halt_requested = false;   // it cannot write: its process ends
    bool halted = false;           // it ended so, and has not started since
    bool operator==(const Controller&) const = default;
};
/// What it can do, by its release and by the features that are finalized.
const Dialect& dialect_of(const Controller& self, const Configuration& configuration);

enum class ControllerTimer : std::uint8_t {
    commit,
    session_check,
    fetch_expired,
    rebalance,
    unclean_retry,
    role,         // the time-out of the present role
    check_quorum, // a leader without a majority
    begin_epoch,
    peer_timeout, // a: the voter
    peer_retry,   // a: the voter
    idle,
    snapshot,
    disk_ready,
};

/// A cluster that already runs: all brokers registered and unfenced, incarnation `(slot << 32) + 1`, log
/// directory `slot + 1`; all partitions led by the first of their assignment, everybody in the ISR, all
/// epochs 0. The quorum is led by the first voter in epoch 1, and all voters have all of its log.
Controller make_controller(const Configuration& configuration, Voter voter = Voter{0});

/// At time 0 and after each restart of the process. Notes the partitions' creation the first time.
/// Source: KafkaRaftClient.initialize, QuorumState.initialize; semantics 4.10.11.
void start(Controller& self, Turn& turn);
/// SIGTERM: a leader resigns and names its successors; true when the process ends later (`is_over`).
/// Source: KafkaRaftClient.shutdown, GracefulShutdown.
bool begin_shutdown(Controller& self, Turn& turn);
bool is_over(const Controller& self);
/// The process is gone: what it had in memory goes.
void forget_memory(Controller& self, Turn& turn);
/// The disk is replaced by an empty, formatted one.
void wipe_disk(Controller& self, Turn& turn);
/// Before it acts: what its clock has done since it acted last is laid on its time-outs.
void follow_clock(Controller& self, Turn& turn);
/// Something is wrong with the disk of its metadata log, or that is over.
void change_device(Controller& self, DiskTrouble trouble, const std::optional<sim::LatencyTable>& latency,
                   bool over, Turn& turn);
void mend_device(Controller& self, Turn& turn);
void on(Controller& self, const Connected& event, Turn& turn);
void on(Controller& self, const Refused& event, Turn& turn);
void on(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void on(Controller& self, const Disconnected& event, Turn& turn);
void on(Controller& self, const Timer& timer, Turn& turn);

/// ElectLeaders: UNCLEAN or PREFERRED.
/// Source: ReplicationControlManager.electLeader; semantics 4.7.7.
void elect(Controller& self, PartitionIndex partition, bool unclean, Turn& turn);
/// IncrementalAlterConfigs of a topic: the complete settings after the change.
void set_topic(Controller& self, TopicIndex topic, const TopicSettings& settings, Turn& turn);
/// IncrementalAlterConfigs of a broker: it runs with the settings of fault `fault` from now on.
void set_broker(Controller& self, BrokerSlot broker, std::int32_t fault, Turn& turn);
/// CreatePartitions: the topic has `partitions` from now on. Where no replica is active, nothing is created.
/// Source: ReplicationControlManager.createPartitions.
void create_partitions(Controller& self, TopicIndex topic, std::int32_t partitions, Turn& turn);
/// CreateAcls or DeleteAcls: whether a producer's principal may write.
void set_access(Controller& self, ProducerIndex producer, bool denied, Turn& turn);

/// AlterPartitionReassignments: towards `target`; nothing in it takes back what is under way. False when it
/// is refused.
/// Source: ReplicationControlManager.alterPartitionReassignment; semantics 4.7.8.
bool reassign(Controller& self, PartitionIndex partition, const Assignment& target, Turn& turn);
/// The throttle of fault `fault`, on or off.
void set_throttle(Controller& self, std::int32_t fault, bool removed, Turn& turn);
/// DeleteTopics. Source: ReplicationControlManager.deleteTopic.
void delete_topic(Controller& self, TopicIndex topic, Turn& turn);
/// UnregisterBroker. False when it is not registered.
/// Source: ReplicationControlManager.unregisterBroker, handleBrokerUnregistered.
bool unregister(Controller& self, BrokerSlot broker, Turn& turn);
/// UpdateFeatures, as fault `fault` asks; false while a broker or voter does not know them.
/// Source: FeatureControlManager.updateFeature, ClusterControlManager (QuorumFeatures.reasonNotSupported).
bool finalize(Controller& self, std::int32_t fault, bool all_know_them, Turn& turn);

/// Committed state. The decided one is ahead of it by the append linger.
const PartitionState& partition_state(const Controller& self, PartitionIndex partition);
const PartitionState& decided_partition_state(const Controller& self, PartitionIndex partition);
const BrokerRegistrationState& registration(const Controller& self, BrokerSlot broker);
/// Registered, unfenced and not shutting down, as committed.
/// Source: ClusterControlManager.isActive.
bool is_active(const Controller& self, BrokerSlot broker);

/// The metadata log from offset 0; at the start it describes the whole cluster.
const std::vector<MetadataRecord>& initial_records(const Controller& self);
Offset log_end_offset(const Controller& self);
Offset high_watermark(const Controller& self);

/// What must hold between turns.
void check(const Controller& self);

} // namespace kafka
