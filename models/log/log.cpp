#include "models/log/log.hpp"

#include "models/log/segments.hpp"
#include "sim/core/assert.hpp"
#include "sim/core/hash.hpp"

#include <algorithm>

namespace kafka {

namespace {

void append(Log& log, Batch batch) {
    if (!log.segments.list.empty()) roll_for(log, batch);
    std::uint64_t before = log.batches.empty() ? log.removed_prefix : log.batches.back().prefix_hash;
    if (log.cleaning.gaps_end > Offset{0} && log.cleaning.gaps_end == log.log_end_offset)
        before = log.cleaning.gaps_hash;
    std::uint64_t hash = sim::mix(before, static_cast<std::uint64_t>(batch.base_offset.value));
    hash = sim::mix(hash, static_cast<std::uint64_t>(batch.value_first.value));
    hash = sim::mix(hash, (static_cast<std::uint64_t>(static_cast<std::uint32_t>(batch.stream.value)) << 32) |
                              static_cast<std::uint32_t>(batch.count));
    hash = sim::mix(hash, static_cast<std::uint64_t>(batch.leader_epoch.value));
    if (batch.is_transactional) // others stay as they were before transactions
        hash = sim::mix(hash, (static_cast<std::uint64_t>(batch.producer_id.value) << 2) +
                                  static_cast<std::uint64_t>(batch.control));
    batch.prefix_hash = hash;
    log.batches.push_back(batch);
    log.log_end_offset = end_offset(batch);
    log.bytes += batch.bytes;
    assign(log.epochs, batch.leader_epoch, batch.base_offset);
}

/// Source: LogManager.truncateTo: the checkpoint falls to the start of the active file when older ones were
/// cut. What a log holds whose gaps were cut into, nobody can compare any more.
void cut_cleaning(Log& log, bool rolled_since) {
    Cleaning& cleaning = log.cleaning;
    if (rolled_since && cleaning.checkpoint != no_offset)
        cleaning.checkpoint = std::min(cleaning.checkpoint, log.segments.list.back().base_offset);
    std::erase_if(cleaning.horizons,
                  [&](const DeleteHorizon& one) { return one.base_offset >= log.log_end_offset; });
    if (cleaning.gaps_end <= log.log_end_offset) return;
    cleaning.gaps_end = Offset{9223372036854775807};
    cleaning.gaps_hash = 0;
}

} // namespace

Batch append_as_leader(Log& log, Batch batch, Epoch leader_epoch) {
    SIM_ASSERT(batch.count > 0, "a batch holds at least one record");
    batch.base_offset = log.log_end_offset;
    batch.leader_epoch = leader_epoch;
    append(log, batch);
    return log.batches.back();
}

void append_as_follower(Log& log, const Batch& batch) {
    SIM_ASSERT(batch.base_offset >= log.log_end_offset, "a follower appends at its own end");
    // It began behind the leader's log start and has never seen what was before, or what was removed since.
    const bool gap = batch.base_offset > log.log_end_offset || batch.remains != Remains::whole;
    const bool unknown =
        gap || (log.batches.empty() && log.removed_prefix == 0 && batch.base_offset > Offset{0});
    append(log, batch);
    if (!unknown) return;
    const std::size_t last = log.batches.size() - 1;
    log.batches.truncate(last);
    log.batches.push_back(batch);
    if (!gap) return;
    log.cleaning.gaps_end = std::max(log.cleaning.gaps_end, log.log_end_offset);
    log.cleaning.gaps_hash = batch.prefix_hash;
}

std::size_t batch_index(const Log& log, Offset offset) {
    // Readers stand near the end: steps that double from there bound the search.
    std::size_t low = 0;
    std::size_t high = log.batches.size();
    for (std::size_t stride = 1; high > 0; stride *= 2) {
        const std::size_t probe = high > stride ? high - stride : 0;
        if (end_offset(log.batches[probe]) <= offset) {
            low = probe + 1;
            break;
        }
        high = probe;
    }
    while (low < high) { // first batch that ends after `offset`
        const std::size_t middle = low + (high - low) / 2;
        if (end_offset(log.batches[middle]) <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

std::vector<Batch> truncate_to(Log& log, Offset end) {
    std::vector<Batch> cut;
    if (end >= log.log_end_offset) {
        // 1. This replica became leader and noted its epoch. 2. It appended nothing. 3. Another leader was
        // elected. The entry at the end of the log contradicts the new leader's epochs and must go, or the
        // two would disagree for ever. Source: UnifiedLog.truncateTo (KAFKA-10706).
        // Leaves out: to 2.6.0 the entry stayed, and such a follower asked again and again.
        truncate_from_end(log.epochs, log.log_end_offset);
        return cut;
    }
    const std::size_t keep = batch_index(log, end);
    const bool rolled_since = !log.segments.list.empty() && end < log.segments.list.back().base_offset;
    const Offset log_end = std::max(end, log.log_start_offset); // in a gap it may end anywhere
    log.log_end_offset =
        keep < log.batches.size() ? std::min(log_end, log.batches[keep].base_offset) : log_end;
    for (std::size_t i = keep; i < log.batches.size(); ++i) {
        cut.push_back(log.batches[i]);
        log.bytes -= log.batches[i].bytes;
    }
    log.batches.truncate(keep);
    log.log_start_offset = std::min(log.log_start_offset, log.log_end_offset);
    if (!log.segments.list.empty()) cut_segments(log);
    if (log.cleaning.gaps_end > Offset{0}) cut_cleaning(log, rolled_since);
    std::erase_if(log.corrupt, [&](Offset base) { return base >= log.log_end_offset; });
    for (DirtyMark& one : log.dirty)
        one.end = std::min(one.end, log.log_end_offset);
    truncate_from_end(log.epochs, log.log_end_offset);
    log.flushed_offset = std::min(log.flushed_offset, log.log_end_offset);
    log.high_watermark_checkpoint = std::min(log.high_watermark_checkpoint, log.log_end_offset);
    return cut;
}

std::vector<Batch> truncate_fully_and_start_at(Log& log, Offset start) {
    std::vector<Batch> cut;
    for (std::size_t i = 0; i < log.batches.size(); ++i)
        cut.push_back(log.batches[i]);
    const Offset checkpoint = std::min(log.high_watermark_checkpoint, start);
    Segments segments = std::move(log.segments);
    const Offset start_checkpoint = log.log_start_checkpoint;
    const Offset cleaner_checkpoint = log.cleaning.checkpoint;
    log = Log{};
    if (cleaner_checkpoint != no_offset) log.cleaning.checkpoint = std::min(cleaner_checkpoint, start);
    log.segments = std::move(segments);
    if (!log.segments.list.empty()) log.segments.list.assign(1, Segment{start, 0, 0, 0});
    log.log_start_checkpoint = std::min(start_checkpoint, start);
    log.log_start_offset = start;
    log.log_end_offset = start;
    log.flushed_offset = start;
    log.high_watermark_checkpoint = checkpoint;
    return cut;
}

ReadRange read(const Log& log, Offset from, Offset bound, std::int64_t max_bytes) {
    ReadRange range;
    if (from >= bound) return range;
    range.first = batch_index(log, from);
    for (std::size_t i = range.first; i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        if (end_offset(batch) > bound) break;
        if (range.count > 0 && range.bytes + batch.bytes > max_bytes) break;
        range.bytes += batch.bytes;
        range.count += 1;
    }
    return range;
}

Offset first_offset(const Log& log) {
    return log.batches.empty() ? log.log_end_offset : log.batches[0].base_offset;
}

std::uint64_t prefix_hash(const Log& log, Offset end) {
    const Offset first = first_offset(log);
    if (end == log.cleaning.gaps_end && end > Offset{0}) return log.cleaning.gaps_hash;
    if (end < log.cleaning.gaps_end) return 0;
    if (end <= first) return end == first ? log.removed_prefix : 0;
    const std::size_t index = batch_index(log, Offset{end.value - 1});
    return index >= log.batches.size() ? 0 : log.batches[index].prefix_hash;
}

bool knows_prefix(const Log& log, Offset end) {
    const Offset first = first_offset(log);
    if (end <= log.cleaning.gaps_end) return end == log.cleaning.gaps_end && log.cleaning.gaps_hash != 0;
    return end > first || (end == first && (log.removed_prefix != 0 || end == Offset{0}));
}

} // namespace kafka
