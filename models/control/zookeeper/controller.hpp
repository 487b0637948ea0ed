#pragma once
// The controller that lives in the process of a broker, as a value.

#include "models/control/zookeeper/client.hpp"
#include "models/control/zookeeper/elections.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// One order on its way to a broker. It is sent again until it is answered, or the broker is gone.
struct ControlOrder {
    ControlKind kind{};
    Epoch controller_epoch;
    BrokerEpoch broker_epoch = no_broker_epoch;
    std::vector<MetadataRecord> records;
    bool operator==(const ControlOrder&) const = default;
};
/// Orders for one broker, one in flight, in order. Source: ControllerChannelManager, RequestSendThread.
struct ControlChannel {
    BrokerSlot server;
    Channel channel;
    std::vector<ControlOrder> queued;
    bool operator==(const ControlChannel&) const = default;
};

/// What the controller has to do next. Source: ControllerEvent; one after the other.
enum class ControllerEventKind : std::uint8_t {
    failover,
    brokers_changed,
    isr_changed,
    partitions_changed,
    controlled_shutdown,
    alter_partition,
    elect,           // asked for
    rebalance,       // leader.imbalance.check.interval.seconds
    unclean_enabled, // of a topic
    admin_changed,   // something stands under /admin
    reassign,
    reassignment_resumed, // its replicas may all be there now
    replicas_moved,       // leaders have written state nodes of partitions that are being reassigned
    directories_changed,  // a broker tells of a log directory
    replicas_answered,    // a broker could, or could not do what was ordered
    delete_topic,
};
struct ControllerEvent {
    ControllerEventKind kind{};
    BrokerSlot broker; // controlled_shutdown, alter_partition: who asks
    BrokerEpoch epoch = no_broker_epoch;
    sim::ConnectionId connection;                        // where the answer goes
    PartitionIndex partition{-1};                        // elect
    bool unclean = false;                                // elect
    TopicIndex topic{-1};                                // unclean_enabled
    std::vector<AlterPartitionContent::Entry> changes{}; // alter_partition
    Assignment target{};                                 // reassign; none = it is taken back
    bool only_when_complete = false;                     // reassignment_resumed
    ControlKind order{};                                 // replicas_answered
    std::vector<AlterPartitionAnswer::Entry> answers{};  // replicas_answered: one for each partition
    bool operator==(const ControllerEvent&) const = default;
};

/// What is decided partition by partition, and can be decided again when the state node has moved on.
enum class DecisionKind : std::uint8_t {
    brokers_gone,
    leaderless,
    shutdown,
    preferred,
    unclean,
    creation,
    none,
    reassignment_begins,  // the leader epoch grows, so that everybody hears of the new replicas
    reassignment_leader,  // one of the new replicas leads, or the present leader does in a new epoch
    reassignment_shrinks, // replicas that leave are taken out of the ISR
    directory_failed,
    deletion,
};

/// Where the reassignment of a partition is. Source: KafkaController.onPartitionReassignment.
enum class ReassignmentStep : std::uint8_t {
    none,
    assigning, // U1: the topic's node is written
    stopping,  // U3: replicas of a former reassignment that nobody needs leave
    telling,   // A1
    moving,    // B3
    shrinking, // B4
    finishing, // B6
    clearing,  // B7
};
/// One partition of a topic that is being deleted, replica by replica. Source: ReplicaState.
struct ReplicaDeletion {
    PartitionIndex partition;
    BrokerSet started;
    BrokerSet done;
    BrokerSet failed;
    bool operator==(const ReplicaDeletion&) const = default;
};
struct TopicDeletion {
    TopicIndex topic;
    bool halted = false; // topicsIneligibleForDeletion
    bool begun = false;  // brokers were told that it goes
    std::vector<ReplicaDeletion> replicas;
    bool operator==(const TopicDeletion&) const = default;
};

