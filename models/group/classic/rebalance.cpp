// From PreparingRebalance to the next generation. Source: prepareRebalance, completeClassicGroupJoin,
// tryCompleteInitialRebalanceElseSchedule.

#include "models/group/classic/steps.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::classic {

namespace {

void set_join_timer(GroupStep& step, GroupTimerKind what, sim::Duration delay) {
    step.group.classic.join_round = step.coordinator.next_round++;
    step.turn.timers.push_back(
        {step.turn.now() + delay, what, step.group.index.value, step.group.classic.join_round});
}

/// Nobody who joined may lead while the leader is away. Source: maybeElectNewJoinedLeader.
bool leader_has_joined(ClassicGroup& group) {
    const ClassicMember* leader = find_member(group, group.leader);
    if (leader == nullptr) return false;
    if (leader->join.waits()) return true;
    for (const ClassicMember& member : group.members) {
        if (!member.join.waits()) continue;
        group.leader = member.id;
        return true;
    }
    return false;
}

/// Dynamic members that have not come back are out. Source: KIP-345: static ones stay until their session
/// ends.
void expel_absent(GroupStep& step) {
    std::vector<MemberId> absent;
    for (const ClassicMember& member : step.group.classic.members)
        if (!member.join.waits() && member.instance == no_instance) absent.push_back(member.id);
    for (const MemberId member : absent)
        expel(step, member, LeaveCause::rebalance_timed_out);
}

/// From 2.2 to 2.4 the session of a new member does not begin when it has joined.
/// 1. A member asks to join and waits for the others. 2. It dies; nobody notices. 3. The others come, and the
/// generation begins with it. Its session is set up while it still counts as new, for which five minutes from
/// now count: so it is taken for heard of, and nobody watches it. 4. It has partitions, and keeps them until
/// another rebalance. Source: GroupCoordinator.completeAndScheduleNextExpiration,
/// MemberMetadata.shouldKeepAlive; KAFKA-9752 (2.5).
void watch_joined(GroupStep& step, ClassicMember& member) {
    const GroupAbilities& abilities = step.turn.dialect.group;
    const bool missed = abilities.new_members_expire && !abilities.joined_members_are_watched;
    if (missed && member.is_new)
        member.session_end = sim::SimTime::never();
    else
        renew_session(step, member, member.session_timeout);
}

void begin_generation(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    group.generation = next(group.generation);
    group.protocol = selected_protocol(group);
    become(step, GroupState::completing_rebalance);
    for (ClassicMember& member : group.members) {
        answer_join(step, member, member.id == group.leader);
        watch_joined(step, member);
        member.is_new = false;
        member.owes_sync = true;
    }
    if (!step.turn.dialect.group.unsynced_members_expire) return; // KAFKA-12890
    group.sync_round = step.coordinator.next_round++;
    step.turn.timers.push_back({step.turn.now() + rebalance_timeout(group), GroupTimerKind::sync,
                                step.group.index.value, group.sync_round});
}

void become_empty(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    group.generation = next(group.generation);
    become(step, GroupState::empty);
    Write one;
    one.kind = WriteKind::empty_group;
    one.group = step.group.index;
    one.records.emplace_back(record_of(group, step.group.index));
    write(step.coordinator, std::move(one), step.turn);
}

} // namespace

void become(GroupStep& step, GroupState state) {
    ClassicGroup& group = step.group.classic;
    group.previous_state = group.state;
    group.state = state;
    group.state_time = step.turn.turn.wall_time();
    step.turn.turn.note(fact::GroupChanged{step.turn.broker, step.group.index, state, group.generation,
                                           static_cast<std::int32_t>(group.members.size())});
}

void answer_join(GroupStep& step, ClassicMember& member, bool with_members, bool skip_assignment) {
    if (!member.join.waits()) return;
    const ClassicGroup& group = step.group.classic;
    JoinGroupResponse response;
    response.correlation = member.join.correlation;
    response.protocol = group.protocol;
    response.skip_assignment = skip_assignment;
    response.generation = group.generation;
    response.member = member.id;
    response.leader = group.leader;
    response.content = step.turn.turn.slabs().join_group_answer.acquire();
    std::int32_t bytes = 150;
    if (with_members)
        for (const ClassicMember& other : group.members) {
            bytes += 100;
            step.turn.turn.slabs()
                .join_group_answer.open(response.content)
                .members.push_back({other.id, other.consumer, other.instance, other.subscription});
        }
    reply(step.turn, member.join, response, bytes);
}

void prepare_rebalance(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    if (group.state == GroupState::completing_rebalance)
        drop_assignments(step, ErrorCode::rebalance_in_progress);
    group.sync_round = 0;
    for (ClassicMember& member : group.members)
        member.owes_sync = false;
    if (group.state != GroupState::empty) {
        become(step, GroupState::preparing_rebalance);
        if (all_joined(group)) return complete_join(step);
        return set_join_timer(step, GroupTimerKind::join, rebalance_timeout(group));
    }
    // group.initial.rebalance.delay.ms (KIP-134): more members are about to come.
    group.initial_delay = step.turn.settings.initial_rebalance_delay;
    group.initial_remaining =
        std::max(rebalance_timeout(group) - step.turn.settings.initial_rebalance_delay, sim::Duration{0});
    group.new_member_added = false;
    set_join_timer(step, GroupTimerKind::initial_join, group.initial_delay);
    become(step, GroupState::preparing_rebalance);
}

/// Source: canRebalance: from Stable, CompletingRebalance and Empty.
void prepare_rebalance_or_complete_join(GroupStep& step) {
    const GroupState state = step.group.classic.state;
    if (state == GroupState::preparing_rebalance) return maybe_complete_join(step);
    SIM_ASSERT(state != GroupState::dead, "a group that is served is not dead");
    prepare_rebalance(step);
}

/// Source: maybeCompleteJoinPhase: the initial delay is waited for in any case.
void maybe_complete_join(GroupStep& step) {
    const ClassicGroup& group = step.group.classic;
    if (group.state != GroupState::preparing_rebalance || group.previous_state == GroupState::empty) return;
    if (all_joined(group)) complete_join(step);
}

void on_initial_delay(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    if (!group.new_member_added || group.initial_remaining == sim::Duration{0}) return complete_join(step);
    group.new_member_added = false;
    const sim::Duration delay = std::min(step.turn.settings.initial_rebalance_delay, group.initial_remaining);
    group.initial_remaining = std::max(group.initial_remaining - group.initial_delay, sim::Duration{0});
    group.initial_delay = delay;
    set_join_timer(step, GroupTimerKind::initial_join, delay);
}

void complete_join(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    SIM_ASSERT(group.state == GroupState::preparing_rebalance, "a generation ends PreparingRebalance");
    group.join_round = 0;
    expel_absent(step);
    if (group.members.empty()) return become_empty(step);
    if (leader_has_joined(group)) return begin_generation(step);
    // Only static members are left and none has joined: wait until their sessions end.
    set_join_timer(step, GroupTimerKind::join, rebalance_timeout(group));
}

} // namespace kafka::classic
