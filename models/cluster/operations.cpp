#include "models/cluster/control_plane.hpp"
#include "models/cluster/dispatch.hpp"
#include "models/cluster/drawing.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// How often whoever does it looks: a script that calls Kafka's tools.
constexpr sim::Duration look_interval = sim::milliseconds(500);

const Fault& fault_of(const World& world, const Operation& operation) {
    return world.configuration->faults[static_cast<std::size_t>(operation.fault)];
}

BrokerSlot slot_at(sim::ProcessId process) { return BrokerSlot{static_cast<std::int32_t>(process.value)}; }

void tell(World& world, std::int32_t fault, OperationStep step, BrokerSlot target = no_slot,
          PartitionIndex partition = PartitionIndex{-1}) {
    world.kernel.note(fact::OperationMoved{fault, step, target, partition});
}

void look_again(World& world, std::int32_t fault, sim::Duration after) {
    world.kernel.queue.schedule(world.kernel.now + after, FaultEvent{fault, false, BrokerSlot{0}});
}

/// It is over, or given up: what comes after it may come.
void end(World& world, Operation& operation, OperationStep how) {
    const std::int32_t fault = operation.fault;
    tell(world, fault, how);
    world.faults[static_cast<std::size_t>(fault)].over = true;
    std::erase_if(world.operations, [&](const Operation& one) { return one.fault == fault; });
    schedule_followers(world, fault);
}

// --- rolling restarts ---

std::string rack_of(const Configuration& configuration, sim::ProcessId process) {
    const ActorOf actor = actor_of(configuration, process);
    switch (actor.kind) {
    case ActorOf::Kind::broker:
        return configuration.brokers[actor.index].rack;
    case ActorOf::Kind::controller:
        return configuration.controllers[actor.index].rack;
    case ActorOf::Kind::zookeeper:
        return "";
    case ActorOf::Kind::producer:
        return configuration.producers[actor.index].rack;
    case ActorOf::Kind::consumer:
        return configuration.consumers[actor.index].rack;
    }
    return "";
}

/// Whether the active controller lives in this process.
bool is_active_controller(const World& world, sim::ProcessId process) {
    const std::vector<sim::ProcessId> active = active_controller(world);
    if (active.empty()) return false;
    return active.front() == process || Addresses::twin_of(*world.configuration, process) == active.front();
}

/// Whose turn is next: the first that is left, and those that go with it.
std::vector<sim::ProcessId> take_group(const World& world, Operation& roll) {
    const RollPolicy& policy = fault_of(world, roll).roll;
    const auto waits = [&](sim::ProcessId process) {
        return policy.order == RollPolicy::Order::controller_last && is_active_controller(world, process);
    };
    std::stable_partition(roll.left.begin(), roll.left.end(),
                          [&](sim::ProcessId process) { return !waits(process); });
    const bool by_rack = policy.order == RollPolicy::Order::by_rack || policy.at_once == 0;
    const std::string rack = rack_of(*world.configuration, roll.left.front());
    const std::size_t most =
        policy.at_once == 0 ? roll.left.size() : static_cast<std::size_t>(policy.at_once);
    std::vector<sim::ProcessId> group;
    for (const sim::ProcessId process : roll.left) {
        const bool other_rack = by_rack && rack_of(*world.configuration, process) != rack;
        const bool later = !group.empty() && waits(process);
        if (group.size() < most && !other_rack && !later) group.push_back(process);
    }
    std::erase_if(roll.left, [&](sim::ProcessId process) {
        return std::find(group.begin(), group.end(), process) != group.end();
    });
    return group;
}

bool is_down(const World& world, sim::ProcessId process) {
    return world.kernel.network.state(process) == sim::ProcessState::down && !world.exiting[process.value];
}

