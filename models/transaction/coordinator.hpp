#pragma once
// The transactional ids that a broker coordinates: what its process knows, rebuilt from the log on loading.
// Source: TransactionCoordinator, TransactionMetadata, TransactionStateManager; KIP-98, 360, 447, 890.

#include "models/turn/messages/words.hpp"
#include "models/vocabulary/groups.hpp"
#include "sim/physics/link.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kafka {

/// A client that waits for the answer to its request. Shape: nobody waits while the connection is not valid.
struct TransactionWaiter {
    sim::ConnectionId connection = sim::no_connection;
    Correlation correlation = 0;
    bool operator==(const TransactionWaiter&) const = default;
};

/// One transactional id. `record` is what the log holds, but for two things that only memory knows:
/// partitions whose marker is written leave it, and a fence that could not be written leaves its epoch.
/// Source: TransactionMetadata.
struct Transaction {
    TransactionRecord record;
    std::optional<TransactionState> pending; // the next state is being written
    bool failed_fence = false;               // hasFailedEpochFence (KAFKA-9666)
    std::uint32_t round = 0;                 // of the outcome whose markers are under way; 0 = none
    bool operator==(const Transaction&) const = default;
};

/// What a record is written for.
enum class TransactionWriteKind : std::uint8_t {
    initialize,
    add_partitions,
    add_offsets,
    end,      // PrepareCommit or PrepareAbort that a client asked for
    fence,    // PrepareAbort, because another producer wants the id
    time_out, // PrepareAbort, because the transaction took too long
    complete, // CompleteCommit or CompleteAbort: all markers are written
};

/// A record on its way into the log, and who waits for it.
struct TransactionWrite {
    std::uint32_t round = 0;
    TransactionWriteKind kind{};
    TransactionRecord next;
    Epoch coordinator_epoch = no_epoch;
    TransactionWaiter waiter;
    std::vector<PartitionIndex> added; // add_partitions
    bool operator==(const TransactionWrite&) const = default;
};

/// A partition of __transaction_state that is loaded.
struct TransactionPartition {
    PartitionIndex partition;
    Epoch coordinator_epoch = no_epoch;
    bool operator==(const TransactionPartition&) const = default;
};

/// Leaves out: expiry of ids (transactional.id.expiration.ms: 7 days), DescribeTransactions and
/// ListTransactions, two phase commit (KIP-939).
struct TransactionCoordinator {
    std::vector<TransactionPartition> partitions; // loaded ones
    std::vector<Transaction> transactions;        // sorted by transactional id
    std::vector<TransactionWrite> writes;
    std::uint32_t next_round = 1;
    bool operator==(const TransactionCoordinator&) const = default;
};

} // namespace kafka
