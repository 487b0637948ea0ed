#include "models/transaction/steps.hpp"

#include <algorithm>

namespace kafka {

namespace {

Mail end_answer(const TransactionWrite& write, ErrorCode error) {
    EndTxnResponse response{write.waiter.correlation, error, -1, no_producer_id};
    if (error != ErrorCode::none || !write.next.bumps_epoch) return response;
    // The client goes on with what the id will have once the markers are written.
    const bool rotates = write.next.next_producer_id != no_producer_id;
    response.producer_id = rotates ? write.next.next_producer_id : write.next.producer_id;
    response.producer_epoch = rotates ? std::int16_t{0} : write.next.producer_epoch;
    return response;
}

void answer(const TransactionWrite& write, ErrorCode error, TransactionTurn& turn) {
    switch (write.kind) {
    case TransactionWriteKind::initialize: {
        const bool done = error == ErrorCode::none;
        turn.replies.push_back({write.waiter,
                                InitProducerIdResponse{write.waiter.correlation, error,
                                                       done ? write.next.producer_id : no_producer_id,
                                                       done ? write.next.producer_epoch : std::int16_t{-1}},
                                50});
        return;
    }
    case TransactionWriteKind::fence: // the client waits, and asks again
        return refuse(write.waiter, InitProducerIdRequest{},
                      error == ErrorCode::none ? ErrorCode::concurrent_transactions : error, turn);
    case TransactionWriteKind::add_partitions:
        return refuse(write.waiter, AddPartitionsToTxnRequest{}, write.added, error, turn);
    case TransactionWriteKind::add_offsets:
        return refuse(write.waiter, AddOffsetsToTxnRequest{}, error, turn);
    case TransactionWriteKind::end:
        turn.replies.push_back({write.waiter, end_answer(write, error), 50});
        return;
    case TransactionWriteKind::time_out:
    case TransactionWriteKind::complete:
        return; // nobody waits
    }
}

/// Source: appendTransactionToLog, the callback's failure; onEndTransactionComplete; tryAppendToLog.
void not_written(Transaction& transaction, const TransactionWrite& write, ErrorCode error,
                 TransactionTurn& turn) {
    if (write.kind == TransactionWriteKind::complete && error == ErrorCode::coordinator_not_available) {
        turn.completions_to_retry.push_back(state_partition(write.next.transactional_id, turn));
        return; // stays pending
    }
    transaction.pending.reset();
    const bool fences =
        write.kind == TransactionWriteKind::fence || write.kind == TransactionWriteKind::time_out;
    if (fences && turn.dialect.transaction.remembers_failed_fence) transaction.failed_fence = true;
}

void written(Transaction& transaction, const TransactionWrite& write, TransactionTurn& turn) {
    for (const PartitionIndex partition : write.next.partitions) {
        const auto& before = transaction.record.partitions;
        if (write.next.state == TransactionState::ongoing &&
            !std::binary_search(before.begin(), before.end(), partition))
            turn.turn.note(
                fact::TransactionPartitionAdded{turn.broker, write.next.transactional_id, partition});
    }
    transaction.record = write.next;
    transaction.pending.reset();
    turn.turn.note(fact::TransactionChanged{turn.broker, write.next.transactional_id, write.next.state,
                                            write.next.producer_id, write.next.producer_epoch});
}

} // namespace

PartitionIndex state_partition(TransactionalIdIndex id, const TransactionTurn& turn) {
    return turn.turn.configuration.transactional_id(id).partition;
}

const TransactionPartition* loaded_partition(const TransactionCoordinator& self, PartitionIndex partition) {
    for (const TransactionPartition& one : self.partitions)
        if (one.partition == partition) return &one;
    return nullptr;
}

Transaction* find_transaction(TransactionCoordinator& self, TransactionalIdIndex id) {
    for (Transaction& one : self.transactions)
        if (one.record.transactional_id == id) return &one;
    return nullptr;
}

Transaction& find_or_add_transaction(TransactionCoordinator& self, TransactionalIdIndex id) {
    if (Transaction* known = find_transaction(self, id)) return *known;
    const auto at = std::find_if(self.transactions.begin(), self.transactions.end(),
                                 [&](const Transaction& one) { return id < one.record.transactional_id; });
    Transaction fresh;
    fresh.record.transactional_id = id;
    return *self.transactions.insert(at, std::move(fresh));
}

void write(TransactionCoordinator& self, Transaction& transaction, TransactionWrite one,
           TransactionTurn& turn) {
    const PartitionIndex partition = state_partition(one.next.transactional_id, turn);
    const TransactionPartition* loaded = loaded_partition(self, partition);
    SIM_ASSERT(loaded != nullptr, "only the coordinator of a transactional id writes its state");
    one.round = self.next_round++;
    one.coordinator_epoch = loaded->coordinator_epoch;
    one.next.update_time = turn.now();
    transaction.pending = one.next.state;
    turn.appends.push_back({partition, one.next, one.round});
    self.writes.push_back(std::move(one));
}

void append_ended(TransactionCoordinator& self, std::uint32_t round, ErrorCode error, TransactionTurn& turn) {
    const auto at = std::find_if(self.writes.begin(), self.writes.end(),
                                 [&](const TransactionWrite& write) { return write.round == round; });
    if (at == self.writes.end()) return turn.turn.ignore("an append of a partition that went away");
    const TransactionWrite write = std::move(*at);
    self.writes.erase(at);
    Transaction* transaction = find_transaction(self, write.next.transactional_id);
    SIM_ASSERT(transaction != nullptr, "a transactional id stays as long as its partition");
    if (error != ErrorCode::none)
        not_written(*transaction, write, error, turn);
    else
        written(*transaction, write, turn);
    answer(write, error, turn);
    const TransactionState state = transaction->record.state;
    const bool decided =
        state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
    if (error == ErrorCode::none && decided) send_markers(self, *transaction, turn);
}

void load(TransactionCoordinator& self, PartitionIndex partition, Epoch coordinator_epoch,
          std::span<const TransactionRecord> records, TransactionTurn& turn) {
    unload(self, partition, turn);
    self.partitions.push_back({partition, coordinator_epoch});
    for (const TransactionRecord& record : records) {
        if (record.tombstone)
            std::erase_if(self.transactions, [&](const Transaction& one) {
                return one.record.transactional_id == record.transactional_id;
            });
        else
            find_or_add_transaction(self, record.transactional_id).record = record;
    }
    for (Transaction& one : self.transactions) {
        if (state_partition(one.record.transactional_id, turn) != partition) continue;
        const TransactionState state = one.record.state;
        if (state == TransactionState::prepare_commit || state == TransactionState::prepare_abort)
            send_markers(self, one, turn);
    }
}

void unload(TransactionCoordinator& self, PartitionIndex partition, TransactionTurn& turn) {
    std::vector<TransactionWrite> left;
    const auto is_here = [&](TransactionalIdIndex id) { return state_partition(id, turn) == partition; };
    for (const TransactionWrite& write : self.writes)
        if (is_here(write.next.transactional_id)) left.push_back(write);
    std::erase_if(self.writes,
                  [&](const TransactionWrite& write) { return is_here(write.next.transactional_id); });
    std::erase_if(self.transactions,
                  [&](const Transaction& one) { return is_here(one.record.transactional_id); });
    std::erase_if(self.partitions,
                  [&](const TransactionPartition& one) { return one.partition == partition; });
    for (const TransactionWrite& write : left)
        answer(write, ErrorCode::not_coordinator, turn);
}

} // namespace kafka
