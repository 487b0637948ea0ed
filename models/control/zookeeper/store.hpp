#pragma once
// The ZooKeeper ensemble as a value: one consistent store with sessions, ephemeral nodes, versions and
// watches.

#include "models/turn/turn.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kafka {

/// A client's session. It ends when its client has not been heard for its time-out, rounded up to a tick.
/// Source: SessionTrackerImpl, ExpiryQueue.
struct ZooKeeperSession {
    SessionId id;
    BrokerSlot broker;
    sim::ConnectionId connection; // not valid: its client is not connected
    sim::Duration timeout;
    sim::SimTime expires;
    std::uint8_t watches = 0; // ZooKeeperNodes
    bool operator==(const ZooKeeperSession&) const = default;
};

/// An ephemeral node under /brokers/ids.
struct RegisteredBroker {
    SessionId session = no_session; // no_session: there is none
    BrokerEpoch epoch = no_broker_epoch;
    std::uint64_t incarnation = 0;
    bool operator==(const RegisteredBroker&) const = default;
};

/// All servers of the ensemble together: what they agree on is linearizable, so one process stands for them.
/// What it has confirmed survives its process; its clients' connections and watches do not, and sessions
/// begin their time-outs anew when it is back. Source: ZooKeeper 3.4 to 3.8; Kafka's nodes as KafkaZkClient
/// writes them; semantics 4.1. Leaves out: servers of their own (elections of the ensemble, reads from a
/// server that lags behind), the time that a write takes to be logged, quotas, ACLs of nodes.
struct ZooKeeper {
    std::int64_t zxid = 0;                    // of the last write
    std::vector<ZooKeeperSession> sessions;   // in order of creation
    std::vector<RegisteredBroker> registered; // by slot
    BrokerSlot controller = no_slot;
    SessionId controller_session = no_session;
    Epoch controller_epoch{0};
    std::vector<PartitionState> partitions;  // state nodes; the version is the partition epoch
    std::vector<std::uint8_t> assigned;      // by partition: it stands under /brokers/topics
    std::vector<PartitionIndex> isr_changes; // that leaders have told, and no controller has read
    std::vector<TopicSettings> topics;
    std::vector<std::int32_t> broker_settings; // by slot: "set" fault whose settings it runs with; -1 = none
    std::uint64_t denied = 0;                  // producers that may not write, as bits by index
    std::vector<std::int32_t> throttles;       // "reassign" faults whose throttle is set
    sim::Duration tick_phase;
    std::uint32_t round = 0; // of the expiry timer
    bool told_creation = false;
    // /admin/reassign_partitions, delete_topics and preferred_replica_election, and the brokers that stand in
    // /log_dir_event_notification.
    std::vector<AdminNodeRecord> admin;
    std::vector<BrokerSlot> directory_events;
    bool operator==(const ZooKeeper&) const = default;
};

/// tickTime: Kafka's config/zookeeper.properties leaves ZooKeeper's own default. Sessions last 2 to 20 ticks.
/// Source: ZooKeeperServer.DEFAULT_TICK_TIME.
inline constexpr sim::Duration zookeeper_tick = sim::milliseconds(3000);

/// A cluster that already runs: every broker has a session (its slot and one), the first controller leads in
/// epoch 1, all partitions are led by the first of their assignment, everybody in the ISR, all versions 0.
ZooKeeper make_zookeeper(const Configuration& configuration);
/// At time 0 and after each restart of the ensemble. Notes the partitions' creation the first time.
void start(ZooKeeper& self, Turn& turn);
/// The ensemble is gone: connections and watches go.
void forget_memory(ZooKeeper& self);
void on(ZooKeeper& self, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void on(ZooKeeper& self, const Disconnected& event, Turn& turn);
void on(ZooKeeper& self, const Timer& timer, Turn& turn);

// --- what an administrator's tools write ---
void set_topic(ZooKeeper& self, TopicIndex topic, const TopicSettings& settings, Turn& turn);
void set_broker(ZooKeeper& self, BrokerSlot broker, std::int32_t fault, Turn& turn);
void create_partitions(ZooKeeper& self, TopicIndex topic, std::int32_t partitions, Turn& turn);
void set_access(ZooKeeper& self, ProducerIndex producer, bool denied, Turn& turn);
/// The throttle of a "reassign" fault: settings of topics and brokers.
void set_throttle(ZooKeeper& self, std::int32_t fault, bool removed, Turn& turn);
/// An entry under /admin; false when there is one of its kind that stands in its way.
bool set_admin_node(ZooKeeper& self, const AdminNodeRecord& entry, Turn& turn);
bool has_admin_node(const ZooKeeper& self, AdminNodeRecord::Kind kind, PartitionIndex partition);
/// A broker that is gone for good is no part of the cluster any more; false when its node is there.
bool forget_broker(ZooKeeper& self, BrokerSlot broker, Turn& turn);

/// What the nodes say, as records that make an image.
std::vector<MetadataRecord> describe(const ZooKeeper& self, std::uint8_t nodes);

/// What must hold between turns.
void check(const ZooKeeper& self);

} // namespace kafka
