#pragma once
// The log of one replica as its disk holds it: batches, epochs, and how much of it is on the platter.

#include "models/log/epoch_history.hpp"
#include "models/vocabulary/batch.hpp"
#include "sim/core/shared_chunks.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// Batches of one replica with dense offsets from `log_start_offset`.
/// Shape: copies share full chunks. A running hash over the batches makes "same prefix" one comparison.
/// Source: UnifiedLog. Leaves out: segments, indexes, retention, compaction (later issues).
struct Log {
    sim::SharedChunks<Batch> batches;
    EpochHistory epochs;
    Offset log_start_offset{0};
    Offset log_end_offset{0};
    Offset flushed_offset{0};            // recovery point: what a power loss cannot take
    Offset high_watermark_checkpoint{0}; // replication-offset-checkpoint
    std::int64_t bytes = 0;
    bool operator==(const Log&) const = default;
};

/// Appends on the leader: gives offset and epoch. Returns the batch as stored. Source:
/// UnifiedLog.appendAsLeader.
Batch append_as_leader(Log& log, Batch batch, Epoch leader_epoch);
/// Appends verbatim. The batch must start at the end of the log. Source: UnifiedLog.appendAsFollower.
void append_as_follower(Log& log, const Batch& batch);

/// Index of the batch that holds `offset`, or the number of batches when none does.
std::size_t batch_index(const Log& log, Offset offset);

/// Cuts the log so that it ends at `end` or at the batch boundary below it; returns what was cut, oldest
/// first. Source: UnifiedLog.truncateTo.
std::vector<Batch> truncate_to(Log& log, Offset end);
/// Empties the log and restarts it at `start`. Source: UnifiedLog.truncateFullyAndStartAt.
std::vector<Batch> truncate_fully_and_start_at(Log& log, Offset start);

/// Range of batches that a read from `from` returns: below `bound`, at most `max_bytes` but at least one
/// batch.
struct ReadRange {
    std::size_t first = 0;
    std::size_t count = 0;
    std::int64_t bytes = 0;
};
ReadRange read(const Log& log, Offset from, Offset bound, std::int64_t max_bytes);

/// Hash over all batches that end at or before `end`; equal hashes of equal ends mean equal prefixes.
/// Shape: `end` at a batch boundary, at or after the log start. 0 for an empty prefix.
std::uint64_t prefix_hash(const Log& log, Offset end);

} // namespace kafka
