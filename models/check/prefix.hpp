#pragma once
// Whether two logs have the same records up to some offset, by the hashes over what stands before.

#include "models/cluster/observer.hpp"

#include <algorithm>

namespace kafka {

/// Whether the log holds these records below `end`; what it has removed agrees with anything, and so does a
/// prefix that nobody could tell (0).
inline bool agrees(const Log& log, Offset end, std::uint64_t prefix) {
    return prefix == 0 || !knows_prefix(log, end) || prefix_hash(log, end) == prefix;
}

/// As far as both go.
inline bool agrees_with_leader(const Log& log, PartitionIndex partition, const World& world) {
    const Log* leading = log_of(world, decided_state(world, partition).leader, partition);
    if (leading == nullptr) return false;
    const Offset end = std::min(log.log_end_offset, leading->log_end_offset);
    return knows_prefix(*leading, end) && agrees(log, end, prefix_hash(*leading, end));
}

} // namespace kafka
