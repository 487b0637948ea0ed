#include "models/cluster/control_plane.hpp"

#include <algorithm>
#include <optional>

namespace kafka {

namespace {

/// The leader of the newest epoch, paused or not; nothing while nobody leads.
std::optional<std::size_t> leading(const World& world) {
    if (world.controllers.size() == 1) return 0;
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < world.controllers.size(); ++i) {
        const Controller& one = world.controllers[i];
        if (one.memory.quorum.role != QuorumRole::leader) continue;
        if (!found || one.durable.election.epoch > world.controllers[*found].durable.election.epoch)
            found = i;
    }
    return found;
}

/// The voter that knows most of what is committed.
const Controller& best_informed(const World& world) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < world.controllers.size(); ++i)
        if (high_watermark(world.controllers[i]) > high_watermark(world.controllers[best])) best = i;
    return world.controllers[best];
}

/// Of a quorum of one, what its controller has written; of several, what is committed.
const ControllerImage& decided(const World& world) {
    if (world.controllers.size() == 1) return world.controllers.front().memory.image;
    return best_informed(world).durable.committed;
}

/// Under ZooKeeper: the broker that holds /controller; null while nobody does.
const Broker* controlling_broker(const World& world) {
    const BrokerSlot slot = world.zookeeper.front().controller;
    return slot == no_slot ? nullptr : &world.brokers[static_cast<std::size_t>(slot.value)];
}

/// Lets an administrator's tool write into the ensemble, in a turn of its own.
template <class Order> void to_ensemble(World& world, const Order& order) {
    if (!controller_answers(world)) return;
    Turn turn(world.kernel, *world.configuration, Addresses::zookeeper(*world.configuration, 0));
    order(world.zookeeper.front(), turn);
}

/// Asks the broker that is the controller.
template <class Order> void to_controlling_broker(World& world, const Order& order) {
    if (!controller_answers(world)) return;
    const BrokerSlot slot = world.zookeeper.front().controller;
    Turn turn(world.kernel, *world.configuration, Addresses::broker(slot));
    order(world.brokers[static_cast<std::size_t>(slot.value)], turn);
}

/// Before 2.4 tools write what they want into a node. The controller's release decides.
bool asks_by_node(const World& world) {
    const Broker* broker = controlling_broker(world);
    return broker != nullptr && !dialect_of(*broker, *world.configuration).zookeeper.reassigns_by_request;
}

bool any_node(const World& world, AdminNodeRecord::Kind kind) {
    const std::vector<AdminNodeRecord>& all = world.zookeeper.front().admin;
    return std::any_of(all.begin(), all.end(), [&](const AdminNodeRecord& one) { return one.kind == kind; });
}

/// Gives an order to the active controller, in a turn of its own.
template <class Order> void to_controller(World& world, const Order& order) {
    SIM_ASSERT(world.zookeeper.empty(), "the reader refuses what the control plane cannot do");
    if (!controller_answers(world)) return;
    const std::size_t voter = *leading(world);
    Turn turn(world.kernel, *world.configuration, Addresses::controller(*world.configuration, voter));
    order(world.controllers[voter], turn);
}

/// Tells observers what one committed record says.
struct Announce {
    World& world;
    void operator()(const PartitionRecord& record) const {
        const PartitionState& state = record.state;
        world.kernel.note(fact::PartitionChanged{record.partition, state.leader, state.leader_epoch,
                                                 state.partition_epoch, state.isr, state.elr,
                                                 state.last_known_elr, record.cause, record.unclean});
        if (tells_of_replicas(record.cause))
            world.kernel.note(
                fact::ReplicasChanged{record.partition, state.replicas, state.adding, state.removing});
    }
    void operator()(const BrokerRecord& record) const {
        world.kernel.note(fact::BrokerChanged{record.broker, record.event, record.epoch});
    }
    template <class Record> void operator()(const Record&) const {}
};

} // namespace

std::vector<sim::ProcessId> active_controller(const World& world) {
    if (!world.zookeeper.empty()) {
        const BrokerSlot slot = world.zookeeper.front().controller;
        return slot == no_slot ? std::vector<sim::ProcessId>{} : std::vector{Addresses::broker(slot)};
    }
    const std::optional<std::size_t> leader = leading(world);
    if (!leader) return {};
    return {Addresses::controller(*world.configuration, *leader)};
}

