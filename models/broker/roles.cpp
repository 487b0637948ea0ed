#include "models/broker/parts.hpp"

#include "models/replication/truncation.hpp"

#include <algorithm>

namespace kafka::parts {

void note_cut(Broker& broker, int position, Offset from, const std::vector<Batch>& cut, RemovalCause cause,
              Turn& turn) {
    if (cut.empty()) return;
    const Replica& replica = replica_at(broker, position);
    for (const Batch& batch : cut)
        turn.note(fact::BatchRemoved{broker.slot, replica.partition, batch.base_offset, batch.stream,
                                     batch.value_first, batch.count, batch.leader_epoch, cause});
    const Follower* follower = std::get_if<Follower>(&replica.role);
    turn.note(fact::LogTruncated{broker.slot, replica.partition, from,
                                 log_at(broker, position).log_end_offset, cause,
                                 follower != nullptr ? follower->leader_epoch : no_epoch});
}

void cut_log(Broker& broker, int position, Offset end, RemovalCause cause, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Log& log = log_at(broker, position);
    const Dialect& dialect = dialect_of(broker, turn.configuration);
    const Offset from = log.log_end_offset;
    const bool cuts = batch_index(log, end) < log.batches.size();
    if (dialect.broken == BrokenRule::truncate_one_batch_too_few && cuts)
        end = end_offset(log.batches[batch_index(log, end)]);
    if (dialect.broken == BrokenRule::truncate_one_batch_too_many && batch_index(log, end) > 0)
        end = log.batches[batch_index(log, end) - 1].base_offset;
    const std::vector<Batch> cut = truncate_to(log, end);
    if (log.log_end_offset == from) return;
    if (!broker.disk.cached_from.empty()) { // what comes in its place is in the page cache
        Offset& cached = broker.disk.cached_from[static_cast<std::size_t>(position)];
        cached = std::min(cached, log.log_end_offset);
    }
    if (dialect.broken != BrokenRule::high_watermark_not_clamped)
        replica.high_watermark = std::min(replica.high_watermark, log.log_end_offset);
    if (dialect.broken != BrokenRule::producer_state_not_rebuilt) replica.producers = rebuild(log, dialect);
    note_cut(broker, position, from, cut, cause, turn);
}

namespace {

/// Waiting requests of a partition whose leader this broker no longer is are answered.
/// Source: ReplicaManager.completeDelayedOperationsWhenNotPartitionLeader.
void release_waiters(Broker& broker, PartitionIndex partition, Turn& turn) {
    complete_delayed_produces(broker, partition, turn);
    complete_delayed_fetches(broker, partition, turn);
}

void become_leader(Broker& broker, int position, const PartitionState& state, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Log& log = log_at(broker, position);
    const LeaderView view = view_of(broker, replica.partition, turn);
    const Leader* was = std::get_if<Leader>(&replica.role);
    const bool new_epoch = was == nullptr || was->leader_epoch != state.leader_epoch;
    if (was != nullptr && state.partition_epoch < was->partition_epoch)
        return turn.ignore("older partition epoch");
    unfollow(broker, position, turn);
    if (was != nullptr && !broker.memory.partitions_before.empty()) {
        const auto at = static_cast<std::size_t>(replica.partition.value);
        const PartitionState& before = broker.memory.partitions_before[at];
        keep_remotes(std::get<Leader>(replica.role),
                     replicas_of(before, turn.configuration.partition(replica.partition)), view.assignment);
    }
    const Leader leader = make_leader(view, state, replica.role, log);
    replica.role = leader;
    if (new_epoch) forget_isr_change(broker, replica.partition, turn);
    if (new_epoch)
        turn.note(fact::BecameLeader{broker.slot, replica.partition, state.leader_epoch,
                                     state.partition_epoch, state.isr, replica.high_watermark,
                                     log.log_end_offset});
    advance_high_watermark(broker, position, turn);
    release_waiters(broker, replica.partition, turn);
    if (new_epoch) coordinator_elected(broker, position, state.leader_epoch, turn);
}

/// First phase of a follower under a new leader. Source: ReplicaManager.initialFetchOffset;
/// semantics 3.3, 3.8.
FollowerPhase first_phase(TruncationRule rule, const Log& log) {
    switch (rule) {
    case TruncationRule::to_high_watermark:
        return FollowerPhase::fetching; // cut at once, below
    case TruncationRule::by_epoch_end:
    case TruncationRule::by_epoch:
        return FollowerPhase::truncating;
    case TruncationRule::on_fetch:
        return latest_epoch(log.epochs) == no_epoch && log.log_end_offset > log.log_start_offset
                   ? FollowerPhase::truncating
                   : FollowerPhase::fetching;
    }
    return FollowerPhase::fetching;
}

void become_follower(Broker& broker, int position, const PartitionState& state, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Log& log = log_at(broker, position);
    Follower* was = std::get_if<Follower>(&replica.role);
    const bool same =
        was != nullptr && was->leader_epoch == state.leader_epoch && was->leader == state.leader;
    if (same) { // only the ISR changed: fetching goes on
        was->partition_epoch = state.partition_epoch;
        return;
    }
    unfollow(broker, position, turn);
    const TruncationRule rule = dialect_of(broker, turn.configuration).truncation;
    Follower follower;
    follower.leader_epoch = state.leader_epoch;
    follower.partition_epoch = state.partition_epoch;
    follower.leader = state.leader;
    follower.phase = first_phase(rule, log);
    follower.asked_epoch = latest_epoch(log.epochs);
    replica.role = follower;
    forget_isr_change(broker, replica.partition, turn);
    turn.note(fact::BecameFollower{broker.slot, replica.partition, state.leader_epoch, state.leader,
                                   replica.high_watermark, log.log_end_offset});
    if (rule == TruncationRule::to_high_watermark && state.leader != no_slot)
        cut_log(broker, position, replica.high_watermark, RemovalCause::truncation_on_becoming_follower,
                turn);
    release_waiters(broker, replica.partition, turn);
    coordinator_resigned(broker, position, turn);
    if (state.leader != no_slot) follow(broker, position, turn);
}

} // namespace

void drop_replica(Broker& broker, int position, RemovalCause cause, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Log& log = log_at(broker, position);
    const bool nothing = std::holds_alternative<Unassigned>(replica.role) && log.log_end_offset == Offset{0};
    if (nothing) return;
    unfollow(broker, position, turn);
    replica.role = Unassigned{};
    const Offset from = log.log_end_offset;
    const std::vector<Batch> cut = truncate_fully_and_start_at(log, Offset{0});
    log = empty_log(replica.partition, turn.configuration);
    replica.high_watermark = Offset{0};
    replica.producers = {};
    note_cut(broker, position, from, cut, cause, turn);
    release_waiters(broker, replica.partition, turn);
    coordinator_resigned(broker, position, turn);
}

void take_role(Broker& broker, int position, const PartitionState& state, Turn& turn) {
    if (is_offline(broker, replica_at(broker, position).partition, turn))
        return turn.ignore("the log directory of this partition is offline");
    if (state.leader == broker.slot)
        become_leader(broker, position, state, turn);
    else
        become_follower(broker, position, state, turn);
}

} // namespace kafka::parts
