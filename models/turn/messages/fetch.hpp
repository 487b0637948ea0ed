#pragma once
// Reading a log: followers and consumers.

#include "models/settings/settings.hpp"
#include "models/turn/messages/words.hpp"
#include "models/vocabulary/batch.hpp"
#include "sim/core/time.hpp"

namespace kafka {

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
    ConsumerIndex client{-1}; // client metadata (v11, KIP-392): who asks, and so its rack; -1 = not told
    void clear() {
        entries.clear();
        client = ConsumerIndex{-1};
    }
    bool operator==(const FetchContent&) const = default;
};
/// A transaction that was aborted: its records from `first_offset` on, up to its marker, do not count.
/// Source: AbortedTxn, FetchResponse.AbortedTransaction.
struct AbortedTransaction {
    ProducerId producer_id = no_producer_id;
    Offset first_offset = no_offset;
    bool operator==(const AbortedTransaction&) const = default;
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
        BrokerSlot preferred_replica = no_slot; // KIP-392: read from that one; no records then
        Offset last_stable_offset = no_offset;  // asked with read_committed, else none
        std::uint32_t aborted_first = 0;
        std::uint32_t aborted_count = 0; // in `aborted`, in order of their first offsets
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    std::vector<Batch> batches;
    std::vector<AbortedTransaction> aborted;
    void clear() {
        entries.clear();
        batches.clear();
        aborted.clear();
    }
    bool operator==(const FetchAnswer&) const = default;
};
struct FetchRequest { // replica no_slot = a consumer
    Correlation correlation = 0;
    BrokerSlot replica = no_slot;
    BrokerEpoch replica_epoch = no_broker_epoch;
    sim::Duration max_wait;
    std::int32_t min_bytes = 1;
    std::int32_t max_bytes = 0;
    SlabHandle content;
    IsolationLevel isolation = IsolationLevel::read_uncommitted;
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
    IsolationLevel isolation = IsolationLevel::read_uncommitted; // read_committed: the last stable offset
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

} // namespace kafka
