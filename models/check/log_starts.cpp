// Invariants of where logs start, and of their files. Source: anomalies B2 (ValidReplicaState: log start <=
// high watermark <= log end).

#include "models/check/invariants.hpp"

namespace kafka {

void Invariants::on_log_start(const fact::LogStartMoved& fact, const World& world) {
    touch(fact.partition);
    const bool falls = fact.to < fact.from && fact.cause != fact::LogStartCause::restart;
    const Replica* replica = replica_of(world, fact.broker, fact.partition);
    const bool known = fact.cause != fact::LogStartCause::restart; // the process has its replica in memory
    const bool beyond = known && replica != nullptr && fact.to > replica->high_watermark;
    if (falls || beyond)
        breach(log_starts_stay_below_high_watermarks, fact.partition,
               (beyond ? "records that are not committed were removed, up to "
                       : "a running replica's log start fell to ") +
                   std::to_string(fact.to.value));
}

/// Files follow each other, the first holds the log start or what is before it, and they hold all bytes.
void Invariants::check_segments(PartitionIndex partition, const Log& log) {
    const std::vector<Segment>& list = log.segments.list;
    std::int64_t bytes = 0;
    bool ordered = list.front().base_offset <= log.log_start_offset &&
                   list.back().base_offset <= log.log_end_offset &&
                   list.front().base_offset <= first_offset(log);
    for (std::size_t i = 0; i < list.size(); ++i) {
        bytes += list[i].bytes;
        ordered = ordered && (i == 0 || list[i - 1].base_offset < list[i].base_offset);
    }
    if (!ordered || bytes != log.bytes)
        breach(segments_cover_the_log, partition, "the files do not hold what the log holds");
}

} // namespace kafka
