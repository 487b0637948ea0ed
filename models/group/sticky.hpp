#pragma once
// The sticky assignment: balanced first, then as much as possible stays where it is.

#include "models/group/assignors.hpp"

namespace kafka {

/// Partitions by position of the member.
using Assignments = std::vector<std::vector<PartitionIndex>>;

/// Source: AbstractStickyAssignor. `cooperative`: a partition that another member still owns is given to
/// nobody (CooperativeStickyAssignor.adjustAssignment).
Assignments sticky(std::span<const JoinGroupAnswer::Member> members, std::span<const TopicPartitions> topics,
                   bool cooperative);

} // namespace kafka
