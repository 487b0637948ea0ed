#pragma once
// What a log knows of transactions: which are open, which were aborted, and up to where all is decided.

#include "models/turn/messages/fetch.hpp"
#include "models/vocabulary/batch.hpp"

#include <vector>

namespace kafka {

/// Source: ProducerStateManager (ongoingTxns, unreplicatedTxns), TransactionIndex.
/// Leaves out: the index by segment and its stored last stable offsets, which only shorten the search.
struct LogTransactions {
    struct Open {
        ProducerId producer_id = no_producer_id;
        Offset first_offset = no_offset;
        bool operator==(const Open&) const = default;
    };
    struct Ended {
        ProducerId producer_id = no_producer_id;
        Offset first_offset = no_offset;
        Offset marker = no_offset;
        bool operator==(const Ended&) const = default;
    };
    std::vector<Open> open;          // by first offset
    std::vector<Ended> unreplicated; // markers that were not below the high watermark yet; by marker
    std::vector<Ended> aborted;      // by marker
    Offset last_stable_offset{0};    // as the leader told of it last
    bool any = false;                // a transactional batch has stood in this log
    bool operator==(const LogTransactions&) const = default;
};

/// A producer's first transactional batch since its last marker stands at `first`.
void begin_transaction(LogTransactions& self, ProducerId producer_id, Offset first);
/// Its marker stands at `marker`; a marker without an open transaction changes nothing.
void end_transaction(LogTransactions& self, ProducerId producer_id, Offset marker, ControlType outcome);
/// Forgets ended transactions whose marker is below the high watermark. Source:
/// ProducerStateManager.onHighWatermarkUpdated.
void forget_replicated(LogTransactions& self, Offset high_watermark);
/// First offset that read_committed does not see: all below is decided, and for ever.
/// Shape: at most the high watermark. Source: UnifiedLog.fetchLastStableOffsetMetadata.
Offset last_stable_offset(const LogTransactions& self, Offset high_watermark);
/// Aborted transactions with records in [from, end), by first offset. Source:
/// TransactionIndex.collectAbortedTxns.
void collect_aborted(const LogTransactions& self, Offset from, Offset end,
                     std::vector<AbortedTransaction>& into);

} // namespace kafka
