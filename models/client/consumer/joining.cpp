// Joining a classic group, staying in it, and leaving.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

/// Source: ConsumerCoordinator: the highest protocol that all configured assignors support; semantics 7.5.6.
bool is_cooperative(const Reader& self, const Turn& turn) {
    const std::vector<AssignorKind>& all = member_settings(self, turn).assignors;
    return std::all_of(all.begin(), all.end(),
                       [](AssignorKind kind) { return kind == AssignorKind::cooperative_sticky; });
}

/// Source: AbstractCoordinator.resetStateOnResponseError: an unknown member forgets its id, too.
void reset_generation(Reader& self, bool forgets_member) {
    Membership& member = self.member;
    member.state = MemberState::unjoined;
    member.generation = no_generation;
    if (forgets_member) member.member = no_member;
    member.rejoin_needed = true;
}

bool moves_coordinator(ErrorCode error) {
    return error == ErrorCode::coordinator_not_available || error == ErrorCode::not_coordinator;
}

void give_up(Reader& self, bool lost, Turn& turn) {
    for (const ReaderPosition& position : self.positions)
        turn.note(fact::PartitionRevoked{self.index, position.partition, self.member.generation, lost});
    self.positions.clear();
    self.buffered.clear();
    self.thread.progress.clear();
}

void join_group(Reader& self, Turn& turn) {
    Membership& member = self.member;
    if (member.join_not_before > turn.now || is_asked(member, GroupRequest::join)) return;
    const ConsumerConfiguration& asked = configured(self, turn);
    const MemberSettings& set = asked.settings.member;
    JoinGroupRequest request;
    request.content = turn.slabs().join_group.acquire();
    JoinGroupContent& content = turn.slabs().join_group.open(request.content);
    content.protocols = set.assignors;
    content.topics = asked.topics;
    const bool sticky =
        std::find(set.assignors.begin(), set.assignors.end(), AssignorKind::sticky) != set.assignors.end();
    if (is_cooperative(self, turn))
        for (const ReaderPosition& position : self.positions)
            content.owned.push_back(position.partition);
    else if (sticky) // given up, and remembered: AbstractStickyAssignor.onAssignment
        content.owned = member.assigned;
    content.owned_generation = content.owned.empty() ? no_generation : member.assigned_in;
    request.correlation = ask_coordinator(self, GroupRequest::join, turn);
    request.group = asked.group;
    request.consumer = self.index;
    request.instance = asked.instance;
    request.member = member.member;
    request.session_timeout = set.session_timeout;
    request.rebalance_timeout = std::min(set.max_poll_interval, sim::milliseconds(2147483647));
    member.state = MemberState::preparing_rebalance;
    member.heartbeat_due = sim::SimTime::never(); // the heartbeat thread is off while it joins
    turn.send(member.link.connection, sim::Side::client, request, 200);
}

namespace {

void retry_join(Reader& self, Turn& turn) {
    self.member.state = MemberState::unjoined;
    self.member.rejoin_needed = true;
    self.member.join_not_before = turn.now + configured(self, turn).settings.retry_backoff;
}

/// What joining and syncing have in common. Source: JoinGroupResponseHandler, SyncGroupResponseHandler.
void join_failed(Reader& self, ErrorCode error, Turn& turn) {
    retry_join(self, turn);
    if (moves_coordinator(error)) return coordinator_unknown(self, turn);
    if (error == ErrorCode::unknown_member_id || error == ErrorCode::illegal_generation)
        return reset_generation(self, error == ErrorCode::unknown_member_id);
    const bool again = error == ErrorCode::rebalance_in_progress || is_retriable(error);
    if (!again) self.member.fatal = error;
}

void send_sync(Reader& self, const JoinGroupResponse& answer, const JoinGroupAnswer& members, Turn& turn) {
    SyncGroupRequest request;
    request.content = turn.slabs().sync_group.acquire();
    const bool leads = answer.leader == answer.member;
    if (leads && !answer.skip_assignment)
        turn.slabs().sync_group.open(request.content).entries =
            assigned_by_leader(answer.protocol, members, self.metadata, turn.configuration);
    self.member.assigned_among = leads ? subscribed_partitions(self, turn) : -1;
    request.correlation = ask_coordinator(self, GroupRequest::sync, turn);
    request.group = configured(self, turn).group;
    request.generation = answer.generation;
    request.instance = configured(self, turn).instance;
    request.member = answer.member;
    turn.send(self.member.link.connection, sim::Side::client, request, 200);
}

} // namespace

