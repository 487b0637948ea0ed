#pragma once
// What one decision makes of a partition: leader, ISR, eligible leader replicas and epochs.

#include "models/control/election.hpp"
#include "models/turn/messages.hpp"

#include <optional>

namespace kafka {

/// What surrounds a change.
/// Source: PartitionChangeBuilder.
struct ChangeView {
    const Assignment& assignment;
    BrokerSet acceptable;                   // who may become leader
    int min_isr = 1;                        // already capped by the replication factor
    bool eligible_leader_replicas = true;   // KIP-966
    bool last_known_may_lead = true;        // useLastKnownLeaderInBalancedRecovery
    bool shrink_bumps_leader_epoch = false; // before metadata version 3.6 (KAFKA-15021)
    BrokenRule broken = BrokenRule::none;
};

/// What is asked: another ISR, an election, replicas that lost data.
struct ChangeRequest {
    std::optional<BrokerSet> target_isr; // default: as it is
    BrokerSet
        uncleanly_shut_down; // never become eligible leader replicas; the caller removes them from the ISR
    ElectionType election = ElectionType::online;
    bool leader_recovered = false; // an AlterPartition of the leader says RECOVERED
    // A reassignment begins, or is taken back: replicas, with those that are being added and removed.
    std::optional<Assignment> target_replicas{};
    BrokerSet target_adding{};
    BrokerSet target_removing{};
};

/// Of a reassignment from `current` to `target`: the target, then what is to be removed.
/// Source: PartitionReassignmentReplicas.
Assignment reassigned(const Assignment& current, const Assignment& target);
Assignment without(const Assignment& replicas, BrokerSet removed);
inline bool tells_of_replicas(ChangeCause cause) {
    return cause == ChangeCause::reassignment_began || cause == ChangeCause::reassignment_completed ||
           cause == ChangeCause::reassignment_cancelled;
}

struct ChangeResult {
    PartitionState state;
    bool unclean = false; // this change elected a leader that may lack committed records
    bool operator==(const ChangeResult&) const = default;
};

/// The partition after the change, or nothing when no record would be written.
/// The partition epoch grows by one with every record; the leader epoch by one when the record names a
/// leader.
/// Shape:  a leader that `target_isr` removes is not acceptable, as with all callers in Kafka.
/// Source: PartitionChangeBuilder.build (4.3.1), PartitionRegistration.merge; semantics 4.7.8, 4.8.
/// A reassignment is complete as soon as every replica that stays is in the target ISR.
/// Leaves out: directories; eligible leader replicas among those that a cancelled reassignment drops.
std::optional<ChangeResult> change(const PartitionState& before, const ChangeView& view,
                                   const ChangeRequest& request);

/// The partition without eligible leader replicas and last known leader; nothing when it had none.
/// Source: ReplicationControlManager.removeTopicElrs (ClearElrRecord, 4.1).
std::optional<PartitionState> without_eligible_leader_replicas(const PartitionState& before);

} // namespace kafka
