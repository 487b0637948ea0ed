#pragma once
// Words of groups and transactions: ids, states, and the records that their coordinators keep in a log.

#include "models/vocabulary/batch.hpp"
#include "models/vocabulary/ids.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace kafka {

using GroupIndex = sim::Strong<struct GroupIndexTag, std::int32_t>; // position in Configuration::groups
using TransactionalIdIndex = sim::Strong<struct TransactionalIdIndexTag, std::int32_t>;
using InstanceIndex = sim::Strong<struct InstanceIndexTag, std::int32_t>; // one for each group.instance.id
/// Stands for the random part of a member id; given by the coordinator, or by the client (KIP-848).
/// Drawn with Purpose::member_id, so that members sort by it as by their UUIDs.
using MemberId = sim::Strong<struct MemberIdTag>;
/// Generation of the classic protocol; group, assignment or member epoch of KIP-848.
using Generation = sim::Strong<struct GenerationTag, std::int32_t>;

inline constexpr GroupIndex no_group{-1};
inline constexpr TransactionalIdIndex no_transactional_id{-1};
inline constexpr InstanceIndex no_instance{-1};
inline constexpr MemberId no_member{-1};
inline constexpr Generation no_generation{-1};

enum class CoordinatorKind : std::uint8_t { group, transaction };
enum class GroupProtocol : std::uint8_t { classic, consumer };
enum class AssignorKind : std::uint8_t { range, round_robin, sticky, cooperative_sticky, uniform };

/// Source: ClassicGroupState; of KIP-848: ConsumerGroupState.
enum class GroupState : std::uint8_t {
    empty,
    preparing_rebalance,
    completing_rebalance,
    stable,
    dead,
    assigning,
    reconciling,
};
/// Source: TransactionState.
enum class TransactionState : std::uint8_t {
    empty,
    ongoing,
    prepare_commit,
    prepare_abort,
    complete_commit,
    complete_abort,
    dead,
    prepare_epoch_fence,
};

/// What a client that writes in a transaction can take: nothing new, TRANSACTION_ABORTABLE, or that leaders
/// add partitions by themselves (transaction.version 2). Source: TransactionSupportedOperation; Produce v11,
/// v12, TxnOffsetCommit v4, v5; KIP-890.
enum class TransactionSupport : std::uint8_t { verified, abortable, adds_partition };

// --- records of __consumer_offsets ---

/// OffsetCommitKey and -Value. Shape: `tombstone` deletes. Leaves out: metadata text, expire timestamp (v1).
struct OffsetCommitRecord {
    GroupIndex group = no_group;
    PartitionIndex partition;
    Offset offset = no_offset;
    Epoch leader_epoch = no_epoch;
    sim::SimTime commit_time;
    bool tombstone = false;
    bool operator==(const OffsetCommitRecord&) const = default;
};
/// GroupMetadataKey and -Value of the classic protocol: the complete group.
struct GroupMetadataRecord {
    struct Member {
        MemberId member = no_member;
        ConsumerIndex consumer;
        InstanceIndex instance = no_instance;
        sim::Duration session_timeout;
        sim::Duration rebalance_timeout;
        std::vector<TopicIndex> topics;
        std::vector<PartitionIndex> assignment;
        bool operator==(const Member&) const = default;
    };
    GroupIndex group = no_group;
    Generation generation = no_generation;
    AssignorKind protocol{};
    MemberId leader = no_member;
    sim::SimTime state_time;
    std::vector<Member> members; // none = Empty
    bool tombstone = false;
    bool operator==(const GroupMetadataRecord&) const = default;
};
/// ConsumerGroupMetadataKey and -Value (group epoch) with ConsumerGroupTargetAssignmentMetadata. KIP-848.
struct ConsumerGroupRecord {
    GroupIndex group = no_group;
    Generation group_epoch = no_generation;
    Generation assignment_epoch = no_generation;
    bool tombstone = false;
    bool operator==(const ConsumerGroupRecord&) const = default;
};
/// ConsumerGroupMemberMetadata, -TargetAssignmentMember and -CurrentMemberAssignment, by `what`.
struct ConsumerGroupMemberRecord {
    enum class What : std::uint8_t { subscription, target, current } what{};
    GroupIndex group = no_group;
    MemberId member = no_member;
    ConsumerIndex consumer;
    InstanceIndex instance = no_instance;
    sim::Duration rebalance_timeout;
    std::vector<TopicIndex> topics;         // subscription
    std::optional<AssignorKind> assignor;   // subscription: the member's preferred one
    std::vector<PartitionIndex> partitions; // target, current
    std::vector<PartitionIndex> revoking;   // current
    Generation member_epoch = no_generation;
    Generation previous_epoch = no_generation;
    std::uint8_t state = 0; // current: MemberState as models/group/consumer numbers it
    bool tombstone = false;
    bool operator==(const ConsumerGroupMemberRecord&) const = default;
};

// --- records of __transaction_state ---

/// TransactionLogKey and -Value: the complete transaction.
struct TransactionRecord {
    TransactionalIdIndex transactional_id = no_transactional_id;
    ProducerId producer_id = no_producer_id;
    ProducerId previous_producer_id = no_producer_id;
    ProducerId next_producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    std::int16_t last_producer_epoch = -1;
    TransactionState state = TransactionState::empty;
    bool bumps_epoch = false; // clientTransactionVersion 2
    sim::Duration timeout;
    sim::SimTime start_time;
    sim::SimTime update_time;
    std::vector<PartitionIndex> partitions; // sorted
    bool tombstone = false;
    bool operator==(const TransactionRecord&) const = default;
};

/// What one record of an internal topic says.
using CoordinatorRecord = std::variant<OffsetCommitRecord, GroupMetadataRecord, ConsumerGroupRecord,
                                       ConsumerGroupMemberRecord, TransactionRecord>;

/// Bytes of key and value on the wire, about; ids count as their usual text (a group of 10, a member of 46
/// letters). Source: schemas in group-coordinator and transaction-coordinator, resources/common/message.
std::int32_t record_bytes(const CoordinatorRecord& record);

} // namespace kafka
