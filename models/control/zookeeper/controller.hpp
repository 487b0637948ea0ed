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
    none
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
    bool operator==(const ControllerTask&) const = default;
};

struct ControllerReply {
    sim::ConnectionId connection;
    Mail mail;
    bool operator==(const ControllerReply&) const = default;
};

/// Source: KafkaController, ControllerContext, PartitionStateMachine, ReplicaStateMachine;
/// semantics 4.2, 4.3. Leaves out: reassignments, deletion of topics, log directories that fail, feature
/// versions; what Kafka writes replica by replica when several brokers go at once is one write for each
/// partition here.
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
    bool operator==(const ZooKeeperController&) const = default;
};

/// What the controller needs of its broker.
struct ControllerSurroundings {
    BrokerSlot self;
    ZooKeeperClient& client;
    const std::vector<TopicSettings>& topics; // as the broker knows them
};

/// Elected with this epoch: reads everything, orders, decides. Source: onControllerFailover.
void take_office(ZooKeeperController& self, Epoch epoch, const ControllerSurroundings& around, Turn& turn);
/// Source: onControllerResignation.
void resign(ZooKeeperController& self, BrokerSlot broker, Turn& turn);
void happen(ZooKeeperController& self, ControllerEvent event, const ControllerSurroundings& around,
            Turn& turn);
/// The ensemble's answer to a call of the controller.
void on_answer(ZooKeeperController& self, const ZooKeeperPending& call, const ZooKeeperResponse& response,
               const ControllerSurroundings& around, Turn& turn);

// --- channels ---
ControlChannel* control_channel_on(ZooKeeperController& self, sim::ConnectionId connection);
/// Sends the next order, when the broker can be reached.
void send_orders(ControlChannel& channel, Turn& turn);
void order_answered(ControlChannel& channel, const ControlResponse& response, Turn& turn);
void order_failed(ControlChannel& channel, Turn& turn);
void on_control_timer(ZooKeeperController& self, const Timer& due, Turn& turn);

} // namespace kafka
