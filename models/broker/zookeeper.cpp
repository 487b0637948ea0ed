#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Source: controller.socket.timeout.ms: its default.
constexpr sim::Duration shutdown_socket_timeout = sim::milliseconds(30000);
/// A process of 0.8.2 backs off and tries again: ZkUtils.createEphemeralPathExpectConflictHandleZKBug sleeps
/// for the time-out of a session; what it waits for is over by then.
constexpr sim::Duration registration_retry = sim::milliseconds(1000);

void ask_ensemble(Broker& broker, ZooKeeperCall call, std::uint8_t nodes, Turn& turn) {
    ZooKeeperPending pending;
    pending.request.call = call;
    pending.request.nodes = nodes;
    pending.request.incarnation = broker.memory.lifecycle.incarnation;
    ask(broker.memory.zookeeper.client, broker.slot, std::move(pending), turn);
}

/// Whether the script can make nodes under /admin, or of log directories.
bool has_admin_nodes(const Configuration& configuration) {
    return std::any_of(configuration.faults.begin(), configuration.faults.end(), [](const Fault& fault) {
        return fault.kind == FaultKind::reassign || fault.kind == FaultKind::delete_topic ||
               fault.kind == FaultKind::elect || fault.kind == FaultKind::disk;
    });
}

/// Whoever is elected is watched, and so are the settings.
/// Source: KafkaController.elect, DynamicConfigManager.startup, AclAuthorizer.
void ask_who_controls(Broker& broker, Turn& turn) {
    ask_ensemble(broker, ZooKeeperCall::elect_controller, 0, turn);
    ask_ensemble(broker, ZooKeeperCall::read, bit(ZooKeeperNodes::configs), turn);
}

void tell_controller_of(Broker& broker, ControllerEventKind kind, Turn& turn) {
    ZooKeeperController& controller = broker.memory.zookeeper.controller;
    if (!controller.active) return turn.ignore("a watch of a controller that has resigned");
    ControllerEvent event;
    event.kind = kind;
    happen(controller, std::move(event), surroundings(broker), turn);
    send_replies(broker, turn);
}

/// The session is gone: the controller resigns first, then the broker registers in a new one. It goes on
/// leading and following with what it knows. Source: KafkaController.Expire, RegisterBrokerAndReelect;
/// semantics 4.1.4.
void session_ended(Broker& broker, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    std::vector<ZooKeeperPending> calls;
    calls.swap(member.client.calls);
    for (const ZooKeeperPending& call : calls)
        if (call.of == CallOf::leader) isr_not_written(broker, call, turn);
    resign(member.controller, broker.slot, turn);
    send_replies(broker, turn);
    member.elected = no_slot;
    connect_to_ensemble(member.client, broker.slot, turn);
}

void registered(Broker& broker, const ZooKeeperResponse& response, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    Lifecycle& lifecycle = broker.memory.lifecycle;
    const bool leaves = dialect_of(broker, turn.configuration).zookeeper.leaves_when_registered &&
                        lifecycle.state == LifecycleState::registering;
    if (response.error != ZooKeeperError::none && leaves) { // KeeperException.NodeExists: startup fails
        broker.exit_requested = true;
        broker.starts_again = true;
        return;
    }
    if (response.error != ZooKeeperError::none) {
        turn.after(registration_retry, timer(ZooKeeperTimer::register_again, ++member.registration_round));
        return;
    }
    member.epoch = response.epoch;
    if (lifecycle.state == LifecycleState::registering) {
        lifecycle.state = LifecycleState::running;
        broker.disk.clean_shutdown = false;
        serve_held_requests(broker, turn);
    }
    ask_who_controls(broker, turn);
}

void controller_known(Broker& broker, const ZooKeeperResponse& response, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    member.elected = response.controller;
    const bool own = response.controller == broker.slot && response.session == member.client.session;
    if (own)
        take_office(member.controller, response.controller_epoch, surroundings(broker), turn);
    else
        resign(member.controller, broker.slot, turn);
    send_replies(broker, turn);
}

