// JoinGroup. Source: classicGroupJoinToClassicGroup and what it calls.

#include "models/group/classic/steps.hpp"

#include "sim/core/assert.hpp"

namespace kafka::classic {

namespace {

/// A JoinGroup with the group that it is for.
struct Join {
    GroupStep& step;
    Waiter waiter;
    const JoinGroupRequest& request;
    const JoinGroupContent& content;
    InstanceIndex instance = no_instance; // no_instance where the release knows none
};

MemberId draw_member_id(const JoinGroupRequest& request, GroupTurn& turn) {
    const std::uint64_t owner = (static_cast<std::uint64_t>(request.group.value) << 32) |
                                static_cast<std::uint32_t>(request.consumer.value);
    return MemberId{static_cast<std::int64_t>(turn.turn.draw(Purpose::member_id, owner) >> 1)};
}

const GroupAbilities& client_of(const JoinGroupRequest& request, const GroupTurn& turn) {
    return turn.turn.configuration.consumer(request.consumer).dialect.group;
}

/// Source: acceptJoiningMember. Shape: asked only where group.max.size exists (2.2).
bool has_room(const ClassicGroup& group, MemberId member, std::int32_t most) {
    const ClassicMember* known = find_member(group, member);
    std::int32_t waiting = 0;
    for (const ClassicMember& one : group.members)
        waiting += one.join.waits() ? 1 : 0;
    if (group.state == GroupState::preparing_rebalance)
        return (known != nullptr && known->join.waits()) || waiting < most;
    if (group.state == GroupState::completing_rebalance || group.state == GroupState::stable)
        return known != nullptr || static_cast<std::int32_t>(group.members.size()) < most;
    return true;
}

/// Source: addMemberThenRebalanceOrCompleteJoin.
void add(const Join& join, MemberId id) {
    GroupStep& step = join.step;
    ClassicGroup& group = step.group.classic;
    ClassicMember fresh;
    fresh.id = id;
    fresh.consumer = join.request.consumer;
    fresh.instance = join.instance;
    fresh.session_timeout = join.request.session_timeout;
    fresh.rebalance_timeout = join.request.rebalance_timeout;
    fresh.subscription = join.content;
    fresh.join = join.waiter;
    fresh.is_new = true;
    if (group.state == GroupState::preparing_rebalance && group.previous_state == GroupState::empty)
        group.new_member_added = true;
    ClassicMember& member = add_member(group, fresh);
    step.turn.turn.note(
        fact::MemberJoined{step.turn.broker, step.group.index, member.consumer, member.id, group.generation});
    // KAFKA-7610: who asks to join and goes away would otherwise stay for the whole rebalance.
    const sim::Duration limit =
        step.turn.dialect.group.new_members_expire ? sim::seconds(300) : sim::Duration{INT64_MAX};
    renew_session(step, member, limit);
    prepare_rebalance_or_complete_join(step);
}

void update(const Join& join, ClassicMember& member) {
    member.session_timeout = join.request.session_timeout;
    member.rebalance_timeout = join.request.rebalance_timeout;
    member.subscription = join.content;
    member.join = join.waiter;
}

/// A static member came back under another id: the old id is fenced, and a stable group stays as it is.
/// Source: updateStaticMemberThenRebalanceOrCompleteJoin, ClassicGroup.replaceStaticMember; KIP-345.
void replace_static(const Join& join, MemberId old_id, MemberId new_id) {
    GroupStep& step = join.step;
    ClassicGroup& group = step.group.classic;
    ClassicMember member = *find_member(group, old_id);
    refuse_join(member.join, old_id, ErrorCode::fenced_instance_id, step.turn);
    refuse_sync(member.sync, ErrorCode::fenced_instance_id, step.turn);
    member.join = {};
    member.sync = {};
    const bool leads = group.leader == old_id;
    std::erase_if(group.members, [&](const ClassicMember& one) { return one.id == old_id; });
    step.turn.turn.note(fact::MemberLeft{step.turn.broker, step.group.index, member.consumer, old_id,
                                         LeaveCause::replaced_by_instance});
    member.id = new_id;
    member.consumer = join.request.consumer;
    member.timer_at = sim::SimTime::never();
    ClassicMember& fresh = add_member(group, member);
    if (leads) group.leader = new_id;
    step.turn.turn.note(
        fact::MemberJoined{step.turn.broker, step.group.index, fresh.consumer, new_id, group.generation});
    update(join, fresh);
    renew_session(step, fresh, fresh.session_timeout);
    if (group.state == GroupState::completing_rebalance) return prepare_rebalance(step);
    if (group.state != GroupState::stable) return maybe_complete_join(step);
    if (selected_protocol(group) != group.protocol) return prepare_rebalance_or_complete_join(step);
    Write one;
    one.kind = WriteKind::static_member;
    one.group = step.group.index;
    one.member = new_id;
    one.replaced = old_id;
    one.consumer = fresh.consumer;
    one.generation = group.generation;
    one.records.emplace_back(record_of(group, step.group.index));
    write(step.coordinator, std::move(one), step.turn);
}

/// Source: classicGroupJoinNewMember.
void join_new(const Join& join) {
    GroupStep& step = join.step;
    ClassicGroup& group = step.group.classic;
    const MemberId id = draw_member_id(join.request, step.turn);
    SIM_ASSERT(find_member(group, id) == nullptr, "member ids are drawn from 63 bits");
    if (join.instance != no_instance) {
        const ClassicMember* known = find_instance(group, join.instance);
        if (known != nullptr) return replace_static(join, known->id, id);
        return add(join, id);
    }
    // KIP-394: JoinGroup v4, so both sides must know it.
    if (!step.turn.dialect.group.join_requires_member_id ||
        !client_of(join.request, step.turn).join_requires_member_id)
        return add(join, id);
    group.pending.push_back({id, join.request.consumer, step.coordinator.next_round});
    step.turn.timers.push_back({step.turn.now() + join.request.session_timeout,
                                GroupTimerKind::pending_member, step.group.index.value,
                                step.coordinator.next_round++});
    refuse_join(join.waiter, id, ErrorCode::member_id_required, step.turn);
}

/// Answers with the generation as it stands; nothing changes.
void join_as_it_is(const Join& join, ClassicMember& member) {
    member.join = join.waiter;
    const ClassicGroup& group = join.step.group.classic;
    const bool with_members = group.state == GroupState::completing_rebalance && group.leader == member.id;
    answer_join(join.step, member, with_members);
}

/// Source: classicGroupJoinExistingMember.
void join_existing(const Join& join) {
    GroupStep& step = join.step;
    ClassicGroup& group = step.group.classic;
    const MemberId id = join.request.member;
    if (is_pending(group, id)) return add(join, id);
    const ErrorCode wrong = check_member(group, id, join.instance);
    if (wrong != ErrorCode::none) return refuse_join(join.waiter, id, wrong, step.turn);
    ClassicMember& member = *find_member(group, id);
    const bool same = member.subscription == join.content;
    const bool completing = group.state == GroupState::completing_rebalance;
    const bool stable = group.state == GroupState::stable;
    if (completing && same) return join_as_it_is(join, member);
    if (stable && same && group.leader != id) return join_as_it_is(join, member);
    if (group.state != GroupState::preparing_rebalance && !completing && !stable)
        return refuse_join(join.waiter, id, ErrorCode::unknown_member_id, step.turn);
    update(join, member);
    prepare_rebalance_or_complete_join(step);
}

} // namespace

void refuse_join(Waiter waiter, MemberId member, ErrorCode error, GroupTurn& turn) {
    if (!waiter.waits()) return;
    JoinGroupResponse response;
    response.correlation = waiter.correlation;
    response.error = error;
    response.member = member;
    response.content = turn.turn.slabs().join_group_answer.acquire();
    reply(turn, waiter, response, 60);
}

void on_join(GroupCoordinator& self, Waiter waiter, const JoinGroupRequest& request,
             const JoinGroupContent& content, GroupTurn& turn) {
    const bool first = request.member == no_member;
    if (request.session_timeout < turn.settings.min_session_timeout ||
        request.session_timeout > turn.settings.max_session_timeout)
        return refuse_join(waiter, request.member, ErrorCode::invalid_session_timeout, turn);
    const bool new_group = find_group(self, request.group) == nullptr;
    if (new_group && !first) return refuse_join(waiter, request.member, ErrorCode::unknown_member_id, turn);
    Group& group = find_or_add_group(self, request.group);
    if (group.protocol == GroupProtocol::consumer) { // only an empty group changes its protocol
        if (!group.consumer.members.empty())
            return refuse_join(waiter, request.member, ErrorCode::inconsistent_group_protocol, turn);
        group.protocol = GroupProtocol::classic;
        group.consumer = {};
    }
    GroupStep step{self, group, turn};
    const bool statics = turn.dialect.group.static_membership &&
                         client_of(request, turn).static_membership; // KIP-345: JoinGroup v5
    const Join join{step, waiter, request, content, statics ? request.instance : no_instance};
    if (!has_room(group.classic, request.member, turn.settings.max_size)) {
        remove_member(group.classic, request.member);
        return refuse_join(waiter, no_member, ErrorCode::group_max_size_reached, turn);
    }
    if (!supports(group.classic, content.protocols))
        return refuse_join(waiter, request.member, ErrorCode::inconsistent_group_protocol, turn);
    if (first)
        join_new(join);
    else
        join_existing(join);
    if (!new_group || !turn.dialect.group.coordinator_runtime) return;
    Write one; // the runtime writes down that a group exists
    one.kind = WriteKind::empty_group;
    one.group = request.group;
    one.records.emplace_back(record_of(ClassicGroup{}, request.group));
    write(self, std::move(one), turn);
}

void static_member_ended(GroupStep& step, const Write& write, ErrorCode error) {
    ClassicGroup& group = step.group.classic;
    ClassicMember* member = find_member(group, write.member);
    if (member == nullptr) return;
    const bool leads = group.leader == write.member;
    if (error == ErrorCode::none) {
        if (step.turn.dialect.group.static_leader_skips_assignment)
            return answer_join(step, *member, leads, leads); // KIP-814
        // Before: the leader is told its old id, so that it does not assign anew.
        const MemberId told = leads ? write.replaced : group.leader;
        const MemberId leader = group.leader;
        group.leader = told;
        answer_join(step, *member, false);
        group.leader = leader;
        return;
    }
    refuse_join(member->join, no_member, error, step.turn);
    ClassicMember back = *member;
    back.join = {};
    back.id = write.replaced;
    back.timer_at = sim::SimTime::never();
    std::erase_if(group.members, [&](const ClassicMember& one) { return one.id == write.member; });
    ClassicMember& old = add_member(group, back);
    if (leads) group.leader = back.id;
    renew_session(step, old, old.session_timeout);
}

} // namespace kafka::classic