/// What kafka-topics --describe --under-replicated-partitions would print is empty.
bool nothing_is_under_replicated(const World& world) {
    const Configuration& configuration = *world.configuration;
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        const PartitionState& state = decided_state(world, PartitionIndex{static_cast<std::int32_t>(i)});
        if (!exists(state)) continue;
        const BrokerSet replicas = replicas_of(state, configuration.partitions[i]).set() - state.adding;
        if (state.leader == no_slot || !state.isr.contains(replicas)) return false;
    }
    return true;
}

/// Whether what the policy waits for has come for this process.
bool is_back(const World& world, sim::ProcessId process, RollPolicy::Wait wait) {
    if (world.kernel.network.state(process) != sim::ProcessState::up || world.starting[process.value])
        return false;
    const ActorOf actor = actor_of(*world.configuration, process);
    switch (actor.kind) {
    case ActorOf::Kind::broker:
        return world.brokers[actor.index].memory.lifecycle.state == LifecycleState::running;
    case ActorOf::Kind::controller: {
        const QuorumRole role = world.controllers[actor.index].memory.quorum.role;
        const bool alone = world.controllers.size() == 1;
        return alone || role == QuorumRole::leader || role == QuorumRole::follower;
    }
    case ActorOf::Kind::zookeeper:
    case ActorOf::Kind::producer:
        return true;
    case ActorOf::Kind::consumer: {
        const bool member = world.configuration->consumers[actor.index].group != no_group;
        return wait != RollPolicy::Wait::in_sync || !member || has_assignment(world.readers[actor.index]);
    }
    }
    return true;
}

bool is_a_broker(const World& world, sim::ProcessId process) { return process.value < world.brokers.size(); }

bool all_are_back(const World& world, const Operation& roll) {
    const RollPolicy::Wait wait = fault_of(world, roll).roll.wait_for;
    for (const sim::ProcessId process : with_twins(world, FaultKind::start, roll.group))
        if (!is_back(world, process, wait)) return false;
    const bool brokers = std::any_of(roll.group.begin(), roll.group.end(),
                                     [&](sim::ProcessId process) { return is_a_broker(world, process); });
    return wait != RollPolicy::Wait::in_sync || !brokers || nothing_is_under_replicated(world);
}

void begin_turn(World& world, Operation& roll) {
    const Fault& fault = fault_of(world, roll);
    roll.group = take_group(world, roll);
    roll.since = world.kernel.now;
    roll.phase = Operation::Phase::stopping;
    world.faults[static_cast<std::size_t>(roll.fault)].target = slot_at(roll.group.front());
    for (const sim::ProcessId process : roll.group)
        tell(world, roll.fault, OperationStep::stopping, slot_at(process));
    const FaultKind how = fault.roll.crash ? FaultKind::crash : FaultKind::stop;
    const std::vector<sim::ProcessId> group = roll.group;
    look_again(world, roll.fault, look_interval);
    for (const sim::ProcessId process : with_twins(world, how, group)) {
        if (fault.roll.crash)
            crash(world, process);
        else
            stop(world, process);
    }
}

/// All of them are down: they start again, with another release if that is asked for.
void start_group(World& world, Operation& roll) {
    const Fault& fault = fault_of(world, roll);
    for (const sim::ProcessId process : with_twins(world, FaultKind::start, roll.group)) {
        const ActorOf actor = actor_of(*world.configuration, process);
        if (fault.kind == FaultKind::finalize) {
            world.brokers[actor.index].protocol_by = roll.fault;
            start_later(world, process);
            continue;
        }
        if (fault.release && actor.kind == ActorOf::Kind::broker)
            world.brokers[actor.index].upgraded_by = roll.fault;
        if (fault.release && actor.kind == ActorOf::Kind::controller)
            world.controllers[actor.index].upgraded_by = roll.fault;
        start_later(world, process);
    }
    for (const sim::ProcessId process : roll.group)
        tell(world, roll.fault, OperationStep::starting, slot_at(process));
}

