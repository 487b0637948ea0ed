#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

namespace {

/// What dies with the process of an actor. Clients lose everything; a controller keeps its metadata log.
void forget(World& world, sim::ProcessId process, bool was_running) {
    release_held(world, process);
    const ActorOf actor = actor_of(*world.configuration, process);
    Turn turn(world.kernel, *world.configuration, process);
    if (actor.kind == ActorOf::Kind::producer) lose_memory(world.producers[actor.index], was_running, turn);
    if (actor.kind == ActorOf::Kind::consumer &&
        world.configuration->consumers[actor.index].group != no_group) {
        turn.note(fact::ApplicationCrashed{ConsumerIndex{static_cast<std::int32_t>(actor.index)},
                                           ProducerIndex{-1}});
        lose_memory(world.readers[actor.index], was_running, turn);
    }
    if (actor.kind == ActorOf::Kind::controller && world.controllers.size() > 1)
        forget_memory(world.controllers[actor.index], turn);
    if (actor.kind == ActorOf::Kind::zookeeper) forget_memory(world.zookeeper[actor.index]);
    if (actor.kind != ActorOf::Kind::broker) return;
    forget_memory(world.brokers[process.value], turn);
}

} // namespace

/// kill -9: the process does nothing more; its kernel closes the connections only when it has freed the
/// memory, so a client fills its requests in flight before it learns. The page cache and the host stay.
/// Source: Linux do_exit (exit_mm before exit_files); reference/real R02: about four of five small batches
/// reordered.
void crash(World& world, sim::ProcessId process) {
    sim::Network<Mail>& network = world.kernel.network;
    world.start_rounds[process.value] += 1;
    world.starting[process.value] = false;
    world.starts_again[process.value] = false;
    if (network.state(process) == sim::ProcessState::down || world.exiting[process.value]) return;
    const bool was_running = network.state(process) == sim::ProcessState::up;
    network.pause(process);
    world.standing[process.value] = 0;
    world.exiting[process.value] = true;
    forget(world, process, was_running);
    if (process.value < world.brokers.size()) world.brokers[process.value].disk.clean_shutdown = false;
    note_broker(world, process, BrokerEvent::crashed);
    const std::uint64_t bits =
        world.kernel.choices.next_bits(static_cast<std::uint32_t>(Purpose::process_exit), process.value);
    const sim::Duration delay = sim::sample(world.configuration->network.process_exit, bits);
    world.kernel.queue.schedule(world.kernel.now + delay, StartEvent{process, 0, true});
}

void pause(World& world, sim::ProcessId process, Standstill why) {
    const sim::ProcessState state = world.kernel.network.state(process);
    if (state == sim::ProcessState::down || world.exiting[process.value]) return;
    world.standing[process.value] |= static_cast<std::uint8_t>(why);
    if (state == sim::ProcessState::paused) return;
    world.kernel.network.pause(process);
    note_broker(world, process, BrokerEvent::paused);
}

void resume(World& world, sim::ProcessId process, Standstill why) {
    const bool exits = world.exiting[process.value];
    if (exits || world.kernel.network.state(process) != sim::ProcessState::paused) return;
    world.standing[process.value] &= static_cast<std::uint8_t>(~static_cast<unsigned>(why));
    if (world.standing[process.value] != 0) return;
    world.kernel.network.resume(process);
    note_broker(world, process, BrokerEvent::resumed);
    const ActorOf actor = actor_of(*world.configuration, process);
    if (actor.kind == ActorOf::Kind::producer) // its thread stood still with it
        world.producers[actor.index].sending.free_since = world.kernel.now;
    replay_held(world, process, why);
}

void exit_by_itself(World& world, sim::ProcessId process, std::size_t reader) {
    const auto& again = world.configuration->consumers[reader].application.on_failure.restart_after;
    crash(world, process);
    world.starts_again[process.value] = again.has_value();
}

namespace {

/// Its supervisor starts a consumer again that has ended itself.
void restart_by_supervisor(World& world, sim::ProcessId process) {
    const ActorOf actor = actor_of(*world.configuration, process);
    if (actor.kind != ActorOf::Kind::consumer || !world.starts_again[process.value]) return;
    world.starts_again[process.value] = false;
    world.starting[process.value] = true;
    const sim::Duration delay =
        world.configuration->consumers[actor.index].application.on_failure.restart_after.value();
    world.kernel.queue.schedule(world.kernel.now + delay,
                                StartEvent{process, ++world.start_rounds[process.value], false});
}

} // namespace