bool controller_answers(const World& world) {
    const std::vector<sim::ProcessId> active = active_controller(world);
    if (!world.zookeeper.empty()) {
        const auto runs = [&](sim::ProcessId process) {
            return world.kernel.network.state(process) == sim::ProcessState::up &&
                   !world.exiting[process.value];
        };
        return !active.empty() && runs(active.front()) &&
               runs(Addresses::zookeeper(*world.configuration, 0)) &&
               controlling_broker(world)->memory.zookeeper.controller.active;
    }
    return !active.empty() && world.controllers[*leading(world)].memory.active &&
           world.kernel.network.state(active.front()) == sim::ProcessState::up;
}

/// A quorum of one tells of its writes itself.
void announce_metadata(World& world) {
    if (world.controllers.size() < 2) return;
    const Controller& from = best_informed(world);
    const Offset end = high_watermark(from);
    const MetadataLog& log = from.durable.log;
    for (Offset at = std::max(world.announced, log.start); at < end; at = next(at))
        std::visit(Announce{world}, log.records[static_cast<std::size_t>(distance(log.start, at))]);
    world.announced = std::max(world.announced, end);
}

const PartitionState& decided_state(const World& world, PartitionIndex partition) {
    if (!world.zookeeper.empty())
        return world.zookeeper.front().partitions[static_cast<std::size_t>(partition.value)];
    return decided(world).partitions[static_cast<std::size_t>(partition.value)];
}

const TopicSettings& decided_topic(const World& world, TopicIndex topic) {
    if (!world.zookeeper.empty())
        return world.zookeeper.front().topics[static_cast<std::size_t>(topic.value)];
    return decided(world).topics[static_cast<std::size_t>(topic.value)];
}

DecidedRegistration decided_registration(const World& world, BrokerSlot broker) {
    if (!world.zookeeper.empty()) {
        const RegisteredBroker& node =
            world.zookeeper.front().registered[static_cast<std::size_t>(broker.value)];
        return {node.incarnation, node.epoch};
    }
    const BrokerRegistrationState& registered =
        decided(world).registrations[static_cast<std::size_t>(broker.value)];
    return {registered.incarnation, registered.epoch};
}

void order_election(World& world, PartitionIndex partition, bool unclean) {
    if (!world.zookeeper.empty() && !unclean && asks_by_node(world)) // PreferredReplicaLeaderElectionCommand
        return to_ensemble(world, [&](ZooKeeper& all, Turn& turn) {
            set_admin_node(
                all, {AdminNodeRecord::Kind::elect_preferred, partition, TopicIndex{-1}, no_slot, {}}, turn);
        });
    if (!world.zookeeper.empty())
        return to_controlling_broker(
            world, [&](Broker& broker, Turn& turn) { elect(broker, partition, unclean, turn); });
    to_controller(world,
                  [&](Controller& controller, Turn& turn) { elect(controller, partition, unclean, turn); });
}

void order_topic_settings(World& world, TopicIndex topic, const TopicSettings& settings) {
    if (!world.zookeeper.empty())
        return to_ensemble(world, [&](ZooKeeper& all, Turn& turn) { set_topic(all, topic, settings, turn); });
    to_controller(world,
                  [&](Controller& controller, Turn& turn) { set_topic(controller, topic, settings, turn); });
}

void order_broker_settings(World& world, BrokerSlot broker, std::int32_t fault) {
    if (!world.zookeeper.empty())
        return to_ensemble(world, [&](ZooKeeper& all, Turn& turn) { set_broker(all, broker, fault, turn); });
    to_controller(world,
                  [&](Controller& controller, Turn& turn) { set_broker(controller, broker, fault, turn); });
}

void order_partitions(World& world, TopicIndex topic, std::int32_t partitions) {
    if (!world.zookeeper.empty())
        return to_ensemble(
            world, [&](ZooKeeper& all, Turn& turn) { create_partitions(all, topic, partitions, turn); });
    to_controller(world, [&](Controller& controller, Turn& turn) {
        create_partitions(controller, topic, partitions, turn);
    });
}

