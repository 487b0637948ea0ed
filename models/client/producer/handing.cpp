// send() and flush() for code in the same process: a consumer's application that writes what it makes of
// records.

#include "models/client/producer/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

PartitionQueue& queue_for(Producer& self, const Outgoing& what, Turn& turn) {
    const bool own = what.topic == configured(self, turn).topic;
    const std::size_t first = first_queue_of(self, what.topic, turn);
    if (what.partition >= 0) return self.queues[first + static_cast<std::size_t>(what.partition)];
    if (!own) {
        const std::int32_t partitions = turn.configuration.topic(what.topic).partitions;
        return self.queues[first + static_cast<std::size_t>(self.sending.next_dead_letter % partitions)];
    }
    if (leaves_sticky(self, turn)) move_sticky(self, turn);
    return self.queues[static_cast<std::size_t>(self.sticky)];
}

/// How many of the records may go where the first one goes.
std::int32_t run_of(const Producer& self, const Outgoing& what, const Turn& turn) {
    if (what.partition >= 0) return what.count;
    if (what.topic != configured(self, turn).topic) return 1;
    return static_cast<std::int32_t>(std::min<std::int64_t>(what.count, sticky_run(self, turn)));
}

void out_of_send(Producer& self, sim::SimTime when, bool gave_up, Turn& turn) {
    if (!self.sending.blocked) return;
    self.sending.blocked = false;
    turn.note(fact::SendUnblocked{self.index, when - self.sending.blocked_since, gave_up});
}

Taken refused(Producer& self, PartitionQueue& queue, SendFailure failure, bool thrown, Turn& turn) {
    const Taken taken{queue.stream, queue.next_value, 1, true};
    refuse(self, queue, failure, thrown, turn);
    return taken;
}

/// The thread stays inside send(), at most for max.block.ms.
Taken block(Producer& self, const Outgoing& what, Turn& turn) {
    Sending& thread = self.sending;
    if (!thread.blocked) {
        thread.blocked = true;
        thread.blocked_since = turn.now;
        thread.for_metadata = !self.metadata.known;
        turn.note(fact::SendBlocked{self.index, thread.for_metadata});
    }
    const sim::SimTime limit = thread.blocked_since + blocking_limit(self, turn);
    if (limit > turn.now) return {};
    out_of_send(self, limit, true, turn);
    PartitionQueue& queue = self.metadata.known ? queue_for(self, what, turn)
                                                : self.queues[first_queue_of(self, what.topic, turn)];
    const Dialect& dialect = configured(self, turn).dialect;
    const bool exhausted = self.metadata.known && dialect.buffer_exhausted_is_its_own_exception;
    return refused(self, queue, exhausted ? SendFailure::buffer_exhausted : SendFailure::timeout,
                   exhausted && dialect.buffer_exhausted_is_thrown, turn);
}

} // namespace

} // namespace kafka::parts

namespace kafka {

Taken send_records(Producer& self, const Outgoing& what, Turn& turn) {
    SIM_ASSERT(!self.sending.ended, "a producer that has ended takes no records");
    SIM_ASSERT(what.count > 0, "send() has something to send");
    if (!self.metadata.known) return parts::block(self, what, turn);
    const ProducerSettings& set = parts::settings(self, turn);
    PartitionQueue& queue = parts::queue_for(self, what, turn);
    const std::int64_t size = parts::record_size(self, turn);
    const std::int64_t whole = batch_bytes(1, parts::configured(self, turn).record_bytes);
    if (whole > set.max_request_size || whole > set.buffer_memory)
        return parts::refused(self, queue, SendFailure::record_too_large, false, turn);
    const std::int64_t certain = parts::certain_to_fit(self, turn);
    if (certain == 0 && !parts::finds_room(self, queue, turn)) return parts::block(self, what, turn);
    parts::out_of_send(self, turn.now, false, turn);
    const auto most = static_cast<std::int32_t>(std::clamp<std::int64_t>(certain, 1, what.count));
    const std::int32_t run = parts::run_of(self, what, turn);
    const Taken taken{queue.stream, queue.next_value, std::min(most, run), false};
    const std::size_t before = queue.batches.size();
    parts::accumulate(self, queue, taken.count, turn.now, turn.now, turn);
    if (what.topic != parts::configured(self, turn).topic) {
        self.sending.next_dead_letter += 1;
    } else if (what.partition < 0) {
        const auto fresh = static_cast<std::int64_t>(queue.batches.size() - before);
        self.sticky_bytes += taken.count * (size + record_overhead) + fresh * batch_bytes(0, 0);
    }
    return taken;
}

bool is_flushed(const Producer& self) { return self.undecided == 0 && self.sending.again.empty(); }
void begin_flush(Producer& self) { self.sending.flushing = true; }
void end_flush(Producer& self) { self.sending.flushing = false; }

void end_producer(Producer& self, ProducerEnd how, Turn& turn) {
    if (!self.sending.ended) parts::end(self, how, turn);
}

void run_sender(Producer& self, Turn& turn) { parts::pump(self, turn); }

bool owns_connection(const Producer& self, sim::ConnectionId connection) {
    return std::any_of(self.nodes.begin(), self.nodes.end(), [&](const ProducerNode& node) {
        const bool open = node.link.state != NodeConnection::State::closed;
        return open && node.link.connection == connection;
    });
}

} // namespace kafka
