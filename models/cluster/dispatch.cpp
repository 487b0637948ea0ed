#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

ActorOf actor_of(const Configuration& configuration, sim::ProcessId process) {
    std::size_t index = process.value;
    if (index < configuration.brokers.size()) return {ActorOf::Kind::broker, index};
    index -= configuration.brokers.size();
    if (index < configuration.controllers.size()) return {ActorOf::Kind::controller, index};
    index -= configuration.controllers.size();
    const auto servers = static_cast<std::size_t>(configuration.zookeeper_servers);
    if (index < servers) return {ActorOf::Kind::zookeeper, index};
    index -= servers;
    if (index < configuration.producers.size()) return {ActorOf::Kind::producer, index};
    return {ActorOf::Kind::consumer, index - configuration.producers.size()};
}

namespace {

template <class Actor> void tell_client(Actor& actor, const sim::Notice<Mail>& notice, Turn& turn) {
    using Kind = sim::Notice<Mail>::Kind;
    switch (notice.kind) {
    case Kind::none:
    case Kind::dropped:
        return;
    case Kind::mail:
        return on(actor, notice.connection, notice.mail, turn);
    case Kind::connected:
        return on(actor, Connected{notice.connection}, turn);
    case Kind::refused:
        return on(actor, Refused{notice.connection}, turn);
    case Kind::disconnected:
        return on(actor, Disconnected{notice.connection}, turn);
    case Kind::writable:
        return on(actor, Writable{notice.connection}, turn);
    }
}

void tell_broker(Broker& broker, const sim::Notice<Mail>& notice, Turn& turn) {
    using Kind = sim::Notice<Mail>::Kind;
    switch (notice.kind) {
    case Kind::none:
    case Kind::dropped:
    case Kind::writable:
        return;
    case Kind::mail:
        return on(broker, notice.connection, notice.side, notice.mail, turn);
    case Kind::connected:
        return on(broker, Connected{notice.connection}, turn);
    case Kind::refused:
        return on(broker, Refused{notice.connection}, turn);
    case Kind::disconnected:
        return on(broker, Disconnected{notice.connection}, turn);
    }
}

void tell_zookeeper(ZooKeeper& ensemble, const sim::Notice<Mail>& notice, Turn& turn) {
    using Kind = sim::Notice<Mail>::Kind;
    if (notice.kind == Kind::mail) on(ensemble, notice.connection, notice.mail, turn);
    if (notice.kind == Kind::disconnected) on(ensemble, Disconnected{notice.connection}, turn);
}

void tell_controller(Controller& controller, const sim::Notice<Mail>& notice, Turn& turn) {
    using Kind = sim::Notice<Mail>::Kind;
    if (notice.kind == Kind::mail) on(controller, notice.connection, notice.mail, turn);
    if (notice.kind == Kind::connected) on(controller, Connected{notice.connection}, turn);
    if (notice.kind == Kind::refused) on(controller, Refused{notice.connection}, turn);
    if (notice.kind == Kind::disconnected) {
        on(controller, Disconnected{notice.connection}, turn);
        if (notice.side == sim::Side::server) turn.close(notice.connection, sim::Side::server);
    }
}

/// A broker that has become ready opens its port. Source: SocketServer.enableRequestProcessing; KAFKA-14658.
void open_port(World& world, std::size_t broker) {
    const sim::ProcessId process = Addresses::broker(BrokerSlot{static_cast<std::int32_t>(broker)});
    if (!is_starting(world.brokers[broker])) world.kernel.network.listen(process);
}

} // namespace

void deliver(World& world, sim::ProcessId process, const Timer& timer) {
    const ActorOf actor = actor_of(*world.configuration, process);
    Turn turn(world.kernel, *world.configuration, process);
    follow_clock(world, actor, turn);
    switch (actor.kind) {
    case ActorOf::Kind::broker:
        on(world.brokers[actor.index], timer, turn);
        open_port(world, actor.index);
        return end_if_requested(world, BrokerSlot{static_cast<std::int32_t>(actor.index)});
    case ActorOf::Kind::controller:
        on(world.controllers[actor.index], timer, turn);
        return end_if_over(world, process);
    case ActorOf::Kind::zookeeper:
        return on(world.zookeeper[actor.index], timer, turn);
    case ActorOf::Kind::producer:
        return on(world.producers[actor.index], timer, turn);
    case ActorOf::Kind::consumer:
        on(world.readers[actor.index], timer, turn);
        return end_if_closed(world, actor.index);
    }
}

void deliver(World& world, const sim::Notice<Mail>& notice) {
    if (notice.kind == sim::Notice<Mail>::Kind::none) return;
    if (notice.kind == sim::Notice<Mail>::Kind::dropped)
        return Turn::release_content(world.kernel.slabs, notice.mail);
    const ActorOf actor = actor_of(*world.configuration, notice.process);
    Turn turn(world.kernel, *world.configuration, notice.process);
    follow_clock(world, actor, turn);
    switch (actor.kind) {
    case ActorOf::Kind::broker:
        tell_broker(world.brokers[actor.index], notice, turn);
        open_port(world, actor.index);
        return end_if_requested(world, BrokerSlot{static_cast<std::int32_t>(actor.index)});
    case ActorOf::Kind::controller:
        tell_controller(world.controllers[actor.index], notice, turn);
        return end_if_over(world, notice.process);
    case ActorOf::Kind::zookeeper:
        return tell_zookeeper(world.zookeeper[actor.index], notice, turn);
    case ActorOf::Kind::producer:
        return tell_client(world.producers[actor.index], notice, turn);
    case ActorOf::Kind::consumer:
        tell_client(world.readers[actor.index], notice, turn);
        return end_if_closed(world, actor.index);
    }
}

