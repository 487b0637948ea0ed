#include "models/transaction/steps.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// The coordinator must be able to fence once more. Source: TransactionMetadata.isEpochExhausted.
constexpr std::int16_t epoch_last = 32766;

bool is_deciding(const Transaction& transaction) {
    return transaction.record.state == TransactionState::prepare_commit ||
           transaction.record.state == TransactionState::prepare_abort;
}

/// Source: prepareInitProducerIdTransit, isValidProducerId.
bool may_bump(const TransactionRecord& record, const InitProducerIdRequest& request) {
    return record.producer_epoch == -1 || request.producer_id == record.producer_id ||
           (request.producer_id == record.previous_producer_id && request.producer_epoch >= epoch_last);
}

/// Source: TransactionMetadata.prepareIncrementProducerEpoch: false when the asker is fenced.
bool increment(TransactionRecord& next, bool expects, std::int16_t expected) {
    if (!expects) {
        next.producer_epoch = static_cast<std::int16_t>(next.producer_epoch + 1);
        next.last_producer_epoch = -1;
        return true;
    }
    if (next.producer_epoch == -1 || expected == next.producer_epoch) {
        next.last_producer_epoch = next.producer_epoch;
        next.producer_epoch = static_cast<std::int16_t>(next.producer_epoch + 1);
        return true;
    }
    return expected == next.last_producer_epoch; // a retry whose answer was lost
}

/// Of AddPartitionsToTxn and AddOffsetsToTxn: NONE when the state may be written.
/// Source: handleAddPartitionsToTransaction; from 4.0 what is pending comes first.
ErrorCode may_add(const Transaction* transaction, ProducerId producer_id, std::int16_t producer_epoch,
                  const TransactionTurn& turn) {
    if (transaction == nullptr) return ErrorCode::invalid_producer_id_mapping;
    if (turn.dialect.transaction.version_2 && transaction->pending) return ErrorCode::concurrent_transactions;
    if (transaction->record.producer_id != producer_id) return ErrorCode::invalid_producer_id_mapping;
    const bool fences = turn.dialect.broken != BrokenRule::old_epochs_not_fenced;
    if (transaction->record.producer_epoch != producer_epoch && fences) return fenced(turn);
    if (transaction->pending || is_deciding(*transaction)) return ErrorCode::concurrent_transactions;
    return ErrorCode::none;
}

/// True when nothing needs to be written, since all are in the transaction already.
bool add(TransactionRecord& next, const std::vector<PartitionIndex>& asked, sim::SimTime now) {
    const bool was_ongoing = next.state == TransactionState::ongoing;
    const std::size_t before = next.partitions.size();
    if (!was_ongoing) next.start_time = now;
    next.state = TransactionState::ongoing;
    next.partitions.insert(next.partitions.end(), asked.begin(), asked.end());
    std::sort(next.partitions.begin(), next.partitions.end());
    next.partitions.erase(std::unique(next.partitions.begin(), next.partitions.end()), next.partitions.end());
    return was_ongoing && next.partitions.size() == before;
}

/// Source: handleVerifyPartitionsInTransaction. What is pending does not matter: the append checks again.
void verify(const Transaction* transaction, TransactionWaiter waiter,
            const AddPartitionsToTxnRequest& request, const std::vector<PartitionIndex>& asked,
            TransactionTurn& turn) {
    ErrorCode error = ErrorCode::none;
    if (transaction == nullptr || transaction->record.producer_id != request.producer_id)
        error = ErrorCode::invalid_producer_id_mapping;
    else if (transaction->record.producer_epoch != request.producer_epoch &&
             turn.dialect.broken != BrokenRule::old_epochs_not_fenced)
        error = fenced(turn);
    else if (is_deciding(*transaction))
        error = ErrorCode::concurrent_transactions;
    if (error != ErrorCode::none) return refuse(waiter, request, asked, error, turn);
    const ErrorCode missing = turn.dialect.transaction.abortable_error ? ErrorCode::transaction_abortable
                                                                       : ErrorCode::invalid_txn_state;
    const SlabHandle handle = turn.turn.slabs().partition_errors.acquire();
    const std::vector<PartitionIndex>& added = transaction->record.partitions;
    for (const PartitionIndex partition : asked) {
        const bool known = std::binary_search(added.begin(), added.end(), partition);
        turn.turn.slabs().partition_errors.open(handle).entries.push_back(
            {partition, known ? ErrorCode::none : missing});
    }
    turn.replies.push_back({waiter, AddPartitionsToTxnResponse{waiter.correlation, handle}, 60});
}

} // namespace

ErrorCode fenced(const TransactionTurn& turn) {
    return turn.dialect.transaction.fences_by_own_error ? ErrorCode::producer_fenced
                                                        : ErrorCode::invalid_producer_epoch;
}

void refuse(TransactionWaiter waiter, const InitProducerIdRequest&, ErrorCode error, TransactionTurn& turn) {
    turn.replies.push_back(
        {waiter, InitProducerIdResponse{waiter.correlation, error, no_producer_id, -1}, 50});
}

