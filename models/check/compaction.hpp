#pragma once
// What became of records of compacted topics: which the cleaner removed rightly, which value of each key a
// reader gets, and what a table holds that a reader has built of what it was given.

#include "models/check/ranges.hpp"
#include "models/cluster/observer.hpp"

#include <map>
#include <vector>

namespace kafka {

/// Of one partition's compacted topic, at the end, over all keys. Source: reference/anomalies.md B1:
/// compaction-wrong-latest.
struct CompactionSummary {
    std::int64_t removed = 0;     // records that the final leader's cleaner has removed
    std::int64_t keys = 0;        // with an acknowledged record
    std::int64_t stale = 0;       // a reader gets an older value than the last acknowledged one
    std::int64_t missing = 0;     // a reader gets none, and the key was not deleted
    std::int64_t resurrected = 0; // it was deleted last, and a reader gets a value
};

/// What a reader has of the keys of its compacted topics, when it keeps the last record of each.
struct TableSummary {
    bool any = false;              // it reads a compacted topic
    std::int64_t keys = 0;         // that it has heard of
    std::int64_t right = 0;        // what it has is what the log says, or was acknowledged last
    std::int64_t behind = 0;       // it has not read so far yet
    std::int64_t stale = 0;        // what came later is gone, and it never got it
    std::int64_t deleted_kept = 0; // the same, and what came later was a tombstone: it keeps a deleted key
};

/// Part of the ledger. Keys are those of StreamKeys; without a compacted topic it does nothing.
class Compaction {
  public:
    explicit Compaction(const Configuration& configuration);
    void on(const Fact& fact);

    /// Acknowledged records that the final log does not have, parted by why.
    struct Absent {
        Ranges compacted; // the cleaner removed them, and what they were superseded by is there
        Ranges aborted;   // the cleaner removed them, with their aborted transaction
    };
    Absent sort(const World& world, PartitionIndex partition, StreamIndex stream, const Ranges& absent);
    /// After all streams are sorted; `lost`: by stream, what is absent without a reason.
    void at_end(const World& world, const std::vector<Ranges>& lost);

    /// What the cleaner of any replica has removed: whoever read from that one has not passed over it.
    const Ranges& removed_somewhere(StreamIndex stream) const {
        return known_[static_cast<std::size_t>(stream.value)];
    }

    std::vector<CompactionSummary> partitions; // by partition
    std::vector<TableSummary> tables;          // by consumer; of a group at its first member
    bool wrongly_cleaned = false;              // a lost record was removed by a cleaner, and by nothing else

  private:
    struct Run { // removed by a cleaner
        std::int64_t first = 0, end = 0, offset = 0;
        fact::CompactionCause cause{};
    };
    struct Record {
        StreamIndex stream = no_stream;
        std::int64_t value = 0;
        std::int64_t offset = -1;
    };
    using Table = std::map<std::int32_t, Record>; // by key
    const Configuration& configuration_;
    std::vector<std::vector<Run>> removed_;                    // by stream, of all replicas
    std::vector<Ranges> known_;                                // by stream: what is in it
    std::vector<Table> acknowledged_;                          // by partition: the last one of each key
    std::vector<Table> served_;                                // by partition: in the final log
    std::vector<std::map<std::int32_t, std::int64_t>> buried_; // by partition: tombstones that were removed
    std::vector<bool> read_;                                   // by partition: the final log has been read
    std::vector<Table> given_;                                 // by consumer x partition

    const StreamKeys& keys_of(StreamIndex stream) const {
        return configuration_.keys[static_cast<std::size_t>(stream.value)];
    }
    bool is_deletion(const Record& record) const {
        return is_tombstone(keys_of(record.stream), record.value);
    }
    void on_removed(const fact::RecordsCompacted& fact);
    void on_acknowledged(const fact::RecordsAcknowledged& fact);
    void on_delivered(const fact::Delivered& fact);
    void read_final_log(const World& world, PartitionIndex partition);
    const Run* removal_of(StreamIndex stream, std::int64_t value) const;
    bool is_rightly_removed(StreamIndex stream, const Run& run, std::int64_t value) const;
    void judge(PartitionIndex partition, const std::vector<Ranges>& lost);
    void look_at_table(std::size_t consumer, PartitionIndex partition, const World& world);
};

} // namespace kafka
