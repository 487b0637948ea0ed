#include "models/cluster/world.hpp"

namespace kafka {

namespace {

void add(sim::Hash& hash, const Log& log) {
    hash.add(log.batches.empty() ? 0 : log.batches.back().prefix_hash);
    hash.add(log.log_start_offset.value);
    hash.add(log.log_end_offset.value);
    hash.add(log.flushed_offset.value);
    hash.add(log.high_watermark_checkpoint.value);
    for (const EpochHistory::Entry& entry : log.epochs.entries) {
        hash.add(entry.epoch.value);
        hash.add(entry.start.value);
    }
}

void add(sim::Hash& hash, const Replica& replica) {
    hash.add(replica.high_watermark.value);
    hash.add(replica.role.index());
    hash.add(replica.producers.entries.size());
    if (const auto* leader = std::get_if<Leader>(&replica.role)) {
        hash.add(leader->leader_epoch.value);
        hash.add(leader->partition_epoch.value);
        hash.add(leader->isr.bits);
        hash.add(leader->isr_state.index());
        for (const RemoteReplica& remote : leader->remotes) {
            hash.add(remote.log_end_offset.value);
            hash.add(remote.last_caught_up_time.micros);
        }
    }
    if (const auto* follower = std::get_if<Follower>(&replica.role)) {
        hash.add(follower->leader_epoch.value);
        hash.add(follower->leader.value);
        hash.add(follower->phase);
        hash.add(follower->not_before.micros);
    }
}

void add(sim::Hash& hash, const Broker& broker) {
    for (const Log& log : broker.disk.logs)
        add(hash, log);
    for (const Replica& replica : broker.memory.replicas)
        add(hash, replica);
    hash.add(broker.disk.directory);
    hash.add(broker.disk.clean_shutdown);
    hash.add(broker.memory.lifecycle.state);
    hash.add(broker.memory.lifecycle.epoch.value);
    hash.add(broker.memory.image.next_offset.value);
    hash.add(broker.memory.delayed_produces.size());
    hash.add(broker.memory.delayed_fetches.size());
}

} // namespace

/// Ingredients: time, pending events by time, order and kind, random streams, logs, replicas, brokers' lives,
/// the controller's view of each partition, slabs in use, and the number of link rules. Clients enter through
/// what they have scheduled and sent.
sim::Digest outline(const World& world) {
    sim::Hash hash;
    hash.add(world.seed);
    hash.add(world.kernel.now.micros);
    hash.add(world.events);
    world.kernel.queue.for_each_pending([&](sim::SimTime time, std::uint64_t sequence, const Event& event) {
        hash.add(time.micros);
        hash.add(sequence);
        hash.add(event.index());
        if (const auto* timer = std::get_if<TimerEvent>(&event)) {
            hash.add(timer->process.value);
            hash.add(timer->timer.what);
            hash.add(timer->timer.round);
        } else if (const auto* signal = std::get_if<Signal>(&event)) {
            hash.add(signal->kind);
            hash.add(signal->bytes);
            hash.add(signal->mail.index());
        }
    });
    for (const sim::Choices::Stream& stream : world.kernel.choices.streams) {
        hash.add(stream.purpose);
        hash.add(stream.owner);
        hash.add(stream.counter);
    }
    for (const Broker& broker : world.brokers)
        add(hash, broker);
    for (std::size_t i = 0; i < world.configuration->partitions.size(); ++i) {
        const PartitionState& state = decided_state(world, PartitionIndex{static_cast<std::int32_t>(i)});
        hash.add(state.leader.value);
        hash.add(state.leader_epoch.value);
        hash.add(state.partition_epoch.value);
        hash.add(state.isr.bits);
        hash.add(state.elr.bits);
    }
    hash.add(world.kernel.slabs.produce.live());
    hash.add(world.kernel.slabs.fetch.live());
    hash.add(world.kernel.network.rules().size());
    return hash.digest();
}

} // namespace kafka
