// Faults of brokers' disks. A broker that ended itself for a disk that was full or had failed is started when
// the fault is over, as an operator would do it who has freed the space or brought the device back with what
// was written to it. With several directories it goes on, and what it gave up stays offline until it starts
// again. Leaves out: disks of separate controllers, and what a combined controller writes.

#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

void trouble_disk(World& world, const Fault& fault, sim::ProcessId process, bool undo) {
    if (process.value >= world.brokers.size()) { // the other half of a combined node
        if (undo && world.kernel.network.state(process) == sim::ProcessState::down)
            start_later(world, process);
        return;
    }
    Broker& broker = world.brokers[process.value];
    Turn turn(world.kernel, *world.configuration, process);
    change_device(broker, {fault.disk.trouble, fault.disk.directory, fault.latency, undo}, turn);
    if (!undo) return;
    end_if_requested(world, broker.slot);
    if (broker.halted) start_later(world, process);
}

void mend_disk(World& world, sim::ProcessId process) {
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

} // namespace kafka::parts
