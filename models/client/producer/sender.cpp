#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

bool is_ready(const Producer& self, const PartitionQueue& queue, const Turn& turn) {
    if (queue.batches.empty()) return false;
    const ProducerBatch& first = queue.batches.front();
    const ProducerSettings& set = settings(self, turn);
    if (first.attempts > 0) {
        // KIP-951: no back-off when the leader has changed since the attempt.
        const bool moved = configured(self, turn).dialect.producer_hears_new_leader &&
                           leader_view(self, queue.partition).leader_epoch > first.sent_under;
        return moved || first.not_before <= turn.now;
    }
    // Kafka also sends what is not full while somebody waits for memory, and while it closes.
    const bool hurried = self.sending.closing || self.sending.flushing || is_completing(self) ||
                         (self.sending.blocked && !self.sending.for_metadata);
    // After a step back a batch was made in the future: it has not waited at all, which is enough for linger
    // 0 (ProducerBatch.waitedTimeMs).
    const bool lingered = set.linger == sim::Duration{0} || first.created + set.linger <= turn.now;
    return hurried || first.closed || queue.batches.size() > 1 || lingered;
}

/// Source: RecordAccumulator.shouldStopDrainBatchesForPartition; semantics 6.6.2.
bool may_drain(const Producer& self, const PartitionQueue& queue, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    if (set.max_in_flight_requests_per_connection == 1 && queue.on_the_wire > 0) return false; // muted
    if (!is_idempotent(self, turn)) return true;
    if (self.producer_id == no_producer_id || !may_send_to(self, queue.partition, turn)) return false;
    const ProducerBatch& first = queue.batches.front();
    if (first.batch.base_sequence < 0) return !queue.unresolved && !queue.wants_bump && queue.on_the_wire < 5;
    return first.batch.base_sequence == first_outstanding(self, queue); // retries go one after the other
}