/// The event under way: what was read, what is being written.
struct ControllerTask {
    ControllerEvent event;
    DecisionKind deciding = DecisionKind::none;
    std::vector<PartitionRecord> writing; // versions as expected
    BrokerSet gone;                       // brokers_changed: whose sessions have ended, or who bounced
    BrokerSet added;                      // and who is new, or back
    std::vector<BrokerEpoch> epochs{};    // as read, by slot
    bool told = false;                    // all brokers were told who lives
    std::vector<AlterPartitionAnswer::Entry> answers{}; // alter_partition
    ReassignmentStep step{};
    BrokerSet leaving;       // replicas that the reassignment takes away
    PartitionState before{}; // it: replicas, should it not be complete after all
    bool operator==(const ControllerTask&) const = default;
};

struct ControllerReply {
    sim::ConnectionId connection;
    Mail mail;
    bool operator==(const ControllerReply&) const = default;
};

/// Source: KafkaController, ControllerContext, PartitionStateMachine, ReplicaStateMachine;
/// TopicDeletionManager; semantics 4.2, 4.3. Leaves out: feature versions; what Kafka writes replica by
/// replica when several of them go at once is one write for each partition here.
struct ZooKeeperController {
    bool active = false;
    Epoch epoch = no_epoch;        // /controller_epoch as this controller has written it
    std::vector<BrokerEpoch> live; // by slot; no_broker_epoch = its node is not there
    BrokerSet shutting_down;
    std::vector<PartitionState> partitions;
    std::vector<std::uint8_t> assigned;  // by partition
    std::vector<ControllerEvent> events; // waiting
    std::optional<ControllerTask> task;
    std::vector<ControlChannel> channels; // sorted by server
    std::vector<ControllerReply> replies; // for the broker to send
    std::uint32_t term = 0;
    std::vector<BrokerSet> offline; // by partition: replicas in log directories that failed; empty = none
    std::vector<TopicDeletion> deletions;
    std::int32_t upgrade = -1;  // "roll" fault that gave its process another release
    std::int32_t protocol = -1; // "finalize" fault that gave it another inter.broker.protocol.version
    bool operator==(const ZooKeeperController&) const = default;
};

/// What the controller needs of its broker.
struct ControllerSurroundings {
    BrokerSlot self;
    ZooKeeperClient& client;
    const std::vector<TopicSettings>& topics; // as the broker knows them
    std::int32_t upgrade = -1;
    std::int32_t protocol = -1;
};

/// What the process of the controller can do.
inline const Dialect& dialect_of(const ZooKeeperController& self, const Configuration& configuration) {
    if (self.upgrade < 0 && self.protocol < 0) return configuration.controller_dialect;
    return later_dialect(configuration.later_controllers, configuration.controller_dialect, self.upgrade,
                         self.protocol);
}

/// Elected with this epoch: reads everything, orders, decides. Source: onControllerFailover.
void take_office(ZooKeeperController& self, Epoch epoch, const ControllerSurroundings& around, Turn& turn);
/// Source: onControllerResignation.
void resign(ZooKeeperController& self, BrokerSlot broker, Turn& turn);
void happen(ZooKeeperController& self, ControllerEvent event, const ControllerSurroundings& around,
            Turn& turn);
/// Why a reassignment of this partition would be refused at once; null when it is taken.
/// Source: KafkaController.processApiPartitionReassignment, validateReplicas.
const char* refusal_of_reassignment(const ZooKeeperController& self, PartitionIndex partition,
                                    const Assignment& target, const Turn& turn);
/// The ensemble's answer to a call of the controller.
void on_answer(ZooKeeperController& self, const ZooKeeperPending& call, const ZooKeeperResponse& response,
               const ControllerSurroundings& around, Turn& turn);

// --- channels ---
ControlChannel* control_channel_on(ZooKeeperController& self, sim::ConnectionId connection);
/// Sends the next order, when the broker can be reached.
void send_orders(ControlChannel& channel, Turn& turn);
void order_answered(ZooKeeperController& self, ControlChannel& channel, const ControlResponse& response,
                    const ControllerSurroundings& around, Turn& turn);
void order_failed(ControlChannel& channel, Turn& turn);
void on_control_timer(ZooKeeperController& self, const Timer& due, Turn& turn);

} // namespace kafka
