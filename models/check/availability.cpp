// Whether a partition can be written and read, and for how long it could not.

#include "models/check/ledger.hpp"

#include <algorithm>

namespace kafka {

/// What was written is in the page cache: a disk that hangs keeps nobody from reading it.
bool can_read(const World& world, PartitionIndex partition) {
    const PartitionState& state = decided_state(world, partition);
    if (state.leader == no_slot || !is_running(world, state.leader) || is_paused(world, state.leader))
        return false;
    const Replica* replica = replica_of(world, state.leader, partition);
    return replica != nullptr && std::holds_alternative<Leader>(replica->role);
}

bool can_write(const World& world, PartitionIndex partition, Acks acks) {
    if (!can_read(world, partition)) return false;
    const PartitionState& state = decided_state(world, partition);
    const Broker& serving = world.brokers[static_cast<std::size_t>(state.leader.value)];
    if (hangs_on_disk(serving, partition, *world.configuration)) return false;
    if (acks != Acks::all) return true;
    const BrokerConfiguration& broker = world.configuration->broker(state.leader);
    const TopicSettings& topic =
        world.brokers[static_cast<std::size_t>(state.leader.value)]
            .memory.image
            .topics[static_cast<std::size_t>(world.configuration->partition(partition).topic.value)];
    int least = topic.min_insync_replicas;
    if (broker.dialect.min_isr_is_capped)
        least = std::min(least, world.configuration->partition(partition).assignment.count);
    // As the controller has decided it; the leader learns it a moment later.
    return state.isr.size() >= least;
}

void Ledger::update_availability(const World& world) {
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        const PartitionIndex partition{static_cast<std::int32_t>(i)};
        bool refused = false;
        for (const ProducerConfiguration& producer : configuration_.producers)
            if (producer.topic == configuration_.partition(partition).topic)
                refused = refused || !can_write(world, partition, producer.settings.acks);
        partitions[i].write_unavailable.set(refused, world.kernel.now);
        partitions[i].read_unavailable.set(!can_read(world, partition), world.kernel.now);
    }
}

} // namespace kafka
