#include "models/transaction/steps.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// Source: TransactionMetadata.prepareComplete.
TransactionRecord completed(const TransactionRecord& record) {
    TransactionRecord next = record;
    next.state = record.state == TransactionState::prepare_commit ? TransactionState::complete_commit
                                                                  : TransactionState::complete_abort;
    next.partitions.clear();
    if (!record.bumps_epoch) return next;
    next.previous_producer_id = record.producer_id;
    next.last_producer_epoch = record.producer_epoch;
    if (record.next_producer_id != no_producer_id) { // the epochs are used up
        next.producer_id = record.next_producer_id;
        next.producer_epoch = 0;
        next.next_producer_id = no_producer_id;
    }
    return next;
}

void complete(TransactionCoordinator& self, Transaction& transaction, TransactionTurn& turn) {
    transaction.round = 0;
    transaction.failed_fence = false;
    TransactionWrite one;
    one.kind = TransactionWriteKind::complete;
    one.next = completed(transaction.record);
    write(self, transaction, std::move(one), turn);
}

bool is_retriable_for_markers(ErrorCode error) {
    return error == ErrorCode::unknown_topic_or_partition || error == ErrorCode::not_leader_or_follower ||
           error == ErrorCode::not_enough_replicas || error == ErrorCode::not_enough_replicas_after_append ||
           error == ErrorCode::request_timed_out || error == ErrorCode::kafka_storage_error ||
           error == ErrorCode::network_exception;
}

} // namespace

void send_markers(TransactionCoordinator& self, Transaction& transaction, TransactionTurn& turn) {
    const TransactionRecord& record = transaction.record;
    const bool commits = record.state == TransactionState::prepare_commit;
    transaction.pending = commits ? TransactionState::complete_commit : TransactionState::complete_abort;
    transaction.round = self.next_round++;
    if (record.partitions.empty()) return complete(self, transaction, turn);
    const TransactionPartition* loaded =
        loaded_partition(self, state_partition(record.transactional_id, turn));
    turn.markers.push_back({record.transactional_id, transaction.round, record.producer_id,
                            record.producer_epoch, commits ? ControlType::commit : ControlType::abort,
                            loaded->coordinator_epoch, record.bumps_epoch, record.partitions});
}

bool wants_markers(TransactionCoordinator& self, TransactionalIdIndex id, std::uint32_t round) {
    const Transaction* transaction = find_transaction(self, id);
    return transaction != nullptr && transaction->round == round;
}

bool marker_ended(TransactionCoordinator& self, TransactionalIdIndex id, std::uint32_t round,
                  PartitionIndex partition, ErrorCode error, TransactionTurn& turn) {
    if (!wants_markers(self, id, round)) {
        turn.turn.ignore("a marker of a partition that went away, or of one that was given up");
        return false;
    }
    Transaction& transaction = *find_transaction(self, id);
    if (is_retriable_for_markers(error)) return true;
    if (error != ErrorCode::none) { // another epoch of producer or coordinator has the say there
        transaction.round = 0;      // it stays pending until its partition is loaded again (KAFKA-16352)
        return false;
    }
    std::erase(transaction.record.partitions, partition);
    if (transaction.record.partitions.empty()) complete(self, transaction, turn);
    return false;
}

void retry_completions(TransactionCoordinator& self, TransactionTurn& turn) {
    for (Transaction& one : self.transactions) {
        const TransactionState state = one.record.state;
        const bool decided =
            state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
        const bool under_way =
            std::any_of(self.writes.begin(), self.writes.end(), [&](const TransactionWrite& write) {
                return write.next.transactional_id == one.record.transactional_id;
            });
        if (decided && one.record.partitions.empty() && !under_way) complete(self, one, turn);
    }
}

} // namespace kafka
