#pragma once
// Which leader epoch began at which offset of a log.

#include "models/vocabulary/ids.hpp"

#include <vector>

namespace kafka {

/// What a leader answers about an epoch: the epoch it knows, and where that epoch ends; -1 = undefined.
struct EpochEnd {
    Epoch epoch = no_epoch;
    Offset end = no_offset;
    bool operator==(const EpochEnd&) const = default;
};

/// Leader epochs of one log, oldest first, with their first offsets.
/// Source: LeaderEpochFileCache; semantics 3.7.
struct EpochHistory {
    struct Entry {
        Epoch epoch;
        Offset start;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    bool operator==(const EpochHistory&) const = default;
};

/// Epoch of the newest entry, or no_epoch.
Epoch latest_epoch(const EpochHistory& history);
/// Notes that `epoch` begins at `start`; entries that contradict it (later or equal) go. Source:
/// LeaderEpochFileCache.assign.
void assign(EpochHistory& history, Epoch epoch, Offset start);
/// Where `requested` ends in this log. Source: LeaderEpochFileCache.endOffsetFor.
EpochEnd end_offset_for(const EpochHistory& history, Epoch requested, Offset log_end_offset);
/// Forgets what began at `end` or later. Source: LeaderEpochFileCache.truncateFromEnd.
void truncate_from_end(EpochHistory& history, Offset end);

} // namespace kafka
