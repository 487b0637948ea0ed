#pragma once
// What a log remembers of idempotent producers, so that a retry is not appended twice.

#include "models/dialect/dialect.hpp"
#include "models/log/log.hpp"
#include "models/log/transactions.hpp"
#include "models/vocabulary/errors.hpp"

#include <array>
#include <vector>

namespace kafka {

/// Last batches of one producer id. Source: ProducerStateEntry (NUM_BATCHES_TO_RETAIN = 5).
struct ProducerEntry {
    struct Cached {
        std::int32_t sequence_first = 0;
        std::int32_t sequence_last = 0;
        Offset base_offset;
        std::int32_t count = 0;
        bool operator==(const Cached&) const = default;
    };
    ProducerId producer_id;
    std::int16_t producer_epoch = 0;
    std::int32_t cached_count = 0;
    std::array<Cached, 5> cached{};       // oldest first; none after a marker with a new epoch
    Epoch coordinator_epoch = no_epoch;   // of its last marker
    Offset transaction_first = no_offset; // of its open transaction
    bool operator==(const ProducerEntry&) const = default;
};

/// A producer's transaction that the leader asks the coordinator about before the first batch is appended.
/// Source: VerificationStateEntry (KIP-890); `guard` stands for the VerificationGuard object.
struct VerificationState {
    ProducerId producer_id = no_producer_id;
    std::uint32_t guard = 0;
    std::int32_t lowest_sequence = -1; // no higher one may be the first (KAFKA-14920)
    std::int16_t producer_epoch = -1;
    bool operator==(const VerificationState&) const = default;
};

/// Producer state of one log, by producer id.
/// Source: ProducerStateManager. Leaves out: expiry after producer.id.expiration.ms (1 day).
struct ProducerStates {
    std::vector<ProducerEntry> entries; // sorted by producer id
    LogTransactions transactions;
    std::vector<VerificationState> verifications; // of the leader's process; neither in logs nor snapshots
    bool operator==(const ProducerStates&) const = default;
};

/// What a leader decides about an idempotent batch before it appends.
struct SequenceCheck {
    ErrorCode error = ErrorCode::none;
    bool duplicate = false;
    Offset base_offset = no_offset; // of the original, when duplicate
    bool operator==(const SequenceCheck&) const = default;
};

/// Source: ProducerAppendInfo.checkProducerEpoch and checkSequence, ProducerStateEntry.findDuplicateBatch;
/// semantics 2.5.
SequenceCheck check_sequence(const ProducerStates& states, const Batch& batch, const Dialect& dialect);
/// What a producer's client may append, with all that its transaction asks for.
/// `guard` is of the verification that this request has gone through, 0 without one.
struct TransactionCheck {
    bool verification_required = false; // transaction.partition.verification.enable, or version 2
    bool begins_at_zero = false;        // version 2: a new epoch begins with sequence 0, state or not
    std::uint32_t guard = 0;
};
/// Source: UnifiedLog.analyzeAndValidateProducerState, ProducerAppendInfo; semantics 2.5, 2.6. From 3.6
/// to 3.8 the guard comes before the epoch: who is fenced meanwhile is told INVALID_TXN_STATE, which is fatal
/// (KAFKA-19690; 3.9.2, 4.0.2, 4.1.2).
SequenceCheck check_batch(const ProducerStates& states, const Batch& batch, const Dialect& dialect,
                          const TransactionCheck& check);
/// INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED or NONE. Source: ProducerAppendInfo.append
/// (EndTxnMarker); with `bumps_epoch` (transaction.version 2, 4.2) the epoch must be a new one.
ErrorCode check_marker(const ProducerStates& states, const Batch& marker, bool bumps_epoch);

/// A newer epoch of this producer has written here.
bool is_fenced(const ProducerStates& states, ProducerId producer_id, std::int16_t producer_epoch);
/// Epoch of a question that concerns any: brokers before 4.0 do not look at it.
inline constexpr std::int16_t any_epoch = -1;
/// The transaction is open, or `guard` is still the one of its verification.
bool is_verified(const ProducerStates& states, ProducerId producer_id, std::int16_t producer_epoch,
                 std::uint32_t guard);
/// Source: UnifiedLog.hasOngoingTransaction. With transaction.version 2 the next transaction has another
/// epoch, and may reach a leader before the marker of the last one does.
bool has_open_transaction(const ProducerStates& states, ProducerId producer_id, std::int16_t producer_epoch);
/// Begins to verify, or goes on: the guard that the append must still find, 0 when the transaction is open
/// already. Source: UnifiedLog.maybeStartTransactionVerification.
std::uint32_t start_verification(ProducerStates& states, const Batch& batch, std::uint32_t fresh_guard,
                                 const Dialect& dialect);
/// The epoch that counts for whether a transaction is open.
inline std::int16_t epoch_asked_for(std::int16_t producer_epoch, const Dialect& dialect) {
    return dialect.transaction.version_2 ? producer_epoch : any_epoch;
}

/// To 2.3: who has no record left in the log is not known any more, and its transaction neither.
/// Source: ProducerStateManager.truncateHead, isProducerRetained; KAFKA-7190 (2.4).
void forget_below(ProducerStates& states, Offset log_start);
/// Takes an appended batch into account; batches without a producer id are nothing to remember.
void remember(ProducerStates& states, const Batch& batch, const Dialect& dialect);
/// State rebuilt from the log's batches. Source: ProducerStateManager.truncateAndReload,
/// LogLoader.recoverLog.
ProducerStates rebuild(const Log& log, const Dialect& dialect);
/// What a snapshot at a clean shutdown keeps: the last batch of each producer. Source:
/// ProducerStateManager.writeSnapshot.
void keep_last_only(ProducerStates& states);

} // namespace kafka
