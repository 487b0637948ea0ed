#pragma once
// Everything that actors say to each other. Plain structs, at most 64 bytes; what varies in size lives in a
// slab.

#include "models/settings/settings.hpp"
#include "models/vocabulary/batch.hpp"
#include "models/vocabulary/errors.hpp"
#include "models/vocabulary/ids.hpp"
#include "sim/core/slab.hpp"
#include "sim/physics/link.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace kafka {

// --- contents of requests and answers that vary in size; recycled by the slabs ---

struct ProduceContent {
    struct Entry {
        PartitionIndex partition;
        Batch batch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const ProduceContent&) const = default;
};
struct ProduceAnswer {
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        Offset base_offset = no_offset;
        BrokerSlot leader_hint = no_slot;
        Epoch leader_epoch_hint = no_epoch; // KIP-951
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const ProduceAnswer&) const = default;
};
struct MetadataAnswer {
    struct Entry {
        PartitionIndex partition;
        BrokerSlot leader = no_slot;
        Epoch leader_epoch = no_epoch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> partitions; // leader no_slot = LEADER_NOT_AVAILABLE
    BrokerSet alive;               // unfenced brokers
    void clear() {
        partitions.clear();
        alive = {};
    }
    bool operator==(const MetadataAnswer&) const = default;
};
struct FetchContent {
    struct Entry {
        PartitionIndex partition;
        Offset fetch_offset;
        Epoch last_fetched_epoch = no_epoch;
        Epoch current_leader_epoch = no_epoch;
        Offset log_start_offset;
        std::int32_t max_bytes = 0;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const FetchContent&) const = default;
};
struct FetchAnswer {
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        Offset fetch_offset;
        Offset high_watermark;
        Offset log_start_offset;
        Epoch diverging_epoch = no_epoch;
        Offset diverging_end = no_offset;
        std::uint32_t batch_first = 0;
        std::uint32_t batch_count = 0; // in `batches`
        BrokerSlot leader_hint = no_slot;
        Epoch leader_epoch_hint = no_epoch;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    std::vector<Batch> batches;
    void clear() {
        entries.clear();
        batches.clear();
    }
    bool operator==(const FetchAnswer&) const = default;
};
struct AlterPartitionContent {
    struct Entry {
        PartitionIndex partition;
        Epoch leader_epoch;
        PartitionEpoch partition_epoch;
        BrokerSet new_isr;
        std::array<BrokerEpoch, Assignment::capacity>
            epochs{}; // of new_isr's members in slot order; -1 = not given
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const AlterPartitionContent&) const = default;
};
struct AlterPartitionAnswer {
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        BrokerSlot leader = no_slot;
        Epoch leader_epoch;
        PartitionEpoch partition_epoch;
        BrokerSet isr;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const AlterPartitionAnswer&) const = default;
};

/// State of one partition as the metadata log gives it. Source: PartitionRegistration.
struct PartitionState {
    BrokerSlot leader = no_slot;
    Epoch leader_epoch{0};
    PartitionEpoch partition_epoch{0};
    BrokerSet isr;
    BrokerSet elr;
    BrokerSet last_known_elr;
    bool recovering = false; // leaderRecoveryState
    bool operator==(const PartitionState&) const = default;
};

/// One record of the metadata log. Source: metadata/src/main/resources/common/metadata of Kafka, by name.
struct NoOpRecord {
    bool operator==(const NoOpRecord&) const = default;
};
struct BrokerRecord { // RegisterBrokerRecord and BrokerRegistrationChangeRecord: the complete state
    BrokerSlot broker;
    BrokerEpoch epoch;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    bool operator==(const BrokerRecord&) const = default;
};
struct PartitionRecord { // PartitionRecord and PartitionChangeRecord: the complete state
    PartitionIndex partition;
    PartitionState state;
    bool operator==(const PartitionRecord&) const = default;
};
struct TopicConfigRecord {
    TopicIndex topic;
    TopicSettings settings;
    bool operator==(const TopicConfigRecord&) const = default;
};
struct BrokerConfigRecord { // settings after fault `fault` ("set") for this broker
    BrokerSlot broker;
    std::int32_t fault = -1;
    bool operator==(const BrokerConfigRecord&) const = default;
};
using MetadataRecord =
    std::variant<NoOpRecord, BrokerRecord, PartitionRecord, TopicConfigRecord, BrokerConfigRecord>;

struct MetadataRecords {
    std::vector<MetadataRecord> records;
    void clear() { records.clear(); }
    bool operator==(const MetadataRecords&) const = default;
};
struct DirectoryContent {
    std::vector<PartitionIndex> partitions;
    void clear() { partitions.clear(); }
    bool operator==(const DirectoryContent&) const = default;
};

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
    sim::Slab<DirectoryContent> directories;
    bool operator==(const Slabs&) const = default;
};

// --- mail between processes ---

using Correlation = std::uint32_t;
using sim::SlabHandle;

