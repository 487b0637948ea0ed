// Members that are heard of, leave, or fall silent. Source: classicGroupHeartbeatToClassicGroup,
// classicGroupLeaveToClassicGroup, expireClassicGroupMemberHeartbeat.

#include "models/group/classic/steps.hpp"

namespace kafka::classic {

namespace {

ErrorCode heartbeat_of(GroupStep& step, const HeartbeatRequest& request) {
    ClassicGroup& group = step.group.classic;
    const InstanceIndex instance = step.turn.dialect.group.static_membership ? request.instance : no_instance;
    const ErrorCode wrong = check_member(group, request.member, instance);
    if (wrong != ErrorCode::none && step.turn.dialect.broken == BrokenRule::fenced_members_go_on)
        return ErrorCode::none;
    if (wrong != ErrorCode::none) return wrong;
    if (request.generation != group.generation) return ErrorCode::illegal_generation;
    if (group.state == GroupState::empty) return ErrorCode::unknown_member_id;
    ClassicMember& member = *find_member(group, request.member);
    renew_session(step, member, member.session_timeout);
    return group.state == GroupState::preparing_rebalance ? ErrorCode::rebalance_in_progress
                                                          : ErrorCode::none;
}

/// The group goes on without who left. Source: removeMemberAndUpdateClassicGroup.
void after_departure(GroupStep& step) {
    const GroupState state = step.group.classic.state;
    if (state == GroupState::stable || state == GroupState::completing_rebalance)
        prepare_rebalance_or_complete_join(step);
    else
        maybe_complete_join(step);
}

ErrorCode leave_of(GroupStep& step, const LeaveGroupRequest& request) {
    ClassicGroup& group = step.group.classic;
    const InstanceIndex instance = step.turn.dialect.group.static_membership ? request.instance : no_instance;
    MemberId member = request.member;
    if (member == no_member) {
        const ClassicMember* known = find_instance(group, instance);
        if (known == nullptr) return ErrorCode::unknown_member_id;
        member = known->id;
    } else if (!is_pending(group, member)) {
        const ErrorCode wrong = check_member(group, member, instance);
        if (wrong != ErrorCode::none) return wrong;
    }
    expel(step, member, LeaveCause::left);
    after_departure(step);
    return ErrorCode::none;
}

void set_session_timer(GroupStep& step, ClassicMember& member) {
    member.timer_round = step.coordinator.next_round++;
    member.timer_at = member.session_end;
    step.turn.timers.push_back(
        {member.session_end, GroupTimerKind::session, step.group.index.value, member.timer_round});
}

void on_session_timer(GroupStep& step, std::uint32_t round) {
    ClassicGroup& group = step.group.classic;
    for (ClassicMember& member : group.members) {
        if (member.timer_round != round) continue;
        member.timer_at = sim::SimTime::never();
        if (member.session_end == sim::SimTime::never()) return; // nobody watches it (KAFKA-9752)
        if (member.session_end > step.turn.now()) return set_session_timer(step, member);
        // Who waits for the group is not silent, unless it is new (KAFKA-7610). Source:
        // hasSatisfiedHeartbeat.
        const bool waits = member.join.waits() || member.sync.waits();
        if (!member.is_new && waits) return;
        expel(step, member.id, LeaveCause::session_expired);
        return after_departure(step);
    }
    step.turn.turn.ignore("a member that went away");
}

void on_pending_timer(GroupStep& step, std::uint32_t round) {
    for (const PendingMember& pending : step.group.classic.pending) {
        if (pending.timer_round != round) continue;
        remove_member(step.group.classic, pending.id);
        return maybe_complete_join(step);
    }
    step.turn.turn.ignore("this member has joined");
}

} // namespace

void refuse_heartbeat(Waiter waiter, ErrorCode error, GroupTurn& turn) {
    reply(turn, waiter, HeartbeatResponse{waiter.correlation, error}, 20);
}

void on_heartbeat(GroupCoordinator& self, Waiter waiter, const HeartbeatRequest& request, GroupTurn& turn) {
    Group* group = find_group(self, request.group);
    if (group == nullptr) return refuse_heartbeat(waiter, ErrorCode::unknown_member_id, turn);
    GroupStep step{self, *group, turn};
    refuse_heartbeat(waiter, heartbeat_of(step, request), turn);
}

void refuse_leave(Waiter waiter, ErrorCode error, GroupTurn& turn) {
    reply(turn, waiter, LeaveGroupResponse{waiter.correlation, error}, 30);
}

void on_leave(GroupCoordinator& self, Waiter waiter, const LeaveGroupRequest& request, GroupTurn& turn) {
    Group* group = find_group(self, request.group);
    if (group == nullptr) return refuse_leave(waiter, ErrorCode::unknown_member_id, turn);
    GroupStep step{self, *group, turn};
    refuse_leave(waiter, leave_of(step, request), turn);
}

/// Shape: one timer a member; a session that was prolonged meanwhile sets it again when it is due.
void renew_session(GroupStep& step, ClassicMember& member, sim::Duration timeout) {
    member.session_end = step.turn.now() + timeout;
    if (member.session_end < member.timer_at) set_session_timer(step, member);
}

void expel(GroupStep& step, MemberId id, LeaveCause cause) {
    ClassicGroup& group = step.group.classic;
    if (ClassicMember* member = find_member(group, id)) {
        refuse_join(member->join, no_member, ErrorCode::unknown_member_id, step.turn);
        refuse_sync(member->sync, ErrorCode::unknown_member_id, step.turn);
        step.turn.turn.note(
            fact::MemberLeft{step.turn.broker, step.group.index, member->consumer, id, cause});
    }
    remove_member(group, id);
}

void on_timer(GroupStep& step, GroupTimerKind what, std::uint32_t round) {
    const ClassicGroup& group = step.group.classic;
    switch (what) {
    case GroupTimerKind::session:
        return on_session_timer(step, round);
    case GroupTimerKind::pending_member:
        return on_pending_timer(step, round);
    case GroupTimerKind::initial_join:
        if (group.join_round != round) break;
        return on_initial_delay(step);
    case GroupTimerKind::join:
        if (group.join_round != round) break;
        return complete_join(step);
    case GroupTimerKind::sync:
        if (group.sync_round != round) break;
        return on_sync_expired(step);
    case GroupTimerKind::flush:
    case GroupTimerKind::member_session:
    case GroupTimerKind::member_revocation:
    case GroupTimerKind::expiry:
        break;
    }
    step.turn.turn.ignore("a rebalance that is over");
}

/// Source: GroupMetadataManager.onLoaded, loadGroup: all members count as heard of just now. Leaves out: the
/// rebalance of a group that is above group.max.size after a change of it.
void loaded(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    for (ClassicMember& member : group.members)
        renew_session(step, member, member.session_timeout);
    become(step, group.state);
}

/// Source: onUnloaded: whoever waits looks for the new coordinator.
void unloaded(GroupStep& step) {
    for (ClassicMember& member : step.group.classic.members) {
        refuse_join(member.join, member.id, ErrorCode::not_coordinator, step.turn);
        refuse_sync(member.sync, ErrorCode::not_coordinator, step.turn);
        member.join = {};
        member.sync = {};
    }
}

} // namespace kafka::classic