void settings_read(Broker& broker, const ZooKeeperResponse& response, Turn& turn) {
    Memory& memory = broker.memory;
    const std::vector<MetadataRecord> records = turn.slabs().metadata_records.open(response.content).records;
    turn.slabs().metadata_records.release(response.content);
    const std::vector<TopicSettings> before = memory.image.topics;
    memory.image.throttles.clear(); // those that are set were read
    for (const MetadataRecord& record : records)
        apply(memory.image, record, broker.slot);
    if (!memory.zookeeper.controller.active ||
        !dialect_of(memory.zookeeper.controller, turn.configuration).zookeeper.unclean_is_enabled_at_once)
        return;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const bool enabled = memory.image.topics[i].unclean_leader_election_enable;
        if (!enabled || before[i].unclean_leader_election_enable) continue;
        ControllerEvent event;
        event.kind = ControllerEventKind::unclean_enabled;
        event.topic = TopicIndex{static_cast<std::int32_t>(i)};
        happen(memory.zookeeper.controller, std::move(event), surroundings(broker), turn);
    }
    send_replies(broker, turn);
}

void on_call_answered(Broker& broker, const ZooKeeperPending& call, const ZooKeeperResponse& response,
                      Turn& turn) {
    if (call.of == CallOf::leader) return isr_written(broker, call, response, turn);
    if (call.of == CallOf::controller) {
        on_answer(broker.memory.zookeeper.controller, call, response, surroundings(broker), turn);
        return send_replies(broker, turn);
    }
    switch (call.request.call) {
    case ZooKeeperCall::register_broker:
        return registered(broker, response, turn);
    case ZooKeeperCall::elect_controller:
        return controller_known(broker, response, turn);
    case ZooKeeperCall::read:
        return settings_read(broker, response, turn);
    case ZooKeeperCall::connect:
    case ZooKeeperCall::ping:
    case ZooKeeperCall::close:
    case ZooKeeperCall::write_partitions:
    case ZooKeeperCall::notify_isr_changes:
    case ZooKeeperCall::write_assignments:
    case ZooKeeperCall::delete_topics:
    case ZooKeeperCall::clear_admin_nodes:
    case ZooKeeperCall::notify_directory:
        return turn.release(response);
    }
}

void on_ensemble(Broker& broker, const ZooKeeperResponse& response, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    const ZooKeeperNews news = hear(member.client, broker.slot, response, turn);
    switch (news.kind) {
    case ZooKeeperNews::Kind::nothing:
        return turn.release(response);
    case ZooKeeperNews::Kind::session_expired:
        return session_ended(broker, turn);
    case ZooKeeperNews::Kind::session_began:
        return ask_ensemble(broker, ZooKeeperCall::register_broker, 0, turn);
    case ZooKeeperNews::Kind::session_goes_on: // watches are set again, and what has changed meanwhile is
                                               // read
        ask_who_controls(broker, turn);
        if (!member.controller.active) return;
        for (const ControllerEventKind kind :
             {ControllerEventKind::brokers_changed, ControllerEventKind::isr_changed,
              ControllerEventKind::partitions_changed})
            tell_controller_of(broker, kind, turn);
        if (!has_admin_nodes(turn.configuration)) return;
        for (const ControllerEventKind kind :
             {ControllerEventKind::admin_changed, ControllerEventKind::replicas_moved,
              ControllerEventKind::directories_changed})
            tell_controller_of(broker, kind, turn);
        return;
    case ZooKeeperNews::Kind::answer:
        return on_call_answered(broker, *news.call, response, turn);
    }
}

