#pragma once
// The groups that a broker coordinates: what its process knows, rebuilt from the log on loading.
// Source: GroupCoordinatorService, GroupMetadataManager, OffsetMetadataManager; before 4.0
// GroupCoordinator.scala.

#include "models/group/classic/group.hpp"
#include "models/group/consumer/group.hpp"
#include "models/group/waiter.hpp"
#include "models/vocabulary/groups.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

struct CommittedOffset {
    PartitionIndex partition;
    Offset offset;
    Epoch leader_epoch = no_epoch;
    Offset record = no_offset; // of the record in the log: a later one wins
    sim::SimTime commit_time;  // by the wall clock of the coordinator that took it
    bool operator==(const CommittedOffset&) const = default;
};

/// Offsets of an open transaction. Shape: one entry for each partition, the latest; `record` is none until
/// the append is decided.
struct TransactionalOffsets {
    ProducerId producer_id = no_producer_id;
    std::vector<CommittedOffset> offsets;
    bool operator==(const TransactionalOffsets&) const = default;
};

struct Group {
    GroupIndex index = no_group;
    std::vector<CommittedOffset> offsets; // sorted by partition
    std::vector<CommittedOffset> late;    // refused as timed out, but in the log (CoordinatorRuntime)
    std::vector<TransactionalOffsets> transactions;
    GroupProtocol protocol = GroupProtocol::classic; // says which of the next two lives; the other is empty
    ClassicGroup classic;
    ConsumerGroup consumer;
    bool operator==(const Group&) const = default;
};

/// What is done when records are committed, or cannot be.
enum class WriteKind : std::uint8_t {
    offsets,
    transactional_offsets,
    assignment,    // of the leader's SyncGroup
    static_member, // a new id for a group.instance.id
    empty_group,   // nobody waits for it
    member,        // of a KIP-848 heartbeat
    tombstones,    // of offsets and groups that are deleted; nobody waits for it
};

/// Records of one request, and who waits for them.
struct Write {
    WriteKind kind{};
    GroupIndex group = no_group;
    std::vector<CoordinatorRecord> records;
    Waiter waiter; // offsets
    ConsumerIndex consumer{-1};
    Generation generation = no_generation;
    MemberId member = no_member;   // static_member: its new id
    MemberId replaced = no_member; // static_member: the one before
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    bool has_assignment = false; // member
    std::vector<PartitionIndex> partitions;
    bool operator==(const Write&) const = default;
};

/// Writes that go to the log as one batch; open while it lingers (group.coordinator.append.linger.ms).
struct GroupBatch {
    std::uint32_t round = 0;
    PartitionIndex partition;
    bool open = false;
    std::vector<Write> writes;
    bool operator==(const GroupBatch&) const = default;
};

/// The timer that looks for expired offsets in a partition that is loaded.
struct ExpiryWatch {
    PartitionIndex partition;
    std::uint32_t round = 0;
    bool operator==(const ExpiryWatch&) const = default;
};

struct GroupCoordinator {
    std::vector<Group> groups; // sorted by index
    std::vector<ExpiryWatch> expiries;
    std::vector<GroupBatch> batches;
    std::uint32_t next_round = 1;
    bool operator==(const GroupCoordinator&) const = default;
};

} // namespace kafka
