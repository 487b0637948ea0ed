#pragma once
// What observers are told of disks.

#include "models/vocabulary/ids.hpp"
#include "sim/core/time.hpp"

#include <cstdint>

namespace kafka::fact {

enum class DirectoryFailure : std::uint8_t { full, failed };
struct LogDirectoryFailed { // this process writes and reads there no more
    BrokerSlot broker;
    std::int32_t directory = 1; // from 1
    DirectoryFailure cause{};
    bool halts = false; // it was the last one, or the one of the metadata log: the process ends
};

struct MetadataDirectoryFailed { // of a controller, which cannot write its log or its vote: the process ends
    Voter voter;
    DirectoryFailure cause{};
};

/// Why a log starts later than it did, or earlier.
enum class LogStartCause : std::uint8_t {
    retention,      // files were deleted: too old, or too many bytes
    delete_records, // an administrator's DeleteRecords
    leader,         // a follower takes over what its leader says
    restart,        // an unclean restart knows the checkpoint only
};
struct LogStartMoved {
    BrokerSlot broker;
    PartitionIndex partition;
    Offset from;
    Offset to;
    LogStartCause cause{};
    bool as_leader = false;
};
struct RecordsExpired { // one for each batch that the leader's log start has passed, whole or in part
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    LogStartCause cause{};
};
struct LogsRecovered { // after an unclean end: so many bytes were read again, in the fullest directory
    BrokerSlot broker;
    std::int64_t bytes = 0;
    sim::Duration took;
};
struct CorruptRecordFound { // by a follower, or by a consumer, whose CRC check refuses what it has fetched
    BrokerSlot broker = no_slot; // the follower
    ConsumerIndex consumer{-1};
    PartitionIndex partition;
    Offset base_offset;
    BrokerSlot from;
};

/// Why the cleaner has removed a record.
enum class CompactionCause : std::uint8_t {
    superseded, // a newer record of its key stands behind it
    tombstone,  // it deleted its key, and delete.retention.ms is over
    aborted,    // of an aborted transaction
    no_key,     // written before the topic was compacted
};
struct RecordsCompacted { // one for each run of records of a batch, by each replica's own cleaner
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    CompactionCause cause{};
};
struct LogCleaned {
    BrokerSlot broker;
    PartitionIndex partition;
    Offset from; // the dirty part
    Offset to;
    std::int64_t records = 0; // that were removed
    std::int64_t bytes_before = 0;
    std::int64_t bytes_after = 0;
};
struct CleanerFailed { // it cannot read a batch
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    bool thread_died = false; // before KIP-346: this broker cleans nothing until it starts again
};

} // namespace kafka::fact
