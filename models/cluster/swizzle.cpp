#include "models/cluster/dispatch.hpp"
#include "models/cluster/drawing.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Shuffled by draws that the fault owns, from `place` on. Source: Fisher and Yates, from the end.
void shuffle(std::vector<sim::ProcessId>& processes, const World& world, std::int32_t fault,
             std::uint64_t place) {
    for (std::size_t left = processes.size(); left > 1; --left) {
        const std::uint64_t bits =
            sim::draw_bits(world.seed, static_cast<std::uint32_t>(Purpose::target_choice),
                           static_cast<std::uint64_t>(fault), place + left);
        std::swap(processes[left - 1], processes[static_cast<std::size_t>(sim::below(bits, left))]);
    }
}

BrokerSlot slot_of(sim::ProcessId process) { return BrokerSlot{static_cast<std::int32_t>(process.value)}; }

} // namespace

/// A rolling clog: one after the other, in a drawn order, nothing passes to or from a broker any more; then
/// they are set free in another drawn order. Of several some are left out, so that the rest may go on.
/// Shape: the first third of "for" clogs, the last third frees; each third in equal steps.
/// Source: the swizzle-clog of FoundationDB's simulator.
bool begin_swizzle(World& world, std::int32_t index, const std::vector<sim::ProcessId>& among) {
    const Fault& fault = world.configuration->faults[static_cast<std::size_t>(index)];
    if (among.empty() || !fault.lasts_from) return false;
    std::vector<sim::ProcessId> chosen = among;
    constexpr std::uint64_t order = 100; // places of draws: 0 is "any broker"
    constexpr std::uint64_t other_order = 10000;
    constexpr std::uint64_t how_many = 1;
    shuffle(chosen, world, index, order);
    const std::uint64_t bits = sim::draw_bits(world.seed, static_cast<std::uint32_t>(Purpose::target_choice),
                                              static_cast<std::uint64_t>(index), how_many);
    chosen.resize(1 +
                  static_cast<std::size_t>(sim::below(bits, std::max<std::size_t>(1, chosen.size() - 1))));
    const std::int64_t length =
        drawn_between(world.seed, fault.lasts_from->micros, fault.lasts_to.micros, index, FaultDraw::lasts);
    const auto count = static_cast<std::int64_t>(chosen.size());
    const auto step = [&](std::size_t i) { return length / 3 * static_cast<std::int64_t>(i) / count; };
    world.faults[static_cast<std::size_t>(index)].rule = world.next_rule; // and one more for each process
    world.next_rule += static_cast<std::uint32_t>(world.kernel.network.process_count());
    for (std::size_t i = 0; i < chosen.size(); ++i)
        world.kernel.queue.schedule(world.kernel.now + sim::Duration{step(i)},
                                    FaultEvent{index, false, slot_of(chosen[i])});
    shuffle(chosen, world, index, other_order);
    for (std::size_t i = 0; i < chosen.size(); ++i)
        world.kernel.queue.schedule(world.kernel.now + sim::Duration{length - step(chosen.size() - 1 - i)},
                                    FaultEvent{index, true, slot_of(chosen[i])});
    return true;
}

void swizzle_one(World& world, const FaultEvent& event) {
    FaultState& state = world.faults[static_cast<std::size_t>(event.fault)];
    const sim::ProcessId process{static_cast<std::uint32_t>(event.target.value)};
    const std::uint32_t rule_id = state.rule + process.value;
    sim::Network<Mail>& network = world.kernel.network;
    if (event.undo) {
        network.remove_rule(rule_id, world.kernel.now, world.kernel.choices, scheduler(world));
        const auto here = [&](const sim::LinkRule& rule) {
            return rule.id >= state.rule && rule.id < state.rule + network.process_count();
        };
        state.over = std::none_of(network.rules().begin(), network.rules().end(), here);
    } else {
        sim::LinkRule rule;
        rule.id = rule_id;
        rule.verdict = sim::Verdict::stall;
        rule.kinds = static_cast<std::uint8_t>(LinkKind::any);
        rule.from.add(process);
        if (const auto twin = Addresses::twin_of(*world.configuration, process)) rule.from.add(*twin);
        rule.to = sim::all_except(rule.from);
        network.add_rule(rule, world.kernel.now, world.kernel.choices, scheduler(world));
        std::swap(rule.from, rule.to);
        network.add_rule(rule, world.kernel.now, world.kernel.choices, scheduler(world));
    }
    world.kernel.note(fact::FaultHappened{event.fault, event.target, PartitionIndex{-1}, event.undo});
}

} // namespace kafka::parts
