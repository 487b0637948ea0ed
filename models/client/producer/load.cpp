#include "models/client/producer/parts.hpp"

#include <algorithm>
#include <string>

namespace kafka {

std::int32_t murmur2(const std::uint8_t* bytes, std::size_t count) {
    constexpr std::uint32_t factor = 0x5bd1e995;
    std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(count);
    std::size_t at = 0;
    for (; at + 4 <= count; at += 4) {
        std::uint32_t word = bytes[at] | (static_cast<std::uint32_t>(bytes[at + 1]) << 8) |
                             (static_cast<std::uint32_t>(bytes[at + 2]) << 16) |
                             (static_cast<std::uint32_t>(bytes[at + 3]) << 24);
        word *= factor;
        word ^= word >> 24;
        word *= factor;
        hash = (hash * factor) ^ word;
    }
    std::uint32_t rest = 0;
    for (std::size_t i = count; i > at; --i)
        rest = (rest << 8) | bytes[i - 1];
    if (count > at) hash = (hash ^ rest) * factor;
    hash ^= hash >> 13;
    hash *= factor;
    hash ^= hash >> 15;
    return static_cast<std::int32_t>(hash);
}

namespace parts {

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

std::int32_t partition_of_key(std::int64_t key, std::int32_t partitions) {
    const std::string text = std::to_string(key);
    const std::int32_t hash = murmur2(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return (hash & 0x7fffffff) % partitions;
}

/// Adds `count` records that arrived from `from` to `to` to the end of a partition's queue.
void accumulate(Producer& self, PartitionQueue& queue, std::int64_t count, sim::SimTime from, sim::SimTime to,
                Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    const std::int64_t total = count;
    const auto arrival_of = [&](std::int64_t n) { // evenly between the first and the last
        const std::int64_t span = (to - from).micros;
        return from + sim::Duration{span / total * n + span % total * n / total};
    };
    std::int64_t done = 0;
    while (done < total) {
        const bool open = !queue.batches.empty() && !queue.batches.back().closed;
        const std::int32_t room = records_that_fit(open ? queue.batches.back().batch.count : 0,
                                                   producer.record_bytes, producer.settings.batch_size);
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
            fresh.created = arrival_of(done);
            queue.batches.push_back(fresh);
        }
        ProducerBatch& last = queue.batches.back();
        turn.note(fact::RecordsSent{queue.stream, queue.next_value, piece});
        last.batch.count += piece;
        last.batch.bytes = batch_bytes(last.batch.count, producer.record_bytes);
        last.closed =
            records_that_fit(last.batch.count, producer.record_bytes, producer.settings.batch_size) == 0;
        queue.next_value = next(queue.next_value, piece);
        done += piece;
        last.created_last = std::min(arrival_of(done - 1), turn.now);
    }
    self.undecided += total;
}

/// Another partition for records without a key. Source: BuiltInPartitioner.nextPartition; semantics 6.7.3.
void move_sticky(Producer& self, Turn& turn) {
    std::vector<std::int32_t> candidates;
    for (std::size_t i = 0; i < self.queues.size(); ++i)
        if (leader_view(self, self.queues[i].partition).leader != no_slot)
            candidates.push_back(static_cast<std::int32_t>(i));
    self.sticky_bytes = 0;
    if (configured(self, turn).dialect.sticky == StickyRule::round_robin || candidates.empty()) {
        self.sticky = (self.sticky + 1) % static_cast<std::int32_t>(self.queues.size());
        return;
    }
    const std::uint64_t draw =
        turn.draw(Purpose::sticky_partition, static_cast<std::uint64_t>(self.index.value));
    self.sticky = candidates[static_cast<std::size_t>(sim::below(draw, candidates.size()))];
}

/// Records that stay with the present sticky partition before it moves on.
std::int64_t sticky_run(const Producer& self, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    if (self.queues.size() == 1) return 9223372036854775807;
    if (producer.dialect.sticky == StickyRule::round_robin) return 1;
    const PartitionQueue& queue = self.queues[static_cast<std::size_t>(self.sticky)];
    if (producer.dialect.sticky == StickyRule::by_batch) {
        const bool open = !queue.batches.empty() && !queue.batches.back().closed;
        return std::max<std::int64_t>(1,
                                      records_that_fit(open ? queue.batches.back().batch.count : 0,
                                                       producer.record_bytes, producer.settings.batch_size));
    }
    const std::int64_t each = producer.record_bytes + record_overhead;
    return std::max<std::int64_t>(1, (producer.settings.batch_size - self.sticky_bytes + each - 1) / each);
}

void absorb_without_keys(Producer& self, std::int64_t count, const LoadSegment& segment, Turn& turn) {
    std::int64_t done = 0;
    while (done < count) {
        if (self.sticky < 0) move_sticky(self, turn);
        const std::int64_t run = std::min(sticky_run(self, turn), count - done);
        accumulate(self, self.queues[static_cast<std::size_t>(self.sticky)], run,
                   arrival_in(segment, self.load.taken + done),
                   arrival_in(segment, self.load.taken + done + run), turn);
        self.sticky_bytes += run * (configured(self, turn).record_bytes + record_overhead);
        done += run;
        const bool single = self.queues.size() == 1;
        if (!single && sticky_run(self, turn) <= 1 && self.sticky_bytes > 0) move_sticky(self, turn);
    }
}

void absorb_keys(Producer& self, std::int64_t count, const LoadSegment& segment, Turn& turn) {
    const std::int64_t keys = configured(self, turn).keys;
    const auto partitions = static_cast<std::int32_t>(self.queues.size());
    for (std::int32_t number = 0; number < partitions; ++number) {
        std::int64_t in_cycle = 0; // keys of this partition
        std::int64_t in_rest = 0;  // records of this partition beyond whole cycles
        const std::int64_t rest = count % keys;
        for (std::int64_t i = 0; i < keys; ++i) {
            const bool mine = partition_of_key((self.load.records + i) % keys, partitions) == number;
            in_cycle += mine ? 1 : 0;
            in_rest += mine && i < rest ? 1 : 0;
        }
        const std::int64_t records = count / keys * in_cycle + in_rest;
        if (records > 0)
            accumulate(self, self.queues[static_cast<std::size_t>(number)], records,
                       arrival_in(segment, self.load.taken), arrival_in(segment, self.load.taken + count),
                       turn);
    }
}

} // namespace

std::int32_t records_that_fit(std::int32_t present, std::int64_t record_bytes, std::int64_t batch_size) {
    const std::int64_t most = std::max<std::int64_t>(1, (batch_size - 61) / (record_bytes + record_overhead));
    return static_cast<std::int32_t>(std::max<std::int64_t>(0, most - present));
}

void absorb(Producer& self, Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    while (self.load.segment < producer.load.size()) {
        const LoadSegment& segment = producer.load[self.load.segment];
        const std::int64_t count = arrived(segment, turn.now) - self.load.taken;
        if (count > 0) {
            if (producer.keys > 0)
                absorb_keys(self, count, segment, turn);
            else
                absorb_without_keys(self, count, segment, turn);
            self.load.taken += count;
            self.load.records += count;
        }
        if (self.load.taken < segment.count) return;
        self.load.segment += 1;
        self.load.taken = 0;
    }
}

sim::SimTime arrival(const Producer& self, std::int64_t n, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    std::int64_t at = self.load.taken + n;
    for (std::size_t i = self.load.segment; i < producer.load.size(); ++i) {
        if (at < producer.load[i].count) return arrival_in(producer.load[i], at);
        at -= producer.load[i].count;
    }
    return sim::SimTime::never();
}

bool load_is_over(const Producer& self, const Configuration& configuration) {
    return self.load.segment >= configuration.producer(self.index).load.size();
}

} // namespace parts

} // namespace kafka
