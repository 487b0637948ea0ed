// Records become batches, within buffer.memory. Source: RecordAccumulator, BufferPool; semantics 6.2.

#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

std::int32_t records_that_fit(std::int32_t present, std::int64_t record_bytes, std::int64_t batch_size) {
    const std::int64_t most = std::max<std::int64_t>(1, (batch_size - 61) / (record_bytes + record_overhead));
    return static_cast<std::int32_t>(std::max<std::int64_t>(0, most - present));
}

/// Source: MemoryRecordsBuilder.estimatedBytesWritten: a batch is full by its estimated compressed size.
/// Leaves out: how the estimate finds the true ratio (CompressionRatioEstimator); it is exact here.
std::int64_t record_size(const Producer& self, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    if (producer.settings.compression == Compression::none) return producer.record_bytes;
    const std::int64_t whole = producer.record_bytes + record_overhead;
    return std::max<std::int64_t>(1, whole * producer.compressed_percent / 100) - record_overhead;
}

bool finds_memory(const Producer& self, std::int64_t bytes, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    return self.memory_used + std::max<std::int64_t>(set.batch_size, bytes) <= set.buffer_memory;
}

std::int64_t certain_to_fit(const Producer& self, const Turn& turn) {
    const ProducerSettings& set = settings(self, turn);
    const std::int64_t size = record_size(self, turn);
    const std::int64_t each = std::max<std::int64_t>(set.batch_size, batch_bytes(1, size));
    const std::int64_t batches =
        (set.buffer_memory - self.memory_used) / each - static_cast<std::int64_t>(self.queues.size());
    return std::max<std::int64_t>(0, batches) * records_that_fit(0, size, set.batch_size);
}

bool finds_room(const Producer& self, const PartitionQueue& queue, const Turn& turn) {
    const bool open = !queue.batches.empty() && !queue.batches.back().closed;
    const std::int64_t size = record_size(self, turn);
    if (open && records_that_fit(queue.batches.back().batch.count, size, settings(self, turn).batch_size) > 0)
        return true;
    return finds_memory(self, batch_bytes(1, size), turn);
}

void free_memory(Producer& self, ProducerBatch& batch) {
    self.memory_used -= batch.memory;
    batch.memory = 0;
    SIM_ASSERT(self.memory_used >= 0, "no more memory is given back than was taken");
}

namespace {

/// The create time of one more record. Source: KafkaProducer.doSend (the record's own timestamp, or
/// Time.milliseconds), MemoryRecordsBuilder.maxTimestamp.
void stamp(const Producer& self, ProducerBatch& batch, bool first, sim::SimTime arrival, const Turn& turn) {
    const sim::Duration offset = configured(self, turn).timestamp_offset;
    const Timestamp made = timestamp_of(arrival + (turn.clock_ahead() + offset));
    if (first || made.millis() > batch.batch.max_timestamp.millis()) batch.batch.max_timestamp = made;
}

} // namespace

void accumulate(Producer& self, PartitionQueue& queue, std::int64_t count, sim::SimTime from, sim::SimTime to,
                Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    const std::int64_t size = record_size(self, turn);
    const std::int64_t total = count;
    before_handing(self, queue, queue.next_value, count, 0, turn);
    const auto arrival_of = [&](std::int64_t n) { // evenly between the first and the last
        const std::int64_t span = (to - from).micros;
        return from + sim::Duration{span / total * n + span % total * n / total};
    };
    std::int64_t done = 0;
    while (done < total) {
        const bool open = !queue.batches.empty() && !queue.batches.back().closed;
        const std::int32_t room =
            records_that_fit(open ? queue.batches.back().batch.count : 0, size, producer.settings.batch_size);
        if (open && room == 0) {
            queue.batches.back().closed = true;
            continue;
        }
        const auto piece = static_cast<std::int32_t>(std::min<std::int64_t>(std::max(room, 1), total - done));
        if (!open) {
            ProducerBatch fresh;
            fresh.partition = queue.partition;
            fresh.batch.stream = queue.stream;
            fresh.batch.value_first = queue.next_value;
            fresh.batch.life = self.sending.life;
            fresh.created = arrival_of(done);
            fresh.memory = std::max<std::int64_t>(producer.settings.batch_size, batch_bytes(1, size));
            self.memory_used += fresh.memory;
            queue.batches.push_back(fresh);
        }
        ProducerBatch& last = queue.batches.back();
        turn.note(fact::RecordsSent{queue.stream, queue.next_value, piece});
        last.batch.count += piece;
        last.batch.bytes = batch_bytes(last.batch.count, size);
        last.closed = records_that_fit(last.batch.count, size, producer.settings.batch_size) == 0;
        queue.next_value = next(queue.next_value, piece);
        done += piece;
        const sim::SimTime arrived = std::min(arrival_of(done - 1), turn.now);
        stamp(self, last, !open, arrived, turn);
        last.created_last = arrived - last.clock_moved;
    }
    self.undecided += total;
}

void add_batch(Producer& self, PartitionQueue& queue, const Batch& records, Turn& turn) {
    if (!queue.batches.empty()) queue.batches.back().closed = true;
    ProducerBatch fresh;
    fresh.partition = queue.partition;
    fresh.batch = records;
    fresh.batch.stream = queue.stream;
    fresh.batch.life = self.sending.life;
    fresh.created = turn.now;
    fresh.created_last = turn.now;
    fresh.closed = true;
    stamp(self, fresh, true, turn.now, turn);
    fresh.memory = std::max<std::int64_t>(settings(self, turn).batch_size, records.bytes);
    self.memory_used += fresh.memory;
    self.undecided += records.count;
    queue.batches.push_back(fresh);
}

} // namespace kafka::parts
