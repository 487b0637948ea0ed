#pragma once
// Committed offsets that are deleted, and groups of which nothing is left. Source:
// GroupCoordinatorShard.cleanupGroupMetadata, OffsetMetadataManager.cleanupExpiredOffsets; before 4.0
// GroupMetadataManager.cleanupGroupMetadata; KIP-211.

#include "models/group/steps.hpp"

namespace kafka {

/// From 4.0: the partition is loaded, and is looked through every offsets.retention.check.interval.ms.
void watch_expiry(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn);
void on_expiry_timer(GroupCoordinator& self, PartitionIndex partition, std::uint32_t round, GroupTurn& turn);
/// Deletes what is older than offsets.retention.minutes in `partition`.
void expire_offsets(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn);
/// Topics are deleted: what groups of `partition` have committed for their partitions goes with them.
/// Source: GroupCoordinator.handleDeletedPartitions, from 4.0 onPartitionsDeleted.
void forget_deleted(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn);

} // namespace kafka
