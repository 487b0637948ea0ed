#include "models/replication/leader.hpp"

#include <algorithm>

namespace kafka {

int position_of(const Assignment& assignment, BrokerSlot slot) {
    for (int i = 0; i < assignment.count; ++i)
        if (assignment.slots[static_cast<std::size_t>(i)] == slot) return i;
    return -1;
}

int effective_min_isr(const LeaderView& view) {
    const int configured = view.topic.min_insync_replicas;
    return view.dialect.min_isr_is_capped ? std::min(configured, view.assignment.count) : configured;
}

Leader make_leader(const LeaderView& view, const PartitionState& state, const Role& before, Log& log) {
    const Leader* was = std::get_if<Leader>(&before);
    Leader leader;
    leader.leader_epoch = state.leader_epoch;
    leader.partition_epoch = state.partition_epoch;
    leader.isr = state.isr;
    if (was != nullptr && was->leader_epoch == state.leader_epoch) { // only the ISR changed
        leader.epoch_start_offset = was->epoch_start_offset;
        leader.remotes = was->remotes;
        return leader;
    }
    leader.epoch_start_offset = log.log_end_offset;
    if (view.dialect.epoch_starts_at_election)
        assign(log.epochs, state.leader_epoch, log.log_end_offset); // KAFKA-7415
    for (int i = 0; i < view.assignment.count; ++i) {
        const BrokerSlot slot = view.assignment.slots[static_cast<std::size_t>(i)];
        RemoteReplica& remote = leader.remotes[static_cast<std::size_t>(i)];
        if (was != nullptr) { // re-elected: what is known of the followers stays, the clocks restart
            remote = was->remotes[static_cast<std::size_t>(i)];
            remote.last_fetch_leader_end = leader.epoch_start_offset;
        }
        const bool member = state.isr.has(slot);
        remote.last_fetch_time = was != nullptr && member ? view.now : sim::SimTime{};
        remote.last_caught_up_time = member ? view.now : sim::SimTime{};
        remote.ever_caught_up = member;
    }
    return leader;
}

void keep_remotes(Leader& leader, const Assignment& before, const Assignment& now) {
    if (before == now) return;
    std::array<RemoteReplica, Assignment::capacity> remotes{};
    for (int i = 0; i < now.count; ++i) {
        const int was = position_of(before, now.slots[static_cast<std::size_t>(i)]);
        if (was >= 0) remotes[static_cast<std::size_t>(i)] = leader.remotes[static_cast<std::size_t>(was)];
    }
    leader.remotes = remotes;
}

bool update_remote(const LeaderView& view, Leader& leader, BrokerSlot follower, Offset offset,
                   Offset leader_end, BrokerEpoch follower_epoch) {
    RemoteReplica& remote = leader.remotes[static_cast<std::size_t>(position_of(view.assignment, follower))];
    const BrokerEpoch known = view.broker_epochs[static_cast<std::size_t>(follower.value)];
    if (view.dialect.join == JoinRule::same_broker_epoch && follower_epoch != no_broker_epoch &&
        known > follower_epoch)
        return false;
    if (offset >= leader_end) {
        remote.last_caught_up_time = std::max(remote.last_caught_up_time, view.now);
        remote.ever_caught_up = true;
    } else if (view.dialect.in_sync >= InSyncRule::previous_fetch && remote.log_end_offset != no_offset &&
               offset >= remote.last_fetch_leader_end) {
        // KAFKA-4485: a follower that always trails one fetch behind a busy leader stays in sync.
        remote.last_caught_up_time = std::max(remote.last_caught_up_time, remote.last_fetch_time);
        remote.ever_caught_up = true;
    }
    remote.last_fetch_leader_end = std::max(remote.last_fetch_leader_end, leader_end);
    remote.last_fetch_time = view.now;
    remote.log_end_offset = offset;
    remote.broker_epoch = follower_epoch;
    return true;
}

bool is_caught_up(const LeaderView& view, const RemoteReplica& remote, Offset leader_end) {
    const sim::Duration silence = view.now - remote.last_caught_up_time;
    const bool recent = remote.ever_caught_up && silence <= view.settings.replica_lag_time_max;
    switch (view.dialect.in_sync) {
    case InSyncRule::message_lag: { // 0.8.2: stuck by time of its last movement, or slow by messages
        if (remote.log_end_offset == leader_end) return true;
        const bool stuck = view.now - remote.last_fetch_time > view.settings.replica_lag_time_max;
        const bool slow =
            distance(remote.log_end_offset, leader_end) > view.settings.replica_lag_max_messages;
        return !stuck && !slow;
    }
    case InSyncRule::reached_the_end:
    case InSyncRule::previous_fetch:
        return recent;
    case InSyncRule::previous_fetch_or_equal:
        return recent || remote.log_end_offset == leader_end; // KAFKA-7152
    }
    return recent;
}

bool may_join_isr(const LeaderView& view, const Leader& leader, BrokerSlot follower, Offset high_watermark) {
    if (isr_change_in_flight(leader) || maximal_isr(leader).has(follower)) return false;
    const int position = position_of(view.assignment, follower);
    if (position < 0) return false;
    const RemoteReplica& remote = leader.remotes[static_cast<std::size_t>(position)];
    const BrokenRule broken = view.dialect.broken;
    if (remote.log_end_offset < high_watermark && broken != BrokenRule::join_before_high_watermark &&
        broken != BrokenRule::join_before_epoch_start)
        return false;
    if (view.dialect.join >= JoinRule::at_epoch_start && remote.log_end_offset < leader.epoch_start_offset &&
        broken != BrokenRule::join_before_epoch_start)
        return false;                                                                          // KAFKA-7128
    if (view.dialect.join >= JoinRule::unfenced && !view.eligible.has(follower)) return false; // KIP-841
    if (view.dialect.join < JoinRule::same_broker_epoch) return true;
    const BrokerEpoch known = view.broker_epochs[static_cast<std::size_t>(follower.value)];
    return remote.broker_epoch == no_broker_epoch || remote.broker_epoch == known; // KIP-903
}

BrokerSet out_of_sync(const LeaderView& view, const Leader& leader, Offset leader_end) {
    BrokerSet behind;
    if (isr_change_in_flight(leader)) return behind;
    for (int i = 0; i < view.assignment.count; ++i) {
        const BrokerSlot slot = view.assignment.slots[static_cast<std::size_t>(i)];
        if (slot == view.self || !leader.isr.has(slot)) continue;
        if (!is_caught_up(view, leader.remotes[static_cast<std::size_t>(i)], leader_end)) behind.add(slot);
    }
    return behind;
}

Offset advanced_high_watermark(const LeaderView& view, const Leader& leader, Offset leader_end,
                               Offset current) {
    // KAFKA-15583 (3.7): below min ISR the high watermark stands still.
    if (view.dialect.high_watermark_waits_for_min_isr && leader.isr.size() < effective_min_isr(view))
        return current;
    const BrokenRule broken = view.dialect.broken;
    BrokerSet ignored;
    if (broken == BrokenRule::high_watermark_ignores_joining) ignored = maximal_isr(leader) - leader.isr;
    const auto* shrink = std::get_if<PendingShrink>(&leader.isr_state);
    if (broken == BrokenRule::high_watermark_ignores_leaving && shrink != nullptr) ignored = shrink->leaving;
    const BrokerSet members = maximal_isr(leader);
    Offset lowest = leader_end;
    Offset highest{0};
    for (int i = 0; i < view.assignment.count; ++i) {
        const BrokerSlot slot = view.assignment.slots[static_cast<std::size_t>(i)];
        if (slot == view.self) continue;
        const RemoteReplica& remote = leader.remotes[static_cast<std::size_t>(i)];
        highest = std::max(highest, remote.log_end_offset);
        if (ignored.has(slot)) continue;
        bool counts = members.has(slot);
        if (!counts && view.dialect.high_watermark != HighWatermarkRule::isr_only) {
            // A replica that is about to rejoin holds the high watermark back so that it can enter.
            const bool eligible = view.dialect.high_watermark == HighWatermarkRule::isr_and_caught_up ||
                                  view.eligible.has(slot); // KAFKA-15021
            counts = eligible && is_caught_up(view, remote, leader_end);
        }
        if (counts) lowest = std::min(lowest, remote.log_end_offset);
    }
    if (broken == BrokenRule::high_watermark_counts_any_replica)
        lowest = std::max(lowest, std::min(highest, leader_end));
    return std::max(current, lowest);
}

} // namespace kafka
