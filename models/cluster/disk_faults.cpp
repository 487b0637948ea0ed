// Faults of disks of brokers and controllers. A process that ended itself for a disk that was full or had
// failed is started when the fault is over, as an operator would do it who has freed the space or brought the
// device back with what was written to it. With several directories it goes on, and what it gave up stays
// offline until it starts again. The metadata log of a controller lies on a disk of its own, of a combined
// one in the first directory of its broker: what ends one of the two ends their process.

#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

namespace {

Controller* controller_in(World& world, sim::ProcessId process) {
    const ActorOf actor = actor_of(*world.configuration, process);
    return actor.kind == ActorOf::Kind::controller ? &world.controllers[actor.index] : nullptr;
}

void trouble_controller(World& world, Controller& controller, const Fault& fault, sim::ProcessId process,
                        bool undo) {
    Turn turn(world.kernel, *world.configuration, process);
    const bool there = fault.disk.directory <= 1;
    if (there) change_device(controller, fault.disk.trouble, fault.latency, undo, turn);
    const auto twin = Addresses::twin_of(*world.configuration, process);
    const bool down = world.kernel.network.state(process) == sim::ProcessState::down;
    const bool with_its_broker = twin && down && world.brokers[twin->value].halted;
    if (undo && (controller.halted || with_its_broker)) start_later(world, process);
}

} // namespace

void trouble_disk(World& world, const Fault& fault, sim::ProcessId process, bool undo) {
    if (Controller* controller = controller_in(world, process))
        return trouble_controller(world, *controller, fault, process, undo);
    if (process.value >= world.brokers.size()) return;
    Broker& broker = world.brokers[process.value];
    Turn turn(world.kernel, *world.configuration, process);
    change_device(broker, {fault.disk.trouble, fault.disk.directory, fault.latency, undo}, turn);
    if (!undo) return;
    end_if_requested(world, broker.slot);
    const auto twin = Addresses::twin_of(*world.configuration, process);
    const bool with_controller = twin && controller_in(world, *twin)->halted;
    if (broker.halted || with_controller) start_later(world, process);
}

void mend_disk(World& world, sim::ProcessId process) {
    if (Controller* controller = controller_in(world, process)) {
        Turn turn(world.kernel, *world.configuration, process);
        return mend_device(*controller, turn);
    }
    if (process.value >= world.brokers.size()) return;
    Broker& broker = world.brokers[process.value];
    Turn turn(world.kernel, *world.configuration, process);
    mend_devices(broker, turn);
    end_if_requested(world, broker.slot);
    const bool up = world.kernel.network.state(process) == sim::ProcessState::up;
    if (!up || broker.memory.disk_work.offline == 0) return;
    world.starts_again[process.value] = true; // its directories come back with the next start
    stop(world, process);
}

void halt(World& world, BrokerSlot slot) {
    Broker& broker = world.brokers[static_cast<std::size_t>(slot.value)];
    broker.halt_requested = false;
    broker.halted = true;
    const sim::ProcessId process = Addresses::broker(slot);
    crash(world, process);
    if (const auto twin = Addresses::twin_of(*world.configuration, process)) crash(world, *twin);
}

void halt_controller(World& world, sim::ProcessId process) {
    Controller& controller = *controller_in(world, process);
    controller.halt_requested = false;
    controller.halted = true;
    crash(world, process);
    if (const auto twin = Addresses::twin_of(*world.configuration, process)) crash(world, *twin);
}

} // namespace kafka::parts
