// Which partition a record goes to.

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

std::uint32_t crc32(const std::uint8_t* bytes, std::size_t count) {
    std::uint32_t sum = 0xffffffffU;
    for (std::size_t i = 0; i < count; ++i) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~sum;
}

std::uint32_t fnv1a(const std::uint8_t* bytes, std::size_t count) {
    std::uint32_t hash = 2166136261U;
    for (std::size_t i = 0; i < count; ++i)
        hash = (hash ^ bytes[i]) * 16777619U;
    return hash;
}

std::int32_t partition_of_key(std::int64_t key, KeyHash rule, std::int32_t partitions) {
    const std::string text = std::to_string(key);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    switch (rule) {
    case KeyHash::murmur2:
        return (murmur2(bytes, text.size()) & 0x7fffffff) % partitions;
    case KeyHash::crc32:
        return static_cast<std::int32_t>(crc32(bytes, text.size()) % static_cast<std::uint32_t>(partitions));
    case KeyHash::fnv1a: { // the hash as a signed number; a negative remainder loses its sign
        const std::int32_t rest = static_cast<std::int32_t>(fnv1a(bytes, text.size())) % partitions;
        return rest < 0 ? -rest : rest;
    }
    }
    return 0;
}

namespace parts {

StickyRule sticky_rule(const Producer& self, const Turn& turn) {
    switch (settings(self, turn).partitioner) {
    case PartitionerKind::of_release:
        return configured(self, turn).dialect.sticky;
    case PartitionerKind::round_robin:
        return StickyRule::round_robin;
    case PartitionerKind::uniform_sticky:
        return StickyRule::by_batch;
    case PartitionerKind::random_per_record:
        return StickyRule::by_record;
    }
    return StickyRule::by_bytes;
}

namespace {

/// The next partition with a leader, counting on. Source: RoundRobinPartitioner; DefaultPartitioner to 2.3.
std::int32_t next_in_turn(const Producer& self, std::int32_t from) {
    for (std::int32_t i = 1; i <= self.partitions; ++i) {
        const std::int32_t at = (from + i) % self.partitions;
        if (leader_view(self, self.queues[static_cast<std::size_t>(at)].partition).leader != no_slot)
            return at;
    }
    return (from + 1) % self.partitions;
}

/// Whether the next record finds no open batch of the sticky partition with room for it: all its batches are
/// full, or were sent. Source: RecordAccumulator.append (abortOnNewBatch), allBatchesFull.
bool needs_new_batch(const Producer& self, const Turn& turn) {
    const PartitionQueue& queue = self.queues[static_cast<std::size_t>(self.sticky)];
    if (queue.batches.empty() || queue.batches.back().closed) return true;
    return records_that_fit(queue.batches.back().batch.count, record_size(self, turn),
                            settings(self, turn).batch_size) == 0;
}

/// A draw among `candidates`, weighted by how short their queues are when the built-in partitioner adapts.
/// Source: BuiltInPartitioner.nextPartition, updatePartitionLoadStats (KIP-794).
/// Leaves out: that the lengths are those of the sender's last RecordAccumulator.ready(), and that the draw
/// is even until each partition of the topic has had a batch.
std::int32_t drawn(const Producer& self, const std::vector<std::int32_t>& candidates, bool adaptive,
                   std::uint64_t bits) {
    std::size_t longest = 0;
    std::size_t shortest = self.queues[static_cast<std::size_t>(candidates[0])].batches.size();
    for (const std::int32_t one : candidates) {
        const std::size_t length = self.queues[static_cast<std::size_t>(one)].batches.size();
        longest = std::max(longest, length);
        shortest = std::min(shortest, length);
    }
    if (!adaptive || longest == shortest)
        return candidates[static_cast<std::size_t>(sim::below(bits, candidates.size()))];
    std::uint64_t sum = 0;
    for (const std::int32_t one : candidates)
        sum += longest + 1 - self.queues[static_cast<std::size_t>(one)].batches.size();
    std::uint64_t left = sim::below(bits, sum);
    for (const std::int32_t one : candidates) {
        const std::uint64_t weight = longest + 1 - self.queues[static_cast<std::size_t>(one)].batches.size();
        if (left < weight) return one;
        left -= weight;
    }
    return candidates.back();
}

} // namespace

bool leaves_sticky(const Producer& self, const Turn& turn) {
    if (self.sticky < 0) return true;
    if (self.partitions == 1 || self.sticky_bytes == 0) return false;
    const std::int64_t batch_size = settings(self, turn).batch_size;
    switch (sticky_rule(self, turn)) {
    case StickyRule::round_robin:
    case StickyRule::by_record:
        return true;
    case StickyRule::by_batch:
        return needs_new_batch(self, turn);
    case StickyRule::by_bytes:
        return self.sticky_bytes >= 2 * batch_size ||
               (self.sticky_bytes >= batch_size && needs_new_batch(self, turn));
    }
    return false;
}

void move_sticky(Producer& self, Turn& turn) {
    std::vector<std::int32_t> candidates;
    const StickyRule rule = sticky_rule(self, turn);
    self.sticky_bytes = 0;
    if (rule == StickyRule::round_robin) {
        self.sticky = next_in_turn(self, self.sticky);
        return;
    }
    for (std::int32_t i = 0; i < self.partitions; ++i)
        if (leader_view(self, self.queues[static_cast<std::size_t>(i)].partition).leader != no_slot ||
            rule == StickyRule::by_record)
            candidates.push_back(i);
    if (candidates.empty()) // no leader anywhere: any partition
        for (std::int32_t i = 0; i < self.partitions; ++i)
            candidates.push_back(i);
    else if (rule == StickyRule::by_batch && candidates.size() > 1)
        std::erase(candidates, self.sticky); // StickyPartitionCache.nextPartition: never the same again
    const std::uint64_t bits =
        turn.draw(Purpose::sticky_partition, static_cast<std::uint64_t>(self.index.value));
    const bool adaptive = rule == StickyRule::by_bytes && settings(self, turn).partitioner_adaptive;
    self.sticky = drawn(self, candidates, adaptive, bits);
}

std::int64_t sticky_run(const Producer& self, const Turn& turn) {
    const ProducerConfiguration& producer = configured(self, turn);
    if (self.partitions == 1) return 9223372036854775807;
    const StickyRule rule = sticky_rule(self, turn);
    if (rule == StickyRule::round_robin || rule == StickyRule::by_record) return 1;
    const PartitionQueue& queue = self.queues[static_cast<std::size_t>(self.sticky)];
    const std::int32_t present = needs_new_batch(self, turn) ? 0 : queue.batches.back().batch.count;
    const std::int64_t size = record_size(self, turn);
    const std::int64_t batch_size = producer.settings.batch_size;
    const std::int64_t room = std::max<std::int64_t>(1, records_that_fit(present, size, batch_size));
    if (rule == StickyRule::by_batch) return room;
    const std::int64_t each = size + record_overhead;
    const std::int64_t most = (2 * batch_size - self.sticky_bytes + each - 1) / each;
    return std::max<std::int64_t>(1, std::min(room, most));
}

bool uses_keys(const Producer& self, const Turn& turn) {
    return configured(self, turn).keys > 0 && !settings(self, turn).partitioner_ignore_keys;
}

} // namespace parts

} // namespace kafka
