#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Puts a batch back in front; with sequences, in their order. Source: RecordAccumulator.reenqueue,
/// insertInSequenceOrder.
void reenqueue(PartitionQueue& queue, const ProducerBatch& batch, BrokenRule broken) {
    if (broken == BrokenRule::retries_out_of_order) {
        queue.batches.push_back(batch);
        return;
    }
    if (batch.batch.base_sequence < 0) {
        queue.batches.push_front(batch);
        return;
    }
    auto at = queue.batches.begin();
    while (at != queue.batches.end() && at->batch.base_sequence >= 0 &&
           at->batch.base_sequence < batch.batch.base_sequence)
        ++at;
    queue.batches.insert(at, batch);
}

/// Source: RecordAccumulator.splitAndReenqueue: pieces that fit batch.size, keeping the creation time.
bool split(Producer& self, PartitionQueue& queue, const ProducerBatch& batch, Turn& turn) {
    if (batch.batch.count <= 1) return false;
    const ProducerConfiguration& producer = configured(self, turn);
    const std::int64_t size = record_size(self, turn);
    std::int32_t most = records_that_fit(0, size, producer.settings.batch_size);
    if (most >= batch.batch.count) most = batch.batch.count / 2; // it was no larger than batch.size: halve it
    std::vector<ProducerBatch> pieces;
    for (std::int32_t done = 0; done < batch.batch.count; done += most) {
        ProducerBatch piece = batch;
        piece.batch.count = std::min(most, batch.batch.count - done);
        piece.batch.value_first = next(batch.batch.value_first, done);
        piece.batch.bytes = batch_bytes(piece.batch.count, size);
        piece.memory = 0; // pieces do not come from the pool
        if (batch.batch.base_sequence >= 0) piece.batch.base_sequence = batch.batch.base_sequence + done;
        pieces.push_back(piece);
    }
    self.memory_used -= batch.memory;
    for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece)
        reenqueue(queue, *piece, producer.dialect.broken);
    return true;
}

} // namespace

void acknowledge(Producer& self, const ProducerBatch& batch, Offset base_offset, Turn& turn) {
    PartitionQueue& queue = queue_of(self, batch.partition, turn);
    if (batch.batch.base_sequence >= 0 && batch.batch.producer_epoch == queue.producer_epoch)
        queue.last_acked_sequence = std::max(queue.last_acked_sequence, sequence_last(batch.batch));
    if (batch.decided) return turn.ignore("answer for a batch that has expired");
    self.undecided -= batch.batch.count;
    self.memory_used -= batch.memory;
    if (self.undecided == 0 && configured(self, turn).application.send == SendStyle::sync)
        self.sending.free_since = turn.now;
    turn.note(fact::RecordsAcknowledged{batch.batch.stream, batch.batch.value_first, batch.batch.count,
                                        base_offset, batch.created + batch.clock_moved,
                                        batch.created_last + batch.clock_moved});
}

void fail(Producer& self, ProducerBatch& batch, SendFailure failure, Turn& turn) {
    if (batch.decided) return;
    batch.decided = true;
    self.undecided -= batch.batch.count;
    free_memory(self, batch);
    turn.note(fact::RecordsFailed{batch.batch.stream, batch.batch.value_first, batch.batch.count, failure});
    if (self.undecided == 0 && configured(self, turn).application.send == SendStyle::sync)
        self.sending.free_since = turn.now;
    tell(self, batch.batch.stream, batch.batch, failure, false, turn);
}

/// Source: Sender.completeBatch, canRetry, failBatch; semantics 6.3.
void attempt_failed(Producer& self, ProducerBatch batch, ErrorCode error, Turn& turn) {
    PartitionQueue& queue = queue_of(self, batch.partition, turn);
    const ProducerSettings& set = settings(self, turn);
    if (refreshes_metadata(error)) self.metadata.requested = true;
    if (batch.decided) return turn.ignore("error for a batch that has expired");
    if (error == ErrorCode::cluster_authorization_failed && is_idempotent(self, turn)) self.fatal = true;
    if (error == ErrorCode::message_too_large && split(self, queue, batch, turn)) return;
    const bool ignored = configured(self, turn).dialect.broken == BrokenRule::delivery_timeout_ignored;
    const bool expired =
        !ignored && !set.expire_by_request_timeout && batch.created + set.delivery_timeout <= turn.now;
    const bool retries = batch.attempts < set.retries && !expired;
    if (retries && may_retry(self, queue, batch, error, turn)) {
        turn.note(fact::ProduceRetried{self.index, batch.batch.stream, batch.batch.value_first, error});
        batch.error = error;
        const std::uint64_t bits =
            turn.draw(Purpose::retry_jitter, static_cast<std::uint64_t>(self.index.value));
        batch.not_before = turn.now + backoff(set.retry_backoff, set.retry_backoff_max, batch.attempts, bits);
        batch.attempts += 1;
        batch.closed = true;
        return reenqueue(queue, batch, configured(self, turn).dialect.broken);
    }
    const bool idempotent = batch.batch.base_sequence >= 0;
    const bool adjusts = idempotent && batch.attempts < set.retries && !expired; // handleFailedBatch
    if (is_transactional(self, turn)) {
        failed_in_transaction(self, expired ? ErrorCode::request_timed_out : error, turn);
        if (adjusts) close_sequence_gap(self, queue, batch);
    } else if (adjusts) {
        queue.wants_bump = true;
    }
    if (idempotent && expired) queue.unresolved = true;
    fail(self, batch, expired ? SendFailure::timeout : failure_of(error), turn);
}

