// What a process does with its logs when it starts: recovery after an unclean end, and how long it takes.
// Source: LogLoader.recoverLog, LogSegment.recover; semantics 5.4.

#include "models/broker/parts.hpp"
#include "models/log/write_back.hpp"

#include <algorithm>

namespace kafka {

bool corrupt_batch(Broker& broker, PartitionIndex partition, Offset offset) {
    const int position = position_of(broker, partition);
    if (position < 0) return false;
    Log& log = parts::log_at(broker, position);
    const std::size_t at = batch_index(log, offset);
    if (at >= log.batches.size() || log.batches[at].base_offset > offset) return false;
    const Offset base = log.batches[at].base_offset;
    const auto place = std::lower_bound(log.corrupt.begin(), log.corrupt.end(), base);
    if (place == log.corrupt.end() || *place != base) log.corrupt.insert(place, base);
    return true;
}

namespace parts {

/// Batches from the recovery point on are read again; the log ends before the first one that is not whole.
void recover(Broker& broker, int position, Turn& turn) {
    Log& log = log_at(broker, position);
    const auto bad = std::lower_bound(log.corrupt.begin(), log.corrupt.end(), log.flushed_offset);
    if (bad == log.corrupt.end()) return; // what lies below is found when it is read
    const PartitionIndex partition = broker.hosted[static_cast<std::size_t>(position)];
    const RemovalCause cause = RemovalCause::corruption;
    const Offset from = log.log_end_offset;
    for (const Batch& batch : truncate_to(log, *bad))
        turn.note(fact::BatchRemoved{broker.slot, partition, batch.base_offset, batch.stream,
                                     batch.value_first, batch.count, batch.leader_epoch, cause});
    turn.note(fact::LogTruncated{broker.slot, partition, from, log.log_end_offset, cause, no_epoch});
}

/// Source: BrokerMetadataPublisher.initializeManagers: LogManager.startup.
void recover_late(Broker& broker, Turn& turn) {
    broker.memory.disk_work.unrecovered = false;
    const Dialect& dialect = dialect_of(broker, turn.configuration);
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        Log& log = broker.disk.logs[i];
        if (log.corrupt.empty()) continue;
        recover(broker, static_cast<int>(i), turn);
        Replica& replica = broker.memory.replicas[i];
        replica.high_watermark = std::min(replica.high_watermark, log.log_end_offset);
        replica.producers = rebuild(log, dialect);
    }
}

/// Directories are recovered side by side, each by num.recovery.threads.per.data.dir threads.
/// Leaves out: that a thread takes one log at a time.
sim::Duration recovery_time(const Broker& broker, Turn& turn) {
    const sim::Duration each = turn.configuration.network.log_recovery_per_mebibyte;
    if (broker.disk.clean_shutdown || each == sim::Duration{0}) return sim::Duration{0};
    const LogSettings& settings = turn.configuration.broker(broker.slot).settings.log;
    std::vector<std::int64_t> bytes(static_cast<std::size_t>(settings.directories), 0);
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        const Log& log = broker.disk.logs[i];
        const int directory = directory_of(turn.configuration, broker.slot, broker.hosted[i]);
        for (std::size_t b = batch_index(log, log.flushed_offset); b < log.batches.size(); ++b)
            bytes[static_cast<std::size_t>(directory)] += log.batches[b].bytes;
    }
    const std::int64_t most = *std::max_element(bytes.begin(), bytes.end());
    const sim::Duration length = each * most / (1048576 * std::int64_t{settings.recovery_threads});
    turn.note(fact::LogsRecovered{broker.slot, most, length});
    return length;
}

void mark_for_write_back(Broker& broker, Turn& turn) {
    const std::optional<sim::Duration> age = turn.configuration.network.write_back;
    for (Log& log : broker.disk.logs)
        if (age) kafka::mark_for_write_back(log, turn.now, *age);
}

Offset on_the_platter(const Log& log, const Turn& turn) {
    const std::optional<sim::Duration> age = turn.configuration.network.write_back;
    return age ? std::max(log.flushed_offset, written_back(log, turn.now, *age)) : log.flushed_offset;
}

} // namespace parts

} // namespace kafka