void refuse(TransactionWaiter waiter, const AddPartitionsToTxnRequest&,
            const std::vector<PartitionIndex>& asked, ErrorCode error, TransactionTurn& turn) {
    const SlabHandle handle = turn.turn.slabs().partition_errors.acquire();
    for (const PartitionIndex partition : asked)
        turn.turn.slabs().partition_errors.open(handle).entries.push_back({partition, error});
    const auto bytes = static_cast<std::int32_t>(40 + 10 * asked.size());
    turn.replies.push_back({waiter, AddPartitionsToTxnResponse{waiter.correlation, handle}, bytes});
}

void refuse(TransactionWaiter waiter, const AddOffsetsToTxnRequest&, ErrorCode error, TransactionTurn& turn) {
    turn.replies.push_back({waiter, AddOffsetsToTxnResponse{waiter.correlation, error}, 40});
}

void refuse(TransactionWaiter waiter, const EndTxnRequest&, ErrorCode error, TransactionTurn& turn) {
    turn.replies.push_back({waiter, EndTxnResponse{waiter.correlation, error, -1, no_producer_id}, 50});
}

/// Source: handleInitProducerId, prepareInitProducerIdTransit.
void on_init_producer_id(TransactionCoordinator& self, TransactionWaiter waiter,
                         const InitProducerIdRequest& request, TransactionTurn& turn) {
    if (request.timeout > turn.settings.max_timeout || request.timeout <= sim::Duration{0})
        return refuse(waiter, request, ErrorCode::invalid_transaction_timeout, turn);
    Transaction& transaction = find_or_add_transaction(self, request.transactional_id);
    TransactionRecord& record = transaction.record;
    if (record.producer_id == no_producer_id) record.producer_id = turn.take_producer_id();
    const bool expects = request.producer_id != no_producer_id && turn.dialect.transaction.epoch_bump;
    if (transaction.pending) return refuse(waiter, request, ErrorCode::concurrent_transactions, turn);
    if (expects && !may_bump(record, request)) return refuse(waiter, request, fenced(turn), turn);
    if (is_deciding(transaction)) return refuse(waiter, request, ErrorCode::concurrent_transactions, turn);
    if (record.state == TransactionState::ongoing)
        return fence(self, transaction, TransactionWriteKind::fence, waiter, turn);
    TransactionWrite one;
    one.kind = TransactionWriteKind::initialize;
    one.waiter = waiter;
    one.next = record;
    one.next.state = TransactionState::empty;
    one.next.previous_producer_id = record.producer_id;
    one.next.timeout = request.timeout;
    one.next.partitions.clear();
    one.next.bumps_epoch = false;
    one.next.start_time = {};
    const bool exhausted = record.producer_epoch >= epoch_last;
    if (exhausted && (!expects || request.producer_epoch == record.producer_epoch)) {
        one.next.producer_id = turn.take_producer_id();
        one.next.producer_epoch = 0;
        one.next.last_producer_epoch = expects ? record.producer_epoch : std::int16_t{-1};
    } else if (exhausted) {
        return refuse(waiter, request, ErrorCode::unknown_server_error, turn); // IllegalStateException
    } else if (!increment(one.next, expects, request.producer_epoch)) {
        return refuse(waiter, request, fenced(turn), turn);
    }
    write(self, transaction, std::move(one), turn);
}

void on_add_partitions(TransactionCoordinator& self, TransactionWaiter waiter,
                       const AddPartitionsToTxnRequest& request, const std::vector<PartitionIndex>& asked,
                       TransactionTurn& turn) {
    Transaction* transaction = find_transaction(self, request.transactional_id);
    if (request.verify_only) return verify(transaction, waiter, request, asked, turn);
    const ErrorCode error = may_add(transaction, request.producer_id, request.producer_epoch, turn);
    if (error != ErrorCode::none) return refuse(waiter, request, asked, error, turn);
    TransactionWrite one;
    one.kind = TransactionWriteKind::add_partitions;
    one.waiter = waiter;
    one.next = transaction->record;
    one.added = asked;
    if (add(one.next, asked, turn.now())) return refuse(waiter, request, asked, ErrorCode::none, turn);
    write(self, *transaction, std::move(one), turn);
}

/// Source: KafkaApis.handleAddOffsetsToTxnRequest: the partition of the group's offsets is added like any
/// other.
void on_add_offsets(TransactionCoordinator& self, TransactionWaiter waiter,
                    const AddOffsetsToTxnRequest& request, TransactionTurn& turn) {
    Transaction* transaction = find_transaction(self, request.transactional_id);
    const ErrorCode error = may_add(transaction, request.producer_id, request.producer_epoch, turn);
    if (error != ErrorCode::none) return refuse(waiter, request, error, turn);
    TransactionWrite one;
    one.kind = TransactionWriteKind::add_offsets;
    one.waiter = waiter;
    one.next = transaction->record;
    if (add(one.next, {turn.turn.configuration.group(request.group).partition}, turn.now()))
        return refuse(waiter, request, ErrorCode::none, turn);
    write(self, *transaction, std::move(one), turn);
}

} // namespace kafka