void pause_roll(World& world, Operation& roll) {
    if (roll.left.empty()) {
        if (fault_of(world, roll).kind == FaultKind::finalize)
            world.kernel.note(fact::FeaturesFinalized{roll.fault});
        return end(world, roll, OperationStep::over);
    }
    roll.phase = Operation::Phase::pausing;
    look_again(world, roll.fault, fault_of(world, roll).roll.pause);
}

/// A roll with "for" begins no turn after that.
bool time_is_up(const World& world, const Operation& roll) {
    const Fault& fault = fault_of(world, roll);
    if (!fault.lasts_from) return false;
    const sim::Duration length{drawn_between(world.seed, fault.lasts_from->micros, fault.lasts_to.micros,
                                             roll.fault, FaultDraw::lasts)};
    return world.kernel.now - world.faults[static_cast<std::size_t>(roll.fault)].last >= length;
}

void roll_on(World& world, Operation& roll) {
    const Fault& fault = fault_of(world, roll);
    if (roll.phase == Operation::Phase::pausing)
        return time_is_up(world, roll) ? end(world, roll, OperationStep::gave_up) : begin_turn(world, roll);
    if (world.kernel.now - roll.since > fault.timeout) return end(world, roll, OperationStep::gave_up);
    if (roll.phase == Operation::Phase::stopping) {
        for (const sim::ProcessId process : with_twins(world, FaultKind::start, roll.group))
            if (!is_down(world, process)) return look_again(world, roll.fault, look_interval);
        start_group(world, roll);
        if (fault.roll.wait_for == RollPolicy::Wait::nothing) return pause_roll(world, roll);
        roll.phase = Operation::Phase::starting;
        return look_again(world, roll.fault, look_interval);
    }
    if (!all_are_back(world, roll)) return look_again(world, roll.fault, look_interval);
    for (const sim::ProcessId process : roll.group)
        tell(world, roll.fault, OperationStep::back, slot_at(process));
    pause_roll(world, roll);
}

// --- reassignments ---

/// The throttle is set first, as kafka-reassign-partitions --execute does it.
void begin_reassignment(World& world, std::int32_t index) {
    const Fault& fault = world.configuration->faults[static_cast<std::size_t>(index)];
    if (fault.throttle > 0) order_throttle(world, index, false);
    const std::vector<PartitionIndex> refused = order_reassignment(world, fault);
    for (const PartitionIndex partition : refused)
        tell(world, index, OperationStep::refused, no_slot, partition);
    if (fault.cancel || refused.size() == fault.reassigned.size()) {
        world.faults[static_cast<std::size_t>(index)].over = true;
        if (fault.throttle > 0) order_throttle(world, index, true);
        return;
    }
    Operation watch;
    watch.fault = index;
    watch.since = world.kernel.now;
    world.operations.push_back(watch);
    tell(world, index, OperationStep::began);
    look_again(world, index, look_interval);
}

/// Source: ReassignPartitionsCommand.verifyAssignment: what is done is told, and then the throttle goes.
void watch(World& world, Operation& operation) {
    const Fault& fault = fault_of(world, operation);
    bool reached = true;
    for (const auto& [partition, target] : fault.reassigned) {
        const PartitionState& state = decided_state(world, partition);
        if (is_being_reassigned(world, partition)) {
            if (world.kernel.now - operation.since > fault.timeout)
                return end(world, operation, OperationStep::gave_up);
            return look_again(world, operation.fault, look_interval);
        }
        reached = reached && replicas_of(state, world.configuration->partition(partition)) == target;
    }
    if (fault.throttle > 0) order_throttle(world, operation.fault, true);
    end(world, operation, reached ? OperationStep::over : OperationStep::cancelled);
}

