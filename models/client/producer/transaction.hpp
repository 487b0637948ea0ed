#pragma once
// The transactions of a producer: what the client knows of them, and the code that begins and ends them.

#include "models/client/application/sending.hpp"
#include "models/turn/messages.hpp"

#include <vector>

namespace kafka {

/// Source: TransactionManager.State.
enum class TransactionPhase : std::uint8_t {
    uninitialized,
    initializing,
    ready,
    in_transaction,
    committing,
    aborting,
    abortable_error, // only abortTransaction() leads out of it
    fatal_error,     // only close() does
};

/// Requests of the manager, in the order in which they are sent. Source: TransactionManager.Priority.
enum class TransactionAsk : std::uint8_t {
    find_transaction_coordinator,
    find_group_coordinator,
    initialize,
    add_partitions,
    add_offsets,
    commit_offsets,
    end,
    bump_epoch, // InitProducerId with the present id and epoch (KIP-360)
};
inline constexpr int transaction_ask_count = 8;

/// A call that the application's thread waits in.
enum class TransactionCall : std::uint8_t { none, initialize, send_offsets, commit, abort };

/// What sendOffsetsToTransaction() was given. Without metadata the coordinator cannot fence a member that is
/// no longer one. Source: ConsumerGroupMetadata (KIP-447).
struct TransactionOffsets {
    GroupIndex group = no_group;
    MemberId member = no_member;
    Generation generation = no_generation;
    InstanceIndex instance = no_instance;
    std::vector<OffsetContent::Entry> entries; // what is not committed yet
    bool operator==(const TransactionOffsets&) const = default;
};

/// Source: TransactionManager. Shape: at most one request is in flight; partitions are sorted.
struct ProducerTransactions {
    TransactionPhase phase = TransactionPhase::uninitialized;
    ErrorCode error{};          // lastError
    bool started = false;       // the coordinator knows of the transaction, or will (transactionStarted)
    bool version_2 = false;     // of the present transaction (KIP-890)
    bool bump_required = false; // the epoch must be bumped after the abort (epochBumpRequired)
    std::uint8_t wanted = 0;    // bits by TransactionAsk
    std::vector<PartitionIndex> fresh; // newPartitionsInTransaction
    std::vector<PartitionIndex> added; // partitionsInTransaction
    TransactionOffsets offsets;
    BrokerSlot coordinator = no_slot;
    bool coordinator_bumps = false; // the last one that was found (coordinatorSupportsBumpingEpoch)
    BrokerSlot group_coordinator = no_slot;
    // the request in flight
    TransactionAsk asked{};
    BrokerSlot asked_at = no_slot; // no_slot = none
    Correlation correlation = 0;
    std::vector<PartitionIndex> asked_for; // add_partitions
    sim::SimTime deadline = sim::SimTime::never();
    sim::SimTime not_before; // a retry's back-off: the sender thread sleeps
    // the call of the application
    TransactionCall call = TransactionCall::none;
    sim::SimTime call_deadline = sim::SimTime::never(); // max.block.ms
    bool operator==(const ProducerTransactions&) const = default;
};

/// Where the code of a load stands between its calls.
enum class TransactingStage : std::uint8_t {
    starting, // initTransactions()
    idle,     // the next record begins a transaction
    open,
    lingering, // all of its records are handed over; the code does something else first
    ending,    // inside commitTransaction() or abortTransaction()
};

/// The code around a load in transactions. `again` of Sending takes the records of one that is tried again.
struct Transacting {
    TransactingStage stage = TransactingStage::starting;
    std::int64_t begun = 0;    // transactions of this process
    std::int64_t records = 0;  // of the present one
    std::vector<Again> handed; // the same, by partition
    bool aborts = false;       // its last call was abortTransaction()
    bool drops = false;        // and that by intention
    sim::SimTime end_at;       // lingering: until then
    bool operator==(const Transacting&) const = default;
};

} // namespace kafka
