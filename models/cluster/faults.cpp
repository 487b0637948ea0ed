#include "models/cluster/dispatch.hpp"

#include "models/broker/broker.hpp"
#include "models/cluster/control_plane.hpp"
#include "models/cluster/drawing.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

const Fault& fault_at(const World& world, std::int32_t index) {
    return world.configuration->faults[static_cast<std::size_t>(index)];
}

void schedule_fault(World& world, std::int32_t index, sim::SimTime when) {
    world.kernel.queue.schedule(std::max(when, world.kernel.now), FaultEvent{index, false, no_slot});
}

void schedule_after_delay(World& world, std::int32_t index) {
    const Fault& fault = fault_at(world, index);
    const sim::Duration delay{
        drawn_between(world.seed, fault.by_from.micros, fault.by_to.micros, index, FaultDraw::by)};
    schedule_fault(world, index, world.kernel.now + delay);
}

/// Members of the group that have their assignment and run.
std::int64_t joined(const World& world, GroupIndex group) {
    std::int64_t count = 0;
    for (const Reader& reader : world.readers) {
        const bool in = world.configuration->consumer(reader.index).group == group && has_assignment(reader);
        const sim::ProcessId process = Addresses::consumer(*world.configuration, reader.index);
        const bool runs = world.kernel.network.state(process) == sim::ProcessState::up;
        count += in && runs && reader.thread.stage != ConsumingStage::ended ? 1 : 0;
    }
    return count;
}

std::int64_t lag(const World& world, GroupIndex group, PartitionIndex partition) {
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Replica* replica = replica_of(world, leader, partition);
    if (replica == nullptr) return 0;
    return replica->high_watermark.value -
           std::max<std::int64_t>(0, committed_offset(world, group, partition).value);
}

/// Over all partitions of the topics that a member subscribes to.
std::int64_t lag_of_all(const World& world, GroupIndex group) {
    std::int64_t sum = 0;
    const Configuration& configuration = *world.configuration;
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        const PartitionIndex partition{static_cast<std::int32_t>(i)};
        const TopicIndex topic = configuration.partition(partition).topic;
        const bool read =
            std::any_of(configuration.consumers.begin(), configuration.consumers.end(),
                        [&](const ConsumerConfiguration& one) {
                            return one.group == group &&
                                   std::find(one.topics.begin(), one.topics.end(), topic) != one.topics.end();
                        });
        if (read) sum += lag(world, group, partition);
    }
    return sum;
}

bool holds(const World& world, const Condition& condition) {
    std::int64_t value = 0;
    switch (condition.kind) {
    case WhenKind::isr_size:
        value = decided_state(world, condition.partition).isr.size();
        break;
    case WhenKind::acknowledged:
        value = world.acknowledged[static_cast<std::size_t>(condition.producer.value)];
        break;
    case WhenKind::joined:
        value = joined(world, condition.group);
        break;
    case WhenKind::committed:
        value =
            std::max<std::int64_t>(0, committed_offset(world, condition.group, condition.partition).value);
        break;
    case WhenKind::lag:
        value = condition.partition.value < 0 ? lag_of_all(world, condition.group)
                                              : lag(world, condition.group, condition.partition);
        break;
    case WhenKind::leader:
        return decided_state(world, condition.partition).leader == condition.leader;
    case WhenKind::appended:
    case WhenKind::high_watermark: {
        const BrokerSlot leader = decided_state(world, condition.partition).leader;
        if (leader == no_slot) return false;
        value = condition.kind == WhenKind::appended
                    ? log_of(world, leader, condition.partition)->log_end_offset.value
                    : replica_of(world, leader, condition.partition)->high_watermark.value;
        break;
    }
    }
    return value >= condition.at_least && value <= condition.at_most;
}

sim::ProcessSet set_of(const std::vector<sim::ProcessId>& processes) {
    sim::ProcessSet set;
    for (const sim::ProcessId process : processes)
        set.add(process);
    return set;
}

sim::Verdict verdict_of(const Fault& fault) {
    if (fault.kind == FaultKind::slow) return sim::Verdict::slow;
    if (fault.how == Fault::How::reset) return sim::Verdict::reset;
    return fault.how == Fault::How::stall ? sim::Verdict::stall : sim::Verdict::silence;
}

} // namespace

/// Told to stop, the broker hands over first, and its controller ends after it; told to start, the controller
/// comes first.
/// Source: KafkaRaftServer.startup, shutdown.
std::vector<sim::ProcessId> with_twins(const World& world, FaultKind kind,
                                       const std::vector<sim::ProcessId>& hit) {
    std::vector<sim::ProcessId> all;
    const auto add = [&](sim::ProcessId process) {
        if (std::find(all.begin(), all.end(), process) == all.end()) all.push_back(process);
    };
    for (const sim::ProcessId process : hit) {
        const std::optional<sim::ProcessId> twin = Addresses::twin_of(*world.configuration, process);
        const bool is_broker = process.value < world.brokers.size();
        if (twin && kind == FaultKind::stop) {
            add(is_broker ? process : *twin);
            continue;
        }
        if (twin && is_broker && kind == FaultKind::start) add(*twin);
        add(process);
        if (twin) add(*twin);
    }
    return all;
}

