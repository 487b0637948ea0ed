#pragma once
// The active KRaft controller with its metadata log, as a value.

#include "models/control/partition_change.hpp"
#include "models/turn/turn.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// Registration of one broker.
/// Source: BrokerRegistration, ClusterControlManager.
struct BrokerRegistrationState {
    bool registered = false;
    BrokerEpoch epoch = no_broker_epoch; // first offset of the batch that registered this incarnation
    std::uint64_t incarnation = 0;
    std::uint64_t log_directory = 0;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    Offset registration_offset = no_offset; // of the registration record; a broker that read it is caught up
    bool operator==(const BrokerRegistrationState&) const = default;
};

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

/// A quorum of one voter that is the active controller from time 0.
/// A write changes the image at once; its records are drained, flushed and committed together after
/// controller.quorum.append.linger.ms, and answers wait for that. A crash loses what was not committed.
/// Source: QuorumController, KafkaRaftClient, BatchAccumulator; semantics 4.4, 4.5, 4.10.
/// Leaves out: other voters and their elections; snapshots; reassignment, topic creation and deletion while
/// running (partitions can be added); the controller's queue time; no-op records (a single voter moves its
/// high watermark before it answers parked fetches, so that nothing ever waits for them).
struct Controller {
    /// What the metadata log says, by slot and partition.
    struct Image {
        std::vector<BrokerRegistrationState> registrations;
        std::vector<PartitionState> partitions;
        std::vector<BrokerSet> offline_directories; // by partition: replicas in an unregistered directory
        std::vector<TopicSettings> topics;
        bool operator==(const Image&) const = default;
    };
    struct Durable {
        std::vector<MetadataRecord> log; // beyond the high watermark: still in memory, dropped by start()
        Offset high_watermark{0};        // end of what is committed
        Image committed;
        bool told_creation = false;
        bool operator==(const Durable&) const = default;
    };
    struct Volatile {
        Image image;                         // with what is not committed yet
        std::vector<BrokerContact> contacts; // by slot
        std::vector<ParkedFetch> parked;
        std::vector<DeferredReply> deferred;
        bool commit_is_scheduled = false;
        bool session_check_is_scheduled = false; // at_session_end
        std::uint32_t fetch_round = 0;
        bool operator==(const Volatile&) const = default;
    };
    Durable durable;
    Volatile memory;
    bool operator==(const Controller&) const = default;
};

enum class ControllerTimer : std::uint8_t { commit, session_check, fetch_expired, rebalance, unclean_retry };

/// A cluster that already runs: all brokers registered and unfenced, incarnation `(slot << 32) + 1`, log
/// directory `slot + 1`; all partitions led by the first of their assignment, everybody in the ISR, all
/// epochs 0.
Controller make_controller(const Configuration& configuration);

/// Activation, at time 0 and after each restart of the process. Sessions of all brokers begin anew.
/// Notes the partitions' creation the first time.
/// Source: QuorumController.claim, ClusterControlManager.activate; semantics 4.4.3.
void start(Controller& self, Turn& turn);
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
