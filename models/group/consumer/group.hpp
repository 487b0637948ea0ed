#pragma once
// A group of the consumer protocol. Source: KIP-848; ConsumerGroup, ConsumerGroupMember.

#include "models/dialect/dialect.hpp"
#include "models/turn/messages/group.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kafka {

/// Source: MemberState. Shape: the number stands in records.
enum class ConsumerMemberState : std::uint8_t {
    stable = 0,
    unrevoked_partitions = 1,
    unreleased_partitions = 2
};

inline constexpr Generation left_epoch{-1};
inline constexpr Generation left_static_epoch{-2}; // comes back under its group.instance.id

struct ConsumerMember {
    MemberId id = no_member;
    ConsumerIndex consumer;
    InstanceIndex instance = no_instance;
    sim::Duration rebalance_timeout;
    std::vector<TopicIndex> topics;       // sorted
    std::optional<AssignorKind> assignor; // the one that it prefers
    Generation epoch{0};
    Generation previous_epoch{0};
    ConsumerMemberState state = ConsumerMemberState::stable;
    std::vector<PartitionIndex> target;   // sorted, as the next two
    std::vector<PartitionIndex> assigned; // the member may read these
    std::vector<PartitionIndex> revoking; // it was told to give these up
    sim::SimTime session_end = sim::SimTime::never();
    sim::SimTime timer_at = sim::SimTime::never();
    std::uint32_t timer_round = 0;
    std::uint32_t revoke_round = 0; // of the timer for `revoking`; 0 = none
    bool operator==(const ConsumerMember&) const = default;
};

struct ConsumerGroup {
    GroupState state = GroupState::empty;
    Generation epoch{0};
    Generation assignment_epoch{0};
    std::vector<ConsumerMember> members; // sorted by id
    bool operator==(const ConsumerGroup&) const = default;
};

ConsumerMember* find_member(ConsumerGroup& group, MemberId member);
const ConsumerMember* find_member(const ConsumerGroup& group, MemberId member);
ConsumerMember* find_instance(ConsumerGroup& group, InstanceIndex instance);
/// Source: ConsumerGroup.computeState.
GroupState state_of(const ConsumerGroup& group);
/// Source: ConsumerGroup.validateOffsetCommit, validateOffsetFetch: STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID.
ErrorCode check_epoch(const ConsumerGroup& group, MemberId member, Generation epoch);
/// Whether a heartbeat with `epoch` is accepted: the current one, or the one before when its answer was lost.
/// Source: throwIfConsumerGroupMemberEpochIsInvalid.
ErrorCode check_heartbeat(const ConsumerMember& member, Generation epoch, bool has_owned,
                          const std::vector<PartitionIndex>& owned);
/// The assignor that most members prefer among those that the broker offers (group.consumer.assignors; not
/// empty). Source: ConsumerGroup.preferredServerAssignor.
AssignorKind preferred_assignor(const ConsumerGroup& group, const std::vector<AssignorKind>& offered);
/// One step of `member` towards its target: gives up first, then takes what nobody holds.
/// `owned` is what it says to have, null when it says nothing.
/// Source: CurrentAssignmentBuilder; semantics 7.8.4.
void reconcile(ConsumerGroup& group, ConsumerMember& member, const std::vector<PartitionIndex>* owned,
               BrokenRule broken = BrokenRule::none);

} // namespace kafka
