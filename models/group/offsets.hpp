#pragma once
// Committed offsets of groups. Source: OffsetMetadataManager; GroupMetadata (before 4.0); semantics 7.6.8 to
// 7.6.11.

#include "models/group/steps.hpp"

namespace kafka {

/// Refusal of a request that this broker cannot serve, with an entry for each partition.
void refuse_commit(Waiter waiter, const OffsetContent& content, ErrorCode error, GroupTurn& turn);
void refuse_transactional_commit(Waiter waiter, const OffsetContent& content, ErrorCode error,
                                 GroupTurn& turn);
void refuse_fetch(Waiter waiter, const PartitionList& asked, ErrorCode error, GroupTurn& turn);

/// Leaves out: metadata text, offset.metadata.max.bytes, offsets.topic.compression.codec.
void on_commit(GroupCoordinator& self, Waiter waiter, const OffsetCommitRequest& request,
               const OffsetContent& content, GroupTurn& turn);
/// Shape: the transaction's coordinator has added the partition before (AddOffsetsToTxn, or KIP-890).
void on_transactional_commit(GroupCoordinator& self, Waiter waiter, const TxnOffsetCommitRequest& request,
                             const OffsetContent& content, GroupTurn& turn);
void on_fetch_offsets(GroupCoordinator& self, Waiter waiter, const OffsetFetchRequest& request,
                      const PartitionList& asked, GroupTurn& turn);

/// Some open transaction holds an offset for the partition. Source: hasPendingTransactionalOffsets.
bool is_in_open_transaction(const Group& group, PartitionIndex partition);
/// The records of a commit are decided; `first` is the offset of its first record.
void commit_ended(Group& group, Write& write, const GroupAppended& result, Offset first, GroupTurn& turn);
/// A marker of `producer_id` stands in the offsets partition. Source: completePendingTxnOffsetCommit,
/// replayEndTransactionMarker.
void end_transaction(Group& group, ProducerId producer_id, ControlType outcome, GroupTurn& turn);
/// Takes a record of the log into account. Source: OffsetMetadataManager.replay.
void replay(Group& group, const OffsetCommitRecord& record, Offset at, ProducerId producer_id);

} // namespace kafka
