#include "models/broker/parts.hpp"
#include "models/log/write_back.hpp"

#include <algorithm>

namespace kafka {

namespace {

using parts::timer;

/// Memory of a process that has just begun: logs are loaded, nothing is known of the cluster.
/// Source: LogManager.loadLogs; the high watermark is the checkpointed one; semantics 1.8, 5.4.
void load(Broker& broker, Turn& turn) {
    const Configuration& configuration = turn.configuration;
    broker.memory = Memory{};
    Memory& memory = broker.memory;
    memory.observer = {no_voter, Epoch{0}, Voter{0}, {}, {}, no_epoch, no_offset};
    memory.image.brokers.resize(configuration.brokers.size());
    memory.image.epochs.resize(configuration.brokers.size(), no_broker_epoch);
    memory.image.partitions.resize(configuration.partitions.size());
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        if (configuration.partitions[i].created_later) memory.image.partitions[i] = not_yet_created();
    for (const TopicConfiguration& topic : configuration.topics)
        memory.image.topics.push_back(topic.settings);
    const Dialect& dialect = dialect_of(broker, configuration);
    // Under KRaft all releases load logs with the first metadata; it makes a difference to 3.4 only.
    const bool late = !parts::has_zookeeper(turn) && !dialect.mended.marker_needs_loaded_logs;
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        Replica replica;
        replica.partition = broker.hosted[i];
        Log& log = broker.disk.logs[i];
        if (!broker.disk.clean_shutdown && !log.corrupt.empty() && !late)
            parts::recover(broker, static_cast<int>(i), turn);
        if (configuration.moves_log_starts) parts::load_log_start(broker, static_cast<int>(i), turn);
        truncate_from_end(log.epochs, log.log_end_offset); // LogLoader.load; Log.<init> before 3.0
        replica.high_watermark =
            std::clamp(log.high_watermark_checkpoint, log.log_start_offset, log.log_end_offset);
        const bool snapshot = broker.disk.clean_shutdown && i < broker.disk.snapshots.size();
        if (dialect.broken != BrokenRule::producer_state_forgotten)
            replica.producers = snapshot ? broker.disk.snapshots[i] : rebuild(log, dialect);
        memory.replicas.push_back(std::move(replica));
    }
    memory.in_service.resize(static_cast<std::size_t>(settings_of(broker, configuration).num_io_threads));
    memory.disk_work.recovery = parts::recovery_time(broker, turn);
    memory.disk_work.unrecovered = late && !broker.disk.clean_shutdown;
    memory.lifecycle.incarnation = (static_cast<std::uint64_t>(broker.slot.value) << 32) + (++broker.starts);
}

void start_timers(Broker& broker, Turn& turn) {
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    const auto phase = [&](Purpose purpose, sim::Duration period) {
        const std::uint64_t owner = static_cast<std::uint64_t>(broker.slot.value);
        return sim::Duration{static_cast<std::int64_t>(
            sim::below(turn.draw(purpose, owner), static_cast<std::uint64_t>(period.micros)))};
    };
    turn.after(phase(Purpose::isr_check_phase, settings.replica_lag_time_max / 2),
               timer(BrokerTimer::isr_check));
    const sim::Duration interval = settings.replica_high_watermark_checkpoint_interval;
    turn.after(phase(Purpose::checkpoint_phase, interval), timer(BrokerTimer::checkpoint));
    parts::start_groups(broker, turn);
    parts::start_transactions(broker, turn);
    const sim::Duration flush = settings.log.flush_scheduler_interval;
    if (flush < sim::seconds(86400 * 365)) turn.after(flush, timer(BrokerTimer::flush));
    if (turn.configuration.network.write_back)
        turn.after(write_back_interval, timer(BrokerTimer::write_back));
    if (!turn.configuration.moves_log_starts) return;
    turn.after(settings.log.initial_task_delay, timer(BrokerTimer::retention));
    turn.after(settings.log.initial_task_delay, timer(BrokerTimer::log_start_checkpoint));
}

} // namespace

