#include "models/group/consumer/group.hpp"

#include <algorithm>

namespace kafka {

namespace {

bool holds(const std::vector<PartitionIndex>& partitions, PartitionIndex partition) {
    return std::find(partitions.begin(), partitions.end(), partition) != partitions.end();
}

/// Source: ConsumerGroup.currentPartitionEpoch is not -1.
bool is_held(const ConsumerGroup& group, PartitionIndex partition) {
    return std::any_of(group.members.begin(), group.members.end(), [&](const ConsumerMember& member) {
        return holds(member.assigned, partition) || holds(member.revoking, partition);
    });
}

void move_to_epoch(ConsumerMember& member, Generation epoch) {
    member.previous_epoch = member.epoch;
    member.epoch = epoch;
}

/// Source: CurrentAssignmentBuilder.computeNextAssignment.
void next_assignment(ConsumerGroup& group, ConsumerMember& member, Generation epoch,
                     const std::vector<PartitionIndex>* owned, BrokenRule broken) {
    std::vector<PartitionIndex> kept;
    std::vector<PartitionIndex> revoked;
    for (const PartitionIndex partition : member.assigned)
        (holds(member.target, partition) ? kept : revoked).push_back(partition);
    const bool still_owned =
        owned == nullptr || std::any_of(revoked.begin(), revoked.end(),
                                        [&](PartitionIndex partition) { return holds(*owned, partition); });
    std::vector<PartitionIndex> taken;
    bool unreleased = false;
    for (const PartitionIndex partition : member.target) {
        if (holds(kept, partition)) continue;
        if (is_held(group, partition) && broken != BrokenRule::partitions_given_before_released)
            unreleased = true;
        else
            taken.push_back(partition);
    }
    member.assigned = kept;
    if (!revoked.empty() && still_owned) {
        member.state = ConsumerMemberState::unrevoked_partitions;
        member.revoking = revoked;
        return move_to_epoch(member, epoch);
    }
    member.revoking.clear();
    member.assigned.insert(member.assigned.end(), taken.begin(), taken.end());
    std::sort(member.assigned.begin(), member.assigned.end());
    member.state = unreleased ? ConsumerMemberState::unreleased_partitions : ConsumerMemberState::stable;
    move_to_epoch(member, group.assignment_epoch);
}

} // namespace

ConsumerMember* find_member(ConsumerGroup& group, MemberId member) {
    for (ConsumerMember& one : group.members)
        if (one.id == member) return &one;
    return nullptr;
}

const ConsumerMember* find_member(const ConsumerGroup& group, MemberId member) {
    for (const ConsumerMember& one : group.members)
        if (one.id == member) return &one;
    return nullptr;
}

ConsumerMember* find_instance(ConsumerGroup& group, InstanceIndex instance) {
    for (ConsumerMember& one : group.members)
        if (instance != no_instance && one.instance == instance) return &one;
    return nullptr;
}

GroupState state_of(const ConsumerGroup& group) {
    if (group.members.empty()) return GroupState::empty;
    if (group.epoch > group.assignment_epoch) return GroupState::assigning;
    for (const ConsumerMember& member : group.members)
        if (member.state != ConsumerMemberState::stable || member.epoch != group.assignment_epoch)
            return GroupState::reconciling;
    return GroupState::stable;
}

ErrorCode check_epoch(const ConsumerGroup& group, MemberId member, Generation epoch) {
    if (epoch < Generation{0} && group.members.empty()) return ErrorCode::none;
    const ConsumerMember* known = find_member(group, member);
    if (known == nullptr) return ErrorCode::unknown_member_id;
    return known->epoch == epoch ? ErrorCode::none : ErrorCode::stale_member_epoch;
}

ErrorCode check_heartbeat(const ConsumerMember& member, Generation epoch, bool has_owned,
                          const std::vector<PartitionIndex>& owned) {
    if (epoch > member.epoch) return ErrorCode::fenced_member_epoch;
    if (epoch == member.epoch) return ErrorCode::none;
    const bool subset = has_owned && std::all_of(owned.begin(), owned.end(), [&](PartitionIndex partition) {
                            return holds(member.assigned, partition);
                        });
    return epoch == member.previous_epoch && subset ? ErrorCode::none : ErrorCode::fenced_member_epoch;
}

void reconcile(ConsumerGroup& group, ConsumerMember& member, const std::vector<PartitionIndex>* owned,
               BrokenRule broken) {
    switch (member.state) {
    case ConsumerMemberState::stable:
        if (member.epoch != group.assignment_epoch)
            next_assignment(group, member, member.epoch, owned, broken);
        return;
    case ConsumerMemberState::unrevoked_partitions: {
        const bool unrevoked = owned == nullptr || std::any_of(member.revoking.begin(), member.revoking.end(),
                                                               [&](PartitionIndex partition) {
                                                                   return holds(*owned, partition);
                                                               });
        if (unrevoked) return; // stays at its epoch until it reports that they are gone
        member.revoking.clear();
        return next_assignment(group, member, member.epoch, owned, broken);
    }
    case ConsumerMemberState::unreleased_partitions:
        return next_assignment(group, member, member.epoch, owned, broken);
    }
}

AssignorKind preferred_assignor(const ConsumerGroup& group, const std::vector<AssignorKind>& offered) {
    AssignorKind preferred = offered.front();
    std::ptrdiff_t most = 0;
    for (const AssignorKind kind : offered) {
        const std::ptrdiff_t votes =
            std::count_if(group.members.begin(), group.members.end(),
                          [&](const ConsumerMember& member) { return member.assignor == kind; });
        if (votes > most) preferred = kind;
        most = std::max(most, votes);
    }
    return preferred;
}

} // namespace kafka
