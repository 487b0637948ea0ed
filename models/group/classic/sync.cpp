// SyncGroup: the leader's assignment, written down and then told to all. Source:
// classicGroupSyncToClassicGroup.

#include "models/group/classic/steps.hpp"

#include <algorithm>

namespace kafka::classic {

namespace {

void answer_sync(GroupStep& step, ClassicMember& member, ErrorCode error) {
    if (!member.sync.waits()) return;
    SyncGroupResponse response;
    response.correlation = member.sync.correlation;
    response.error = error;
    response.content = step.turn.turn.slabs().partitions.acquire();
    if (error == ErrorCode::none)
        step.turn.turn.slabs().partitions.open(response.content).partitions = member.assignment;
    reply(step.turn, member.sync, response, static_cast<std::int32_t>(60 + 8 * member.assignment.size()));
    renew_session(step, member, member.session_timeout);
}

std::vector<PartitionIndex> assigned_to(MemberId member, const SyncGroupContent& content) {
    std::vector<PartitionIndex> partitions;
    for (const SyncGroupContent::Entry& entry : content.entries)
        if (entry.member == member) partitions.push_back(entry.partition);
    std::sort(partitions.begin(), partitions.end());
    return partitions;
}

void write_assignment(GroupStep& step, MemberId leader, const SyncGroupContent& content) {
    GroupMetadataRecord record = record_of(step.group.classic, step.group.index);
    for (GroupMetadataRecord::Member& member : record.members)
        member.assignment = assigned_to(member.member, content);
    Write one;
    one.kind = WriteKind::assignment;
    one.group = step.group.index;
    one.member = leader;
    one.generation = step.group.classic.generation;
    one.records.emplace_back(std::move(record));
    write(step.coordinator, std::move(one), step.turn);
}

bool owes_sync(const ClassicMember& member) { return member.owes_sync; }

void sync_received(GroupStep& step, ClassicMember& member) {
    ClassicGroup& group = step.group.classic;
    member.owes_sync = false;
    if (std::none_of(group.members.begin(), group.members.end(), owes_sync)) group.sync_round = 0;
}

/// Source: GroupCoordinator.propagateAssignment: the session of who has waited begins anew.
/// Shape: only of those that were not watched; the others' goes on from their join, or from a heartbeat.
void watch_synced(GroupStep& step, ClassicMember& member) {
    if (member.sync.waits() && member.session_end == sim::SimTime::never())
        renew_session(step, member, member.session_timeout);
}

} // namespace

void refuse_sync(Waiter waiter, ErrorCode error, GroupTurn& turn) {
    if (!waiter.waits()) return;
    const SyncGroupResponse response{waiter.correlation, error, turn.turn.slabs().partitions.acquire()};
    reply(turn, waiter, response, 40);
}

void on_sync(GroupCoordinator& self, Waiter waiter, const SyncGroupRequest& request,
             const SyncGroupContent& content, GroupTurn& turn) {
    Group* known = find_group(self, request.group);
    if (known == nullptr || known->classic.state == GroupState::empty)
        return refuse_sync(waiter, ErrorCode::unknown_member_id, turn);
    ClassicGroup& group = known->classic;
    GroupStep step{self, *known, turn};
    const InstanceIndex instance = turn.dialect.group.static_membership ? request.instance : no_instance;
    const ErrorCode wrong = check_member(group, request.member, instance);
    if (wrong != ErrorCode::none) return refuse_sync(waiter, wrong, turn);
    if (request.generation != group.generation)
        return refuse_sync(waiter, ErrorCode::illegal_generation, turn);
    if (group.state == GroupState::preparing_rebalance)
        return refuse_sync(waiter, ErrorCode::rebalance_in_progress, turn);
    ClassicMember& member = *find_member(group, request.member);
    sync_received(step, member);
    member.sync = waiter;
    if (group.state == GroupState::stable) {
        watch_synced(step, member);
        return answer_sync(step, member, ErrorCode::none);
    }
    if (group.leader == member.id) write_assignment(step, member.id, content);
}

void assignment_ended(GroupStep& step, const Write& write, ErrorCode error) {
    ClassicGroup& group = step.group.classic;
    if (group.state != GroupState::completing_rebalance || write.generation != group.generation)
        return step.turn.turn.ignore("the group went on to another rebalance");
    if (error != ErrorCode::none) {
        const bool too_large = error == ErrorCode::message_too_large;
        drop_assignments(step, too_large ? ErrorCode::unknown_server_error : error);
        return prepare_rebalance_or_complete_join(step);
    }
    const auto& record = std::get<GroupMetadataRecord>(write.records.front());
    for (ClassicMember& member : group.members) {
        member.assignment.clear();
        for (const GroupMetadataRecord::Member& one : record.members)
            if (one.member == member.id) member.assignment = one.assignment;
        watch_synced(step, member);
        answer_sync(step, member, ErrorCode::none);
    }
    become(step, GroupState::stable);
}

void drop_assignments(GroupStep& step, ErrorCode error) {
    for (ClassicMember& member : step.group.classic.members) {
        member.assignment.clear();
        answer_sync(step, member, error);
    }
}

/// Source: expirePendingSync (KAFKA-12890): the generation began a rebalance timeout ago.
void on_sync_expired(GroupStep& step) {
    ClassicGroup& group = step.group.classic;
    group.sync_round = 0;
    std::vector<MemberId> absent;
    for (const ClassicMember& member : group.members)
        if (member.owes_sync) absent.push_back(member.id);
    if (absent.empty()) return;
    for (const MemberId member : absent)
        expel(step, member, LeaveCause::rebalance_timed_out);
    prepare_rebalance(step);
}

} // namespace kafka::classic
