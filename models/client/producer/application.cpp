// The producer and the code around it: what is told, handed over again, and how it ends.

#include "models/client/application/error_policy.hpp"
#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

const ProducerApplication& application_of(const Producer& self, const Turn& turn) {
    return configured(self, turn).application;
}

void hand_over_later(Sending& thread, const Again& again) {
    const auto at =
        std::upper_bound(thread.again.begin(), thread.again.end(), again.not_before,
                         [](sim::SimTime when, const Again& one) { return when < one.not_before; });
    thread.again.insert(at, again);
}

/// Queue of the next dead letter: the partitions of its topic in turn.
std::int32_t dead_letter_queue(Producer& self) {
    const auto partitions = static_cast<std::int32_t>(self.queues.size()) - self.own;
    return self.own + self.sending.next_dead_letter++ % partitions;
}

/// Hands over the first entry, or as much of it as one batch takes. False when memory is lacking.
bool hand_over_first(Producer& self, Turn& turn) {
    Again& again = self.sending.again.front();
    PartitionQueue& queue = self.queues[static_cast<std::size_t>(again.queue)];
    const std::int64_t size = record_size(self, turn);
    std::int32_t most = records_that_fit(0, size, settings(self, turn).batch_size);
    if (application_of(self, turn).send == SendStyle::sync) most = 1;
    most = static_cast<std::int32_t>(std::min<std::int64_t>(most, transaction_room(self, turn)));
    Batch batch;
    batch.stream = queue.stream;
    batch.count = std::min(again.count, most);
    batch.value_first = again.dead_letter ? queue.next_value : again.first;
    batch.resend = again.resend;
    batch.bytes = again.bytes > 0 ? again.bytes : batch_bytes(batch.count, size);
    if (!again.refused && !finds_memory(self, batch.bytes, turn)) return false;
    before_handing(self, queue, batch.value_first, batch.count, batch.resend, turn);
    const bool refused = again.refused;
    const SendFailure failure = again.failure;
    if (again.dead_letter) {
        turn.note(fact::RecordsSent{queue.stream, queue.next_value, batch.count});
        queue.next_value = next(queue.next_value, batch.count);
    } else {
        turn.note(
            fact::RecordsResent{queue.stream, again.first, batch.count, again.resend, self.sending.life});
        again.first = next(again.first, batch.count);
    }
    again.count -= batch.count;
    if (again.count == 0) self.sending.again.pop_front();
    if (!refused) {
        add_batch(self, queue, batch, turn);
        return true;
    }
    turn.note(fact::RecordsFailed{queue.stream, batch.value_first, batch.count, failure});
    tell(self, queue.stream, batch, failure, failure == SendFailure::serialization, turn);
    return true;
}

/// Records of which the application will hear nothing more, by whether they were ever in a request.
fact::ProducerEnded ending(const Producer& self, ProducerEnd end) {
    fact::ProducerEnded ended{self.index, end, 0, 0};
    for (const PartitionQueue& queue : self.queues)
        for (const ProducerBatch& batch : queue.batches)
            (batch.attempts > 0 ? ended.in_flight : ended.unsent) += batch.batch.count;
    for (const ProducerNode& node : self.nodes)
        for (const InFlightRequest& request : node.in_flight)
            for (const ProducerBatch& batch : request.batches)
                if (!batch.decided) ended.in_flight += batch.batch.count;
    return ended;
}

void forget_everything(Producer& self) {
    for (PartitionQueue& queue : self.queues) {
        queue.batches.clear();
        queue.on_the_wire = 0;
    }
    for (ProducerNode& node : self.nodes)
        node.in_flight.clear();
    self.undecided = 0;
    self.memory_used = 0;
    self.sending.blocked = false;
    self.sending.closing = false;
    self.sending.ended = true;
}

void remember_unknown(Producer& self, const ProducerBatch& batch, std::int32_t at) {
    if (batch.decided) return;
    Again again;
    again.queue = at;
    again.first = batch.batch.value_first;
    again.count = batch.batch.count;
    again.resend = batch.batch.resend;
    self.sending.again.push_back(again);
}

} // namespace

void end(Producer& self, ProducerEnd how, Turn& turn) {
    turn.note(ending(self, how));
    for (ProducerNode& node : self.nodes)
        if (node.link.state != NodeConnection::State::closed)
            close(node.link, connection_settings(self, turn), turn);
    forget_everything(self);
    if (self.wake_at != sim::SimTime::never()) turn.cancel(self.wake_handle);
    self.wake_at = sim::SimTime::never();
}

bool waits_for_result(const Producer& self, const Turn& turn) {
    return application_of(self, turn).send == SendStyle::sync && self.undecided > 0;
}

