#pragma once
// What checkers look at when a run is over: served logs, and the partitions that a group reads.

#include "models/cluster/world.hpp"

namespace kafka {

/// The log and replica of the running leader; both are null when there is nobody to ask.
struct ServedLog {
    const Log* log = nullptr;
    const Replica* replica = nullptr;
};
ServedLog served_log(const World& world, PartitionIndex partition);

/// Whether some consumer of the group has subscribed to the partition's topic.
bool reads(const Configuration& configuration, GroupIndex group, PartitionIndex partition);

} // namespace kafka