void on_joined(Reader& self, const JoinGroupResponse& answer, Turn& turn) {
    Membership& member = self.member;
    if (answer.error == ErrorCode::member_id_required) {
        member.member = answer.member;
        member.state = MemberState::unjoined;
        member.join_not_before = turn.now;
    } else if (answer.error != ErrorCode::none) {
        join_failed(self, answer.error, turn);
    } else {
        member.member = answer.member;
        member.generation = answer.generation;
        member.state = MemberState::completing_rebalance;
        member.session_deadline = timer_time(self.clock, turn) + member_settings(self, turn).session_timeout;
        member.heartbeat_due = timer_time(self.clock, turn) + member_settings(self, turn).heartbeat_interval;
        send_sync(self, answer, turn.slabs().join_group_answer.open(answer.content), turn);
    }
    turn.slabs().join_group_answer.release(answer.content);
}

void add_partition(Reader& self, PartitionIndex partition, Turn& turn) {
    ReaderPosition position;
    position.partition = partition;
    position.phase = PositionPhase::needs_committed;
    position.to_earliest = configured(self, turn).settings.auto_offset_reset == AutoOffsetReset::earliest;
    self.positions.push_back(position);
}

void drop_partition(Reader& self, PartitionIndex partition, Turn& turn) {
    turn.note(fact::PartitionRevoked{self.index, partition, self.member.generation, false});
    const auto is_it = [&](const auto& one) { return one.partition == partition; };
    std::erase_if(self.positions, is_it);
    std::erase_if(self.buffered, is_it);
    std::erase_if(self.thread.progress, is_it);
}

void sort_positions(Reader& self) {
    std::sort(self.positions.begin(), self.positions.end(),
              [](const ReaderPosition& a, const ReaderPosition& b) { return a.partition < b.partition; });
}

namespace {

/// Source: ConsumerCoordinator.onJoinComplete; a cooperative member that had to give something up joins
/// again.
void take_assignment(Reader& self, const std::vector<PartitionIndex>& assigned, Turn& turn) {
    const auto is_assigned = [&](PartitionIndex partition) {
        return std::find(assigned.begin(), assigned.end(), partition) != assigned.end();
    };
    std::vector<PartitionIndex> owned;
    for (const ReaderPosition& position : self.positions)
        owned.push_back(position.partition);
    bool gave_up = false;
    const bool commits = application_of(self, turn).on_revoke == RevokeStyle::commit;
    const bool revokes = !std::all_of(owned.begin(), owned.end(), is_assigned);
    if (commits && revokes) // Leaves out: that the listener of a cooperative member waits for the answer
        commit_in_background(self, offsets_to_commit(self.thread, CommittedOffsets::processed),
                             CommitCause::on_revoke, turn);
    for (const PartitionIndex partition : owned) {
        if (is_assigned(partition)) continue;
        drop_partition(self, partition, turn);
        gave_up = true;
    }
    for (const PartitionIndex partition : assigned)
        if (position_at(self, partition) == nullptr) add_partition(self, partition, turn);
    for (const ReaderPosition& position : self.positions)
        turn.note(fact::PartitionAssigned{self.index, position.partition, self.member.generation});
    sort_positions(self);
    if (gave_up) self.member.rejoin_needed = true;
}

} // namespace