void start(Broker& broker, const HealthyStart* healthy, Turn& turn) {
    load(broker, turn);
    broker.exit_requested = false;
    broker.halt_requested = false;
    broker.halted = false;
    parts::find_failed_directories(broker, turn);
    Lifecycle& lifecycle = broker.memory.lifecycle;
    start_timers(broker, turn);
    parts::start_cleaner(broker, healthy != nullptr, turn);
    if (parts::has_zookeeper(turn)) return parts::join_ensemble(broker, healthy, turn);
    if (healthy != nullptr) {
        broker.memory.image = healthy->image;
        broker.memory.observer = QuorumObserver{}; // it follows the first voter in epoch 1
        lifecycle.incarnation = healthy->incarnation;
        lifecycle.epoch = healthy->epoch;
        lifecycle.state = LifecycleState::running;
        for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
            const auto at = static_cast<std::size_t>(broker.hosted[i].value);
            if (parts::why_no_replica(broker, broker.hosted[i], turn.configuration) != ErrorCode::none)
                continue;
            parts::take_role(broker, static_cast<int>(i), broker.memory.image.partitions[at], turn);
        }
        const auto interval = static_cast<std::uint64_t>(
            settings_of(broker, turn.configuration).broker_heartbeat_interval.micros);
        const std::uint64_t draw =
            turn.draw(Purpose::heartbeat_phase, static_cast<std::uint64_t>(broker.slot.value));
        parts::communicate_after(broker, sim::Duration{static_cast<std::int64_t>(sim::below(draw, interval))},
                                 turn);
    } else {
        parts::communicate(broker, turn);
    }
    broker.disk.snapshots.clear();
    parts::fetch_metadata(broker, turn);
}

void begin_shutdown(Broker& broker, Turn& turn) {
    Lifecycle& lifecycle = broker.memory.lifecycle;
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    if (lifecycle.state != LifecycleState::running || !settings.controlled_shutdown_enable) {
        broker.exit_requested = true; // nothing to hand over
        return;
    }
    lifecycle.state = LifecycleState::pending_shutdown;
    if (parts::has_zookeeper(turn)) return parts::ask_to_shut_down(broker, turn);
    // Source: BrokerServer.shutdown waits 5 minutes for the controlled shutdown, then goes on anyway.
    turn.after(sim::seconds(300), timer(BrokerTimer::shutdown_timeout));
    parts::communicate(broker, turn);
}

bool is_starting(const Broker& broker) {
    const LifecycleState state = broker.memory.lifecycle.state;
    return state == LifecycleState::registering || state == LifecycleState::recovering;
}

bool is_shutting_down(const Broker& broker) {
    return broker.memory.lifecycle.state == LifecycleState::pending_shutdown;
}

