// The disks of a broker: what fails, what waits, and which log directories are given up.
// Source: LogDirFailureChannel, ReplicaManager.handleLogDirFailure, BrokerLifecycleManager
// (OfflineDirEvent), KIP-112, KIP-858; semantics 5.6.
// The page cache holds what was written since the host has its power: a read misses it after a power loss
// only. Leaves out: that reading warms it, and memory that does not suffice; the lock of a log that lets one
// thread write at a time while a disk hangs (all that write to it stand still anyway), moves of replicas
// between directories, metadata.log.dir (the metadata log lies in the first).

#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

namespace {

std::uint32_t all_directories(const Broker& broker, const Turn& turn) {
    const int count = turn.configuration.broker(broker.slot).settings.log.directories;
    return count >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << count) - 1;
}

const DeviceState* device_under(const Broker& broker, PartitionIndex partition,
                                const Configuration& configuration) {
    if (broker.disk.devices.empty()) return nullptr;
    const int directory = directory_of(configuration, broker.slot, partition);
    return &broker.disk.devices[static_cast<std::size_t>(directory)];
}

bool leads(const Broker& broker, PartitionIndex partition) {
    const int position = position_of(broker, partition);
    return position >= 0 && parts::leads_at(broker, position);
}

void fail(Broker& broker, int directory) { broker.memory.disk_work.failing |= std::uint32_t{1} << directory; }

/// Source: ReplicaManager.handleLogDirFailure: fetchers stop, the partition is offline, waiting requests end.
void take_offline(Broker& broker, int position, Turn& turn) {
    const PartitionIndex partition = parts::replica_at(broker, position).partition;
    parts::unfollow(broker, position, turn);
    parts::replica_at(broker, position).role = Unassigned{};
    parts::complete_delayed_produces(broker, partition, turn);
    parts::complete_delayed_fetches(broker, partition, turn);
    parts::coordinator_resigned(broker, position, turn);
}

/// Whether the process cannot go on without these. Source: ReplicaManager.handleLogDirFailure,
/// LogManager.handleLogDirFailure (Exit.halt); before 1.0 LogDirFailureHandler halts at the first one.
bool must_halt(const Broker& broker, const Turn& turn) {
    const std::uint32_t offline = broker.memory.disk_work.offline;
    const bool survives = dialect_of(broker, turn.configuration).zookeeper.survives_directory_failure;
    if (turn.configuration.has_zookeeper() && !survives && offline != 0) return true;
    const bool metadata = turn.configuration.metadata == MetadataType::kraft && (offline & 1U) != 0;
    return metadata || offline == all_directories(broker, turn);
}

void note_failures(Broker& broker, std::uint32_t failed, Turn& turn) {
    const bool halts = must_halt(broker, turn);
    for (std::int32_t i = 0; i < 32; ++i) {
        if (((failed >> i) & 1U) == 0) continue;
        const DeviceState& device = broker.disk.devices[static_cast<std::size_t>(i)];
        const bool gone = device.failed || device.unreadable;
        turn.note(fact::LogDirectoryFailed{
            broker.slot, i + 1, gone ? fact::DirectoryFailure::failed : fact::DirectoryFailure::full, halts});
    }
}

} // namespace

void change_device(Broker& broker, const DeviceFault& fault, Turn& turn) {
    std::vector<DeviceState>& devices = broker.disk.devices;
    devices.resize(static_cast<std::size_t>(turn.configuration.broker(broker.slot).settings.log.directories));
    for (std::size_t i = 0; i < devices.size(); ++i) {
        if (fault.directory != 0 && fault.directory != static_cast<std::int32_t>(i) + 1) continue;
        set_trouble(devices[i], fault.trouble, fault.latency, fault.over);
    }
    const bool well = std::all_of(devices.begin(), devices.end(),
                                  [](const DeviceState& one) { return one == DeviceState{}; });
    if (well) devices.clear();
    if (fault.over) turn.after(sim::Duration{0}, parts::timer(BrokerTimer::disk_ready));
}

void mend_devices(Broker& broker, Turn& turn) {
    if (broker.disk.devices.empty()) return;
    broker.disk.devices.clear();
    turn.after(sim::Duration{0}, parts::timer(BrokerTimer::disk_ready));
}

bool hangs_on_disk(const Broker& broker, PartitionIndex partition, const Configuration& configuration) {
    const DeviceState* device = device_under(broker, partition, configuration);
    return device != nullptr && device->hung;
}

bool waits_for_disk(const Broker& broker) {
    return std::any_of(broker.disk.devices.begin(), broker.disk.devices.end(),
                       [](const DeviceState& one) { return one.hung; });
}

