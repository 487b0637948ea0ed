// Where logs start: old files are deleted, records are deleted on request, followers follow.
// Source: LogManager.cleanupLogs, UnifiedLog.deleteOldSegments, Partition.deleteRecordsOnLeader;
// semantics 5.3.
// Leaves out: log.segment.delete.delay.ms (a removed file is read by nobody).

#include "models/broker/parts.hpp"
#include "models/log/segments.hpp"

#include <algorithm>

namespace kafka {

namespace {

using fact::LogStartCause;

/// Records of [from, to) are gone for good: the leader says so, for ledgers.
void note_expired(const Broker& broker, int position, Offset from, Offset to, LogStartCause cause,
                  Turn& turn) {
    const auto at = static_cast<std::size_t>(position);
    const Log& log = broker.disk.logs[at];
    for (std::size_t i = batch_index(log, from); i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        if (batch.base_offset >= to) return;
        if (!has_records(batch)) continue;
        const Offset first = std::max(from, batch.base_offset);
        const std::int64_t skipped = distance(batch.base_offset, first);
        const std::int64_t count = distance(first, std::min(to, end_offset(batch)));
        turn.note(fact::RecordsExpired{broker.slot, broker.hosted[at], first, batch.stream,
                                       next(batch.value_first, skipped), static_cast<std::int32_t>(count),
                                       cause});
    }
}

/// After the log start has moved: what was open below it is bounded by it.
/// Source: UnifiedLog.maybeIncrementFirstUnstableOffset.
void after_move(Broker& broker, int position, Offset from, LogStartCause cause, Turn& turn) {
    Replica& replica = parts::replica_at(broker, position);
    const Offset start = parts::log_at(broker, position).log_start_offset;
    for (LogTransactions::Open& open : replica.producers.transactions.open)
        open.first_offset = std::max(open.first_offset, start);
    if (!dialect_of(broker, turn.configuration).mended.producers_outlive_records)
        forget_below(replica.producers, start);
    const bool leading = parts::leads_at(broker, position);
    turn.note(fact::LogStartMoved{broker.slot, replica.partition, from, start, cause, leading});
    if (leading) parts::advance_last_stable_offset(broker, replica, turn);
}

void move_log_start(Broker& broker, int position, Offset to, LogStartCause cause, Turn& turn) {
    Log& log = parts::log_at(broker, position);
    const Offset from = log.log_start_offset;
    if (parts::leads_at(broker, position)) note_expired(broker, position, from, to, cause, turn);
    if (raise_log_start(log, to)) after_move(broker, position, from, cause, turn);
}

} // namespace

ErrorCode delete_records(Broker& broker, PartitionIndex partition, Offset before, Turn& turn) {
    const ErrorCode refused = parts::check_leadership(broker, partition, no_epoch, turn);
    if (refused != ErrorCode::none) return refused;
    const int position = position_of(broker, partition);
    const Offset high_watermark = parts::replica_at(broker, position).high_watermark;
    if (before > high_watermark) return ErrorCode::offset_out_of_range;
    move_log_start(broker, position, before == no_offset ? high_watermark : before,
                   LogStartCause::delete_records, turn);
    return ErrorCode::none;
}

namespace parts {

Log empty_log(PartitionIndex partition, const Configuration& configuration) {
    Log log;
    const TopicSettings& topic = configuration.topic_of(partition).settings;
    if (!topic.keeps_segments) return log;
    sim::Duration most_time = topic.segment_time; // Source: LogConfig.maxSegmentMs (KIP-354)
    if (topic.cleanup_compact && topic.max_compaction_lag < most_time.micros / 1000)
        most_time = sim::milliseconds(topic.max_compaction_lag);
    keep_segments(log, topic.segment_bytes, most_time);
    return log;
}

void delete_old_segments(Broker& broker, bool compacted, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        Log& log = broker.disk.logs[i];
        if (log.segments.list.empty() || !can_write_now(broker, broker.hosted[i], turn)) continue;
        const LeaderView view = view_of(broker, broker.hosted[i], turn);
        if (view.topic.cleanup_compact != compacted || is_uncleanable(broker, broker.hosted[i])) continue;
        Retention retention{view.topic.retention_bytes, view.topic.retention_millis,
                            timestamp_of(turn.wall_time()).millis(),
                            broker.memory.replicas[i].high_watermark};
        if (!view.topic.cleanup_delete) retention.bytes = retention.millis = -1;
        if (view.dialect.broken == BrokenRule::retention_ignores_high_watermark)
            retention.high_watermark = log.log_end_offset;
        const std::size_t count = deletable_segments(log, retention);
        if (count == 0) continue;
        const Offset from = log.log_start_offset;
        const bool some = count < log.segments.list.size();
        const Offset to = some ? log.segments.list[count].base_offset : log.log_end_offset;
        const auto position = static_cast<int>(i);
        if (parts::leads_at(broker, position))
            note_expired(broker, position, from, to, LogStartCause::retention, turn);
        delete_segments(log, count);
        if (log.log_start_offset > from) after_move(broker, position, from, LogStartCause::retention, turn);
    }
}

void checkpoint_log_starts(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i)
        if (can_write_now(broker, broker.hosted[i], turn))
            broker.disk.logs[i].log_start_checkpoint = broker.disk.logs[i].log_start_offset;
}

void follow_log_start(Broker& broker, int position, Offset start, Turn& turn) {
    const Replica& replica = replica_at(broker, position);
    const Offset to = std::min(start, replica.high_watermark); // beyond it Kafka throws, and tries again
    if (to > log_at(broker, position).log_start_offset)
        move_log_start(broker, position, to, LogStartCause::leader, turn);
}

/// 1. Records are deleted on request. 2. The process dies before log-start-offset-checkpoint is written.
/// 3. Their files are still there, and so they are readable again.
/// A log whose end was lost below its start begins anew there.
void load_log_start(Broker& broker, int position, Turn& turn) {
    Log& log = log_at(broker, position);
    if (log.log_start_offset == Offset{0} && log.log_start_checkpoint == Offset{0}) return;
    if (log.log_end_offset < log.log_start_checkpoint) {
        const Offset from = log.log_end_offset;
        const PartitionIndex partition = broker.hosted[static_cast<std::size_t>(position)];
        const RemovalCause cause = RemovalCause::power_loss;
        for (const Batch& batch : truncate_fully_and_start_at(log, log.log_start_checkpoint))
            turn.note(fact::BatchRemoved{broker.slot, partition, batch.base_offset, batch.stream,
                                         batch.value_first, batch.count, batch.leader_epoch, cause});
        turn.note(fact::LogTruncated{broker.slot, partition, from, log.log_end_offset, cause, no_epoch});
        return;
    }
    if (broker.disk.clean_shutdown) return;
    const bool files = !log.segments.list.empty();
    const Offset first = files ? log.segments.list.front().base_offset : first_offset(log);
    const Offset start = std::max(log.log_start_checkpoint, first);
    if (start == log.log_start_offset) return;
    const Offset from = log.log_start_offset;
    log.log_start_offset = start;
    turn.note(fact::LogStartMoved{broker.slot, broker.hosted[static_cast<std::size_t>(position)], from, start,
                                  LogStartCause::restart, false});
}

} // namespace parts

} // namespace kafka
