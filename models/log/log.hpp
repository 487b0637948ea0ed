#pragma once
// The log of one replica as its disk holds it: batches, epochs, and how much of it is on the platter.

#include "models/log/epoch_history.hpp"
#include "models/vocabulary/batch.hpp"
#include "sim/core/shared_chunks.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// One file of a log. Source: LogSegment. Timestamps in milliseconds since the run began, those of its
/// batches; they say nothing while it is empty.
struct Segment {
    Offset base_offset{0};
    std::int64_t bytes = 0;
    std::int64_t first_timestamp = 0; // of its first batch
    std::int64_t max_timestamp = 0;   // largestTimestamp
    std::int64_t last_modified = 0;   // newest create time that was ever in it; cleaning leaves it
    bool operator==(const Segment&) const = default;
};

/// The files of a log, oldest first; the last is the active one. Shape: empty where they say nothing: a log
/// whose topic neither rolls nor deletes within the run has none.
struct Segments {
    std::vector<Segment> list;
    std::int64_t most_bytes = 0;  // segment.bytes
    std::int64_t most_millis = 0; // segment.ms
    bool operator==(const Segments&) const = default;
};

/// From when on the tombstones of a batch, or a marker without records, may go.
/// Source: DefaultRecordBatch.deleteHorizonMs (KIP-534).
struct DeleteHorizon {
    Offset base_offset{0};
    std::int64_t time = 0; // milliseconds, as batches carry times
    bool operator==(const DeleteHorizon&) const = default;
};

/// What cleaning has left behind. Source: cleaner-offset-checkpoint.
/// Leaves out: a follower that fetches cleaned batches gives them horizons of its own, where Kafka's batches
/// carry theirs.
struct Cleaning {
    Offset checkpoint = no_offset;       // first dirty offset; no_offset = never cleaned
    std::vector<DeleteHorizon> horizons; // sorted
    Offset gaps_end{0};                  // all gaps lie below; hashes of prefixes are known from here on
    std::uint64_t gaps_hash = 0;         // of the history up to there, as it was before any gap
    bool operator==(const Cleaning&) const = default;
};

/// The log ended at `end` then: what lies below was dirty or written.
struct DirtyMark {
    sim::SimTime time;
    Offset end{0};
    bool operator==(const DirtyMark&) const = default;
};

/// Batches of one replica with dense offsets, or with gaps where it was compacted. The first may begin before
/// `log_start_offset`, which moves ahead of the files (DeleteRecords).
/// Shape: copies share full chunks. A running hash over the batches makes "same prefix" one comparison.
/// Source: UnifiedLog. Leaves out: indexes (which roll a segment when they are full).
struct Log {
    sim::SharedChunks<Batch> batches;
    EpochHistory epochs;
    Offset log_start_offset{0};
    Offset log_end_offset{0};
    Offset flushed_offset{0};            // recovery point: what a power loss cannot take
    Offset high_watermark_checkpoint{0}; // replication-offset-checkpoint
    std::int64_t bytes = 0;
    Segments segments;
    std::vector<Offset> corrupt;      // base offsets of batches whose bytes have changed on this disk; sorted
    std::vector<DirtyMark> dirty;     // with write-back only
    Offset log_start_checkpoint{0};   // log-start-offset-checkpoint
    std::uint64_t removed_prefix = 0; // hash over all that was removed before the first batch; 0 = unknown
    Cleaning cleaning;
    bool operator==(const Log&) const = default;
};

/// Appends on the leader: gives offset and epoch. Returns the batch as stored. Source:
/// UnifiedLog.appendAsLeader.
Batch append_as_leader(Log& log, Batch batch, Epoch leader_epoch);
/// Appends verbatim. The batch must start at the end of the log, or behind it: its leader is compacted.
/// Source: UnifiedLog.appendAsFollower.
void append_as_follower(Log& log, const Batch& batch);

/// Index of the batch that holds `offset`, else of the next one; the number of batches when there is none.
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

/// First offset that the log holds, also below its log start offset.
Offset first_offset(const Log& log);
/// Hash over all batches that end at or before `end`; equal hashes of equal ends mean equal prefixes.
/// Shape: `end` at a batch boundary. 0 for an empty prefix, and for one that is not known.
std::uint64_t prefix_hash(const Log& log, Offset end);
/// Whether the log can tell the hash: it has not removed what ends there.
bool knows_prefix(const Log& log, Offset end);

} // namespace kafka
