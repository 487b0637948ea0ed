#include "models/log/segments.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

void keep_segments(Log& log, std::int64_t most_bytes, sim::Duration most_time) {
    SIM_ASSERT(log.batches.empty(), "files are counted from the first batch on");
    log.segments.most_bytes = most_bytes;
    log.segments.most_millis = most_time.micros / 1000;
    log.segments.list.assign(1, Segment{log.log_end_offset, 0, 0, 0});
}

namespace {

/// Writes the active file out and begins another. What was rolled is flushed.
/// Source: UnifiedLog.roll: flushUptoOffsetExclusive(newSegment.baseOffset), asynchronously.
void roll(Log& log) {
    log.segments.list.push_back(Segment{log.log_end_offset, 0, 0, 0});
    log.flushed_offset = std::max(log.flushed_offset, log.log_end_offset);
}

} // namespace

void add_to(Segment& segment, const Batch& batch) {
    const std::int64_t timestamp = batch.max_timestamp.millis();
    if (segment.bytes == 0) segment.first_timestamp = segment.max_timestamp = timestamp;
    segment.bytes += batch.bytes;
    segment.max_timestamp = std::max(segment.max_timestamp, timestamp);
    segment.last_modified = std::max(segment.last_modified, timestamp);
}

void roll_for(Log& log, const Batch& batch) {
    const Segments& segments = log.segments;
    const Segment& active = segments.list.back();
    const bool full = active.bytes > segments.most_bytes - batch.bytes;
    const bool old = batch.max_timestamp.millis() - active.first_timestamp > segments.most_millis;
    if (active.bytes > 0 && (full || old)) roll(log);
    add_to(log.segments.list.back(), batch);
}

void cut_segments(Log& log) {
    std::vector<Segment>& list = log.segments.list;
    while (list.size() > 1 && list.back().base_offset >= log.log_end_offset)
        list.pop_back();
    Segment& active = list.back();
    active = Segment{std::min(active.base_offset, log.log_end_offset), 0, 0, 0};
    for (std::size_t i = batch_index(log, active.base_offset); i < log.batches.size(); ++i)
        add_to(active, log.batches[i]);
}

bool raise_log_start(Log& log, Offset start) {
    SIM_ASSERT(start <= log.log_end_offset, "a log does not start behind its end");
    if (start <= log.log_start_offset) return false;
    log.log_start_offset = start;
    std::vector<EpochHistory::Entry>& epochs = log.epochs.entries;
    while (epochs.size() > 1 && epochs[1].start <= start)
        epochs.erase(epochs.begin());
    if (!epochs.empty() && epochs.front().start < start) epochs.front().start = start;
    return true;
}

namespace {

/// Source: LogSegment.largestTimestamp: of a file that cleaning has emptied, when it was written last.
std::int64_t newest(const Segment& segment) {
    return segment.bytes == 0 ? segment.last_modified : segment.max_timestamp;
}

} // namespace

std::size_t deletable_segments(const Log& log, const Retention& retention) {
    const std::vector<Segment>& list = log.segments.list;
    const auto end_of = [&](std::size_t i) {
        return i + 1 < list.size() ? list[i + 1].base_offset : log.log_end_offset;
    };
    const auto may_go = [&](std::size_t i) {
        const bool last_and_empty = i + 1 == list.size() && list[i].bytes == 0;
        return i < list.size() && !last_and_empty && retention.high_watermark >= end_of(i);
    };
    std::size_t count = 0;
    while (may_go(count) && count + 1 < list.size() && list[count + 1].base_offset <= log.log_start_offset)
        ++count;
    std::int64_t bytes = 0;
    for (std::size_t i = count; i < list.size(); ++i)
        bytes += list[i].bytes;
    while (retention.bytes >= 0 && may_go(count) && bytes - list[count].bytes >= retention.bytes)
        bytes -= list[count++].bytes;
    while (retention.millis >= 0 && may_go(count) && retention.now - newest(list[count]) > retention.millis)
        ++count;
    return count;
}

void delete_segments(Log& log, std::size_t count) {
    if (count == 0) return;
    std::vector<Segment>& list = log.segments.list;
    if (count == list.size()) roll(log);
    for (std::size_t i = 0; i < count; ++i)
        log.bytes -= list[i].bytes;
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count));
    const Offset start = list.front().base_offset;
    const std::size_t gone = batch_index(log, start);
    if (gone > 0) log.removed_prefix = log.batches[gone - 1].prefix_hash;
    log.batches.drop_front(gone);
    std::erase_if(log.corrupt, [&](Offset base) { return base < start; });
    raise_log_start(log, start);
}

} // namespace kafka