namespace parts {

bool is_offline(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    const std::uint32_t offline = broker.memory.disk_work.offline;
    return offline != 0 && position_of(broker, partition) >= 0 &&
           ((offline >> directory_of(turn.configuration, broker.slot, partition)) & 1U) != 0;
}

ErrorCode refusal_without_role(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    if (is_offline(broker, partition, turn)) return ErrorCode::kafka_storage_error;
    const ErrorCode missing = why_no_replica(broker, partition, turn.configuration);
    return missing == ErrorCode::none ? ErrorCode::not_leader_or_follower : missing;
}

/// Source: LocalLog.maybeHandleIOException: any IOException, ENOSPC too; semantics 5.6.1.
bool can_append(Broker& broker, PartitionIndex partition, Turn& turn) {
    const DeviceState* device = device_under(broker, partition, turn.configuration);
    if (device == nullptr || !(device->full || device->failed)) return true;
    fail(broker, directory_of(turn.configuration, broker.slot, partition));
    return false;
}

bool can_write_now(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    if (is_offline(broker, partition, turn)) return false;
    const DeviceState* device = device_under(broker, partition, turn.configuration);
    return device == nullptr || !(device->full || device->failed || device->hung);
}

void read_devices(Broker& broker, const FetchRequest& request, Turn& turn) {
    for (const FetchContent::Entry& entry : turn.slabs().fetch.open(request.content).entries) {
        const DeviceState* device = device_under(broker, entry.partition, turn.configuration);
        const int position = position_of(broker, entry.partition);
        if (device == nullptr || position < 0) continue;
        const std::vector<Offset>& cached = broker.disk.cached_from;
        const Offset end = log_at(broker, position).log_end_offset;
        const Offset first = cached.empty() ? Offset{0} : cached[static_cast<std::size_t>(position)];
        const bool misses = device->unreadable && entry.fetch_offset < first;
        if ((device->failed || misses) && entry.fetch_offset < end)
            fail(broker, directory_of(turn.configuration, broker.slot, entry.partition));
    }
    give_up_directories(broker, turn);
}

void write_checkpoints(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.disk.devices.size(); ++i)
        if (broker.disk.devices[i].full || broker.disk.devices[i].failed) fail(broker, static_cast<int>(i));
    checkpoint_high_watermarks(broker, turn);
}

bool stands_in_write(const Broker& broker, const Mail& mail, Turn& turn) {
    const auto hangs = [&](PartitionIndex partition) {
        return leads(broker, partition) && hangs_on_disk(broker, partition, turn.configuration);
    };
    if (const auto* produce = std::get_if<ProduceRequest>(&mail)) {
        const auto& entries = turn.slabs().produce.open(produce->content).entries;
        return std::any_of(entries.begin(), entries.end(),
                           [&](const ProduceContent::Entry& entry) { return hangs(entry.partition); });
    }
    if (const auto* markers = std::get_if<WriteTxnMarkersRequest>(&mail)) {
        const auto& entries = turn.slabs().markers.open(markers->content).entries;
        return std::any_of(entries.begin(), entries.end(), [&](const WriteTxnMarkersContent::Entry& entry) {
            return hangs(entry.partition);
        });
    }
    return false;
}

namespace {

/// One write to the replica's log, after those before it; `flushes`: and an fsync. A log takes one write at
/// a time (UnifiedLog's lock).
sim::SimTime write_until(Broker& broker, PartitionIndex partition, sim::SimTime start, bool flushes,
                         Turn& turn) {
    const DeviceState* device = device_under(broker, partition, turn.configuration);
    if (device == nullptr || !device->latency) return start;
    std::vector<sim::SimTime>& busy = broker.memory.disk_work.busy_until;
    busy.resize(broker.hosted.size());
    sim::SimTime& until = busy[static_cast<std::size_t>(position_of(broker, partition))];
    const auto owner = static_cast<std::uint64_t>(broker.slot.value);
    until = std::max(until, start) + turn.draw(*device->latency, Purpose::disk_latency, owner);
    if (flushes) until = until + turn.draw(*device->latency, Purpose::disk_latency, owner);
    return until;
}

/// Whether `count` records more make the log flush (flush.messages).
bool flushes_with(const Broker& broker, PartitionIndex partition, std::int64_t count, const Turn& turn) {
    const auto at = static_cast<std::size_t>(position_of(broker, partition));
    const Log& log = broker.disk.logs[at];
    const TopicIndex topic = turn.configuration.partition(partition).topic;
    return distance(log.flushed_offset, log.log_end_offset) + count >=
           broker.memory.image.topics[static_cast<std::size_t>(topic.value)].flush_messages;
}

} // namespace

sim::SimTime written_at(Broker& broker, const ProduceRequest& request, sim::SimTime start, Turn& turn) {
    const std::size_t count = turn.slabs().produce.open(request.content).entries.size();
    for (std::size_t i = 0; i < count; ++i) {
        const ProduceContent::Entry entry = turn.slabs().produce.open(request.content).entries[i];
        if (!leads(broker, entry.partition)) continue;
        const bool flushes = flushes_with(broker, entry.partition, entry.batch.count, turn);
        start = write_until(broker, entry.partition, start, flushes, turn);
    }
    return start;
}

sim::SimTime written_at(Broker& broker, const FetchAnswer& answer, Turn& turn) {
    sim::SimTime until = turn.now;
    for (const FetchAnswer::Entry& entry : answer.entries) {
        if (entry.batch_count == 0 || position_of(broker, entry.partition) < 0) continue;
        if (hangs_on_disk(broker, entry.partition, turn.configuration)) return sim::SimTime::never();
        std::int64_t count = 0;
        for (std::uint32_t i = 0; i < entry.batch_count; ++i)
            count += answer.batches[entry.batch_first + i].count;
        const bool flushes = flushes_with(broker, entry.partition, count, turn);
        until = write_until(broker, entry.partition, until, flushes, turn);
    }
    return until;
}

