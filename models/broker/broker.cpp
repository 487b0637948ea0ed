#include "models/broker/broker.hpp"

#include "models/broker/parts.hpp"
#include "models/log/write_back.hpp"

namespace kafka {

namespace {

/// An answer to one of this broker's own requests.
void on_answer(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    Memory& memory = broker.memory;
    if (parts::has_zookeeper(turn) && parts::on_zookeeper(broker, connection, mail, turn)) return;
    if (Fetcher* fetcher = parts::fetcher_on(broker, connection))
        return parts::on_fetcher(broker, *fetcher, mail, turn);
    if (connection == memory.heartbeat.connection) {
        if (const auto* registered = std::get_if<BrokerRegistrationResponse>(&mail))
            return parts::on_lifecycle(broker, *registered, turn);
        if (const auto* heartbeat = std::get_if<BrokerHeartbeatResponse>(&mail))
            return parts::on_lifecycle(broker, *heartbeat, turn);
    }
    if (connection == memory.metadata.connection)
        if (const auto* fetched = std::get_if<MetadataFetchResponse>(&mail))
            return parts::on_metadata(broker, *fetched, turn);
    if (connection == memory.alter_partition.channel.connection)
        if (const auto* altered = std::get_if<AlterPartitionResponse>(&mail))
            return parts::on_alter_partition(broker, *altered, turn);
    if (MarkerChannel* markers = channel_on(broker.memory.traffic.marker_channels, connection))
        if (const auto* written = std::get_if<WriteTxnMarkersResponse>(&mail))
            return parts::on_markers(broker, *markers, *written, turn);
    if (channel_on(broker.memory.traffic.verification_channels, connection) != nullptr)
        if (const auto* verified = std::get_if<AddPartitionsToTxnResponse>(&mail))
            return parts::on_verified(broker, *verified, turn);
    if (connection == memory.directory_report.channel.connection)
        if (const auto* reported = std::get_if<AssignReplicasToDirsResponse>(&mail))
            return parts::on_directory_report(broker, *reported, turn);
    turn.release(mail);
    turn.ignore("answer on a connection that is no longer in use");
}

/// Gives `event` its channel; -1 when the connection belongs to none.
enum class Owner : std::uint8_t {
    none,
    heartbeat,
    metadata,
    alter_partition,
    directory,
    fetcher,
    markers,
    verification,
    zookeeper
};

Owner owner_of(Broker& broker, sim::ConnectionId connection, Channel*& channel) {
    Memory& memory = broker.memory;
    const auto is = [&](Channel& candidate) {
        if (candidate.connection != connection || !connection.valid()) return false;
        channel = &candidate;
        return true;
    };
    if (is(memory.heartbeat)) return Owner::heartbeat;
    if (is(memory.metadata)) return Owner::metadata;
    if (is(memory.alter_partition.channel)) return Owner::alter_partition;
    if (is(memory.directory_report.channel)) return Owner::directory;
    for (Fetcher& fetcher : memory.fetchers)
        if (is(fetcher.channel)) return Owner::fetcher;
    for (MarkerChannel& markers : memory.traffic.marker_channels)
        if (is(markers.channel)) return Owner::markers;
    for (VerificationChannel& verification : memory.traffic.verification_channels)
        if (is(verification.channel)) return Owner::verification;
    channel = parts::zookeeper_channel(broker, connection);
    if (channel != nullptr) return Owner::zookeeper;
    return Owner::none;
}

/// Back-off after a lost connection. Source: reconnect.backoff.ms = 50 of the controller channels (constant),
/// controller.quorum.retry.backoff.ms for the metadata, replica.fetch.backoff.ms for the fetchers.
void channel_lost(Broker& broker, Owner owner, Channel& channel, Turn& turn) {
    switch (owner) {
    case Owner::none:
        return;
    case Owner::heartbeat:
        parts::mark_closed(channel, sim::milliseconds(50), turn);
        if (turn.configuration.controllers.size() > 1) // the request waits for another controller
            return parts::communicate_after(broker, parts::controller_lookup, turn);
        return parts::heartbeat_failed(broker, turn);
    case Owner::metadata:
        parts::mark_closed(channel, sim::milliseconds(50), turn);
        return parts::metadata_failed(broker, turn);
    case Owner::alter_partition:
        parts::mark_closed(channel, sim::milliseconds(50), turn);
        return parts::alter_partition_failed(broker, turn);
    case Owner::directory:
        parts::mark_closed(channel, sim::milliseconds(50), turn);
        turn.at(channel.retry_at, parts::timer(BrokerTimer::directory_send, channel.round));
        return;
    case Owner::fetcher: {
        Fetcher& fetcher = *parts::fetcher_on(broker, channel.connection);
        parts::mark_closed(channel, sim::Duration{0}, turn);
        return parts::fetcher_failed(broker, fetcher, turn);
    }
    case Owner::markers: {
        MarkerChannel& markers = *channel_on(broker.memory.traffic.marker_channels, channel.connection);
        parts::mark_closed(channel, sim::milliseconds(50), turn);
        return parts::markers_failed(broker, markers, turn);
    }
    case Owner::verification: {
        const BrokerSlot coordinator =
            channel_on(broker.memory.traffic.verification_channels, channel.connection)->server;
        parts::mark_closed(channel, sim::milliseconds(50), turn);
        return parts::verifications_failed(broker, coordinator, turn);
    }
    case Owner::zookeeper:
        return parts::zookeeper_lost(broker, channel.connection, turn);
    }
}

void on_fetcher_timer(Broker& broker, const Timer& timer, BrokerTimer what, Turn& turn) {
    Fetcher* fetcher = parts::fetcher_of(broker, BrokerSlot{static_cast<std::int32_t>(timer.a)});
    if (fetcher == nullptr) return turn.ignore("no such fetcher");
    if (what == BrokerTimer::fetcher_wake) {
        if (timer.round != fetcher->wake_round) return turn.ignore("stale wake-up");
        fetcher->wake_at = sim::SimTime::never();
        return parts::wake_fetcher(broker, fetcher->leader, turn);
    }
    if (timer.round != fetcher->channel.round) return turn.ignore("stale timeout");
    parts::give_up(fetcher->channel, sim::Duration{0}, turn);
    parts::fetcher_failed(broker, *fetcher, turn);
}

void on_controller_timer(Broker& broker, const Timer& timer, BrokerTimer what, Turn& turn) {
    Memory& memory = broker.memory;
    const bool heartbeat = what == BrokerTimer::heartbeat_timeout || what == BrokerTimer::heartbeat_connect;
    const bool metadata = what == BrokerTimer::metadata_timeout || what == BrokerTimer::metadata_connect;
    const bool directory = what == BrokerTimer::directory_send;
    Channel& channel = heartbeat   ? memory.heartbeat
                       : metadata  ? memory.metadata
                       : directory ? memory.directory_report.channel
                                   : memory.alter_partition.channel;
    if (timer.round != channel.round) return turn.ignore("stale timer");
    const bool timed_out = what == BrokerTimer::heartbeat_timeout || what == BrokerTimer::metadata_timeout ||
                           what == BrokerTimer::alter_partition_timeout;
    if (timed_out) {
        const bool waiting = channel.in_flight || channel.state == Channel::State::connecting;
        if (!waiting) return turn.ignore("nothing is awaited");
        parts::give_up(channel, sim::milliseconds(50), turn);
        if (heartbeat) return parts::heartbeat_failed(broker, turn);
        if (metadata) return parts::metadata_failed(broker, turn);
        return parts::alter_partition_failed(broker, turn);
    }
    if (what == BrokerTimer::heartbeat_connect) return parts::communicate(broker, turn);
    if (what == BrokerTimer::metadata_connect) return parts::fetch_metadata(broker, turn);
    if (directory) return parts::send_directory_report(broker, turn);
    parts::send_alter_partition(broker, turn);
}

void on_periodic_timer(Broker& broker, BrokerTimer what, Turn& turn) {
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    if (what == BrokerTimer::isr_check) {
        parts::check_isrs(broker, turn);
        turn.after(settings.replica_lag_time_max / 2, parts::timer(what));
    } else if (what == BrokerTimer::checkpoint) {
        parts::write_checkpoints(broker, turn);
        turn.after(settings.replica_high_watermark_checkpoint_interval, parts::timer(what));
    } else if (what == BrokerTimer::flush) {
        parts::flush_by_time(broker, turn);
        turn.after(settings.log.flush_scheduler_interval, parts::timer(what));
    } else if (what == BrokerTimer::retention) {
        parts::delete_old_segments(broker, false, turn);
        turn.after(settings.log.retention_check_interval, parts::timer(what));
    } else if (what == BrokerTimer::write_back) {
        parts::mark_for_write_back(broker, turn);
        turn.after(write_back_interval, parts::timer(what));
    } else if (what == BrokerTimer::log_start_checkpoint) {
        parts::checkpoint_log_starts(broker, turn);
        turn.after(settings.log.start_offset_checkpoint_interval, parts::timer(what));
    }
}

void on_timer(Broker& broker, const Timer& timer, Turn& turn) {
    const auto what = static_cast<BrokerTimer>(timer.what);
    switch (what) {
    case BrokerTimer::service:
        return parts::finish_service(broker, timer.a, turn);
    case BrokerTimer::heartbeat:
        if (timer.round != broker.memory.lifecycle.heartbeat_round) return turn.ignore("stale heartbeat");
        return parts::communicate(broker, turn);
    case BrokerTimer::heartbeat_timeout:
    case BrokerTimer::heartbeat_connect:
    case BrokerTimer::metadata_connect:
    case BrokerTimer::metadata_timeout:
    case BrokerTimer::alter_partition_send:
    case BrokerTimer::alter_partition_timeout:
    case BrokerTimer::directory_send:
        return on_controller_timer(broker, timer, what, turn);
    case BrokerTimer::metadata_apply: // what was fetched is applied, whatever became of the connection
        return parts::publish_metadata(broker, turn);
    case BrokerTimer::isr_check:
    case BrokerTimer::checkpoint:
    case BrokerTimer::flush:
    case BrokerTimer::retention:
    case BrokerTimer::log_start_checkpoint:
    case BrokerTimer::write_back:
        return on_periodic_timer(broker, what, turn);
    case BrokerTimer::fetcher_wake:
    case BrokerTimer::fetcher_timeout:
        return on_fetcher_timer(broker, timer, what, turn);
    case BrokerTimer::produce_expired:
        return parts::expire_delayed_produce(broker, timer.round, turn);
    case BrokerTimer::fetch_expired:
        return parts::expire_delayed_fetch(broker, timer.round, turn);
    case BrokerTimer::coordinator_loaded:
        return parts::finish_loading(broker, timer, turn);
    case BrokerTimer::coordinator_append_expired:
        return parts::expire_internal_append(broker, timer.round, turn);
    case BrokerTimer::group_coordinator:
        return parts::on_group_timer(broker, timer, turn);
    case BrokerTimer::transaction_coordinator:
        return parts::on_transaction_timer(broker, timer, turn);
    case BrokerTimer::disk_ready:
        return parts::go_on_after_disk(broker, turn);
    case BrokerTimer::directory_failure_timeout:
        return parts::check_failures_are_known(broker, turn);
    case BrokerTimer::zookeeper:
        return parts::on_zookeeper_timer(broker, timer, turn);
    case BrokerTimer::cleaner:
        return parts::run_cleaner(broker, turn);
    case BrokerTimer::shutdown_timeout:
        broker.exit_requested = true;
        return;
    }
}

} // namespace

namespace {

void end_turn(Broker& broker, Turn& turn) {
    parts::settle_appends(broker, turn);
    while (broker.memory.disk_work.failing != 0) {
        parts::give_up_directories(broker, turn);
        parts::settle_appends(broker, turn);
    }
}

} // namespace

void on(Broker& broker, sim::ConnectionId connection, sim::Side side, const Mail& mail, Turn& turn) {
    if (side == sim::Side::server)
        parts::accept_mail(broker, connection, mail, turn);
    else
        on_answer(broker, connection, mail, turn);
    end_turn(broker, turn);
}

void on(Broker& broker, const Connected& event, Turn& turn) {
    Channel* channel = nullptr;
    const Owner owner = owner_of(broker, event.connection, channel);
    if (channel != nullptr) channel->state = Channel::State::ready;
    switch (owner) {
    case Owner::none:
        turn.close(event.connection, sim::Side::client);
        return;
    case Owner::heartbeat:
        return parts::communicate(broker, turn);
    case Owner::metadata:
        return parts::fetch_metadata(broker, turn);
    case Owner::alter_partition:
        return parts::send_alter_partition(broker, turn);
    case Owner::directory:
        return parts::send_directory_report(broker, turn);
    case Owner::fetcher:
        channel->round += 1; // the connection's own timeout is over
        return parts::wake_fetcher(broker, parts::fetcher_on(broker, event.connection)->leader, turn);
    case Owner::markers:
        return parts::markers_connected(
            broker, *channel_on(broker.memory.traffic.marker_channels, event.connection), turn);
    case Owner::verification:
        return parts::verification_connected(
            broker, *channel_on(broker.memory.traffic.verification_channels, event.connection), turn);
    case Owner::zookeeper:
        return parts::zookeeper_connected(broker, event.connection, turn);
    }
}

void on(Broker& broker, const Refused& event, Turn& turn) {
    Channel* channel = nullptr;
    const Owner owner = owner_of(broker, event.connection, channel);
    if (channel != nullptr) channel_lost(broker, owner, *channel, turn);
    end_turn(broker, turn);
}

void on(Broker& broker, const Disconnected& event, Turn& turn) {
    Channel* channel = nullptr;
    const Owner owner = owner_of(broker, event.connection, channel);
    if (channel != nullptr)
        channel_lost(broker, owner, *channel, turn);
    else
        parts::forget_connection(broker, event.connection, turn);
    end_turn(broker, turn);
}

void on(Broker& broker, const Timer& timer, Turn& turn) {
    on_timer(broker, timer, turn);
    end_turn(broker, turn);
}

} // namespace kafka
