#pragma once
// A group of the classic protocol as its coordinator knows it. Source: ClassicGroup, ClassicGroupMember.

#include "models/group/waiter.hpp"
#include "models/turn/messages/group.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

struct ClassicMember {
    MemberId id = no_member;
    ConsumerIndex consumer;
    InstanceIndex instance = no_instance;
    sim::Duration session_timeout;
    sim::Duration rebalance_timeout;
    JoinGroupContent subscription; // of a loaded member: the group's protocol and its topics
    std::vector<PartitionIndex> assignment;
    Waiter join; // a JoinGroup that waits for the others
    Waiter sync; // a SyncGroup that waits for the leader's
    bool is_new = false;
    bool owes_sync = false;                           // joined this generation, has not sent SyncGroup yet
    sim::SimTime session_end = sim::SimTime::never(); // not heard of until then: expired
    sim::SimTime timer_at = sim::SimTime::never();    // of the timer that looks at session_end
    std::uint32_t timer_round = 0;
    bool operator==(const ClassicMember&) const = default;
};

/// Was given a member id and has not joined with it yet. Source: KIP-394.
struct PendingMember {
    MemberId id = no_member;
    ConsumerIndex consumer;
    std::uint32_t timer_round = 0;
    bool operator==(const PendingMember&) const = default;
};

struct ClassicGroup {
    GroupState state = GroupState::empty;
    GroupState previous_state = GroupState::dead;
    sim::SimTime state_time = sim::SimTime::never(); // by the wall clock; never = nobody knows since when
    bool had_members = false;                        // Source: protocolType, which stays
    Generation generation{0};
    AssignorKind protocol{}; // of the generation; only with members
    MemberId leader = no_member;
    std::vector<ClassicMember> members; // sorted by id, as their UUIDs would be
    std::vector<PendingMember> pending; // in order of asking
    bool new_member_added = false;      // during the initial delay
    sim::Duration initial_delay;        // of the delay that runs
    sim::Duration initial_remaining;    // that it may still be extended by
    std::uint32_t join_round = 0;       // of the timer that ends PreparingRebalance; 0 = none
    std::uint32_t sync_round = 0;       // of the timer that expels who does not sync; 0 = none
    bool operator==(const ClassicGroup&) const = default;
};

ClassicMember* find_member(ClassicGroup& group, MemberId member);
const ClassicMember* find_member(const ClassicGroup& group, MemberId member);
/// The member of a group.instance.id; null when nobody has it.
const ClassicMember* find_instance(const ClassicGroup& group, InstanceIndex instance);
bool is_pending(const ClassicGroup& group, MemberId member);

/// UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID, else NONE. Source: ClassicGroup.validateMember.
ErrorCode check_member(const ClassicGroup& group, MemberId member, InstanceIndex instance);
/// Whether a commit of offsets is accepted. Source: ClassicGroup.validateOffsetCommit; semantics 7.6.8.
ErrorCode check_commit(const ClassicGroup& group, MemberId member, InstanceIndex instance,
                       Generation generation, bool transactional);
/// All members wait for the end of PreparingRebalance and no id is pending. Source: hasAllMembersJoined.
bool all_joined(const ClassicGroup& group);
/// The longest of its members' rebalance timeouts.
sim::Duration rebalance_timeout(const ClassicGroup& group);
/// Some protocol of `offered` is one of each member's. Source: ClassicGroup.supportsProtocols.
bool supports(const ClassicGroup& group, const std::vector<AssignorKind>& offered);
/// Each member votes for its first protocol that all have; most votes win, of equal ones the first in
/// AssignorKind (Kafka takes what its hash map gives). Source: ClassicGroup.selectProtocol.
AssignorKind selected_protocol(const ClassicGroup& group);
/// Adds `member`; the first one leads.
ClassicMember& add_member(ClassicGroup& group, const ClassicMember& member);
/// Removes a member or a pending id; leadership passes to the first in order. Source: ClassicGroup.remove.
void remove_member(ClassicGroup& group, MemberId member);
/// The record of the group as it is. Source: GroupCoordinatorRecordHelpers.newGroupMetadataRecord.
GroupMetadataRecord record_of(const ClassicGroup& group, GroupIndex index);

} // namespace kafka