void on_produce_response(Producer& self, BrokerSlot broker, const ProduceResponse& response, Turn& turn) {
    const std::vector<ProduceAnswer::Entry>& entries =
        turn.slabs().produce_answer.open(response.content).entries;
    sim::Fifo<InFlightRequest>& in_flight = self.nodes[static_cast<std::size_t>(broker.value)].in_flight;
    const auto at = std::find_if(in_flight.begin(), in_flight.end(), [&](const InFlightRequest& request) {
        return request.correlation == response.correlation;
    });
    if (at == in_flight.end()) {
        turn.slabs().produce_answer.release(response.content);
        return turn.ignore("answer to a request that is no longer awaited");
    }
    InFlightRequest request = std::move(*at);
    in_flight.erase(at);
    for (const ProducerBatch& batch : request.batches) {
        queue_of(self, batch.partition, turn).on_the_wire -= 1;
        const auto entry = std::find_if(entries.begin(), entries.end(), [&](const ProduceAnswer::Entry& one) {
            return one.partition == batch.partition;
        });
        if (entry == entries.end()) continue;
        if (configured(self, turn).dialect.producer_hears_new_leader)
            take_hint(self.metadata, batch.partition, entry->leader_hint, entry->leader_epoch_hint);
        if (entry->error == ErrorCode::none)
            acknowledge(self, batch, entry->base_offset, turn);
        else if (entry->error == ErrorCode::duplicate_sequence_number)
            acknowledge(self, batch, no_offset, turn);
        else
            attempt_failed(self, batch, entry->error, turn);
    }
    self.spares.give(std::move(request.batches));
    turn.slabs().produce_answer.release(response.content);
}

void node_lost(Producer& self, BrokerSlot broker, ErrorCode error, Turn& turn) {
    ProducerNode& node = self.nodes[static_cast<std::size_t>(broker.value)];
    sim::Fifo<InFlightRequest> lost;
    lost.swap(node.in_flight);
    self.metadata.requested = true;
    if (self.metadata.asked == broker) {
        self.metadata.asked = no_slot;
        self.metadata.deadline = sim::SimTime::never();
    }
    if (self.transactions.asked_at == broker) transactional_request_lost(self, turn);
    if (self.init_asked == broker) {
        self.init_asked = no_slot;
        self.init_deadline = sim::SimTime::never();
    }
    // Oldest first, and each goes to the front of its queue: without sequences the newest ends up in front.
    // This is why a lost connection reorders a producer without idempotence (reference/real R02, R07: four of
    // five batches). Source: NetworkClient.cancelInFlightRequests, InFlightRequests.clearAll,
    // RecordAccumulator.reenqueue.
    for (const InFlightRequest& request : lost)
        for (const ProducerBatch& batch : request.batches) {
            queue_of(self, batch.partition, turn).on_the_wire -= 1;
            attempt_failed(self, batch, error, turn);
        }
}

namespace {

/// Batches in the queue whose time is up. Before 2.1 only those that were never sent, by request.timeout.ms.
void expire_queued(Producer& self, PartitionQueue& queue, Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    const sim::Duration limit = set.expire_by_request_timeout ? set.request_timeout : set.delivery_timeout;
    while (!queue.batches.empty()) {
        ProducerBatch& first = queue.batches.front();
        const sim::SimTime since =
            set.expire_by_request_timeout ? std::max(first.created, first.not_before) : first.created;
        if (since + limit > turn.now) return;
        if (first.batch.base_sequence >= 0) queue.unresolved = true; // it was sent and may be in the log
        if (is_transactional(self, turn)) failed_in_transaction(self, ErrorCode::request_timed_out, turn);
        fail(self, first, SendFailure::timeout, turn);
        queue.batches.pop_front();
    }
}

} // namespace

/// A fatal error leaves nothing to the batches that are not on the wire, nor to later ones.
/// Source: Sender.maybeAbortBatches, RecordAccumulator.abortUndrainedBatches.
void abort_when_fatal(Producer& self, Turn& turn) {
    if (!self.fatal) return;
    for (PartitionQueue& queue : self.queues) {
        sim::Fifo<ProducerBatch> undrained;
        undrained.swap(queue.batches);
        for (ProducerBatch& batch : undrained)
            fail(self, batch, SendFailure::cluster_authorization, turn);
    }
}

/// Source: Sender.getExpiredInflightBatches, RecordAccumulator.expiredBatches; semantics 6.4.
void expire(Producer& self, Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    if (configured(self, turn).dialect.broken == BrokenRule::delivery_timeout_ignored) return;
    if (!set.expire_by_request_timeout) {
        for (ProducerNode& node : self.nodes)
            for (InFlightRequest& request : node.in_flight)
                for (ProducerBatch& batch : request.batches) {
                    if (batch.decided || batch.created + set.delivery_timeout > turn.now) continue;
                    if (batch.batch.base_sequence >= 0)
                        queue_of(self, batch.partition, turn).unresolved = true;
                    if (is_transactional(self, turn))
                        failed_in_transaction(self, ErrorCode::request_timed_out, turn);
                    fail(self, batch, SendFailure::timeout, turn); // the request itself goes on
                }
    }
    for (PartitionQueue& queue : self.queues)
        expire_queued(self, queue, turn);
}

} // namespace kafka::parts
