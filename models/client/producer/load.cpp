// When records of the load reach send(), and how long the thread stays inside it.

#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

sim::SimTime arrival_in(const LoadSegment& segment, std::int64_t n) {
    if (segment.rate == 0) return segment.start;
    return segment.start +
           sim::Duration{n / segment.rate * 1000000 + n % segment.rate * 1000000 / segment.rate};
}

/// How many records of the segment have arrived by `now`.
std::int64_t arrived(const LoadSegment& segment, sim::SimTime now) {
    if (now < segment.start) return 0;
    if (segment.rate == 0) return segment.count;
    const std::int64_t elapsed = (now - segment.start).micros;
    const std::int64_t whole =
        elapsed / 1000000 * segment.rate + elapsed % 1000000 * segment.rate / 1000000 + 1;
    std::int64_t count = std::min(segment.count, whole);
    while (count > 0 && arrival_in(segment, count - 1) > now)
        --count;
    while (count < segment.count && arrival_in(segment, count) <= now)
        ++count;
    return count;
}

constexpr std::int64_t endless = 9223372036854775807;

bool is_nth(std::int64_t number, std::int64_t every) { return every > 0 && (number + 1) % every == 0; }

/// Records from the next one on that are neither oversized nor impossible to serialize.
std::int64_t plain_run(const Producer& self, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    std::int64_t run = endless;
    for (const std::int64_t every : {producer.unserializable_every, producer.oversized_every})
        if (every > 0) run = std::min(run, every - 1 - self.load.records % every);
    return run;
}

/// Source: KafkaProducer.ensureValidRecordSize: the size is estimated before compression.
bool is_too_large(const Producer& self, std::int64_t record_bytes, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    const std::int64_t bytes = batch_bytes(1, record_bytes);
    return bytes > set.max_request_size || bytes > set.buffer_memory;
}

/// When the n-th waiting record reaches send(): when it arrives, or when the thread is free.
sim::SimTime handed_at(const Producer& self, const LoadSegment& segment, std::int64_t n) {
    return std::max(arrival_in(segment, self.load.taken + n), self.sending.free_since);
}

PartitionQueue& queue_of_next(Producer& self, Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    if (uses_keys(self, turn))
        return self.queues[static_cast<std::size_t>(
            partition_of_key(producer.first_key + self.load.records % producer.keys,
                             producer.settings.key_hash, self.partitions))];
    if (leaves_sticky(self, turn)) move_sticky(self, turn);
    return self.queues[static_cast<std::size_t>(self.sticky)];
}

void absorb_without_keys(Producer& self, std::int64_t count, const LoadSegment& segment, Turn& turn) {
    std::int64_t done = 0;
    while (done < count) {
        if (leaves_sticky(self, turn)) move_sticky(self, turn);
        const std::int64_t run = std::min(sticky_run(self, turn), count - done);
        PartitionQueue& queue = self.queues[static_cast<std::size_t>(self.sticky)];
        const std::size_t before = queue.batches.size();
        accumulate(self, queue, run, handed_at(self, segment, done), handed_at(self, segment, done + run),
                   turn);
        // What counts is RecordAppendResult.appendedBytes: a new batch brings its header.
        const auto fresh = static_cast<std::int64_t>(queue.batches.size() - before);
        self.sticky_bytes += run * (record_size(self, turn) + record_overhead) + fresh * batch_bytes(0, 0);
        done += run;
    }
}

void absorb_keys(Producer& self, std::int64_t count, const LoadSegment& segment, Turn& turn) {
    const std::int64_t keys = configured(self, turn).keys;
    const std::int64_t first = configured(self, turn).first_key;
    const KeyHash rule = settings(self, turn).key_hash;
    for (std::int32_t number = 0; number < self.partitions; ++number) {
        std::int64_t in_cycle = 0; // keys of this partition
        std::int64_t in_rest = 0;  // records of this partition beyond whole cycles
        const std::int64_t rest = count % keys;
        for (std::int64_t i = 0; i < keys; ++i) {
            const bool mine =
                partition_of_key(first + (self.load.records + i) % keys, rule, self.partitions) == number;
            in_cycle += mine ? 1 : 0;
            in_rest += mine && i < rest ? 1 : 0;
        }
        const std::int64_t records = count / keys * in_cycle + in_rest;
        if (records > 0)
            accumulate(self, self.queues[static_cast<std::size_t>(number)], records,
                       handed_at(self, segment, 0), handed_at(self, segment, count), turn);
    }
}

