#include "models/cluster/dispatch.hpp"

#include "models/cluster/control_plane.hpp"
#include "models/cluster/drawing.hpp"
#include "models/replication/leader.hpp"

namespace kafka::parts {

namespace {

std::vector<sim::ProcessId> brokers_where(const World& world,
                                          bool (*wanted)(const BrokerConfiguration&, const Target&),
                                          const Target& target) {
    std::vector<sim::ProcessId> found;
    for (std::size_t i = 0; i < world.configuration->brokers.size(); ++i)
        if (wanted(world.configuration->brokers[i], target))
            found.push_back(Addresses::broker(BrokerSlot{static_cast<std::int32_t>(i)}));
    return found;
}

/// N-th replica in assignment order that is not the leader.
std::vector<sim::ProcessId> follower(const World& world, const Target& target) {
    const PartitionState& state = decided_state(world, target.partition);
    const BrokerSlot leader = state.leader;
    std::int32_t left = target.nth;
    for (const BrokerSlot slot : replicas_of(state, world.configuration->partition(target.partition)))
        if (slot != leader && --left == 0) return {Addresses::broker(slot)};
    return {};
}

/// Controllers with a process of their own, in one rack or (nothing given) in any.
void add_controllers(const World& world, const std::string* rack, std::vector<sim::ProcessId>& found) {
    const Configuration& configuration = *world.configuration;
    for (std::size_t i = 0; i < configuration.controllers.size(); ++i) {
        const ControllerConfiguration& one = configuration.controllers[i];
        if (one.combined_with == no_slot && (rack == nullptr || one.rack == *rack))
            found.push_back(Addresses::controller(configuration, i));
    }
}

std::vector<sim::ProcessId> zone(const World& world, const std::string& rack) {
    const Configuration& configuration = *world.configuration;
    Target named;
    named.rack = rack;
    std::vector<sim::ProcessId> found = brokers_where(
        world, [](const BrokerConfiguration& broker, const Target& t) { return broker.rack == t.rack; },
        named);
    add_controllers(world, &rack, found);
    for (std::size_t i = 0; i < configuration.producers.size(); ++i) {
        const ProducerConfiguration& one = configuration.producers[i];
        if (one.rack == rack && one.owner.value < 0)
            found.push_back(Addresses::producer(configuration, ProducerIndex{static_cast<std::int32_t>(i)}));
    }
    for (std::size_t i = 0; i < configuration.consumers.size(); ++i)
        if (configuration.consumers[i].rack == rack)
            found.push_back(Addresses::consumer(configuration, ConsumerIndex{static_cast<std::int32_t>(i)}));
    return found;
}

std::vector<sim::ProcessId> site(const World& world) {
    std::vector<sim::ProcessId> found = brokers_where(
        world, [](const BrokerConfiguration&, const Target&) { return true; }, Target{});
    add_controllers(world, nullptr, found);
    if (!world.zookeeper.empty()) found.push_back(Addresses::zookeeper(*world.configuration, 0));
    return found;
}

} // namespace

std::vector<sim::ProcessId> resolve(const World& world, const Target& target, std::int32_t fault) {
    const Configuration& configuration = *world.configuration;
    const TargetKind kind = target.kind == TargetKind::host_of ? target.host : target.kind;
    switch (kind) {
    case TargetKind::broker:
        return {Addresses::broker(target.broker)};
    case TargetKind::controller:
        return target.index >= 0
                   ? std::vector{Addresses::controller(configuration, static_cast<std::size_t>(target.index))}
                   : active_controller(world);
    case TargetKind::coordinator_of:
    case TargetKind::leader_of: {
        const BrokerSlot leader = decided_state(world, target.partition).leader;
        if (leader == no_slot) return {};
        return {Addresses::broker(leader)};
    }
    case TargetKind::follower_of:
        return follower(world, target);
    case TargetKind::all_brokers:
        return brokers_where(
            world, [](const BrokerConfiguration&, const Target&) { return true; }, target);
    case TargetKind::any_broker:
        return {Addresses::broker(drawn_broker(world.seed, fault, world.brokers.size()))};
    case TargetKind::rack:
        return brokers_where(
            world, [](const BrokerConfiguration& broker, const Target& t) { return broker.rack == t.rack; },
            target);
    case TargetKind::zone:
        return zone(world, target.rack);
    case TargetKind::site:
        return site(world);
    case TargetKind::zookeeper:
        return {Addresses::zookeeper(configuration, 0)};
    case TargetKind::producer:
        return {Addresses::producer(configuration, ProducerIndex{target.index})};
    case TargetKind::consumer:
        return {Addresses::consumer(configuration, ConsumerIndex{target.index})};
    case TargetKind::target_of: {
        const FaultState& other = world.faults[static_cast<std::size_t>(target.index)];
        if (other.target == no_slot) return {};
        return {sim::ProcessId{static_cast<std::uint32_t>(other.target.value)}};
    }
    case TargetKind::partition:
    case TargetKind::topic:
    case TargetKind::host_of:
    case TargetKind::none:
        return {};
    }
    return {};
}

PartitionIndex partition_of(const Target& target) {
    const bool named = target.kind == TargetKind::leader_of || target.kind == TargetKind::follower_of ||
                       target.kind == TargetKind::partition;
    return named ? target.partition : PartitionIndex{-1};
}

} // namespace kafka::parts
