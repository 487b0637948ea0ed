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
    const TopicSettings& topic =
        serving.memory.image
            .topics[static_cast<std::size_t>(world.configuration->partition(partition).topic.value)];
    int least = topic.min_insync_replicas;
    if (dialect_of(serving, *world.configuration).min_isr_is_capped)
        least = std::min(least, replicas_of(state, world.configuration->partition(partition)).count);
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
        const bool deleted = decided_state(world, partition).deleted; // nobody can ask for service
        partitions[i].write_unavailable.set(refused && !deleted, world.kernel.now);
        partitions[i].read_unavailable.set(!deleted && !can_read(world, partition), world.kernel.now);
    }
}

} // namespace kafka