/// One record that is unlike the others. False when it has to wait for memory.
bool hand_over_special(Producer& self, Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    PartitionQueue& queue = queue_of_next(self, turn);
    if (is_nth(self.load.records, producer.unserializable_every)) {
        refuse(self, queue, SendFailure::serialization, true, turn);
        return true;
    }
    const bool oversized = is_nth(self.load.records, producer.oversized_every);
    const std::int32_t size = oversized ? producer.oversized_bytes : producer.record_bytes;
    if (is_too_large(self, size, turn)) {
        refuse(self, queue, SendFailure::record_too_large, false, turn);
        return true;
    }
    Batch batch;
    batch.value_first = queue.next_value;
    batch.count = 1;
    batch.bytes = batch_bytes(1, size);
    if (producer.settings.compression != Compression::none)
        batch.bytes = batch_bytes(1, std::int64_t{size} * producer.compressed_percent / 100);
    if (!finds_memory(self, batch.bytes, turn)) return false;
    before_handing(self, queue, queue.next_value, 1, 0, turn);
    turn.note(fact::RecordsSent{queue.stream, queue.next_value, 1});
    queue.next_value = next(queue.next_value);
    add_batch(self, queue, batch, turn);
    if (!uses_keys(self, turn)) self.sticky_bytes += batch.bytes;
    return true;
}

/// Hands over some of `count` records that have arrived. Shape: how many; 0 = the thread has to wait.
std::int64_t hand_over(Producer& self, std::int64_t count, const LoadSegment& segment, Turn& turn) {
    if (!self.metadata.known) return 0;
    if (configured(self, turn).application.send == SendStyle::sync) count = 1;
    count = std::min({count, plain_run(self, turn), transaction_room(self, turn)});
    if (count == 0 || is_too_large(self, configured(self, turn).record_bytes, turn))
        return hand_over_special(self, turn) ? 1 : 0;
    const std::int64_t certain = certain_to_fit(self, turn);
    if (certain == 0 && !finds_room(self, queue_of_next(self, turn), turn)) return 0;
    count = std::min(count, std::max<std::int64_t>(1, certain));
    if (uses_keys(self, turn))
        absorb_keys(self, count, segment, turn);
    else
        absorb_without_keys(self, count, segment, turn);
    return count;
}

/// Records of the load that have not reached send() yet.
std::int64_t records_left(const Producer& self, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    std::int64_t left = -self.load.taken;
    for (std::size_t i = self.load.segment; i < producer.load.size(); ++i)
        left += producer.load[i].count;
    return left;
}

/// Where a record counts that send() gave up before it knew any partition. With keys that are told apart it
/// is the one that it would have gone to, so that the stream's values keep naming their keys.
PartitionQueue& queue_without_metadata(Producer& self, Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    if (!turn.configuration.compacts || !uses_keys(self, turn)) return self.queues.front();
    const std::int32_t partitions = turn.configuration.topic(producer.topic).partitions;
    return self.queues[static_cast<std::size_t>(partition_of_key(
        producer.first_key + self.load.records % producer.keys, producer.settings.key_hash, partitions))];
}

/// The thread is inside send(). True when max.block.ms is over: the record has failed.
/// Source: KafkaProducer.waitOnMetadata, BufferPool.allocate; one limit covers both.
bool gives_up(Producer& self, const LoadSegment& segment, Turn& turn) {
    Sending& thread = self.sending;
    if (!thread.blocked) {
        thread.blocked = true;
        thread.blocked_since = handed_at(self, segment, 0);
        thread.for_metadata = !self.metadata.known;
        turn.note(fact::SendBlocked{self.index, thread.for_metadata});
    }
    const sim::SimTime limit = thread.blocked_since + blocking_limit(self, turn);
    if (limit > turn.now) return false;
    turn.note(fact::SendUnblocked{self.index, limit - thread.blocked_since, true});
    thread.blocked = false;
    thread.free_since = limit;
    PartitionQueue& queue =
        self.metadata.known ? queue_of_next(self, turn) : queue_without_metadata(self, turn);
    const Dialect& dialect = configured(self, turn).dialect;
    const bool exhausted = self.metadata.known && dialect.buffer_exhausted_is_its_own_exception;
    refuse(self, queue, exhausted ? SendFailure::buffer_exhausted : SendFailure::timeout,
           exhausted && dialect.buffer_exhausted_is_thrown, turn);
    return true;
}

