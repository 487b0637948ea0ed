// The cleaner's thread of a broker: which log is cleaned next, and what its replica hears of it.
// Source: LogCleaner (CleanerThread.doWork, cleanFilthiestLog), LogCleanerManager; semantics 5.3.5.
// Leaves out: several threads, the time that cleaning takes (log.cleaner.io.max.bytes.per.second), a
// truncation that meets a cleaning under way. A disk that hangs, is full or has failed is not cleaned.

#include "models/broker/parts.hpp"
#include "models/log/cleaner.hpp"

#include <algorithm>

namespace kafka::parts {

bool is_uncleanable(const Broker& broker, PartitionIndex partition) {
    const std::vector<PartitionIndex>& all = broker.memory.cleaner.uncleanable;
    return std::find(all.begin(), all.end(), partition) != all.end();
}

namespace {

bool is_cleanable(const Broker& broker, std::size_t position, const Turn& turn) {
    const PartitionIndex partition = broker.hosted[position];
    return !broker.disk.logs[position].segments.list.empty() &&
           view_of(broker, partition, turn).topic.cleanup_compact && can_write_now(broker, partition, turn) &&
           !is_uncleanable(broker, partition);
}

/// The log with the greatest dirty share, among equal ones the first; -1 when none wants to be cleaned.
int filthiest(Broker& broker, LogToClean& chosen, const Turn& turn) {
    int best = -1;
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        if (!is_cleanable(broker, i, turn)) continue;
        const LeaderView view = view_of(broker, broker.hosted[i], turn);
        const Replica& replica = broker.memory.replicas[i];
        Log& log = broker.disk.logs[i];
        const LogToClean dirt = dirt_of(log, replica.producers.transactions, view.topic,
                                        {replica.high_watermark, timestamp_of(turn.wall_time()).millis(),
                                         view.dialect.cleaner.stops_at_last_stable_offset});
        if (dirt.resets_checkpoint) log.cleaning.checkpoint = dirt.first_dirty;
        if (!wants_cleaning(dirt, view.topic)) continue;
        if (best >= 0 && dirty_ppm(dirt) <= dirty_ppm(chosen)) continue;
        best = static_cast<int>(i);
        chosen = dirt;
    }
    return best;
}

/// Source: LogCleaner.tryCleanFilthiestLog: since KIP-346 the partition is marked as uncleanable; before, the
/// exception ended the thread.
void cleaning_failed(Broker& broker, int position, Offset bad, Turn& turn) {
    CleanerThread& thread = broker.memory.cleaner;
    const PartitionIndex partition = broker.hosted[static_cast<std::size_t>(position)];
    thread.dead = !dialect_of(broker, turn.configuration).cleaner.survives_bad_batches;
    thread.uncleanable.push_back(partition);
    turn.note(fact::CleanerFailed{broker.slot, partition, bad, thread.dead});
}

void clean_log(Broker& broker, int position, const LogToClean& dirt, Turn& turn) {
    const PartitionIndex partition = broker.hosted[static_cast<std::size_t>(position)];
    Replica& replica = replica_at(broker, position);
    const LeaderView view = view_of(broker, partition, turn);
    Log& log = log_at(broker, position);
    const CleaningResult result =
        clean(log, replica.producers,
              {dirt, turn.configuration.keys, timestamp_of(turn.wall_time()).millis(),
               view.topic.delete_retention, log.segments.most_bytes, view.dialect.cleaner,
               view.dialect.broken == BrokenRule::cleaner_keeps_the_first});
    if (result.bad) return cleaning_failed(broker, position, *result.bad, turn);
    for (const CompactedRun& run : result.removed)
        turn.note(fact::RecordsCompacted{broker.slot, partition, run.base_offset, run.stream, run.first,
                                         run.count, run.cause});
    turn.note(fact::LogCleaned{broker.slot, partition, dirt.first_dirty, dirt.end, result.records,
                               result.bytes_before, result.bytes_after});
    std::erase_if(replica.producers.transactions.aborted, [&](const LogTransactions::Ended& one) {
        return std::find(result.done_markers.begin(), result.done_markers.end(), one.marker) !=
               result.done_markers.end();
    });
}

} // namespace

void run_cleaner(Broker& broker, Turn& turn) {
    // While there is a log to clean the thread goes on at once. Each log is clean after one pass.
    for (std::size_t n = 0; n < broker.hosted.size() && !broker.memory.cleaner.dead; ++n) {
        LogToClean dirt;
        const int position = filthiest(broker, dirt, turn);
        if (position < 0) break;
        clean_log(broker, position, dirt, turn);
    }
    if (broker.memory.cleaner.dead) return;
    delete_old_segments(broker, true, turn);
    const sim::Duration pause = settings_of(broker, turn.configuration).log.cleaner_backoff;
    turn.after(std::max(pause, sim::milliseconds(1)), timer(BrokerTimer::cleaner)); // 0: time must go on
}

void start_cleaner(Broker& broker, bool healthy, Turn& turn) {
    const LogSettings& settings = settings_of(broker, turn.configuration).log;
    if (!turn.configuration.compacts || !settings.cleaner_enable) return;
    sim::Duration first = broker.memory.disk_work.recovery; // LogManager.startup: once the logs are loaded
    if (healthy && settings.cleaner_backoff.micros > 0)     // it has been running: anywhere within its pause
        first = sim::Duration{static_cast<std::int64_t>(
            sim::below(turn.draw(Purpose::cleaner_phase, static_cast<std::uint64_t>(broker.slot.value)),
                       static_cast<std::uint64_t>(settings.cleaner_backoff.micros)))};
    turn.after(first, timer(BrokerTimer::cleaner));
}

} // namespace kafka::parts