/// Whether all brokers and voters of the cluster run a release that has these features.
/// Source: QuorumFeatures.reasonNotSupported, ClusterFeatureSupportDescriber.
bool all_know(const World& world, const Fault& fault) {
    const Configuration& configuration = *world.configuration;
    const auto release_of = [&](std::int32_t upgrade, Release first) {
        return upgrade < 0 ? first : *configuration.faults[static_cast<std::size_t>(upgrade)].release;
    };
    for (std::size_t i = 0; i < world.brokers.size(); ++i) {
        const bool registered =
            decided_registration(world, BrokerSlot{static_cast<std::int32_t>(i)}).epoch != no_broker_epoch;
        const Release release = release_of(world.brokers[i].upgraded_by, configuration.brokers[i].release);
        if (registered && release < *fault.release) return false;
    }
    return std::all_of(world.controllers.begin(), world.controllers.end(), [&](const Controller& one) {
        return release_of(one.upgraded_by, configuration.release) >= *fault.release;
    });
}

} // namespace

bool begin_roll(World& world, std::int32_t index, const std::vector<sim::ProcessId>& among) {
    if (among.empty()) return false;
    Operation roll;
    roll.fault = index;
    for (const sim::ProcessId process : among)
        if (std::find(roll.left.begin(), roll.left.end(), process) == roll.left.end())
            roll.left.push_back(process);
    const Fault& fault = fault_of(world, roll);
    std::sort(roll.left.begin(), roll.left.end());
    if (fault.roll.order == RollPolicy::Order::by_rack)
        std::stable_sort(roll.left.begin(), roll.left.end(), [&](sim::ProcessId a, sim::ProcessId b) {
            return rack_of(*world.configuration, a) < rack_of(*world.configuration, b);
        });
    roll.phase = Operation::Phase::pausing;
    world.operations.push_back(roll);
    tell(world, index, OperationStep::began);
    go_on(world, index);
    return true;
}

namespace {

/// Under ZooKeeper features are inter.broker.protocol.version in server.properties: every broker is restarted
/// once more. A broker of an older release would not start with it (ApiVersionValidator).
bool begin_protocol_roll(World& world, std::int32_t index) {
    if (!all_know(world, world.configuration->faults[static_cast<std::size_t>(index)])) {
        tell(world, index, OperationStep::refused);
        world.faults[static_cast<std::size_t>(index)].over = true;
        return true;
    }
    std::vector<sim::ProcessId> brokers;
    for (std::size_t i = 0; i < world.brokers.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        if (is_running(world, slot))
            brokers.push_back(Addresses::broker(slot));
        else
            world.brokers[i].protocol_by = index; // it starts with it
    }
    return begin_roll(world, index, brokers);
}

} // namespace

bool order_operation(World& world, std::int32_t index) {
    const Fault& fault = world.configuration->faults[static_cast<std::size_t>(index)];
    if (!controller_answers(world)) return false;
    if (fault.kind == FaultKind::reassign) {
        begin_reassignment(world, index);
        return true;
    }
    bool accepted = true;
    if (fault.kind == FaultKind::finalize && !world.zookeeper.empty())
        return begin_protocol_roll(world, index);
    if (fault.kind == FaultKind::finalize) accepted = order_features(world, index, all_know(world, fault));
    for (const Target& target : fault.targets) {
        if (fault.kind == FaultKind::delete_topic)
            accepted = order_topic_deletion(world, target.topic) && accepted;
        if (fault.kind == FaultKind::unregister)
            for (const sim::ProcessId process : resolve(world, target, index))
                accepted = order_unregistration(world, slot_at(process)) && accepted;
    }
    if (!accepted) tell(world, index, OperationStep::refused);
    return true;
}

void go_on(World& world, std::int32_t fault) {
    const auto at = std::find_if(world.operations.begin(), world.operations.end(),
                                 [&](const Operation& one) { return one.fault == fault; });
    if (at == world.operations.end()) return;
    if (fault_of(world, *at).kind != FaultKind::reassign)
        roll_on(world, *at);
    else
        watch(world, *at);
}

} // namespace kafka::parts
