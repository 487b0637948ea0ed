#pragma once
// Steps of the controller's work that its files share. Not for callers outside this folder.

#include "models/control/zookeeper/controller.hpp"

namespace kafka::zookeeper {

inline std::size_t index(BrokerSlot broker) { return static_cast<std::size_t>(broker.value); }
inline std::size_t index(PartitionIndex partition) { return static_cast<std::size_t>(partition.value); }
inline PartitionIndex partition_at(std::size_t i) { return PartitionIndex{static_cast<std::int32_t>(i)}; }

// --- channels.cpp ---
void open_channel(ZooKeeperController& self, BrokerSlot broker);
void close_channel(ZooKeeperController& self, BrokerSlot broker, Turn& turn);
/// UpdateMetadata to `to`: who lives, and these partitions.
void order_metadata(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                    Turn& turn);
/// LeaderAndIsr to those of `to` that have a replica of the partitions.
void order_roles(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                 Turn& turn);
void order_stop(ZooKeeperController& self, BrokerSlot broker, const std::vector<PartitionIndex>& partitions,
                Turn& turn);

// --- deciding.cpp ---
/// Brokers with a node, without those that bounced and are not taken in again.
BrokerSet live_brokers(const ZooKeeperController& self);
std::vector<PartitionIndex> known_partitions(const ZooKeeperController& self);
/// The decision for one partition, as the state that the controller knows now asks for it.
std::optional<PartitionRecord> decide(const ZooKeeperController& self, DecisionKind kind,
                                      PartitionIndex partition, const ControllerSurroundings& around,
                                      const Turn& turn);
/// Decides for all partitions that the event is about.
std::vector<PartitionRecord> decide_all(const ZooKeeperController& self, DecisionKind kind,
                                        const ControllerSurroundings& around, const Turn& turn);

// --- altering.cpp ---
/// Checks the changes of an AlterPartition; what passes is to be written.
std::vector<PartitionRecord> check_changes(ZooKeeperController& self, const Turn& turn);
void refuse_request(ZooKeeperController& self, const ControllerEvent& event, ErrorCode error);
void answer_changes(ZooKeeperController& self, Turn& turn);

} // namespace kafka::zookeeper
