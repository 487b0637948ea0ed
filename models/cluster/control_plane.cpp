#include "models/cluster/control_plane.hpp"

namespace kafka {

namespace {

/// Who decides: the voter that the others follow.
std::size_t deciding(const World&) { return 0; }

/// Gives an order to the active controller, in a turn of its own.
template <class Order> void to_controller(World& world, const Order& order) {
    if (!controller_answers(world)) return;
    const std::size_t voter = deciding(world);
    Turn turn(world.kernel, *world.configuration, Addresses::controller(*world.configuration, voter));
    order(world.controllers[voter], turn);
}

} // namespace

std::vector<sim::ProcessId> active_controller(const World& world) {
    return {Addresses::controller(*world.configuration, deciding(world))};
}

bool controller_answers(const World& world) {
    const std::vector<sim::ProcessId> active = active_controller(world);
    return !active.empty() && world.kernel.network.state(active.front()) == sim::ProcessState::up;
}

const PartitionState& decided_state(const World& world, PartitionIndex partition) {
    return decided_partition_state(world.controllers[deciding(world)], partition);
}

const TopicSettings& decided_topic(const World& world, TopicIndex topic) {
    return world.controllers[deciding(world)].memory.image.topics[static_cast<std::size_t>(topic.value)];
}

DecidedRegistration decided_registration(const World& world, BrokerSlot broker) {
    const BrokerRegistrationState& registered =
        world.controllers[deciding(world)].memory.image.registrations[static_cast<std::size_t>(broker.value)];
    return {registered.incarnation, registered.epoch};
}

void order_election(World& world, PartitionIndex partition, bool unclean) {
    to_controller(world,
                  [&](Controller& controller, Turn& turn) { elect(controller, partition, unclean, turn); });
}

void order_topic_settings(World& world, TopicIndex topic, const TopicSettings& settings) {
    to_controller(world,
                  [&](Controller& controller, Turn& turn) { set_topic(controller, topic, settings, turn); });
}

void order_broker_settings(World& world, BrokerSlot broker, std::int32_t fault) {
    to_controller(world,
                  [&](Controller& controller, Turn& turn) { set_broker(controller, broker, fault, turn); });
}

void order_access(World& world, ProducerIndex producer, bool denied) {
    to_controller(
        world, [&](Controller& controller, Turn& turn) { set_access(controller, producer, denied, turn); });
}

} // namespace kafka