/// SIGTERM. A broker hands over first, a consumer may close; anybody else ends at once.
void stop(World& world, sim::ProcessId process) {
    if (world.kernel.network.state(process) != sim::ProcessState::up) return;
    Turn turn(world.kernel, *world.configuration, process);
    const ActorOf actor = actor_of(*world.configuration, process);
    if (actor.kind == ActorOf::Kind::consumer && begin_stop(world.readers[actor.index], turn))
        return end_if_closed(world, actor.index);
    if (actor.kind == ActorOf::Kind::controller && begin_shutdown(world.controllers[actor.index], turn))
        return end_if_over(world, process);
    if (actor.kind != ActorOf::Kind::broker) return crash(world, process);
    begin_shutdown(world.brokers[process.value], turn);
    end_if_requested(world, BrokerSlot{static_cast<std::int32_t>(process.value)});
}

/// A broker that is still handing over when it is told to start does so when it has ended, as a service
/// supervisor would do it.
void start_later(World& world, sim::ProcessId process) {
    sim::Network<Mail>& network = world.kernel.network;
    network.restore_power(network.host_of(process));
    if (network.state(process) != sim::ProcessState::down && !world.exiting[process.value]) {
        const ActorOf actor = actor_of(*world.configuration, process);
        const bool broker =
            actor.kind == ActorOf::Kind::broker && is_shutting_down(world.brokers[actor.index]);
        const bool controller =
            actor.kind == ActorOf::Kind::controller && world.controllers[actor.index].memory.quorum.ending;
        world.starts_again[process.value] = broker || controller;
        return;
    }
    const std::uint64_t bits =
        world.kernel.choices.next_bits(static_cast<std::uint32_t>(Purpose::process_start), process.value);
    const sim::Duration delay = sim::sample(world.configuration->network.process_start, bits);
    world.starting[process.value] = true;
    world.kernel.queue.schedule(world.kernel.now + delay,
                                StartEvent{process, ++world.start_rounds[process.value], false});
}

void on_start_event(World& world, const StartEvent& event) {
    if (event.exits) {
        if (!world.exiting[event.process.value]) return; // the host lost power meanwhile
        world.exiting[event.process.value] = false;
        release_held(world, event.process);
        world.kernel.network.kill(event.process, world.kernel.now, world.kernel.choices, scheduler(world));
        return restart_by_supervisor(world, event.process);
    }
    if (world.start_rounds[event.process.value] != event.round) return;
    world.starting[event.process.value] = false;
    if (world.kernel.network.state(event.process) != sim::ProcessState::down) return;
    // Source: BrokerServer.startup: enableRequestProcessing comes behind the wait to be unfenced; since 3.5
    // it opens the port, too. Before, the kernel accepts and nobody answers (KAFKA-14658). Under ZooKeeper
    // brokers are started later in their startup, and are reachable soon.
    const bool broker = event.process.value < world.brokers.size();
    const bool waits =
        broker && !world.configuration->has_zookeeper() &&
        dialect_of(world.brokers[event.process.value], *world.configuration).mended.port_opens_when_ready;
    world.kernel.network.start(event.process, !waits);
    note_broker(world, event.process, BrokerEvent::started);
    start_actor(world, event.process);
    if (event.process.value < world.brokers.size())
        end_if_requested(world, BrokerSlot{static_cast<std::int32_t>(event.process.value)});
}

/// The host is dark: nobody is told, and what was not on the platter is gone.
void lose_power(World& world, sim::ProcessId process) {
    world.start_rounds[process.value] += 1;
    world.starting[process.value] = false;
    const bool was_running = world.kernel.network.state(process) == sim::ProcessState::up;
    world.starts_again[process.value] = false;
    world.kernel.network.lose_power(world.kernel.network.host_of(process));
    world.exiting[process.value] = false;
    world.standing[process.value] = 0;
    note_broker(world, process, BrokerEvent::power_lost);
    if (process.value < world.brokers.size()) {
        Turn turn(world.kernel, *world.configuration, process);
        lose_unflushed(world.brokers[process.value], turn);
    }
    forget(world, process, was_running);
}

/// The disk is replaced by an empty, formatted one; a process that is still up is killed first.
void wipe(World& world, sim::ProcessId process) {
    const ActorOf actor = actor_of(*world.configuration, process);
    const bool controller = actor.kind == ActorOf::Kind::controller && world.controllers.size() > 1;
    if (actor.kind != ActorOf::Kind::broker && !controller) return;
    crash(world, process);
    note_broker(world, process, BrokerEvent::disk_wiped);
    Turn turn(world.kernel, *world.configuration, process);
    if (controller)
        wipe_disk(world.controllers[actor.index], turn);
    else
        wipe_disk(world.brokers[process.value], turn);
}

} // namespace kafka::parts