void tell(Producer& self, StreamIndex stream, const Batch& records, SendFailure failure, bool thrown,
          Turn& turn) {
    const ProducerApplication& application = application_of(self, turn);
    const std::int32_t at = stream.value - configured(self, turn).stream_first.value;
    const bool dead_letter = at >= self.own;
    ErrorReaction reaction = reaction_to({failure, thrown, dead_letter, records.resend}, application);
    const bool over = reaction != ErrorReaction::retry && reaction != ErrorReaction::unseen;
    if (over) self.sending.failures += records.count;
    const bool sends = reaction == ErrorReaction::retry || reaction == ErrorReaction::dead_letter;
    if (sends && self.sending.closing) reaction = ErrorReaction::log; // send() after close() throws
    turn.note(
        fact::ApplicationReacted{stream, records.value_first, records.count, reaction, failure, thrown});
    Again again;
    again.queue = at;
    again.first = records.value_first;
    again.count = records.count;
    again.not_before = turn.now;
    if (reaction == ErrorReaction::retry) {
        again.resend = static_cast<std::uint8_t>(records.resend + 1);
        again.not_before = turn.now + application.retry_after;
        again.bytes = records.count == 1 ? records.bytes : 0;
        again.refused = records.bytes == 0;
        again.failure = failure;
        hand_over_later(self.sending, again);
    } else if (reaction == ErrorReaction::dead_letter) {
        again.queue = dead_letter_queue(self);
        again.dead_letter = true;
        hand_over_later(self.sending, again);
    } else if (reaction == ErrorReaction::halt) {
        self.sending.halted = true;
        self.sending.again.clear();
    }
}

void refuse(Producer& self, PartitionQueue& queue, SendFailure failure, bool thrown, Turn& turn) {
    Batch record;
    record.value_first = queue.next_value;
    record.count = 1;
    // Waiting can end otherwise next time; what a record is stays as it is, which zero bytes say.
    const bool waited = failure == SendFailure::timeout || failure == SendFailure::buffer_exhausted;
    record.bytes = waited ? batch_bytes(1, record_size(self, turn)) : 0;
    // A batch has consecutive values. Leaves out: that the open batch would go on around this record.
    if (!queue.batches.empty()) queue.batches.back().closed = true;
    turn.note(fact::RecordsSent{queue.stream, queue.next_value, 1});
    queue.next_value = next(queue.next_value);
    turn.note(fact::RecordsFailed{queue.stream, record.value_first, 1, failure});
    open_transaction(self, turn);
    if (is_transactional(self, turn) && !thrown) // of ApiExceptions in doSend
        failed_in_transaction(self, waited ? ErrorCode::request_timed_out : ErrorCode::message_too_large,
                              turn);
    tell(self, queue.stream, record, failure, thrown, turn);
}

bool hand_over_again(Producer& self, Turn& turn) {
    Sending& thread = self.sending;
    while (!thread.again.empty()) {
        const bool sync = application_of(self, turn).send == SendStyle::sync;
        if (thread.again.front().not_before > turn.now) return !sync; // its thread sleeps
        if (!self.metadata.known || waits_for_result(self, turn)) return false;
        if (transaction_room(self, turn) == 0) return false;
        if (!hand_over_first(self, turn)) return false;
    }
    return true;
}

/// Source: KafkaProducer.close(Duration), Sender.initiateClose, forceClose,
/// RecordAccumulator.abortIncompleteBatches.
void maybe_close(Producer& self, Turn& turn) {
    const ProducerApplication& application = application_of(self, turn);
    Sending& thread = self.sending;
    if (application.close == CloseStyle::stay_open || thread.ended) return;
    if (!thread.closing) {
        const bool busy = thread.blocked || !thread.again.empty() || waits_for_result(self, turn) ||
                          (!thread.halted && !is_between_transactions(self));
        if (!load_is_over(self, turn.configuration) || busy) return;
        if (application.close == CloseStyle::exit) return end(self, ProducerEnd::exited, turn);
        thread.closing = true;
        thread.close_deadline = turn.now + application.close_timeout;
    }
    if (self.undecided == 0) return end(self, ProducerEnd::closed, turn);
    if (thread.close_deadline > turn.now) return;
    for (ProducerNode& node : self.nodes)
        for (InFlightRequest& request : node.in_flight)
            for (ProducerBatch& batch : request.batches)
                fail(self, batch, SendFailure::closed, turn);
    for (PartitionQueue& queue : self.queues) {
        for (ProducerBatch& batch : queue.batches)
            fail(self, batch, SendFailure::closed, turn);
        queue.batches.clear();
    }
    end(self, ProducerEnd::closed_by_force, turn);
}

} // namespace kafka::parts

namespace kafka {

void lose_memory(Producer& self, bool was_running, Turn& turn) {
    if (self.sending.ended) return;
    if (was_running) parts::absorb(self, turn); // what the thread had handed over by now
    turn.note(parts::ending(self, ProducerEnd::crashed));
    self.sending.again.clear();
    const bool resends = parts::application_of(self, turn).restart == RestartStyle::resend;
    if (resends && parts::runs_transactions(self, turn)) {
        // Whatever it does not know to be committed.
        self.sending.again.assign(self.transacting.handed.begin(), self.transacting.handed.end());
    } else if (resends) {
        const std::int32_t first = parts::configured(self, turn).stream_first.value;
        for (const ProducerNode& node : self.nodes) // what was sent first goes first
            for (const InFlightRequest& request : node.in_flight)
                for (const ProducerBatch& batch : request.batches)
                    parts::remember_unknown(self, batch, batch.batch.stream.value - first);
        for (std::size_t i = 0; i < self.queues.size(); ++i)
            for (const ProducerBatch& batch : self.queues[i].batches)
                parts::remember_unknown(self, batch, static_cast<std::int32_t>(i));
        std::stable_sort(self.sending.again.begin(), self.sending.again.end(),
                         [](const Again& a, const Again& b) {
                             return a.queue != b.queue ? a.queue < b.queue : a.first < b.first;
                         });
    }
    parts::forget_everything(self);
    self.sending.life = static_cast<std::uint8_t>(self.sending.life + 1);
    self.wake_at = sim::SimTime::never();
}

} // namespace kafka