bool hold_order(Broker& broker, const AppendOrder& order, Turn& turn) {
    if (broker.disk.devices.empty() && broker.memory.disk_work.orders.empty()) return false;
    if (!leads(broker, order.partition)) return false;
    std::vector<HeldOrder>& held = broker.memory.disk_work.orders;
    const bool hangs = hangs_on_disk(broker, order.partition, turn.configuration);
    const bool flushes =
        flushes_with(broker, order.partition, static_cast<std::int64_t>(order.records.size()), turn);
    const sim::SimTime until = write_until(broker, order.partition, turn.now, flushes, turn);
    if (!hangs && until == turn.now && held.empty()) return false;
    held.push_back({order, until});
    if (!hangs) turn.at(until, timer(BrokerTimer::disk_ready));
    return true;
}

/// The raft client writes what it has fetched before it applies it. Source: KafkaRaftClient.appendAsFollower.
bool hangs_on_metadata_disk(const Broker& broker) {
    return !broker.disk.devices.empty() && broker.disk.devices.front().hung;
}

void go_on_after_disk(Broker& broker, Turn& turn) {
    DiskWork& work = broker.memory.disk_work;
    std::vector<std::uint32_t> stuck;
    stuck.swap(work.stuck);
    for (const std::uint32_t place : stuck)
        finish_service(broker, place, turn);
    std::vector<HeldOrder> orders;
    orders.swap(work.orders);
    for (const HeldOrder& one : orders) {
        const bool waits = one.until > turn.now || !work.orders.empty() ||
                           hangs_on_disk(broker, one.order.partition, turn.configuration);
        if (waits)
            work.orders.push_back(one);
        else
            append_internal(broker, one.order, turn);
    }
    std::vector<BrokerSlot> ready;
    for (Fetcher& fetcher : broker.memory.fetchers) {
        if (!fetcher.held) continue;
        if (fetcher.held_until == sim::SimTime::never()) {
            fetcher.held_until =
                written_at(broker, turn.slabs().fetch_answer.open(fetcher.held->content), turn);
            const bool later = fetcher.held_until > turn.now && fetcher.held_until != sim::SimTime::never();
            if (later) turn.at(fetcher.held_until, timer(BrokerTimer::disk_ready));
        }
        if (fetcher.held_until <= turn.now) ready.push_back(fetcher.leader);
    }
    for (const BrokerSlot leader : ready)
        append_held(broker, leader, turn);
    if (work.publication && !hangs_on_metadata_disk(broker)) {
        work.publication = false;
        publish_metadata(broker, turn);
    }
}

/// Source: LogDirFailureHandler takes failures from its queue. The controller hears of them in a heartbeat
/// at once (BrokerLifecycleManager.OfflineDirEvent).
void give_up_directories(Broker& broker, Turn& turn) {
    DiskWork& work = broker.memory.disk_work;
    const std::uint32_t fresh = work.failing & ~work.offline;
    work.failing = 0;
    if (fresh == 0) return;
    work.offline |= fresh;
    note_failures(broker, fresh, turn);
    if (must_halt(broker, turn)) {
        broker.halt_requested = true;
        return;
    }
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        const int directory = directory_of(turn.configuration, broker.slot, broker.hosted[i]);
        if (((fresh >> directory) & 1U) != 0) take_offline(broker, static_cast<int>(i), turn);
    }
    if (has_zookeeper(turn)) return notify_failed_directory(broker, turn);
    if (broker.memory.lifecycle.epoch == no_broker_epoch) return; // the registration says it
    communicate_after(broker, sim::Duration{0}, turn);
    turn.after(settings_of(broker, turn.configuration).log.directory_failure_timeout,
               timer(BrokerTimer::directory_failure_timeout));
}

/// Source: LogManager.createAndValidateLogDirs, loadLogs: a directory that cannot be read is offline from the
/// start.
void find_failed_directories(Broker& broker, Turn& turn) {
    DiskWork& work = broker.memory.disk_work;
    for (std::size_t i = 0; i < broker.disk.devices.size(); ++i)
        if (broker.disk.devices[i].failed || broker.disk.devices[i].unreadable)
            work.offline |= std::uint32_t{1} << i;
    if (work.offline == 0) return;
    work.known = work.offline; // the registration names those that are there
    note_failures(broker, work.offline, turn);
    broker.halt_requested = broker.halt_requested || must_halt(broker, turn);
}

/// Source: BrokerLifecycleManager.OfflineDirBrokerFailureEvent, log.dir.failure.timeout.ms.
void check_failures_are_known(Broker& broker, Turn& turn) {
    const DiskWork& work = broker.memory.disk_work;
    if ((work.offline & ~work.known) == 0) return turn.ignore("the controller knows of the failed directory");
    begin_shutdown(broker, turn);
}

} // namespace parts

} // namespace kafka