void on_synced(Reader& self, const SyncGroupResponse& answer, Turn& turn) {
    Membership& member = self.member;
    const bool current = member.state == MemberState::completing_rebalance;
    if (!current) {
        turn.ignore("an assignment of a generation that is over");
    } else if (answer.error != ErrorCode::none) {
        join_failed(self, answer.error, turn);
    } else {
        member.state = MemberState::stable;
        member.rejoin_needed = false;
        member.prepared = false;
        member.auto_commit_due =
            timer_time(self.clock, turn) + member_settings(self, turn).auto_commit_interval;
        member.fetch_offsets_not_before = turn.now;
        const std::vector<PartitionIndex> assigned = turn.slabs().partitions.open(answer.content).partitions;
        member.assigned = assigned;
        member.assigned_in = member.generation;
        take_assignment(self, assigned, turn);
    }
    turn.slabs().partitions.release(answer.content);
}

void send_leave(Reader& self, Turn& turn) {
    if (speaks_consumer_protocol(self, turn)) return protocol_leave(self, turn);
    const bool is_static = configured(self, turn).instance != no_instance; // KIP-345: leaves by time-out
    Membership& member = self.member;
    const bool reachable = member.coordinator != no_slot && member.link.state == NodeConnection::State::ready;
    if (is_static || member.member == no_member || !reachable) return;
    LeaveGroupRequest request;
    request.correlation = ask_coordinator(self, GroupRequest::leave, turn);
    request.group = configured(self, turn).group;
    request.member = member.member;
    turn.send(member.link.connection, sim::Side::client, request, 80);
}

/// Source: AbstractCoordinator.HeartbeatThread.run. The thread goes on while records are processed; without a
/// coordinator it looks for one, and at nothing else (a LeaveGroup waits until it is connected).
void beat(Reader& self, Turn& turn) {
    Membership& member = self.member;
    const bool on = member.state == MemberState::stable || member.state == MemberState::completing_rebalance;
    if (!on || member.fatal != ErrorCode::none) return;
    if (member.coordinator != no_slot && member.session_deadline <= turn.now) {
        coordinator_unknown(self, turn); // no answer for session.timeout.ms
        member.session_deadline = sim::SimTime::never();
    }
    const bool stalled = !is_inside_poll(self.thread.stage) && member.poll_deadline <= turn.now;
    if (stalled && coordinator_ready(self, turn)) {
        turn.ignore("poll() was not called for max.poll.interval.ms: the member leaves its group");
        send_leave(self, turn);
        return reset_generation(self, true);
    }
    if (!coordinator_ready(self, turn) || member.heartbeat_in_flight) return;
    if (member.heartbeat_due > turn.now) return;
    HeartbeatRequest request;
    request.correlation = ask_coordinator(self, GroupRequest::heartbeat, turn);
    request.group = configured(self, turn).group;
    request.generation = member.generation;
    request.instance = configured(self, turn).instance;
    request.member = member.member;
    member.heartbeat_in_flight = true;
    member.heartbeat_due = timer_time(self.clock, turn) + member_settings(self, turn).heartbeat_interval;
    turn.send(member.link.connection, sim::Side::client, request, 80);
}

/// Source: AbstractCoordinator.HeartbeatResponseHandler.
void on_heartbeat(Reader& self, const HeartbeatResponse& answer, Turn& turn) {
    Membership& member = self.member;
    member.heartbeat_in_flight = false;
    if (answer.error == ErrorCode::none || answer.error == ErrorCode::rebalance_in_progress) {
        member.session_deadline = timer_time(self.clock, turn) + member_settings(self, turn).session_timeout;
        if (answer.error != ErrorCode::none && member.state == MemberState::stable)
            member.rejoin_needed = true;
        return;
    }
    if (moves_coordinator(answer.error)) return coordinator_unknown(self, turn);
    const bool stale =
        answer.error == ErrorCode::unknown_member_id || answer.error == ErrorCode::illegal_generation;
    if (stale) return reset_generation(self, answer.error == ErrorCode::unknown_member_id);
    if (!is_retriable(answer.error)) member.fatal = answer.error; // FENCED_INSTANCE_ID
}

} // namespace kafka::parts
