#include "models/transaction/steps.hpp"

namespace kafka {

namespace {

constexpr std::int16_t epoch_before_last = 32766;

/// What is asked, against what is.
struct Ending {
    const TransactionRecord& record;
    const EndTxnRequest& request;
    bool retried_bump = false;     // of the same request: its answer was lost
    bool retried_overflow = false; // likewise, and the producer id is a new one since

    bool retried() const { return retried_bump || retried_overflow; }
};

/// Source: endTransaction of 4.0, isValidEpoch.
bool is_valid_epoch(const Ending& ending) {
    const bool same = ending.request.producer_epoch == ending.record.producer_epoch;
    switch (ending.record.state) {
    case TransactionState::empty:
    case TransactionState::ongoing:
    case TransactionState::dead:
    case TransactionState::prepare_epoch_fence:
        return same;
    case TransactionState::prepare_commit:
    case TransactionState::prepare_abort:
        return ending.retried_bump;
    case TransactionState::complete_commit:
    case TransactionState::complete_abort:
        return ending.retried() || same;
    }
    return false;
}

/// What to do with the request: write the outcome, or answer at once.
struct Verdict {
    bool writes = false;
    bool without_partitions = false; // version 2: an abort of nothing bumps the epoch all the same
    ErrorCode error = ErrorCode::none;
};

/// States of both versions in which the outcome is being carried out.
ErrorCode of_prepared(TransactionState state, bool commit) {
    const bool same = (state == TransactionState::prepare_commit) == commit;
    return same ? ErrorCode::concurrent_transactions : ErrorCode::invalid_txn_state;
}

/// transaction.version 2: an outcome that was carried out already is the answer of a retry only.
Verdict judge_bumping(const Ending& ending) {
    const bool commit = ending.request.commit;
    switch (ending.record.state) {
    case TransactionState::ongoing:
        return {true, false, ErrorCode::none};
    case TransactionState::empty:
        if (!commit) return {true, true, ErrorCode::none};
        return {false, false, ErrorCode::invalid_txn_state};
    case TransactionState::complete_commit:
        if (commit && ending.retried()) return {};
        if (!commit && !ending.retried()) return {true, true, ErrorCode::none};
        return {false, false, ErrorCode::invalid_txn_state};
    case TransactionState::complete_abort:
        if (!commit && ending.retried()) return {};
        if (!commit) return {true, true, ErrorCode::none};
        return {false, false, ErrorCode::invalid_txn_state};
    case TransactionState::prepare_commit:
    case TransactionState::prepare_abort:
        return {false, false, of_prepared(ending.record.state, commit)};
    case TransactionState::dead:
    case TransactionState::prepare_epoch_fence:
        break;
    }
    return {false, false, ErrorCode::invalid_txn_state};
}

/// Source: endTransaction before 4.0 (endTransactionWithTV1 since).
Verdict judge(const Ending& ending) {
    const bool commit = ending.request.commit;
    switch (ending.record.state) {
    case TransactionState::ongoing:
        return {true, false, ErrorCode::none};
    case TransactionState::complete_commit:
        return {false, false, commit ? ErrorCode::none : ErrorCode::invalid_txn_state};
    case TransactionState::complete_abort:
        return {false, false, commit ? ErrorCode::invalid_txn_state : ErrorCode::none};
    case TransactionState::prepare_commit:
    case TransactionState::prepare_abort:
        return {false, false, of_prepared(ending.record.state, commit)};
    case TransactionState::empty:
    case TransactionState::dead:
    case TransactionState::prepare_epoch_fence:
        break;
    }
    return {false, false, ErrorCode::invalid_txn_state};
}

ErrorCode may_end(const Transaction& transaction, const Ending& ending, const TransactionTurn& turn) {
    const bool bumps = ending.request.bumps_epoch;
    const bool same = ending.request.producer_epoch == ending.record.producer_epoch;
    // Version 2 first, since the producer may know its new id before the coordinator has it.
    if (bumps && transaction.pending) return ErrorCode::concurrent_transactions;
    if (ending.request.producer_id != ending.record.producer_id && !ending.retried_overflow)
        return ErrorCode::invalid_producer_id_mapping;
    const bool fences = turn.dialect.broken != BrokenRule::old_epochs_not_fenced;
    if (fences && (bumps ? !is_valid_epoch(ending) : !same)) return fenced(turn);
    return transaction.pending ? ErrorCode::concurrent_transactions : ErrorCode::none;
}

} // namespace

void on_end(TransactionCoordinator& self, TransactionWaiter waiter, const EndTxnRequest& request,
            TransactionTurn& turn) {
    Transaction* transaction = find_transaction(self, request.transactional_id);
    if (transaction == nullptr) return refuse(waiter, request, ErrorCode::invalid_producer_id_mapping, turn);
    const TransactionRecord& record = transaction->record;
    const bool bumps = request.bumps_epoch;
    const bool bumped = bumps && record.producer_epoch == request.producer_epoch + 1;
    const bool overflowed = bumps && record.previous_producer_id == request.producer_id &&
                            request.producer_epoch == epoch_before_last && record.producer_epoch == 0;
    const Ending ending{record, request, bumped, overflowed};
    const ErrorCode error = may_end(*transaction, ending, turn);
    if (error != ErrorCode::none) return refuse(waiter, request, error, turn);
    const Verdict verdict = bumps ? judge_bumping(ending) : judge(ending);
    if (!verdict.writes && verdict.error == ErrorCode::none) { // the outcome stands already
        EndTxnResponse response{waiter.correlation, ErrorCode::none, -1, no_producer_id};
        if (bumps) {
            response.producer_id = record.producer_id;
            response.producer_epoch = record.producer_epoch;
        }
        turn.replies.push_back({waiter, response, 50});
        return;
    }
    if (!verdict.writes) return refuse(waiter, request, verdict.error, turn);
    TransactionWrite one;
    one.kind = TransactionWriteKind::end;
    one.waiter = waiter;
    one.next = record;
    one.next.state = request.commit ? TransactionState::prepare_commit : TransactionState::prepare_abort;
    one.next.bumps_epoch = bumps;
    if (verdict.without_partitions) one.next.start_time = turn.now();
    if (bumps) {
        one.next.last_producer_epoch = record.producer_epoch;
        one.next.producer_epoch = static_cast<std::int16_t>(record.producer_epoch + 1);
        if (record.producer_epoch >= epoch_before_last) one.next.next_producer_id = turn.take_producer_id();
    }
    write(self, *transaction, std::move(one), turn);
}

/// From 4.0 on the abort itself bumps the epoch, once (KAFKA-19367), so that nothing is left in memory when
/// it cannot be written.
void fence(TransactionCoordinator& self, Transaction& transaction, TransactionWriteKind kind,
           TransactionWaiter waiter, TransactionTurn& turn) {
    TransactionRecord& record = transaction.record;
    if (record.producer_epoch == 32767) { // IllegalStateException; failed fences used them up (KAFKA-9666)
        if (kind == TransactionWriteKind::fence)
            refuse(waiter, InitProducerIdRequest{}, ErrorCode::unknown_server_error, turn);
        return;
    }
    const bool version_2 = turn.dialect.transaction.version_2;
    const bool bumped_already = transaction.failed_fence && !version_2;
    const auto epoch = static_cast<std::int16_t>(record.producer_epoch + (bumped_already ? 0 : 1));
    TransactionWrite one;
    one.kind = kind;
    one.waiter = waiter;
    if (!version_2) {
        record.producer_epoch = epoch;
        record.last_producer_epoch = -1;
    }
    one.next = record;
    one.next.state = TransactionState::prepare_abort;
    one.next.bumps_epoch = version_2;
    if (version_2) {
        one.next.last_producer_epoch = record.producer_epoch;
        one.next.producer_epoch = epoch;
    }
    write(self, transaction, std::move(one), turn);
}

void abort_timed_out(TransactionCoordinator& self, TransactionTurn& turn) {
    for (Transaction& one : self.transactions) {
        const bool late = one.record.state == TransactionState::ongoing && !one.pending &&
                          one.record.start_time + one.record.timeout < turn.now();
        if (late) fence(self, one, TransactionWriteKind::time_out, {}, turn);
    }
}

} // namespace kafka
