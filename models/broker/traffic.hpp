#pragma once
// What brokers say to each other about transactions: markers for leaders of partitions, and questions to
// coordinators before a transactional batch is appended.

#include "models/broker/delayed.hpp"
#include "models/turn/channel.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// A marker for one partition, and the decision that asked for it.
struct MarkerItem {
    TransactionalIdIndex transactional_id = no_transactional_id;
    std::uint32_t round = 0;
    WriteTxnMarkersContent::Entry entry;
    bool operator==(const MarkerItem&) const = default;
};

/// Markers for one broker: one request in flight carries all that are queued.
/// Source: TransactionMarkerChannelManager (max.in.flight.requests.per.connection 1), TxnMarkerQueue.
struct MarkerChannel {
    BrokerSlot server;
    Channel channel;
    std::vector<MarkerItem> queued;
    std::vector<MarkerItem> sent; // in flight
    bool operator==(const MarkerChannel&) const = default;
};

/// A partition of a WriteTxnMarkers request whose marker waits for the high watermark.
struct MarkerPart {
    PartitionIndex partition;
    Offset required_offset;
    ProducerId producer_id;
    ControlType outcome{};
    ErrorCode error = ErrorCode::request_timed_out;
    bool pending = true;
    bool operator==(const MarkerPart&) const = default;
};
using DelayedMarkers = Delayed<MarkerPart>;

/// A request that waits until its transaction's coordinator has said whether the partitions belong to it.
/// Source: AddPartitionsToTxnManager, ReplicaManager.maybeStartTransactionVerificationForPartitions; KIP-890.
/// Leaves out: one request for all transactions that wait for a coordinator; here each has its own.
struct Verification {
    struct Part {
        PartitionIndex partition;
        std::uint32_t guard = 0; // 0 = needs no verification
        ErrorCode error = ErrorCode::none;
        bool operator==(const Part&) const = default;
    };
    std::uint32_t round = 0; // also the correlation of its question
    sim::ConnectionId connection;
    Mail request; // ProduceRequest or TxnOffsetCommitRequest
    TransactionalIdIndex transactional_id = no_transactional_id;
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    TransactionSupport support{};
    BrokerSlot coordinator = no_slot;
    bool sent = false;
    sim::SimTime retry_until; // of CONCURRENT_TRANSACTIONS, when the partition is added
    std::vector<Part> parts;
    bool operator==(const Verification&) const = default;
};

struct VerificationChannel {
    BrokerSlot server;
    Channel channel;
    bool operator==(const VerificationChannel&) const = default;
};

/// The channel to `server`; a new one takes its place in order. Shape: `all` is sorted by server.
template <class ToServer> ToServer& channel_to(std::vector<ToServer>& all, BrokerSlot server) {
    auto at =
        std::find_if(all.begin(), all.end(), [&](const ToServer& one) { return !(one.server < server); });
    if (at == all.end() || at->server != server) {
        ToServer fresh;
        fresh.server = server;
        at = all.insert(at, fresh);
    }
    return *at;
}
/// The one whose connection it is, or null.
template <class ToServer> ToServer* channel_on(std::vector<ToServer>& all, sim::ConnectionId connection) {
    for (ToServer& one : all)
        if (connection.valid() && one.channel.connection == connection) return &one;
    return nullptr;
}

/// Timers of transactions, as BrokerTimer::transaction_coordinator carries them in `b`.
enum class TransactionTimerKind : std::uint8_t {
    abort_timed_out,
    retry_completions,
    retry_markers,
    marker_connect,       // a = slot
    marker_timeout,       // a = slot
    markers_expired,      // of a request from another broker
    verification_connect, // a = slot
    verification_timeout,
    verification_again,
};

struct TransactionTraffic {
    std::vector<MarkerChannel> marker_channels; // sorted by server
    std::vector<MarkerItem> leaderless;         // until newer metadata arrives
    std::vector<MarkerItem> retrying;           // after a pause
    bool retry_is_set = false;
    bool completion_is_set = false;
    std::vector<DelayedMarkers> delayed_markers;
    std::vector<VerificationChannel> verification_channels; // sorted by server
    std::vector<Verification> verifications;
    bool operator==(const TransactionTraffic&) const = default;
};

} // namespace kafka