void start_actor(World& world, sim::ProcessId process) {
    const ActorOf actor = actor_of(*world.configuration, process);
    Turn turn(world.kernel, *world.configuration, process);
    switch (actor.kind) {
    case ActorOf::Kind::broker:
        return start(world.brokers[actor.index], nullptr, turn);
    case ActorOf::Kind::controller:
        return start(world.controllers[actor.index], turn);
    case ActorOf::Kind::zookeeper:
        return start(world.zookeeper[actor.index], turn);
    case ActorOf::Kind::producer:
        return start(world.producers[actor.index], turn);
    case ActorOf::Kind::consumer:
        return start(world.readers[actor.index], turn);
    }
}

void end_if_requested(World& world, BrokerSlot slot) {
    Broker& broker = world.brokers[static_cast<std::size_t>(slot.value)];
    if (broker.halt_requested) return halt(world, slot);
    if (!broker.exit_requested || waits_for_disk(broker)) return;
    broker.exit_requested = false;
    const sim::ProcessId process = Addresses::broker(slot);
    Turn turn(world.kernel, *world.configuration, process);
    finish_shutdown(broker, turn);
    world.kernel.network.kill(process, world.kernel.now, world.kernel.choices, scheduler(world));
    note_broker(world, process, BrokerEvent::stopped);
    const bool again = world.starts_again[process.value] || broker.starts_again;
    broker.starts_again = false;
    if (const auto twin = Addresses::twin_of(*world.configuration, process)) {
        stop(world, *twin);
        if (again) start_later(world, *twin); // it was still up when the fault was undone
    }
    if (!again) return;
    world.starts_again[process.value] = false;
    start_later(world, process);
}

void end_if_over(World& world, sim::ProcessId process) {
    const ActorOf actor = actor_of(*world.configuration, process);
    Controller& controller = world.controllers[actor.index];
    if (controller.halt_requested) return halt_controller(world, process);
    if (!is_over(controller)) return;
    Turn turn(world.kernel, *world.configuration, process);
    forget_memory(controller, turn);
    world.kernel.network.kill(process, world.kernel.now, world.kernel.choices, scheduler(world));
    if (!world.starts_again[process.value]) return;
    world.starts_again[process.value] = false;
    start_later(world, process);
}

void end_if_closed(World& world, std::size_t reader) {
    const sim::ProcessId process = Addresses::consumer(*world.configuration, world.readers[reader].index);
    if (has_halted(world.readers[reader])) return exit_by_itself(world, process, reader);
    if (!has_ended(world.readers[reader])) return;
    Turn turn(world.kernel, *world.configuration, process);
    lose_memory(world.readers[reader], false, turn); // all of it is closed: nothing is lost
    world.kernel.network.kill(process, world.kernel.now, world.kernel.choices, scheduler(world));
}

/// Time-outs come before answers that wait in the sockets: after SIGCONT epoll_wait returns EINTR and the
/// JDK's selector, whose own time is up, reports nothing ready, so NetworkClient.poll expires requests before
/// it reads. Source: signal(7) on epoll_wait, sun.nio.ch.EPollSelectorImpl.doSelect, NetworkClient.poll;
/// reference/real R05: a follower paused for 40 s is back only after replica.fetch.backoff.ms, R07: a
/// leader's metadata fetch has expired.
/// A garbage collection sends no signal: threads wait at the safepoint behind epoll_wait, which has the keys,
/// so NetworkClient.poll handles what it has read before it expires requests (handleCompletedReceives stands
/// above handleTimedOutRequests).
void replay_held(World& world, sim::ProcessId process, Standstill last) {
    std::vector<HeldEvent> events;
    events.swap(world.held[process.value]);
    const auto read_sockets = [&] {
        for (const HeldEvent& event : events)
            if (const auto* signal = std::get_if<Signal>(&event))
                deliver(world, world.kernel.network.on(*signal, world.kernel.now, world.kernel.choices,
                                                       scheduler(world)));
    };
    if (last == Standstill::collecting) read_sockets();
    for (const HeldEvent& event : events)
        if (const auto* timer = std::get_if<TimerEvent>(&event))
            if (timer->incarnation == world.kernel.network.incarnation(process))
                deliver(world, process, timer->timer);
    if (last == Standstill::stopped) read_sockets();
}

void release_held(World& world, sim::ProcessId process) {
    for (const HeldEvent& event : world.held[process.value])
        if (const auto* signal = std::get_if<Signal>(&event))
            if (signal->kind == Signal::Kind::mail) Turn::release_content(world.kernel.slabs, signal->mail);
    world.held[process.value].clear();
}

} // namespace kafka::parts