namespace {

/// Rules of a cut or a slow link: between two ends, or of one end with everybody else.
bool add_rules(World& world, std::int32_t index) {
    const Fault& fault = fault_at(world, index);
    const auto ends = [&](const Target& target) {
        return set_of(with_twins(world, fault.kind, resolve(world, target, index)));
    };
    const sim::ProcessSet one = ends(fault.targets[0]);
    const sim::ProcessSet two = fault.targets.size() > 1 ? ends(fault.targets[1]) : all_except(one);
    if (one.empty() || two.empty()) return false;
    sim::LinkRule rule;
    rule.id = world.next_rule++;
    rule.verdict = verdict_of(fault);
    rule.latency = fault.latency;
    rule.bandwidth_bits = fault.bandwidth_bits;
    rule.jitter = fault.trouble.jitter;
    rule.loss_ppm = fault.trouble.loss_ppm;
    rule.close_delay = fault.trouble.close_delay;
    rule.kinds = fault.kinds;
    rule.from = one;
    rule.to = two;
    sim::Network<Mail>& network = world.kernel.network;
    network.add_rule(rule, world.kernel.now, world.kernel.choices, scheduler(world));
    if (!fault.forward_only) {
        std::swap(rule.from, rule.to);
        network.add_rule(rule, world.kernel.now, world.kernel.choices, scheduler(world));
    }
    world.faults[static_cast<std::size_t>(index)].rule = rule.id;
    return true;
}

void remove_rules(World& world, std::int32_t index) {
    FaultState& state = world.faults[static_cast<std::size_t>(index)];
    if (state.rule == 0) return;
    world.kernel.network.remove_rule(state.rule, world.kernel.now, world.kernel.choices, scheduler(world));
    state.rule = 0;
    state.over = true;
}

/// Heals the cut or slow link that the target names, or all between the named ends.
void heal(World& world, std::int32_t index) {
    const Fault& fault = fault_at(world, index);
    for (std::size_t i = 0; i < world.faults.size(); ++i) {
        const Fault& other = world.configuration->faults[i];
        if (other.kind != FaultKind::cut && other.kind != FaultKind::slow) continue;
        const bool named = fault.targets.size() == 1 && fault.targets[0].kind == TargetKind::target_of &&
                           fault.targets[0].index == static_cast<std::int32_t>(i);
        const bool same_ends = fault.targets.size() == other.targets.size() &&
                               std::equal(fault.targets.begin(), fault.targets.end(), other.targets.begin(),
                                          [](const Target& a, const Target& b) { return a.text == b.text; });
        if (named || same_ends) remove_rules(world, static_cast<std::int32_t>(i));
    }
}

/// Admin requests reach the active controller; without one nothing happens.
bool ask_controller(World& world, std::int32_t index) {
    const Fault& fault = fault_at(world, index);
    if (!controller_answers(world)) return false;
    if (fault.kind == FaultKind::set) {
        for (const auto& [topic, settings] : fault.topic_settings)
            order_topic_settings(world, topic, settings);
        for (const auto& [broker, settings] : fault.broker_settings)
            order_broker_settings(world, broker, index);
        world.kernel.note(fact::ConfigChanged{index});
        return true;
    }
    if (fault.kind == FaultKind::create_partitions) {
        for (const Target& target : fault.targets)
            order_partitions(world, target.topic, fault.partitions);
        return true;
    }
    for (const Target& target : fault.targets) {
        if (target.kind == TargetKind::partition) order_election(world, target.partition, fault.unclean);
        if (target.kind != TargetKind::topic) continue;
        const TopicConfiguration& topic = world.configuration->topic(target.topic);
        for (std::int32_t i = 0; i < topic.partitions; ++i)
            order_election(world, next(topic.partition_first, i), fault.unclean);
    }
    return true;
}

void do_to(World& world, const Fault& fault, sim::ProcessId process) {
    switch (fault.kind) {
    case FaultKind::crash:
        return crash(world, process);
    case FaultKind::pause:
        return pause(world, process, Standstill::stopped);
    case FaultKind::gc:
        return pause(world, process, Standstill::collecting);
    case FaultKind::starve:
    case FaultKind::clock:
        return strain(world, fault, process, false);
    case FaultKind::disk:
        return trouble_disk(world, fault, process, false);
    case FaultKind::corrupt: {
        const bool broker = process.value < world.brokers.size();
        if (broker) corrupt_batch(world.brokers[process.value], fault.disk.partition, fault.disk.offset);
        return;
    }
    case FaultKind::resume:
        return resume(world, process, Standstill::stopped);
    case FaultKind::stop:
        return stop(world, process);
    case FaultKind::start:
        return start_later(world, process);
    case FaultKind::power_loss:
        return lose_power(world, process);
    case FaultKind::wipe_disk:
        return wipe(world, process);
    case FaultKind::cut:
    case FaultKind::heal:
    case FaultKind::slow:
    case FaultKind::elect:
    case FaultKind::set:
    case FaultKind::deny:
    case FaultKind::allow:
    case FaultKind::create_partitions:
    case FaultKind::swizzle:
    case FaultKind::roll:
    case FaultKind::reassign:
    case FaultKind::delete_topic:
    case FaultKind::unregister:
    case FaultKind::finalize:
    case FaultKind::delete_records:
        return;
    }
}

/// Takes a fault back from a process: whoever went down starts, whoever stood still goes on.
void undo_for(World& world, const Fault& fault, sim::ProcessId process) {
    if (fault.kind == FaultKind::pause) return resume(world, process, Standstill::stopped);
    if (fault.kind == FaultKind::gc) return resume(world, process, Standstill::collecting);
    if (fault.kind == FaultKind::starve || fault.kind == FaultKind::clock)
        return strain(world, fault, process, true);
    if (fault.kind == FaultKind::disk) return trouble_disk(world, fault, process, true);
    start_later(world, process);
}

/// A change of permissions, by an admin who reaches the active controller.
bool set_permissions(World& world, std::int32_t index, bool denied, std::vector<sim::ProcessId>& hit) {
    if (!controller_answers(world)) return false;
    for (const Target& target : fault_at(world, index).targets) {
        const ProducerIndex producer{target.index};
        order_access(world, producer, denied);
        hit.push_back(Addresses::producer(*world.configuration, producer));
    }
    return !hit.empty();
}

/// What an administrator asks of the controller, and what may take its time.
bool is_operation(FaultKind kind) { return kind >= FaultKind::roll && kind <= FaultKind::finalize; }

/// Those whose followers come when they are over.
bool goes_on_for_a_while(const World& world, FaultKind kind) {
    const bool rolls = kind == FaultKind::finalize && world.configuration->has_zookeeper();
    return kind == FaultKind::roll || kind == FaultKind::reassign || rolls;
}

/// Does the fault; false when its target names nobody now.
bool perform(World& world, std::int32_t index, std::vector<sim::ProcessId>& hit) {
    const Fault& fault = fault_at(world, index);
    if (fault.kind == FaultKind::cut || fault.kind == FaultKind::slow) return add_rules(world, index);
    if (fault.kind == FaultKind::heal) {
        heal(world, index);
        return true;
    }
    const bool asks = fault.kind == FaultKind::elect || fault.kind == FaultKind::set ||
                      fault.kind == FaultKind::create_partitions;
    if (asks) return ask_controller(world, index);
    if (is_operation(fault.kind) && fault.kind != FaultKind::roll) return order_operation(world, index);
    if (fault.kind == FaultKind::delete_records) return delete_records_of(world, fault);
    if (fault.kind == FaultKind::deny || fault.kind == FaultKind::allow)
        return set_permissions(world, index, fault.kind == FaultKind::deny, hit);
    for (const Target& target : fault.targets)
        for (const sim::ProcessId process : resolve(world, target, index))
            hit.push_back(process);
    if (fault.kind == FaultKind::swizzle) { // each tells of itself when its turn comes
        const bool begun = begin_swizzle(world, index, hit);
        hit.clear();
        return begun;
    }
    if (fault.kind == FaultKind::roll) { // likewise
        const bool begun = begin_roll(world, index, hit);
        hit.clear();
        return begun;
    }
    for (const sim::ProcessId process : with_twins(world, fault.kind, hit))
        do_to(world, fault, process);
    return !hit.empty();
}

/// A fault undone after its "for".
void undo(World& world, const FaultEvent& event) {
    const Fault& fault = fault_at(world, event.fault);
    world.kernel.note(fact::FaultHappened{event.fault, event.target, PartitionIndex{-1}, true});
    if (fault.kind == FaultKind::cut || fault.kind == FaultKind::slow)
        return remove_rules(world, event.fault);
    const sim::ProcessId process{static_cast<std::uint32_t>(event.target.value)};
    std::vector<sim::ProcessId> hit;
    if (fault.kind == FaultKind::deny)
        set_permissions(world, event.fault, false, hit);
    else
        for (const sim::ProcessId one : with_twins(world, FaultKind::start, {process}))
            undo_for(world, fault, one);
    world.faults[static_cast<std::size_t>(event.fault)].over = true;
}

void schedule_undo(World& world, std::int32_t index, const std::vector<sim::ProcessId>& hit) {
    const Fault& fault = fault_at(world, index);
    if (!fault.lasts_from) {
        world.faults[static_cast<std::size_t>(index)].over = true;
        return;
    }
    const sim::Duration length{
        drawn_between(world.seed, fault.lasts_from->micros, fault.lasts_to.micros, index, FaultDraw::lasts)};
    const sim::SimTime when = world.kernel.now + length;
    if (hit.empty()) world.kernel.queue.schedule(when, FaultEvent{index, true, no_slot});
    for (const sim::ProcessId process : hit)
        world.kernel.queue.schedule(
            when, FaultEvent{index, true, BrokerSlot{static_cast<std::int32_t>(process.value)}});
}

} // namespace