namespace parts {

bool serves_requests(const Broker& broker) {
    const LifecycleState state = broker.memory.lifecycle.state;
    return state == LifecycleState::running || state == LifecycleState::pending_shutdown;
}

void communicate_after(Broker& broker, sim::Duration delay, Turn& turn) {
    turn.after(delay, timer(BrokerTimer::heartbeat, ++broker.memory.lifecycle.heartbeat_round));
}

/// One exchange with the controller: registration, else heartbeat. Source:
/// BrokerLifecycleManager.CommunicationEvent.
void communicate(Broker& broker, Turn& turn) {
    Memory& memory = broker.memory;
    Lifecycle& lifecycle = memory.lifecycle;
    if (memory.heartbeat.in_flight) return;
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    // A request times out at half the session (BrokerLifecycleManager: sessionTimeout / 2); so does a
    // connection.
    turn.after(settings.broker_session_timeout / 2,
               timer(BrokerTimer::heartbeat_timeout, memory.heartbeat.round));
    if (!ready_for_controller(broker, memory.heartbeat, turn)) {
        if (memory.heartbeat.state == Channel::State::closed)
            turn.at(memory.heartbeat.retry_at, timer(BrokerTimer::heartbeat_connect, memory.heartbeat.round));
        return;
    }
    memory.heartbeat.in_flight = true;
    if (lifecycle.state == LifecycleState::registering) {
        const BrokerRegistrationRequest request{broker.slot, lifecycle.incarnation,
                                                broker.disk.clean_shutdown ? broker.disk.clean_shutdown_epoch
                                                                           : no_broker_epoch,
                                                broker.disk.directory, memory.disk_work.offline};
        turn.send(memory.heartbeat.connection, sim::Side::client, request, 250);
        return;
    }
    const bool published = memory.image.next_offset > Offset{lifecycle.epoch.value};
    const BrokerHeartbeatRequest request{broker.slot,
                                         lifecycle.epoch,
                                         next(memory.image.next_offset, -1),
                                         lifecycle.state == LifecycleState::recovering && !published,
                                         lifecycle.state == LifecycleState::pending_shutdown,
                                         memory.disk_work.offline};
    memory.disk_work.told = memory.disk_work.offline;
    turn.send(memory.heartbeat.connection, sim::Side::client, request, 120);
}

/// The request stays in the channel's queue until its controller is found again.
/// Source: NodeToControllerRequestThread.handleResponse (NOT_CONTROLLER, or the connection is lost).
void look_for_controller(Broker& broker, Turn& turn) {
    give_up(broker.memory.heartbeat, sim::milliseconds(50), turn);
    communicate_after(broker, controller_lookup, turn);
}

/// Source: BrokerLifecycleManager.resendExponentialBackoff: 100 ms, doubling, to the session timeout.
void heartbeat_failed(Broker& broker, Turn& turn) {
    Lifecycle& lifecycle = broker.memory.lifecycle;
    const sim::Duration longest = settings_of(broker, turn.configuration).broker_session_timeout;
    const sim::Duration delay =
        sim::milliseconds(100) * (std::int64_t{1} << std::min(lifecycle.heartbeat_failures, 16));
    lifecycle.heartbeat_failures += 1;
    communicate_after(broker, std::min(delay, longest), turn);
}

void on_lifecycle(Broker& broker, const BrokerRegistrationResponse& response, Turn& turn) {
    Lifecycle& lifecycle = broker.memory.lifecycle;
    broker.memory.heartbeat.in_flight = false;
    broker.memory.heartbeat.round += 1;
    if (lifecycle.state != LifecycleState::registering) return turn.ignore("registered already");
    if (response.error == ErrorCode::not_controller) return look_for_controller(broker, turn);
    if (response.error != ErrorCode::none) return heartbeat_failed(broker, turn);
    lifecycle.heartbeat_failures = 0;
    lifecycle.epoch = response.epoch;
    lifecycle.state = LifecycleState::recovering;
    broker.disk.clean_shutdown = false; // KAFKA-10471: the marker goes when loading begins
    communicate_after(broker, sim::Duration{0}, turn);
}

void on_lifecycle(Broker& broker, const BrokerHeartbeatResponse& response, Turn& turn) {
    Lifecycle& lifecycle = broker.memory.lifecycle;
    broker.memory.heartbeat.in_flight = false;
    broker.memory.heartbeat.round += 1;
    if (response.error == ErrorCode::not_controller) return look_for_controller(broker, turn);
    if (response.error != ErrorCode::none) return heartbeat_failed(broker, turn);
    lifecycle.heartbeat_failures = 0;
    DiskWork& disks = broker.memory.disk_work;
    disks.known |= disks.told;
    if (disks.known != disks.offline) return communicate_after(broker, sim::Duration{0}, turn);
    if (lifecycle.state == LifecycleState::pending_shutdown && response.should_shut_down) {
        lifecycle.state = LifecycleState::shutting_down;
        broker.exit_requested = true;
        return;
    }
    const sim::Duration interval = settings_of(broker, turn.configuration).broker_heartbeat_interval;
    if (lifecycle.state != LifecycleState::recovering) return communicate_after(broker, interval, turn);
    if (response.fenced) return communicate_after(broker, sim::milliseconds(10), turn);
    lifecycle.state = LifecycleState::running;
    serve_held_requests(broker, turn);
    communicate_after(broker, interval, turn);
}

} // namespace parts

} // namespace kafka
