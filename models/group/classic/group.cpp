#include "models/group/classic/group.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>
#include <array>

namespace kafka {

const ClassicMember* find_member(const ClassicGroup& group, MemberId member) {
    for (const ClassicMember& one : group.members)
        if (one.id == member) return &one;
    return nullptr;
}

ClassicMember* find_member(ClassicGroup& group, MemberId member) {
    for (ClassicMember& one : group.members)
        if (one.id == member) return &one;
    return nullptr;
}

const ClassicMember* find_instance(const ClassicGroup& group, InstanceIndex instance) {
    if (instance == no_instance) return nullptr;
    for (const ClassicMember& one : group.members)
        if (one.instance == instance) return &one;
    return nullptr;
}

bool is_pending(const ClassicGroup& group, MemberId member) {
    return std::any_of(group.pending.begin(), group.pending.end(),
                       [&](const PendingMember& pending) { return pending.id == member; });
}

ErrorCode check_member(const ClassicGroup& group, MemberId member, InstanceIndex instance) {
    if (instance != no_instance) {
        const ClassicMember* known = find_instance(group, instance);
        if (known == nullptr) return ErrorCode::unknown_member_id;
        if (known->id != member) return ErrorCode::fenced_instance_id;
    }
    return find_member(group, member) == nullptr ? ErrorCode::unknown_member_id : ErrorCode::none;
}

ErrorCode check_commit(const ClassicGroup& group, MemberId member, InstanceIndex instance,
                       Generation generation, bool transactional) {
    const bool empty = group.state == GroupState::empty;
    if (group.state == GroupState::dead) return ErrorCode::coordinator_not_available;
    if (generation < Generation{0} && empty) return ErrorCode::none; // a consumer that assigns itself
    if (generation >= Generation{0} || member != no_member || instance != no_instance) {
        const ErrorCode wrong = check_member(group, member, instance);
        if (wrong != ErrorCode::none) return wrong;
        if (generation != group.generation) return ErrorCode::illegal_generation;
    } else if (!transactional && !empty) {
        return ErrorCode::unknown_member_id;
    }
    if (!transactional && group.state == GroupState::completing_rebalance)
        return ErrorCode::rebalance_in_progress;
    return ErrorCode::none;
}

bool all_joined(const ClassicGroup& group) {
    return group.pending.empty() &&
           std::all_of(group.members.begin(), group.members.end(),
                       [](const ClassicMember& member) { return member.join.waits(); });
}

sim::Duration rebalance_timeout(const ClassicGroup& group) {
    sim::Duration longest{0};
    for (const ClassicMember& member : group.members)
        longest = std::max(longest, member.rebalance_timeout);
    return longest;
}

namespace {

bool lists(const std::vector<AssignorKind>& protocols, AssignorKind protocol) {
    return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

bool all_members_have(const ClassicGroup& group, AssignorKind protocol) {
    return std::all_of(group.members.begin(), group.members.end(), [&](const ClassicMember& member) {
        return lists(member.subscription.protocols, protocol);
    });
}

} // namespace

bool supports(const ClassicGroup& group, const std::vector<AssignorKind>& offered) {
    return std::any_of(offered.begin(), offered.end(),
                       [&](AssignorKind protocol) { return all_members_have(group, protocol); });
}

AssignorKind selected_protocol(const ClassicGroup& group) {
    std::array<int, 8> votes{};
    for (const ClassicMember& member : group.members)
        for (const AssignorKind protocol : member.subscription.protocols) {
            if (!all_members_have(group, protocol)) continue;
            ++votes[static_cast<std::size_t>(protocol)];
            break;
        }
    const auto most = std::max_element(votes.begin(), votes.end());
    SIM_ASSERT(*most > 0, "members are only accepted with a protocol that all have");
    return static_cast<AssignorKind>(most - votes.begin());
}

ClassicMember& add_member(ClassicGroup& group, const ClassicMember& member) {
    SIM_ASSERT(find_member(group, member.id) == nullptr, "a member is added once");
    std::erase_if(group.pending, [&](const PendingMember& pending) { return pending.id == member.id; });
    if (group.leader == no_member) group.leader = member.id;
    group.had_members = true;
    const auto at = std::find_if(group.members.begin(), group.members.end(),
                                 [&](const ClassicMember& other) { return member.id < other.id; });
    return *group.members.insert(at, member);
}

void remove_member(ClassicGroup& group, MemberId member) {
    std::erase_if(group.members, [&](const ClassicMember& one) { return one.id == member; });
    std::erase_if(group.pending, [&](const PendingMember& one) { return one.id == member; });
    if (group.leader == member) group.leader = group.members.empty() ? no_member : group.members.front().id;
}

GroupMetadataRecord record_of(const ClassicGroup& group, GroupIndex index) {
    GroupMetadataRecord record;
    record.group = index;
    record.generation = group.generation;
    record.protocol = group.protocol;
    record.leader = group.leader;
    record.state_time = group.state_time;
    for (const ClassicMember& member : group.members)
        record.members.push_back({member.id, member.consumer, member.instance, member.session_timeout,
                                  member.rebalance_timeout, member.subscription.topics, member.assignment});
    return record;
}

} // namespace kafka
