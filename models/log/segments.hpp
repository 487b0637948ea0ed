#pragma once
// The files of a log: when a new one begins, which are deleted, and where the log starts.

#include "models/log/log.hpp"

namespace kafka {

/// The log keeps account of its files from now on. Shape: of a log without batches.
void keep_segments(Log& log, std::int64_t most_bytes, sim::Duration most_time);
/// Begins a new file before `batch` is appended, when the active one is full or old.
/// Source: UnifiedLog.maybeRoll, LogSegment.shouldRoll. Leaves out: segment.jitter.ms, full indexes;
/// followers roll by batch, where Kafka appends what one fetch brought as a whole.
void roll_for(Log& log, const Batch& batch);
/// The file takes in a batch.
void add_to(Segment& segment, const Batch& batch);
/// Files after the log was cut at its end.
void cut_segments(Log& log);

/// Moves the log start offset; false when it stands there or beyond. Shape: `start` at most the log's end.
/// Source: UnifiedLog.maybeIncrementLogStartOffset, LeaderEpochFileCache.truncateFromStart.
bool raise_log_start(Log& log, Offset start);

/// What decides about old files.
struct Retention {
    std::int64_t bytes = -1;  // retention.bytes; below 0 = no bound
    std::int64_t millis = -1; // retention.ms; below 0 = no bound
    std::int64_t now = 0;     // the wall clock, in milliseconds
    Offset high_watermark;    // nothing at or above it is deleted
};
/// How many files go, oldest first. Source: UnifiedLog.deleteOldSegments, deletableSegments: files below the
/// log start, files beyond retention.bytes, files whose newest record is older than retention.ms.
std::size_t deletable_segments(const Log& log, const Retention& retention);
/// Removes the first `count` files and moves the log start offset to what is left. When all go, the active
/// one was rolled before. Source: UnifiedLog.deleteSegments.
void delete_segments(Log& log, std::size_t count);

} // namespace kafka
