#pragma once
// Between members of groups and their coordinator.

#include "models/turn/messages/words.hpp"
#include "models/vocabulary/groups.hpp"
#include "sim/core/time.hpp"

#include <optional>

namespace kafka {

/// Asks any broker who coordinates. `key` is a GroupIndex or a TransactionalIdIndex, by `kind`.
struct FindCoordinatorRequest {
    Correlation correlation = 0;
    CoordinatorKind kind{};
    std::int32_t key = -1;
    bool operator==(const FindCoordinatorRequest&) const = default;
};
struct FindCoordinatorResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    BrokerSlot coordinator = no_slot;
    bool operator==(const FindCoordinatorResponse&) const = default;
};

// --- classic protocol (models/group/classic) ---

struct JoinGroupContent {                // one metadata for all protocols, as the Java consumer sends it
    std::vector<AssignorKind> protocols; // in order of preference
    std::vector<TopicIndex> topics;
    std::vector<PartitionIndex> owned; // KIP-429
    Generation owned_generation = no_generation;
    void clear() {
        protocols.clear();
        topics.clear();
        owned.clear();
        owned_generation = no_generation;
    }
    bool operator==(const JoinGroupContent&) const = default;
};
struct JoinGroupRequest { // member no_member = first join
    Correlation correlation = 0;
    GroupIndex group = no_group;
    ConsumerIndex consumer; // its client.id
    InstanceIndex instance = no_instance;
    MemberId member = no_member;
    sim::Duration session_timeout;
    sim::Duration rebalance_timeout;
    SlabHandle content;
    bool operator==(const JoinGroupRequest&) const = default;
};
struct JoinGroupAnswer { // of the leader: all members; of the others: nothing
    struct Member {
        MemberId member = no_member;
        ConsumerIndex consumer;
        InstanceIndex instance = no_instance;
        JoinGroupContent subscription;
        bool operator==(const Member&) const = default;
    };
    std::vector<Member> members;
    void clear() { members.clear(); }
    bool operator==(const JoinGroupAnswer&) const = default;
};
struct JoinGroupResponse { // content always
    Correlation correlation = 0;
    ErrorCode error{};
    AssignorKind protocol{};
    bool skip_assignment = false; // KIP-814
    Generation generation = no_generation;
    MemberId member = no_member;
    MemberId leader = no_member;
    SlabHandle content;
    bool operator==(const JoinGroupResponse&) const = default;
};
struct SyncGroupContent { // of the leader: who gets what; of the others: nothing
    struct Entry {
        MemberId member = no_member;
        PartitionIndex partition;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const SyncGroupContent&) const = default;
};
struct SyncGroupRequest {
    Correlation correlation = 0;
    GroupIndex group = no_group;
    Generation generation = no_generation;
    InstanceIndex instance = no_instance;
    MemberId member = no_member;
    SlabHandle content;
    bool operator==(const SyncGroupRequest&) const = default;
};
struct SyncGroupResponse { // content (the member's partitions) always
    Correlation correlation = 0;
    ErrorCode error{};
    SlabHandle content;
    bool operator==(const SyncGroupResponse&) const = default;
};
struct HeartbeatRequest {
    Correlation correlation = 0;
    GroupIndex group = no_group;
    Generation generation = no_generation;
    InstanceIndex instance = no_instance;
    MemberId member = no_member;
    bool operator==(const HeartbeatRequest&) const = default;
};
struct HeartbeatResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    bool operator==(const HeartbeatResponse&) const = default;
};
struct LeaveGroupRequest {
    Correlation correlation = 0;
    GroupIndex group = no_group;
    InstanceIndex instance = no_instance;
    MemberId member = no_member;
    bool operator==(const LeaveGroupRequest&) const = default;
};
struct LeaveGroupResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    bool operator==(const LeaveGroupResponse&) const = default;
};

// --- consumer protocol, KIP-848 (models/group/consumer) ---

struct MemberContent {
    std::vector<TopicIndex> topics;                      // when has_subscription
    std::vector<PartitionIndex> owned;                   // when has_owned
    std::optional<AssignorKind> assignor = std::nullopt; // group.remote.assignor, when has_subscription
    void clear() {
        topics.clear();
        owned.clear();
        assignor.reset();
    }
    bool operator==(const MemberContent&) const = default;
};
struct ConsumerGroupHeartbeatRequest { // epoch 0 joins, -1 leaves, -2 leaves as static member
    Correlation correlation = 0;
    GroupIndex group = no_group;
    ConsumerIndex consumer;
    InstanceIndex instance = no_instance;
    MemberId member = no_member;
    sim::Duration rebalance_timeout;
    Generation member_epoch{0};
    bool has_subscription = false;
    bool has_owned = false;
    SlabHandle content;
    bool operator==(const ConsumerGroupHeartbeatRequest&) const = default;
};
struct ConsumerGroupHeartbeatResponse { // content (assigned partitions) always; it counts when has_assignment
    Correlation correlation = 0;
    ErrorCode error{};
    bool has_assignment = false;
    Generation member_epoch = no_generation;
    MemberId member = no_member;
    sim::Duration heartbeat_interval;
    SlabHandle content;
    bool operator==(const ConsumerGroupHeartbeatResponse&) const = default;
};

// --- offsets (models/group/offsets) ---

struct OffsetContent {
    struct Entry {
        PartitionIndex partition;
        Offset offset;
        Epoch leader_epoch = no_epoch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const OffsetContent&) const = default;
};
struct OffsetCommitRequest { // generation: of the classic protocol, or the member epoch
    Correlation correlation = 0;
    GroupIndex group = no_group;
    ConsumerIndex consumer;
    InstanceIndex instance = no_instance;
    MemberId member = no_member;
    Generation generation = no_generation;
    SlabHandle content;
    bool operator==(const OffsetCommitRequest&) const = default;
};
struct OffsetCommitResponse { // content: PartitionErrors, always
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const OffsetCommitResponse&) const = default;
};
struct OffsetFetchRequest { // content: PartitionList
    Correlation correlation = 0;
    GroupIndex group = no_group;
    Generation member_epoch = no_generation; // KIP-848 only
    MemberId member = no_member;
    bool require_stable = false; // KIP-447
    SlabHandle content;
    bool operator==(const OffsetFetchRequest&) const = default;
};
struct OffsetFetchAnswer { // offset -1 = nothing committed
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        Offset offset = no_offset;
        Epoch leader_epoch = no_epoch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const OffsetFetchAnswer&) const = default;
};
struct OffsetFetchResponse { // content always
    Correlation correlation = 0;
    ErrorCode error{};
    SlabHandle content;
    bool operator==(const OffsetFetchResponse&) const = default;
};

} // namespace kafka
