#pragma once
// What a leader concludes from its followers' fetches: who is in sync, how far the high watermark may go.

#include "models/dialect/dialect.hpp"
#include "models/replication/replica.hpp"

#include <optional>

namespace kafka {

/// What a leader needs to know around it to judge its followers.
struct LeaderView {
    const Assignment& assignment;
    BrokerSlot self;
    const Dialect& dialect;
    const BrokerSettings& settings;
    const TopicSettings& topic;
    BrokerSet eligible; // registered, unfenced, not shutting down, as this broker's metadata says
    const std::vector<BrokerEpoch>& broker_epochs; // by slot, as this broker's metadata says
    sim::SimTime now;
};

/// min.insync.replicas as it is applied. Source: Partition.effectiveMinIsr (capped from 3.7).
int effective_min_isr(const LeaderView& view);

/// Takes up leadership. Source: Partition.makeLeader, Replica.resetReplicaState; semantics 1.7.
Leader make_leader(const LeaderView& view, const PartitionState& state, const Role& before, Log& log);

/// The replicas are others now, or stand in another order: what is known of those that stay is kept.
/// Source: Partition.updateAssignmentAndIsr.
void keep_remotes(Leader& leader, const Assignment& before, const Assignment& now);

/// Takes a follower's fetch at `offset` into account; false when it belongs to an older incarnation
/// (KIP-903). `leader_end` is the leader's end before the read. Source: Replica.updateFetchStateOrThrow;
/// semantics 1.2.
bool update_remote(const LeaderView& view, Leader& leader, BrokerSlot follower, Offset offset,
                   Offset leader_end, BrokerEpoch follower_epoch);

/// Whether `follower` counts as caught up now. Source: ReplicaState.isCaughtUp, and Partition of 0.8.2
/// to 1.0.
bool is_caught_up(const LeaderView& view, const RemoteReplica& remote, Offset leader_end);

/// Whether `follower` may be proposed for the ISR. Source: Partition.isFollowerInSync, isReplicaIsrEligible.
bool may_join_isr(const LeaderView& view, const Leader& leader, BrokerSlot follower, Offset high_watermark);

/// ISR members that fell behind; empty when a change is in flight. Source: Partition.maybeShrinkIsr.
BrokerSet out_of_sync(const LeaderView& view, const Leader& leader, Offset leader_end);

/// High watermark that followers allow, never below `current`. Source: Partition.maybeIncrementLeaderHW.
Offset advanced_high_watermark(const LeaderView& view, const Leader& leader, Offset leader_end,
                               Offset current);

/// Position of `slot` in the assignment; -1 when it is no replica.
int position_of(const Assignment& assignment, BrokerSlot slot);

} // namespace kafka
