#pragma once
// What a broker keeps for the internal partitions that it leads: loading, appends that wait, coordinators.

#include "models/group/coordinator.hpp"
#include "models/transaction/coordinator.hpp"
#include "models/turn/turn.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// Says whose append it was, in the words of the coordinator that asked for it.
struct AppendToken {
    CoordinatorKind kind{};
    std::int32_t key = -1;   // GroupIndex or TransactionalIdIndex
    std::uint32_t round = 0; // the coordinator's own number of this step
    bool operator==(const AppendToken&) const = default;
};

/// Records that a coordinator wants in its partition, as one batch.
struct AppendOrder {
    PartitionIndex partition;
    std::vector<CoordinatorRecord> records;
    AppendToken token;
    sim::Duration timeout;
    /// all: refused below min.insync.replicas (GroupCoordinator, TransactionStateManager: acks -1).
    /// leader: appended all the same; the answer waits for the high watermark in any case (CoordinatorRuntime
    /// of 4.0).
    Acks required = Acks::all;
    ProducerId producer_id = no_producer_id; // with is_transactional: pending offsets of a transaction
    std::int16_t producer_epoch = -1;
    bool is_transactional = false;
    bool operator==(const AppendOrder&) const = default;
};

/// An appended batch that waits for the high watermark.
struct WaitingAppend {
    PartitionIndex partition;
    Offset base_offset;
    std::int32_t count = 0;
    AppendToken token;
    Acks required = Acks::all;
    std::uint32_t round = 0;
    sim::EventHandle timer;
    bool operator==(const WaitingAppend& o) const {
        return partition == o.partition && base_offset == o.base_offset && count == o.count &&
               token == o.token && required == o.required && round == o.round;
    }
};

/// How an append ended. `error` is the log's: NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS(_AFTER_APPEND),
/// MESSAGE_TOO_LARGE, REQUEST_TIMED_OUT; the records of a timed-out append may still be committed.
struct AppendResult {
    PartitionIndex partition;
    Offset base_offset = no_offset;
    std::int32_t count = 0;
    ErrorCode error{};
    AppendToken token;
    bool operator==(const AppendResult&) const = default;
};

/// A batch of an internal partition as it is loaded. Shape: no records for a control batch.
struct LoadedBatch {
    Batch batch;
    std::vector<CoordinatorRecord> records;
};

/// An internal partition that this broker leads.
struct CoordinatedPartition {
    PartitionIndex partition;
    Epoch leader_epoch = no_epoch; // the coordinator epoch
    bool loaded = false;
    std::uint32_t round = 0; // of its loading
    bool operator==(const CoordinatedPartition&) const = default;
};

struct Coordination {
    std::vector<CoordinatedPartition> partitions; // sorted by partition
    std::vector<WaitingAppend> appends;
    std::vector<AppendResult> results; // told to the coordinators at the end of the broker's turn
    GroupCoordinator groups;
    TransactionCoordinator transactions;
    bool operator==(const Coordination&) const = default;
};

} // namespace kafka