struct ProduceRequest {
    Correlation correlation = 0;
    Acks acks{};
    sim::Duration timeout;
    SlabHandle content;
    bool operator==(const ProduceRequest&) const = default;
};
struct ProduceResponse {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const ProduceResponse&) const = default;
};
struct MetadataRequest {
    Correlation correlation = 0;
    bool operator==(const MetadataRequest&) const = default;
};
struct MetadataResponse {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const MetadataResponse&) const = default;
};
struct InitProducerIdRequest {
    Correlation correlation = 0;
    bool operator==(const InitProducerIdRequest&) const = default;
};
struct InitProducerIdResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    ProducerId producer_id;
    std::int16_t producer_epoch = 0;
    bool operator==(const InitProducerIdResponse&) const = default;
};
struct FetchRequest { // replica no_slot = a consumer
    Correlation correlation = 0;
    BrokerSlot replica = no_slot;
    BrokerEpoch replica_epoch = no_broker_epoch;
    sim::Duration max_wait;
    std::int32_t min_bytes = 1;
    std::int32_t max_bytes = 0;
    SlabHandle content;
    bool operator==(const FetchRequest&) const = default;
};
struct FetchResponse {
    Correlation correlation = 0;
    SlabHandle content;
    bool operator==(const FetchResponse&) const = default;
};
struct ListOffsetsRequest { // earliest = log start; else the upper bound of what this reader may see
    Correlation correlation = 0;
    PartitionIndex partition;
    BrokerSlot replica = no_slot;
    bool earliest = false;
    Epoch current_leader_epoch = no_epoch;
    bool operator==(const ListOffsetsRequest&) const = default;
};
struct ListOffsetsResponse {
    Correlation correlation = 0;
    PartitionIndex partition;
    ErrorCode error{};
    Offset offset;
    bool earliest = false;
    bool operator==(const ListOffsetsResponse&) const = default;
};
struct OffsetsForLeaderEpochRequest {
    Correlation correlation = 0;
    PartitionIndex partition;
    BrokerSlot replica = no_slot;
    Epoch epoch;
    Epoch current_leader_epoch = no_epoch;
    bool operator==(const OffsetsForLeaderEpochRequest&) const = default;
};
struct OffsetsForLeaderEpochResponse { // epoch and end -1 = undefined
    Correlation correlation = 0;
    PartitionIndex partition;
    ErrorCode error{};
    Epoch epoch = no_epoch;
    Offset end_offset = no_offset;
    bool operator==(const OffsetsForLeaderEpochResponse&) const = default;
};
struct BrokerRegistrationRequest {
    BrokerSlot broker;
    std::uint64_t incarnation = 0;
    BrokerEpoch previous_epoch = no_broker_epoch;
    std::uint64_t log_directory = 0;
    bool operator==(const BrokerRegistrationRequest&) const = default;
};
struct BrokerRegistrationResponse {
    ErrorCode error{};
    BrokerEpoch epoch = no_broker_epoch;
    bool operator==(const BrokerRegistrationResponse&) const = default;
};
struct BrokerHeartbeatRequest {
    BrokerSlot broker;
    BrokerEpoch epoch;
    Offset metadata_offset;
    bool want_fence = false;
    bool want_shut_down = false;
    bool operator==(const BrokerHeartbeatRequest&) const = default;
};
struct BrokerHeartbeatResponse {
    ErrorCode error{};
    bool caught_up = false;
    bool fenced = false;
    bool should_shut_down = false;
    bool operator==(const BrokerHeartbeatResponse&) const = default;
};
struct AlterPartitionRequest {
    BrokerSlot broker;
    BrokerEpoch epoch;
    SlabHandle content;
    bool operator==(const AlterPartitionRequest&) const = default;
};
struct AlterPartitionResponse {
    ErrorCode error{};
    SlabHandle content; // content only without a top-level error
    bool operator==(const AlterPartitionResponse&) const = default;
};
struct MetadataFetchRequest { // raft Fetch of an observer: next offset it wants, high watermark it knows
    BrokerSlot broker;
    Offset fetch_offset;
    Offset high_watermark;
    bool operator==(const MetadataFetchRequest&) const = default;
};
struct MetadataFetchResponse { // records [fetch_offset, fetch_offset + n); high_watermark bounds what may be
                               // applied
    ErrorCode error{};
    Offset fetch_offset;
    Offset high_watermark;
    SlabHandle content;
    bool operator==(const MetadataFetchResponse&) const = default;
};
struct AssignReplicasToDirsRequest { // "these replicas of mine live in this directory"
    BrokerSlot broker;
    std::uint64_t log_directory = 0;
    SlabHandle content;
    bool operator==(const AssignReplicasToDirsRequest&) const = default;
};
struct AssignReplicasToDirsResponse {
    ErrorCode error{};
    bool operator==(const AssignReplicasToDirsResponse&) const = default;
};

using Mail = std::variant<std::monostate, ProduceRequest, ProduceResponse, MetadataRequest, MetadataResponse,
                          InitProducerIdRequest, InitProducerIdResponse, FetchRequest, FetchResponse,
                          ListOffsetsRequest, ListOffsetsResponse, OffsetsForLeaderEpochRequest,
                          OffsetsForLeaderEpochResponse, BrokerRegistrationRequest,
                          BrokerRegistrationResponse, BrokerHeartbeatRequest, BrokerHeartbeatResponse,
                          AlterPartitionRequest, AlterPartitionResponse, MetadataFetchRequest,
                          MetadataFetchResponse, AssignReplicasToDirsRequest, AssignReplicasToDirsResponse>;
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
