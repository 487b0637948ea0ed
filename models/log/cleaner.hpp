#pragma once
// The log cleaner: which part of a log is dirty, and what is left of it when only the last record of each key
// stays. Source: LogCleanerManager, LogToClean, Cleaner, CleanedTransactionMetadata; semantics 5.3.5.

#include "models/dialect/dialect.hpp"
#include "models/log/producer_state.hpp"
#include "models/settings/settings.hpp"
#include "models/vocabulary/disk_facts.hpp"
#include "models/vocabulary/keys.hpp"

#include <optional>
#include <span>

namespace kafka {

/// What bounds a cleaning.
struct CleaningBounds {
    Offset high_watermark;
    std::int64_t now = 0; // the wall clock, in milliseconds as batches carry times
    bool stops_at_last_stable_offset = true;
};

/// A log and its dirty part, in whole files. Source: LogToClean.
struct LogToClean {
    Offset first_dirty;
    Offset end;                     // first offset that may not be cleaned; the start of a file
    std::int64_t clean_bytes = 0;   // of files before the first dirty offset
    std::int64_t dirty_bytes = 0;   // that may be cleaned
    bool overdue = false;           // max.compaction.lag.ms is over for some of it
    bool resets_checkpoint = false; // it lies outside of the log
    bool operator==(const LogToClean&) const = default;
};
LogToClean dirt_of(const Log& log, const LogTransactions& transactions, const TopicSettings& topic,
                   const CleaningBounds& bounds);
/// Share of the dirty bytes, in millionths: the filthiest log is cleaned first.
std::int64_t dirty_ppm(const LogToClean& dirt);
/// Source: LogCleanerManager.grabFilthiestCompactedLog: above min.cleanable.dirty.ratio, or overdue.
bool wants_cleaning(const LogToClean& dirt, const TopicSettings& topic);

/// What a cleaning is told besides the log. `keys` are those of all streams, by index.
struct CleaningOrder {
    LogToClean dirt;
    std::span<const StreamKeys> keys;
    std::int64_t now = 0;
    std::int64_t delete_retention = 0;   // milliseconds
    std::int64_t most_segment_bytes = 0; // of a file that several are merged into
    CleanerAbilities abilities;
    bool keeps_the_first = false; // tests only: BrokenRule::cleaner_keeps_the_first
};

/// A run of records that went.
struct CompactedRun {
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    fact::CompactionCause cause{};
    bool operator==(const CompactedRun&) const = default;
};
struct CleaningResult {
    std::optional<Offset> bad; // it met a batch that it cannot read, and changed nothing
    std::vector<CompactedRun> removed;
    std::vector<Offset> done_markers; // of transactions without any batch left: their aborted entries go
    std::int64_t records = 0;         // removed
    std::int64_t bytes_before = 0;
    std::int64_t bytes_after = 0;
};

/// Cleans the log up to the end of its dirty part. Of each key the last record stays; tombstones and markers
/// stay until delete.retention.ms is over; the last batch of each producer keeps its place.
/// Source: Cleaner.doClean, cleanInto. Leaves out: the size of the offset map
/// (log.cleaner.dedupe.buffer.size: all dirty files fit), the time it takes, runs of one batch that have a
/// header each where Kafka's batch has one, and are read and cut one by one; a tombstone is as large as other
/// records.
CleaningResult clean(Log& log, const ProducerStates& producers, const CleaningOrder& order);

} // namespace kafka
