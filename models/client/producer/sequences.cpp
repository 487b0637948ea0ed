#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

bool is_idempotent(const Producer& self, const Turn& turn) { return settings(self, turn).enable_idempotence; }

/// Sequences are given when a batch is first drained. Source: RecordAccumulator.drainBatchesForOneNode,
/// TransactionManager.
void give_sequence(Producer& self, PartitionQueue& queue, ProducerBatch& batch) {
    batch.batch.producer_id = self.producer_id;
    batch.batch.producer_epoch = queue.producer_epoch;
    batch.batch.is_transactional = self.transactions.phase != TransactionPhase::uninitialized;
    batch.batch.base_sequence = queue.next_sequence;
    const std::int64_t following = std::int64_t{queue.next_sequence} + batch.batch.count;
    queue.next_sequence =
        static_cast<std::int32_t>(following > 2147483647 ? following - 2147483648 : following);
}

std::int32_t first_outstanding(const Producer& self, const PartitionQueue& queue) {
    std::int32_t lowest = -1;
    const auto consider = [&](const ProducerBatch& batch) {
        if (batch.partition != queue.partition || batch.batch.base_sequence < 0 || batch.decided) return;
        if (lowest < 0 || batch.batch.base_sequence < lowest) lowest = batch.batch.base_sequence;
    };
    for (const ProducerNode& node : self.nodes)
        for (const InFlightRequest& request : node.in_flight)
            for (const ProducerBatch& batch : request.batches)
                consider(batch);
    for (const ProducerBatch& batch : queue.batches)
        consider(batch);
    return lowest;
}

/// Source: TransactionManager.canRetry; semantics 6.6.3.
bool may_retry(Producer& self, PartitionQueue& queue, const ProducerBatch& batch, ErrorCode error,
               Turn& turn) {
    if (!is_idempotent(self, turn)) return is_retriable(error);
    const bool transactional = is_transactional(self, turn); // such a batch fails, and the transaction
    if (error == ErrorCode::unknown_producer_id && transactional) return batch.sequence_reset;
    if (error == ErrorCode::unknown_producer_id) {
        queue.wants_bump = !batch.sequence_reset || queue.wants_bump;
        return true;
    }
    if (error == ErrorCode::out_of_order_sequence_number) {
        const std::int32_t expected = queue.last_acked_sequence + 1;
        const bool plain =
            !queue.unresolved && (batch.sequence_reset || batch.batch.base_sequence != expected);
        if (!plain && transactional) return false;
        if (!plain) queue.wants_bump = true;
        return true;
    }
    return is_retriable(error);
}

namespace {

/// A gap whose outcome is not known: resolved when nothing of the partition is outstanding.
/// Source: TransactionManager.maybeResolveSequences.
void settle_gap(Producer& self, PartitionQueue& queue, Turn& turn) {
    if (!queue.unresolved || queue.on_the_wire > 0 || first_outstanding(self, queue) >= 0) return;
    queue.unresolved = false;
    if (queue.last_acked_sequence + 1 == queue.next_sequence) return;
    if (!is_transactional(self, turn)) {
        queue.wants_bump = true;
    } else if (self.transactions.version_2 || can_bump_epoch(self, turn)) {
        self.transactions.bump_required = !self.transactions.version_2;
        abortable_error(self, ErrorCode::request_timed_out, turn);
    } else { // "It isn't safe to continue"
        fatal_error(self, ErrorCode::out_of_order_sequence_number, turn);
    }
}

/// In-flight sequences of the partition begin again at 0 under the new epoch. An earlier attempt that was
/// appended all the same makes the rewritten batch a duplicate. Source:
/// TxnPartitionEntry.startSequencesAtBeginning.
void rewrite(Producer& self, PartitionQueue& queue) {
    queue.producer_epoch = self.producer_epoch;
    queue.next_sequence = 0;
    queue.last_acked_sequence = -1;
    queue.unresolved = false;
    for (ProducerBatch& batch : queue.batches) {
        if (batch.batch.base_sequence < 0) continue;
        give_sequence(self, queue, batch);
        batch.sequence_reset = true;
    }
}

} // namespace

/// Source: TransactionManager.bumpIdempotentEpochAndResetIdIfNeeded; semantics 6.6.4.
void resolve_and_bump(Producer& self, Turn& turn) {
    if (!is_idempotent(self, turn) || self.producer_id == no_producer_id) return;
    if (configured(self, turn).dialect.broken == BrokenRule::epoch_not_bumped) return;
    for (PartitionQueue& queue : self.queues)
        settle_gap(self, queue, turn);
    if (is_transactional(self, turn)) return; // the coordinator gives its epochs
    const bool wanted = std::any_of(self.queues.begin(), self.queues.end(), [](const PartitionQueue& queue) {
        return queue.wants_bump && queue.on_the_wire == 0;
    });
    if (wanted) {
        self.producer_epoch = static_cast<std::int16_t>(self.producer_epoch + 1);
        turn.note(fact::ProducerEpochBumped{self.index, self.producer_epoch});
    }
    for (PartitionQueue& queue : self.queues) {
        if (queue.on_the_wire > 0) continue; // goes on under its epoch until nothing is on the wire
        const bool stale = queue.producer_epoch != self.producer_epoch && first_outstanding(self, queue) < 0;
        if (!stale && !(queue.wants_bump && wanted)) continue;
        queue.wants_bump = false;
        rewrite(self, queue);
    }
}

} // namespace kafka::parts
