// An administrator's DeleteRecords: asked of each partition's leader.

#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

namespace {

bool delete_at_leader(World& world, PartitionIndex partition, Offset before) {
    const BrokerSlot leader = decided_state(world, partition).leader;
    if (leader == no_slot) return false;
    const sim::ProcessId process = Addresses::broker(leader);
    const bool up = world.kernel.network.state(process) == sim::ProcessState::up;
    if (!up || world.exiting[process.value]) return false;
    Turn turn(world.kernel, *world.configuration, process);
    Broker& broker = world.brokers[static_cast<std::size_t>(leader.value)];
    const ErrorCode error = delete_records(broker, partition, before, turn);
    if (error != ErrorCode::none) turn.ignore("DeleteRecords was refused");
    return error == ErrorCode::none;
}

} // namespace

bool delete_records_of(World& world, const Fault& fault) {
    bool any = false;
    for (const Target& target : fault.targets) {
        if (target.kind == TargetKind::partition)
            any = delete_at_leader(world, target.partition, fault.before) || any;
        if (target.kind != TargetKind::topic) continue;
        const TopicConfiguration& topic = world.configuration->topic(target.topic);
        for (std::int32_t i = 0; i < topic.partitions; ++i)
            any = delete_at_leader(world, next(topic.partition_first, i), fault.before) || any;
    }
    return any;
}

} // namespace kafka::parts