void on_watch(Broker& broker, const ZooKeeperEvent& event, Turn& turn) {
    broker.memory.zookeeper.client.last_heard = turn.now;
    switch (event.nodes) {
    case ZooKeeperNodes::controller: // Source: ControllerChange, Reelect
        return ask_ensemble(broker, ZooKeeperCall::elect_controller, 0, turn);
    case ZooKeeperNodes::brokers:
        return tell_controller_of(broker, ControllerEventKind::brokers_changed, turn);
    case ZooKeeperNodes::partitions:
        return tell_controller_of(broker, ControllerEventKind::partitions_changed, turn);
    case ZooKeeperNodes::isr_changes:
        return tell_controller_of(broker, ControllerEventKind::isr_changed, turn);
    case ZooKeeperNodes::configs:
        return ask_ensemble(broker, ZooKeeperCall::read, bit(ZooKeeperNodes::configs), turn);
    case ZooKeeperNodes::admin:
        return tell_controller_of(broker, ControllerEventKind::admin_changed, turn);
    case ZooKeeperNodes::directories:
        return tell_controller_of(broker, ControllerEventKind::directories_changed, turn);
    case ZooKeeperNodes::moving:
        return tell_controller_of(broker, ControllerEventKind::replicas_moved, turn);
    }
}

/// Source: KafkaServer.controlledShutdown: after the last attempt the broker ends all the same.
void shutdown_failed(Broker& broker, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    if (++member.shutdown_attempts >= settings.zookeeper.controlled_shutdown_max_retries) {
        turn.ignore("controlled shutdown has not succeeded: the broker ends with partitions that it leads");
        broker.exit_requested = true;
        return;
    }
    give_up(member.shutdown, settings.zookeeper.controlled_shutdown_retry_backoff, turn);
    turn.at(member.shutdown.retry_at, timer(ZooKeeperTimer::shutdown_again, member.shutdown.round));
}

void on_shutdown_answer(Broker& broker, const ControlledShutdownResponse& response, Turn& turn) {
    broker.memory.zookeeper.shutdown.in_flight = false;
    if (response.error != ErrorCode::none || response.remaining > 0) return shutdown_failed(broker, turn);
    broker.memory.lifecycle.state = LifecycleState::shutting_down;
    broker.exit_requested = true;
}

} // namespace

ControllerSurroundings surroundings(Broker& broker) {
    return {broker.slot, broker.memory.zookeeper.client, broker.memory.image.topics, broker.upgraded_by,
            broker.protocol_by};
}

void notify_failed_directory(Broker& broker, Turn& turn) {
    ask_ensemble(broker, ZooKeeperCall::notify_directory, 0, turn);
}

void join_ensemble(Broker& broker, const HealthyStart* healthy, Turn& turn) {
    Memory& memory = broker.memory;
    ZooKeeperMember& member = memory.zookeeper;
    broker.disk.snapshots.clear();
    if (healthy == nullptr) { // nothing is known before the controller has told it
        for (PartitionState& state : memory.image.partitions)
            state = not_yet_created();
        return connect_to_ensemble(member.client, broker.slot, turn);
    }
    memory.image = healthy->image;
    memory.lifecycle.incarnation = healthy->incarnation;
    memory.lifecycle.state = LifecycleState::running;
    member.epoch = healthy->epoch;
    member.controller_epoch = Epoch{1};
    member.ordering = member.elected = turn.configuration.first_controller;
    member.client.session = SessionId{broker.slot.value + 1};
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        const PartitionState& state =
            memory.image.partitions[static_cast<std::size_t>(broker.hosted[i].value)];
        if (exists(state)) take_role(broker, static_cast<int>(i), state, turn);
    }
    // The session has gone on for a while: its signs of life come at a phase of their own.
    const auto period = static_cast<std::uint64_t>(
        settings_of(broker, turn.configuration).zookeeper_session_timeout.micros / 3);
    const std::uint64_t draw =
        turn.draw(Purpose::zookeeper_ping_phase, static_cast<std::uint64_t>(broker.slot.value));
    connect_to_ensemble(member.client, broker.slot, turn);
    member.client.ping_phase = sim::Duration{static_cast<std::int64_t>(sim::below(draw, period))};
}

void leave_ensemble(Broker& broker, Turn& turn) {
    ZooKeeperClient& client = broker.memory.zookeeper.client;
    if (client.greeted) ask_ensemble(broker, ZooKeeperCall::close, 0, turn);
}

Channel* zookeeper_channel(Broker& broker, sim::ConnectionId connection) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    if (!connection.valid()) return nullptr;
    if (member.client.channel.connection == connection) return &member.client.channel;
    if (member.shutdown.connection == connection) return &member.shutdown;
    ControlChannel* control = control_channel_on(member.controller, connection);
    return control == nullptr ? nullptr : &control->channel;
}