std::vector<PartitionIndex> order_reassignment(World& world, const Fault& fault) {
    std::vector<PartitionIndex> refused;
    const bool by_node = !world.zookeeper.empty() && asks_by_node(world);
    const bool stands = by_node && any_node(world, AdminNodeRecord::Kind::reassign);
    for (const auto& one : fault.reassigned) {
        const PartitionIndex partition = one.first;
        const Assignment& target = one.second;
        bool accepted = false;
        if (world.zookeeper.empty())
            to_controller(world, [&](Controller& controller, Turn& turn) {
                accepted = reassign(controller, partition, target, turn);
            });
        else if (!by_node)
            to_controlling_broker(world, [&](Broker& broker, Turn& turn) {
                accepted = reassign(broker, partition, target, turn);
            });
        else if (!stands && target.count > 0 && exists(decided_state(world, partition)))
            to_ensemble(world, [&](ZooKeeper& all, Turn& turn) {
                accepted = set_admin_node(
                    all, {AdminNodeRecord::Kind::reassign, partition, TopicIndex{-1}, no_slot, target}, turn);
            });
        if (!accepted) refused.push_back(partition);
    }
    return refused;
}

bool is_being_reassigned(const World& world, PartitionIndex partition) {
    if (is_reassigning(decided_state(world, partition))) return true;
    if (world.zookeeper.empty()) return false;
    const Broker* broker = controlling_broker(world);
    if (has_admin_node(world.zookeeper.front(), AdminNodeRecord::Kind::reassign, partition)) return true;
    if (broker == nullptr) return false;
    const ZooKeeperController& controller = broker->memory.zookeeper.controller;
    const auto asks = [&](const ControllerEvent& event) {
        return event.partition == partition && event.kind == ControllerEventKind::reassign;
    };
    return (controller.task && asks(controller.task->event)) ||
           std::any_of(controller.events.begin(), controller.events.end(), asks);
}

void order_throttle(World& world, std::int32_t fault, bool removed) {
    if (!world.zookeeper.empty())
        return to_ensemble(world,
                           [&](ZooKeeper& all, Turn& turn) { set_throttle(all, fault, removed, turn); });
    to_controller(
        world, [&](Controller& controller, Turn& turn) { set_throttle(controller, fault, removed, turn); });
}

/// Source: KafkaApis.handleDeleteTopicsRequest, ControllerApis.deleteTopics: TOPIC_DELETION_DISABLED.
bool order_topic_deletion(World& world, TopicIndex topic) {
    if (!world.configuration->controller_settings.delete_topic_enable) return false;
    if (!world.zookeeper.empty()) {
        to_ensemble(world, [&](ZooKeeper& all, Turn& turn) {
            set_admin_node(all, {AdminNodeRecord::Kind::delete_topic, PartitionIndex{-1}, topic, no_slot, {}},
                           turn);
        });
        return true;
    }
    to_controller(world, [&](Controller& controller, Turn& turn) { delete_topic(controller, topic, turn); });
    return true;
}

bool order_unregistration(World& world, BrokerSlot broker) {
    bool accepted = false;
    if (!world.zookeeper.empty()) {
        to_ensemble(world, [&](ZooKeeper& all, Turn& turn) { accepted = forget_broker(all, broker, turn); });
        return accepted;
    }
    to_controller(
        world, [&](Controller& controller, Turn& turn) { accepted = unregister(controller, broker, turn); });
    return accepted;
}

bool order_features(World& world, std::int32_t fault, bool all_know_them) {
    bool accepted = false;
    to_controller(world, [&](Controller& controller, Turn& turn) {
        accepted = finalize(controller, fault, all_know_them, turn);
    });
    return accepted;
}

void order_access(World& world, ProducerIndex producer, bool denied) {
    if (!world.zookeeper.empty())
        return to_ensemble(world,
                           [&](ZooKeeper& all, Turn& turn) { set_access(all, producer, denied, turn); });
    to_controller(
        world, [&](Controller& controller, Turn& turn) { set_access(controller, producer, denied, turn); });
}

} // namespace kafka