void schedule_first_faults(World& world) {
    for (std::size_t i = 0; i < world.faults.size(); ++i) {
        const auto index = static_cast<std::int32_t>(i);
        const Fault& fault = world.configuration->faults[i];
        if (fault.at_from)
            schedule_fault(world, index,
                           sim::SimTime{drawn_between(world.seed, fault.at_from->micros, fault.at_to.micros,
                                                      index, FaultDraw::at)});
        world.faults[i].armed = fault.when.has_value();
    }
}

namespace {

/// Does a fault. Its fact comes before those of what it causes in the same step, but is known only
/// afterwards.
void do_fault(World& world, const FaultEvent& event) {
    FaultState& state = world.faults[static_cast<std::size_t>(event.fault)];
    state.happened += 1;
    state.last = world.kernel.now;
    const Fault& fault = fault_at(world, event.fault);
    const PartitionIndex partition =
        fault.targets.empty() ? PartitionIndex{-1} : partition_of(fault.targets[0]);
    state.partition = partition;
    const std::size_t facts_before = world.kernel.facts.size();
    std::vector<sim::ProcessId> hit;
    if (!perform(world, event.fault, hit)) {
        world.kernel.note(fact::FaultMissed{event.fault});
        world.faults[static_cast<std::size_t>(event.fault)].over = true;
    } else {
        FaultState& after = world.faults[static_cast<std::size_t>(event.fault)];
        after.target = hit.empty() ? no_slot : BrokerSlot{static_cast<std::int32_t>(hit.front().value)};
        std::vector<Fact>& facts = world.kernel.facts;
        facts.insert(facts.begin() + static_cast<std::ptrdiff_t>(facts_before),
                     fact::FaultHappened{event.fault, after.target, partition, false});
        const bool lasts = fault.kind == FaultKind::swizzle || goes_on_for_a_while(world, fault.kind);
        if (!lasts) schedule_undo(world, event.fault, hit);
    }
    const bool goes_on = std::any_of(world.operations.begin(), world.operations.end(),
                                     [&](const Operation& one) { return one.fault == event.fault; });
    if (!goes_on) schedule_followers(world, event.fault);
}

} // namespace

