#pragma once
// What a transaction coordinator may do in its turn, and the steps that its files share.

#include "models/transaction/coordinator.hpp"
#include "models/turn/turn.hpp"

#include <span>

namespace kafka {

struct TransactionReply {
    TransactionWaiter waiter;
    Mail mail;
    std::int32_t bytes = 0;
};
struct TransactionAppend {
    PartitionIndex partition; // of __transaction_state
    TransactionRecord record;
    std::uint32_t round = 0;
};
/// Markers that are to be written to the leaders of `partitions`. Source:
/// TransactionMarkerChannelManager.addTxnMarkersToSend.
struct MarkerOrder {
    TransactionalIdIndex transactional_id = no_transactional_id;
    std::uint32_t round = 0; // Transaction::round
    ProducerId producer_id = no_producer_id;
    std::int16_t producer_epoch = -1;
    ControlType outcome = ControlType::none;
    Epoch coordinator_epoch = no_epoch;
    bool bumps_epoch = false;
    std::vector<PartitionIndex> partitions;
};

/// One turn of the coordinator: what it may ask, and what it wants done. The broker carries it out.
struct TransactionTurn {
    Turn& turn; // for the time, the contents of mail and facts
    BrokerSlot broker;
    const TransactionCoordinatorSettings& settings;
    const Dialect& dialect;
    ProducerId next_producer_id; // the first of the broker's block that is free
    std::int64_t ids_taken = 0;
    std::vector<TransactionReply> replies;
    std::vector<TransactionAppend> appends;
    std::vector<MarkerOrder> markers;
    std::vector<PartitionIndex> completions_to_retry; // of __transaction_state, see retry_completions

    /// Transactions are timed by the wall clock. Source: TransactionStateManager.timedOutTransactions.
    sim::SimTime now() const { return turn.wall_time(); }
    ProducerId take_producer_id() { return next(next_producer_id, ids_taken++); }
};

// --- coordinator.cpp ---
PartitionIndex state_partition(TransactionalIdIndex id, const TransactionTurn& turn);
/// The loaded partition, or nullptr: NOT_COORDINATOR or COORDINATOR_LOAD_IN_PROGRESS, as the broker knows.
const TransactionPartition* loaded_partition(const TransactionCoordinator& self, PartitionIndex partition);
Transaction* find_transaction(TransactionCoordinator& self, TransactionalIdIndex id);
Transaction& find_or_add_transaction(TransactionCoordinator& self, TransactionalIdIndex id);
/// Writes the next state; `append_ended` goes on. Source: prepareTransitionTo, appendTransactionToLog.
void write(TransactionCoordinator& self, Transaction& transaction, TransactionWrite write,
           TransactionTurn& turn);
/// The append of `round` is decided; `answer` is what clients are told of it.
void append_ended(TransactionCoordinator& self, std::uint32_t round, ErrorCode answer, TransactionTurn& turn);
/// The partition is loaded: what was left undone is taken up. Source: loadTransactionsForTxnTopicPartition.
void load(TransactionCoordinator& self, PartitionIndex partition, Epoch coordinator_epoch,
          std::span<const TransactionRecord> records, TransactionTurn& turn);
/// The partition has another leader, or is loaded anew.
void unload(TransactionCoordinator& self, PartitionIndex partition, TransactionTurn& turn);

// --- markers.cpp ---
/// Asks for the markers of a transaction whose outcome is decided.
void send_markers(TransactionCoordinator& self, Transaction& transaction, TransactionTurn& turn);
/// How a marker fared at its partition's leader. True when it has to be sent again.
/// Source: TransactionMarkerRequestCompletionHandler.
bool marker_ended(TransactionCoordinator& self, TransactionalIdIndex id, std::uint32_t round,
                  PartitionIndex partition, ErrorCode error, TransactionTurn& turn);
/// The order of `round` still stands.
bool wants_markers(TransactionCoordinator& self, TransactionalIdIndex id, std::uint32_t round);
/// Completions whose record could not be written are written again. Source: txnLogAppendRetryQueue.
void retry_completions(TransactionCoordinator& self, TransactionTurn& turn);

// --- requests.cpp ---
void on_init_producer_id(TransactionCoordinator& self, TransactionWaiter waiter,
                         const InitProducerIdRequest& request, TransactionTurn& turn);
void on_add_partitions(TransactionCoordinator& self, TransactionWaiter waiter,
                       const AddPartitionsToTxnRequest& request, const std::vector<PartitionIndex>& asked,
                       TransactionTurn& turn);
void on_add_offsets(TransactionCoordinator& self, TransactionWaiter waiter,
                    const AddOffsetsToTxnRequest& request, TransactionTurn& turn);
void refuse(TransactionWaiter waiter, const InitProducerIdRequest&, ErrorCode error, TransactionTurn& turn);
void refuse(TransactionWaiter waiter, const AddPartitionsToTxnRequest&,
            const std::vector<PartitionIndex>& asked, ErrorCode error, TransactionTurn& turn);
void refuse(TransactionWaiter waiter, const AddOffsetsToTxnRequest&, ErrorCode error, TransactionTurn& turn);
void refuse(TransactionWaiter waiter, const EndTxnRequest&, ErrorCode error, TransactionTurn& turn);
/// PRODUCER_FENCED, or what brokers before 2.7 say (KIP-588).
ErrorCode fenced(const TransactionTurn& turn);

// --- ending.cpp ---
void on_end(TransactionCoordinator& self, TransactionWaiter waiter, const EndTxnRequest& request,
            TransactionTurn& turn);
/// Aborts an open transaction with a higher epoch, so that its producer is fenced. Source:
/// prepareFenceProducerEpoch, endTransaction(isFromClient = false).
void fence(TransactionCoordinator& self, Transaction& transaction, TransactionWriteKind kind,
           TransactionWaiter waiter, TransactionTurn& turn);
/// Aborts transactions that are open for longer than their timeout. Source: abortTimedOutTransactions.
void abort_timed_out(TransactionCoordinator& self, TransactionTurn& turn);

} // namespace kafka