bool on_zookeeper(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    if (connection == member.client.channel.connection) {
        if (const auto* event = std::get_if<ZooKeeperEvent>(&mail)) on_watch(broker, *event, turn);
        if (const auto* response = std::get_if<ZooKeeperResponse>(&mail))
            on_ensemble(broker, *response, turn);
        return true;
    }
    if (connection == member.shutdown.connection) {
        if (const auto* response = std::get_if<ControlledShutdownResponse>(&mail))
            on_shutdown_answer(broker, *response, turn);
        return true;
    }
    ControlChannel* control = control_channel_on(member.controller, connection);
    if (control == nullptr) return false;
    if (const auto* response = std::get_if<ControlResponse>(&mail)) {
        order_answered(member.controller, *control, *response, surroundings(broker), turn);
        send_replies(broker, turn);
    }
    return true;
}

void zookeeper_connected(Broker& broker, sim::ConnectionId connection, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    if (connection == member.client.channel.connection)
        return ensemble_connected(member.client, broker.slot, turn);
    if (connection == member.shutdown.connection) return ask_to_shut_down(broker, turn);
    if (ControlChannel* control = control_channel_on(member.controller, connection)) {
        control->channel.round += 1; // the connection's own time-out is over
        send_orders(*control, turn);
    }
}

void zookeeper_lost(Broker& broker, sim::ConnectionId connection, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    if (connection == member.client.channel.connection)
        return ensemble_lost(member.client, broker.slot, turn);
    if (connection == member.shutdown.connection) return shutdown_failed(broker, turn);
    if (ControlChannel* control = control_channel_on(member.controller, connection))
        order_failed(*control, turn);
}

void on_zookeeper_timer(Broker& broker, const Timer& due, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    switch (static_cast<ZooKeeperTimer>(due.b)) {
    case ZooKeeperTimer::session:
    case ZooKeeperTimer::reconnect:
        return on_session_timer(member.client, broker.slot, due, turn);
    case ZooKeeperTimer::register_again:
        if (due.round != member.registration_round) return turn.ignore("stale timer");
        return ask_ensemble(broker, ZooKeeperCall::register_broker, 0, turn);
    case ZooKeeperTimer::propagate_isr:
        return tell_isr_changes(broker, turn);
    case ZooKeeperTimer::shutdown_again:
        if (due.round != member.shutdown.round) return turn.ignore("stale timer");
        return ask_to_shut_down(broker, turn);
    case ZooKeeperTimer::shutdown_timeout:
        if (due.round != member.shutdown.round) return turn.ignore("stale timer");
        return shutdown_failed(broker, turn);
    case ZooKeeperTimer::control_send:
    case ZooKeeperTimer::control_timeout:
        return on_control_timer(member.controller, due, turn);
    case ZooKeeperTimer::rebalance:
        if (due.round != member.controller.term) return turn.ignore("a timer of an earlier term");
        return tell_controller_of(broker, ControllerEventKind::rebalance, turn);
    }
}

void ask_to_shut_down(Broker& broker, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    Channel& channel = member.shutdown;
    if (channel.in_flight) return;
    if (member.elected == no_slot) return shutdown_failed(broker, turn);
    const bool connects = channel.state == Channel::State::closed;
    if (!ensure_ready(channel, Addresses::broker(member.elected), LinkKind::control, turn)) {
        if (connects)
            turn.after(shutdown_socket_timeout, timer(ZooKeeperTimer::shutdown_timeout, channel.round));
        return;
    }
    const bool epochs = dialect_of(broker, turn.configuration).zookeeper.broker_epochs;
    channel.in_flight = true;
    channel.round += 1;
    turn.send(channel.connection, sim::Side::client,
              ControlledShutdownRequest{broker.slot, epochs ? member.epoch : no_broker_epoch}, 60);
    turn.after(shutdown_socket_timeout, timer(ZooKeeperTimer::shutdown_timeout, channel.round));
}

} // namespace kafka::parts