void schedule_followers(World& world, std::int32_t fault) {
    for (std::size_t i = 0; i < world.faults.size(); ++i)
        if (world.configuration->faults[i].after == fault)
            schedule_after_delay(world, static_cast<std::int32_t>(i));
}

void on_fault(World& world, const FaultEvent& event) {
    if (world.heal.began) return; // nothing more breaks, and everything was undone
    if (goes_on_for_a_while(world, fault_at(world, event.fault).kind) && event.target != no_slot)
        return go_on(world, event.fault);
    const bool one_of_many =
        fault_at(world, event.fault).kind == FaultKind::swizzle && event.target != no_slot;
    if (one_of_many) return swizzle_one(world, event);
    if (event.undo) return undo(world, event);
    Kernel& kernel = world.kernel;
    FactHash* const hash = kernel.hashing.hash;
    const bool observed = kernel.observed;
    const std::size_t before = kernel.facts.size();
    kernel.hashing.hash = nullptr; // facts are kept and hashed when their order is known
    kernel.observed = true;
    do_fault(world, event);
    kernel.observed = observed;
    kernel.hashing.hash = hash;
    for (std::size_t i = before; hash != nullptr && i < kernel.facts.size(); ++i)
        hash->add_any(kernel.now, world.events, kernel.facts[i]);
}

void check_conditions(World& world) {
    for (std::size_t i = 0; i < world.faults.size(); ++i) {
        if (!world.faults[i].armed || !holds(world, *world.configuration->faults[i].when)) continue;
        world.faults[i].armed = false;
        schedule_after_delay(world, static_cast<std::int32_t>(i));
    }
}

bool faults_are_over(const World& world) {
    return std::all_of(world.faults.begin(), world.faults.end(), [](const FaultState& state) {
        return state.over || state.rule != 0 ||
               state.armed; // armed: with all loads done it may never come true
    });
}

} // namespace kafka::parts