namespace {

bool has_room(Producer& self, BrokerSlot broker, Turn& turn) {
    const ProducerNode& node = self.nodes[static_cast<std::size_t>(broker.value)];
    const auto limit = static_cast<std::size_t>(settings(self, turn).max_in_flight_requests_per_connection);
    return node.link.state == NodeConnection::State::ready && node.in_flight.size() < limit &&
           turn.may_write(node.link.connection, sim::Side::client);
}

/// Sends one request with the first batch of each ready partition that this broker leads. False when there is
/// none.
bool send_request(Producer& self, BrokerSlot broker, Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    InFlightRequest request;
    request.batches = self.spares.take();
    std::int64_t bytes = 60;
    for (PartitionQueue& queue : self.queues) {
        const MetadataView::PartitionView& leader = leader_view(self, queue.partition);
        if (leader.leader != broker || !is_ready(self, queue, turn) || !may_drain(self, queue, turn))
            continue;
        ProducerBatch batch = queue.batches.front();
        if (!request.batches.empty() && bytes + batch.batch.bytes > set.max_request_size) break;
        queue.batches.pop_front();
        batch.closed = true;
        batch.sent_under = leader.leader_epoch;
        if (is_idempotent(self, turn) && batch.batch.base_sequence < 0) give_sequence(self, queue, batch);
        bytes += batch.batch.bytes;
        queue.on_the_wire += 1;
        request.batches.push_back(batch);
        turn.note(fact::ProduceSent{self.index, broker, batch.batch.stream, batch.batch.value_first,
                                    batch.batch.count, batch.attempts, batch.batch.base_sequence,
                                    batch.batch.producer_epoch});
    }
    if (request.batches.empty()) {
        self.spares.give(std::move(request.batches));
        return false;
    }
    ProducerNode& node = self.nodes[static_cast<std::size_t>(broker.value)];
    const sim::SlabHandle content = turn.slabs().produce.acquire();
    for (const ProducerBatch& batch : request.batches)
        turn.slabs().produce.open(content).entries.push_back({batch.partition, batch.batch});
    request.correlation = self.next_correlation++;
    request.deadline = turn.now + set.request_timeout;
    ProduceRequest mail{request.correlation, set.acks, set.request_timeout, content};
    mail.transactional_id = configured(self, turn).transactional_id;
    if (mail.transactional_id != no_transactional_id) mail.support = support_at(self, broker, turn);
    turn.send(node.link.connection, sim::Side::client, mail, static_cast<std::int32_t>(bytes));
    if (set.acks == Acks::none) { // done as soon as it is written
        for (const ProducerBatch& batch : request.batches) {
            queue_of(self, batch.partition, turn).on_the_wire -= 1;
            acknowledge(self, batch, no_offset, turn);
        }
        self.spares.give(std::move(request.batches));
        return true;
    }
    node.in_flight.push_back(std::move(request));
    return true;
}

/// Requests whose time is up close their connection. Source: NetworkClient.handleTimedOutRequests;
/// semantics 6.3.1.
void time_out_requests(Producer& self, Turn& turn) {
    const bool as_network = configured(self, turn).dialect.request_timeout_is_network_exception;
    const ErrorCode error = as_network ? ErrorCode::network_exception : ErrorCode::request_timed_out;
    for (std::size_t i = 0; i < self.nodes.size(); ++i) {
        ProducerNode& node = self.nodes[i];
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        const bool late = !node.in_flight.empty() && node.in_flight.front().deadline <= turn.now;
        const bool metadata_late = self.metadata.asked == slot && self.metadata.deadline <= turn.now;
        const bool init_late = self.init_asked == slot && self.init_deadline <= turn.now;
        const bool setup_late = node.link.setup_deadline <= turn.now;
        const bool asked_late = self.transactions.asked_at == slot && self.transactions.deadline <= turn.now;
        if (!late && !metadata_late && !init_late && !setup_late && !asked_late) continue;
        close(node.link, connection_settings(self, turn), turn);
        node_lost(self, slot, error, turn);
    }
}

void send_to_leaders(Producer& self, Turn& turn) {
    BrokerSet leaders;
    for (const PartitionQueue& queue : self.queues) {
        if (!is_ready(self, queue, turn)) continue;
        const BrokerSlot leader = leader_view(self, queue.partition).leader;
        if (leader == no_slot)
            self.metadata.requested = true;
        else
            leaders.add(leader);
    }
    for (BrokerSlot slot = leaders.first(); slot != no_slot; slot = leaders.after(slot)) {
        ProducerNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
        if (!ensure_ready(node.link, slot, connection_settings(self, turn), turn)) continue;
        while (has_room(self, slot, turn) && send_request(self, slot, turn)) {
        }
    }
}

/// Next instant at which a queue needs the sender.
sim::SimTime queue_due(const Producer& self, const PartitionQueue& queue, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    if (queue.batches.empty()) return sim::SimTime::never();
    const ProducerBatch& first = queue.batches.front();
    const sim::Duration limit = set.expire_by_request_timeout ? set.request_timeout : set.delivery_timeout;
    const sim::SimTime since =
        set.expire_by_request_timeout ? std::max(first.created, first.not_before) : first.created;
    sim::SimTime due = since + limit;
    if (is_ready(self, queue, turn)) return due; // waits for a connection, an answer or metadata
    if (first.attempts > 0) return std::min(due, first.not_before);
    return std::min(due, first.created + set.linger);
}

/// Next instant at which arriving records make a batch ready.
sim::SimTime arrivals_due(const Producer& self, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    const sim::SimTime first = arrival(self, 0, turn);
    const Sending& thread = self.sending;
    const std::int64_t transaction = transaction_room(self, turn);
    const bool stands =
        thread.blocked || thread.halted || thread.closing || waits_for_result(self, turn) || transaction == 0;
    if (stands || first == sim::SimTime::never()) return sim::SimTime::never();
    if (runs_transactions(self, turn) && is_between_transactions(self)) return first; // asks at once
    const std::int64_t size = record_size(self, turn);
    std::int32_t room = records_that_fit(0, size, producer.settings.batch_size);
    bool waiting = false;
    for (const PartitionQueue& queue : self.queues) {
        if (queue.batches.empty() || queue.batches.back().closed) continue;
        waiting = waiting || is_ready(self, queue, turn);
        room = std::min(
            room, records_that_fit(queue.batches.back().batch.count, size, producer.settings.batch_size));
    }
    const bool any_ready =
        std::any_of(self.queues.begin(), self.queues.end(),
                    [&](const PartitionQueue& queue) { return is_ready(self, queue, turn); });
    // While ready batches wait for an answer or a leader, records gather without waking anybody.
    if (any_ready && self.queues.size() == 1 && !runs_transactions(self, turn)) return sim::SimTime::never();
    room = static_cast<std::int32_t>(std::min<std::int64_t>(room, transaction));
    const sim::SimTime full = arrival(self, std::max(room, 1) - 1, turn);
    return std::min(first + producer.settings.linger, full);
}

} // namespace

