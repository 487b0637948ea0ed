#pragma once
// Steps that the files of the store share. Not for callers outside this folder.

#include "models/control/zookeeper/store.hpp"

namespace kafka::ensemble {

inline constexpr std::uint8_t all_watched = 0xff;

inline std::size_t place_of(BrokerSlot broker) { return static_cast<std::size_t>(broker.value); }
inline std::size_t place_of(PartitionIndex partition) { return static_cast<std::size_t>(partition.value); }

/// Whoever watches one of the nodes is told, once. Source: WatchManager.triggerWatch.
void fire(ZooKeeper& self, ZooKeeperNodes nodes, Turn& turn);
/// The replicas of a partition, as the topic's node gives them.
void assign(ZooKeeper& self, const PartitionRecord& record, Turn& turn);
/// The entry goes; of delete_topics all of the topic goes with it.
void clear(ZooKeeper& self, const AdminNodeRecord& entry, ZooKeeperCall call, Turn& turn);

} // namespace kafka::ensemble
