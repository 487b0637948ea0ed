#include "models/control/partition_change.hpp"

#include "sim/core/assert.hpp"

namespace kafka {

namespace {

/// Fields of the change record; what is not set stays as it is.
struct Record {
    std::optional<BrokerSlot> leader;
    std::optional<BrokerSet> isr;
    bool unclean = false;
};

/// Source: PartitionChangeBuilder.maybePopulateTargetElr.
BrokerSet target_elr(const PartitionState& before, const ChangeView& view, const ChangeRequest& request,
                     BrokerSet isr) {
    if (!view.eligible_leader_replicas) return before.elr;
    if (isr.size() >= view.min_isr || view.broken == BrokenRule::eligible_replicas_forgotten) return {};
    const BrokerSet candidates = (before.elr | before.isr) - isr;
    if (view.broken == BrokenRule::eligible_replicas_keep_the_unclean) return candidates;
    return candidates - request.uncleanly_shut_down;
}

/// Source: PartitionChangeBuilder.tryElection.
void try_election(Record& record, BrokerSet& isr, BrokerSet& elr, BrokerSlot before,
                  const ElectionResult& elected) {
    if (elected.leader == before) return;
    if (elr.has(elected.leader)) {
        isr = only(elected.leader);
        elr.remove(elected.leader);
    }
    record.leader = elected.leader;
    if (!elected.unclean) return;
    record.isr = only(elected.leader); // the log of this leader defines the partition from now on
    record.unclean = true;
}

/// Source: PartitionChangeBuilder.maybeUpdateLastKnownLeader (4.3.1).
BrokerSet last_known_after(const PartitionState& before, const ChangeView& view, const Record& record) {
    if (!view.eligible_leader_replicas || !view.last_known_may_lead || !record.leader)
        return before.last_known_elr;
    if (*record.leader != no_slot) return {};
    const bool first_time = before.last_known_elr.empty() && before.leader != no_slot;
    return first_time ? only(before.leader) : before.last_known_elr;
}

/// Who the replicas are once the change is written.
struct Replicas {
    Assignment all;
    BrokerSet adding;
    BrokerSet removing;
};

/// Source: PartitionChangeBuilder.completeReassignmentIfNeeded, PartitionReassignmentReplicas
/// .maybeCompleteReassignment.
void complete_reassignment(Replicas& replicas, BrokerSet& isr) {
    if (replicas.adding.empty() && replicas.removing.empty()) return;
    const Assignment staying = without(replicas.all, replicas.removing);
    const BrokerSet in_sync = isr - replicas.removing;
    if (in_sync.empty() || staying.count == 0 || !in_sync.contains(staying.set())) return;
    replicas = {staying, {}, {}};
    isr = in_sync;
}

} // namespace

Assignment without(const Assignment& replicas, BrokerSet removed) {
    Assignment left;
    for (const BrokerSlot slot : replicas)
        if (!removed.has(slot)) left.add(slot);
    return left;
}

Assignment reassigned(const Assignment& current, const Assignment& target) {
    Assignment all = target;
    const BrokerSet removing = current.set() - target.set();
    for (BrokerSlot slot = removing.first(); slot != no_slot; slot = removing.after(slot))
        all.add(slot); // Kafka: a sorted set
    return all;
}

std::optional<ChangeResult> change(const PartitionState& before, const ChangeView& view,
                                   const ChangeRequest& request) {
    BrokerSet isr = request.target_isr.value_or(before.isr);
    Replicas replicas{view.assignment, before.adding, before.removing};
    if (request.target_replicas)
        replicas = {*request.target_replicas, request.target_adding, request.target_removing};
    complete_reassignment(replicas, isr);
    BrokerSet elr = target_elr(before, view, request, isr) & replicas.all.set();
    const bool last_known = view.eligible_leader_replicas && view.last_known_may_lead;
    const ElectionView election{replicas.all,          before.leader,   isr,        elr,
                                before.last_known_elr, view.acceptable, last_known, view.broken};
    Record record;
    try_election(record, isr, elr, before.leader, elect(election, request.election));
    // A replica that is taken away must hear of a new epoch.
    // Source: PartitionChangeBuilder.triggerLeaderEpochBumpForReplicaReassignmentIfNeeded.
    if (!record.leader && !replicas.all.set().contains(view.assignment.set())) record.leader = before.leader;
    if (record.leader.value_or(no_slot) != no_slot && !record.isr && !isr.has(*record.leader))
        record.isr = only(*record.leader); // elect_out_of_isr
    if (record.isr || !view.eligible_leader_replicas) elr = {};
    // Without eligible leader replicas an empty ISR is not written: its last member stays, without a leader.
    const bool may_be_written = !isr.empty() || view.eligible_leader_replicas;
    if (!record.isr && may_be_written && isr != before.isr) record.isr = isr;
    const bool shrinks = record.isr && !record.isr->contains(before.isr);
    if (view.shrink_bumps_leader_epoch && shrinks && !record.leader) record.leader = before.leader;

    PartitionState after = before;
    after.leader = record.leader.value_or(before.leader);
    after.isr = record.isr.value_or(before.isr);
    after.elr = elr;
    after.last_known_elr = last_known_after(before, view, record);
    if (!(replicas.all == view.assignment)) after.replicas = replicas.all;
    after.adding = replicas.adding;
    after.removing = replicas.removing;
    if (request.leader_recovered) after.recovering = false;
    if (record.unclean) after.recovering = true;
    if (after == before && !record.leader) return std::nullopt;
    after.partition_epoch = next(before.partition_epoch);
    if (record.leader && view.broken != BrokenRule::leader_epoch_not_bumped)
        after.leader_epoch = next(before.leader_epoch);
    SIM_ASSERT(after.leader == no_slot || after.isr.has(after.leader), "a leader is a member of the ISR");
    SIM_ASSERT((after.isr & after.elr).empty(), "no eligible leader replica is in the ISR");
    SIM_ASSERT(replicas.all.set().contains(after.isr | after.elr),
               "only replicas are in the ISR or eligible");
    return ChangeResult{after, record.unclean};
}

std::optional<PartitionState> without_eligible_leader_replicas(const PartitionState& before) {
    if (before.elr.empty() && before.last_known_elr.empty()) return std::nullopt;
    PartitionState after = before;
    after.elr = {};
    after.last_known_elr = {};
    after.partition_epoch = next(before.partition_epoch);
    return after;
}

} // namespace kafka