void schedule_wake(Producer& self, Turn& turn) {
    sim::SimTime due = arrivals_due(self, turn);
    due = std::min(due, thread_due(self, turn));
    bool pending = self.undecided > 0 || self.sending.blocked || due != sim::SimTime::never() ||
                   self.transactions.wanted != 0 || self.transactions.asked_at != no_slot;
    due = std::min(due, transaction_due(self, turn));
    for (const PartitionQueue& queue : self.queues)
        due = std::min(due, queue_due(self, queue, turn));
    const ProducerSettings& set = settings(self, turn);
    for (const ProducerNode& node : self.nodes) {
        if (!node.in_flight.empty()) due = std::min(due, node.in_flight.front().deadline);
        for (const InFlightRequest& request : node.in_flight)
            for (const ProducerBatch& batch : request.batches)
                if (!batch.decided && !set.expire_by_request_timeout)
                    due = std::min(due, batch.created + set.delivery_timeout);
        due = std::min(due, node.link.setup_deadline);
        const bool closed = node.link.state == NodeConnection::State::closed;
        if (pending && closed && node.link.retry_at > turn.now) due = std::min(due, node.link.retry_at);
    }
    if (pending) due = std::min(due, next_metadata_request(self, turn));
    due = std::min(due, self.init_deadline);
    if (due <= turn.now) due = turn.now + sim::milliseconds(1); // what could be done now has been done
    if (due == self.wake_at && self.wake_at > turn.now) return;
    if (self.wake_at != sim::SimTime::never()) turn.cancel(self.wake_handle);
    self.wake_at = due;
    const std::uint8_t timer = configured(self, turn).owner.value < 0 ? 0 : timer_of_output;
    if (due != sim::SimTime::never()) self.wake_handle = turn.at(due, Timer{timer, ++self.wake_round, 0, 0});
}

namespace {

/// The application's thread, as far as it comes.
void work_on_load(Producer& self, Turn& turn) {
    do
        absorb(self, turn);
    while (run_code(self, turn));
}

} // namespace

void pump(Producer& self, Turn& turn) {
    if (self.sending.ended) return;
    work_on_load(self, turn);
    expire(self, turn);
    time_out_requests(self, turn);
    resolve_and_bump(self, turn);
    abort_when_fatal(self, turn);
    abort_batches(self, turn);
    if (runs_transactions(self, turn)) work_on_load(self, turn);
    maybe_close(self, turn);
    if (self.sending.ended) return;
    ask_producer_id(self, turn);
    if (!ask_coordinators(self, turn)) send_to_leaders(self, turn);
    if (runs_transactions(self, turn) && run_code(self, turn)) ask_coordinators(self, turn);
    ask_metadata(self, turn);
    schedule_wake(self, turn);
}

} // namespace kafka::parts