void leaves_send(Producer& self, Turn& turn) {
    if (!self.sending.blocked) return;
    self.sending.blocked = false;
    turn.note(fact::SendUnblocked{self.index, turn.now - self.sending.blocked_since, false});
    self.sending.free_since = turn.now;
}

bool is_stopped(const Producer& self) {
    return self.sending.halted || self.sending.ended || self.sending.closing;
}

/// Records of the load that have arrived go through send(), until the thread has to wait.
void take_load(Producer& self, Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    while (self.load.segment < producer.load.size()) {
        const LoadSegment& segment = producer.load[self.load.segment];
        std::int64_t waiting = arrived(segment, turn.now) - self.load.taken;
        while (waiting > 0) {
            if (is_stopped(self) || waits_for_result(self, turn)) return;
            if (transaction_room(self, turn) == 0) return;
            const sim::SimTime free_since = self.sending.free_since;
            if (self.sending.blocked) self.sending.free_since = turn.now;
            std::int64_t taken = hand_over(self, waiting, segment, turn);
            if (taken > 0) {
                leaves_send(self, turn);
            } else {
                self.sending.free_since = free_since;
                if (!gives_up(self, segment, turn)) return;
                taken = 1;
            }
            self.load.taken += taken;
            self.load.records += taken;
            waiting -= taken;
        }
        if (self.load.taken < segment.count) return;
        self.load.segment += 1;
        self.load.taken = 0;
    }
}

} // namespace

sim::Duration blocking_limit(const Producer& self, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    return self.metadata.known ? set.max_block : set.max_block_metadata;
}

void absorb(Producer& self, Turn& turn) {
    if (is_stopped(self) || !hand_over_again(self, turn)) return;
    take_load(self, turn);
    if (!is_stopped(self)) hand_over_again(self, turn);
}

sim::SimTime arrival(const Producer& self, std::int64_t n, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    std::int64_t at = self.load.taken + n;
    for (std::size_t i = self.load.segment; i < producer.load.size(); ++i) {
        if (at < producer.load[i].count)
            return std::max(arrival_in(producer.load[i], at), self.sending.free_since);
        at -= producer.load[i].count;
    }
    return sim::SimTime::never();
}

bool load_is_over(const Producer& self, const Configuration& configuration) {
    return self.sending.halted || self.load.segment >= configuration.producer(self.index).load.size();
}

sim::SimTime thread_due(const Producer& self, const Turn& turn) {
    const Sending& thread = self.sending;
    if (thread.closing) return thread.close_deadline;
    if (waits_for_result(self, turn)) return sim::SimTime::never();
    if (thread.blocked) return thread.blocked_since + blocking_limit(self, turn);
    const std::int64_t room = transaction_room(self, turn);
    if (room == 0) return sim::SimTime::never(); // it waits for its transaction
    sim::SimTime due = thread.again.empty() ? sim::SimTime::never() : thread.again.front().not_before;
    if (due <= turn.now) due = sim::SimTime::never(); // waits for memory, which answers free
    if (load_is_over(self, turn.configuration)) return due;
    std::int64_t quiet = std::min(certain_to_fit(self, turn), plain_run(self, turn));
    if (!self.metadata.known) quiet = 0;
    if (is_too_large(self, configured(self, turn).record_bytes, turn)) quiet = 0;
    if (runs_transactions(self, turn)) quiet = std::min({quiet, room - 1, records_left(self, turn) - 1});
    if (configured(self, turn).application.close != CloseStyle::stay_open)
        quiet = std::min(quiet, records_left(self, turn) - 1);
    return std::min(due, arrival(self, quiet, turn));
}

} // namespace kafka::parts
