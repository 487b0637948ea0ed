#pragma once
// Everything that actors say to each other. Plain structs, at most 64 bytes; what varies in size lives in a
// slab.

#include "models/turn/messages/control.hpp"
#include "models/turn/messages/fetch.hpp"
#include "models/turn/messages/group.hpp"
#include "models/turn/messages/metadata.hpp"
#include "models/turn/messages/produce.hpp"
#include "models/turn/messages/quorum.hpp"
#include "models/turn/messages/transaction.hpp"
#include "models/turn/messages/zookeeper.hpp"
#include "sim/physics/link.hpp"

#include <cstdint>
#include <variant>

namespace kafka {

/// All slabs of a world. Whoever takes a message's handle out of the mail releases it.
struct Slabs {
    sim::Slab<ProduceContent> produce;
    sim::Slab<ProduceAnswer> produce_answer;
    sim::Slab<MetadataAnswer> metadata_answer;
    sim::Slab<FetchContent> fetch;
    sim::Slab<FetchAnswer> fetch_answer;
    sim::Slab<AlterPartitionContent> alter_partition;
    sim::Slab<AlterPartitionAnswer> alter_partition_answer;
    sim::Slab<MetadataRecords> metadata_records;
    sim::Slab<PartitionList> partitions;
    sim::Slab<PartitionErrors> partition_errors;
    sim::Slab<JoinGroupContent> join_group;
    sim::Slab<JoinGroupAnswer> join_group_answer;
    sim::Slab<SyncGroupContent> sync_group;
    sim::Slab<MemberContent> member;
    sim::Slab<OffsetContent> offsets;
    sim::Slab<OffsetFetchAnswer> offset_fetch_answer;
    sim::Slab<WriteTxnMarkersContent> markers;
    sim::Slab<WriteTxnMarkersAnswer> markers_answer;
    bool operator==(const Slabs&) const = default;
};

/// Mail between processes. Shape: a new kind goes to the end, so that digests of older runs stay.
using Mail = std::variant<
    std::monostate, ProduceRequest, ProduceResponse, MetadataRequest, MetadataResponse, InitProducerIdRequest,
    InitProducerIdResponse, FetchRequest, FetchResponse, ListOffsetsRequest, ListOffsetsResponse,
    OffsetsForLeaderEpochRequest, OffsetsForLeaderEpochResponse, BrokerRegistrationRequest,
    BrokerRegistrationResponse, BrokerHeartbeatRequest, BrokerHeartbeatResponse, AlterPartitionRequest,
    AlterPartitionResponse, MetadataFetchRequest, MetadataFetchResponse, AssignReplicasToDirsRequest,
    AssignReplicasToDirsResponse, FindCoordinatorRequest, FindCoordinatorResponse, JoinGroupRequest,
    JoinGroupResponse, SyncGroupRequest, SyncGroupResponse, HeartbeatRequest, HeartbeatResponse,
    LeaveGroupRequest, LeaveGroupResponse, ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
    OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse,
    AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse,
    EndTxnRequest, EndTxnResponse, TxnOffsetCommitRequest, TxnOffsetCommitResponse, WriteTxnMarkersRequest,
    WriteTxnMarkersResponse, VoteRequest, VoteResponse, BeginQuorumEpochRequest, EndQuorumEpochRequest,
    QuorumEpochResponse, ZooKeeperRequest, ZooKeeperResponse, ZooKeeperEvent, ControlRequest, ControlResponse,
    ControlledShutdownRequest, ControlledShutdownResponse>;
static_assert(sizeof(Mail) <= 64);

// --- what the network tells a process ---

struct Connected {
    sim::ConnectionId connection;
};
struct Refused {
    sim::ConnectionId connection;
};
struct Disconnected {
    sim::ConnectionId connection;
};
struct Writable {
    sim::ConnectionId connection;
};

// --- timers: each actor's own, with a round where a later one replaces an earlier ---

/// A timer of one actor. `what` is that actor's enum; a timer whose round is not the current one is stale.
struct Timer {
    std::uint8_t what = 0;
    std::uint32_t round = 0;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    bool operator==(const Timer&) const = default;
};

} // namespace kafka
