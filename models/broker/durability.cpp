#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka {

void finish_shutdown(Broker& broker, Turn& turn) {
    parts::checkpoint_high_watermarks(broker, turn);
    broker.disk.snapshots.clear();
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        Log& log = broker.disk.logs[i];
        const bool offline = parts::is_offline(broker, broker.hosted[i], turn);
        if (!offline) log.flushed_offset = log.log_end_offset;
        if (!offline) log.log_start_checkpoint = log.log_start_offset;
        if (i >= broker.memory.replicas.size()) continue;
        ProducerStates snapshot = offline ? rebuild(log, dialect_of(broker, turn.configuration))
                                          : broker.memory.replicas[i].producers;
        keep_last_only(snapshot);
        broker.disk.snapshots.push_back(std::move(snapshot));
    }
    // 1. A process starts after an unclean end. 2. It does not reach the controller, and under KRaft its logs
    // are loaded with the first metadata. 3. It is stopped, and writes the marker of a clean end. 4. The next
    // start trusts logs that nobody has looked at. Since 3.5.2 the marker is written only by a process that
    // had finished loading. Source: LogManager.shutdown; KAFKA-15375.
    const bool never_asks = !parts::has_zookeeper(turn) &&
                            !dialect_of(broker, turn.configuration).mended.marker_needs_loaded_logs;
    broker.disk.clean_shutdown = broker.memory.lifecycle.state != LifecycleState::registering ||
                                 broker.disk.clean_shutdown || never_asks;
    broker.disk.clean_shutdown_epoch = broker.memory.lifecycle.epoch;
    if (parts::has_zookeeper(turn)) parts::leave_ensemble(broker, turn);
    forget_memory(broker, turn);
}

void forget_memory(Broker& broker, Turn& turn) {
    for (const DelayedFetch& fetch : broker.memory.delayed_fetches)
        turn.release(fetch.request);
    for (const QueuedRequest& request : broker.memory.request_queue)
        turn.release(request.mail);
    for (const QueuedRequest& request : broker.memory.in_service)
        if (request.connection.valid()) turn.release(request.mail);
    for (const Verification& one : broker.memory.traffic.verifications)
        turn.release(one.request);
    for (const Fetcher& fetcher : broker.memory.fetchers)
        if (fetcher.held) turn.release(*fetcher.held);
    for (const ServedConnection& served : broker.memory.connections)
        for (const Mail& mail : served.waiting)
            turn.release(mail);
    parts::mark_for_write_back(broker, turn); // the kernel goes on without the process
    broker.memory = Memory{};
    for (const PartitionIndex partition : broker.hosted) {
        Replica replica;
        replica.partition = partition;
        broker.memory.replicas.push_back(replica);
    }
}

/// Each log keeps a prefix between its recovery point and its end, drawn for each partition.
/// Source: LogLoader.recoverLog stops at the first batch that is not whole; semantics 5.2.1.
void lose_unflushed(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        Log& log = broker.disk.logs[i];
        const std::size_t safe = batch_index(log, parts::on_the_platter(log, turn));
        const std::size_t unflushed = log.batches.size() - std::min(safe, log.batches.size());
        if (unflushed == 0) continue;
        const std::uint64_t owner = (static_cast<std::uint64_t>(broker.slot.value) << 32) |
                                    static_cast<std::uint32_t>(broker.hosted[i].value);
        const std::uint64_t kept = sim::below(turn.draw(Purpose::power_loss_tail, owner), unflushed + 1);
        const std::size_t keep = safe + static_cast<std::size_t>(kept);
        const Offset from = log.log_end_offset;
        const Offset end = keep < log.batches.size() ? log.batches[keep].base_offset : log.log_end_offset;
        const std::vector<Batch> cut = truncate_to(log, end);
        parts::note_cut(broker, static_cast<int>(i), from, cut, RemovalCause::power_loss, turn);
    }
    broker.disk.clean_shutdown = false;
    broker.disk.cached_from.clear();
    for (const Log& log : broker.disk.logs)
        broker.disk.cached_from.push_back(log.log_end_offset);
}

void wipe_disk(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        const Offset from = broker.disk.logs[i].log_end_offset;
        std::vector<Batch> cut = truncate_fully_and_start_at(broker.disk.logs[i], Offset{0});
        parts::note_cut(broker, static_cast<int>(i), from, cut, RemovalCause::disk_wiped, turn);
        broker.disk.logs[i] = parts::empty_log(broker.hosted[i], turn.configuration);
    }
    broker.disk.snapshots.clear();
    broker.disk.cached_from.clear();
    broker.disk.clean_shutdown = false;
    broker.disk.clean_shutdown_epoch = no_broker_epoch;
    broker.disk.directory += 1000; // a new directory.id
}

namespace parts {

void checkpoint_high_watermarks(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size() && i < broker.memory.replicas.size(); ++i) {
        if (!can_write_now(broker, broker.hosted[i], turn)) continue;
        broker.disk.logs[i].high_watermark_checkpoint = broker.memory.replicas[i].high_watermark;
    }
}

/// flush.ms, looked at every log.flush.scheduler.interval.ms. Source: LogManager.flushDirtyLogs.
/// Leaves out: the age of each log's oldest unflushed record; a due log is flushed at the scheduler's next
/// look.
void flush_by_time(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        const LeaderView view = view_of(broker, broker.hosted[i], turn);
        const bool timed = view.topic.flush_interval < sim::seconds(86400 * 365);
        if (timed && can_write_now(broker, broker.hosted[i], turn))
            broker.disk.logs[i].flushed_offset = broker.disk.logs[i].log_end_offset;
    }
}

/// flush.messages. Source: UnifiedLog.append: unflushedMessages >= flushInterval.
void flush_by_count(Broker& broker, int position, Turn& turn) {
    Log& log = log_at(broker, position);
    const PartitionConfiguration& configured =
        turn.configuration.partition(broker.hosted[static_cast<std::size_t>(position)]);
    const TopicSettings& topic = broker.memory.image.topics[static_cast<std::size_t>(configured.topic.value)];
    if (distance(log.flushed_offset, log.log_end_offset) >= topic.flush_messages)
        log.flushed_offset = log.log_end_offset;
}

} // namespace parts

} // namespace kafka
