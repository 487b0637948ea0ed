#include "models/cluster/weather.hpp"

#include "models/turn/turn.hpp"

#include <algorithm>
#include <bit>

namespace kafka {

namespace {

constexpr std::uint64_t most_draws = 100000; // of a family; read_weather keeps the mean number far below
constexpr std::uint64_t draws_each = 4;      // addresses that one fault of a family owns

std::uint64_t bits_for(const WeatherFamily& family, std::uint64_t seed, std::uint64_t number,
                       std::uint64_t place) {
    return sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::weather),
                          static_cast<std::uint64_t>(family.fault.kind), number * draws_each + place);
}

std::int64_t between(std::int64_t from, std::int64_t to, std::uint64_t bits) {
    return from + static_cast<std::int64_t>(sim::below(bits, static_cast<std::uint64_t>(to - from) + 1));
}

} // namespace

sim::Duration exponential(sim::Duration mean, std::uint64_t bits) {
    __extension__ using Wide = unsigned __int128;
    constexpr std::uint64_t one = std::uint64_t{1} << 32;
    constexpr std::uint64_t ln2 = 2977044472; // ln 2 in units of 2^-32
    const std::uint64_t u = bits | 1;         // never zero
    const auto leading = static_cast<std::uint64_t>(std::countl_zero(u));
    std::uint64_t x = (u << leading) >> 31; // in [2^32, 2^33): u without its power of two
    std::uint64_t fraction = 0;             // log2 of x, in units of 2^-32
    for (std::uint64_t bit = one >> 1; bit > 0; bit >>= 1) {
        x = static_cast<std::uint64_t>((static_cast<Wide>(x) * x) >> 32);
        if (x < 2 * one) continue;
        x >>= 1;
        fraction |= bit;
    }
    const std::uint64_t minus_log2 = (leading + 1) * one - fraction;
    const Wide minus_ln = (static_cast<Wide>(minus_log2) * ln2) >> 32;
    return sim::Duration{
        static_cast<std::int64_t>((minus_ln * static_cast<std::uint64_t>(mean.micros)) >> 32)};
}

namespace {

/// One fault of the family, at its place among those drawn. What is asked of the controller has no length.
Fault drawn_fault(const WeatherFamily& family, sim::SimTime time, sim::Duration length) {
    Fault fault = family.fault;
    fault.at_from = fault.at_to = time;
    if (fault.lasts_from) fault.lasts_from = fault.lasts_to = length;
    return fault;
}

/// Which brokers a partition moves to: as many as it has, in an order of their own. The draws belong to the
/// instant, so that another bound on the family moves no other's.
Assignment drawn_replicas(const Configuration& configuration, const Fault& fault, std::uint64_t seed) {
    constexpr std::uint64_t moving = 0x4000; // owner of these draws
    const auto time = static_cast<std::uint64_t>(fault.at_from->micros);
    std::vector<BrokerSlot> left;
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i)
        if (!configuration.brokers[i].absent) left.push_back(BrokerSlot{static_cast<std::int32_t>(i)});
    const PartitionIndex partition = fault.targets.front().partition;
    const int count = configuration.partition(partition).assignment.count;
    Assignment target;
    for (int i = 0; i < count && !left.empty(); ++i) {
        const std::uint64_t bits =
            sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::weather), moving,
                           time * Assignment::capacity + static_cast<std::uint64_t>(i));
        const auto at = static_cast<std::ptrdiff_t>(sim::below(bits, left.size()));
        target.add(left[static_cast<std::size_t>(at)]);
        left.erase(left.begin() + at);
    }
    return target;
}

/// Moves get their targets, and brokers the places for what may come to them.
void settle_moves(Configuration& drawn, std::uint64_t seed) {
    for (Fault& fault : drawn.faults) {
        const bool is_drawn = fault.kind == FaultKind::reassign && fault.reassigned.empty() && !fault.cancel;
        if (!is_drawn) continue;
        const PartitionIndex partition = fault.targets.front().partition;
        const Assignment target = drawn_replicas(drawn, fault, seed);
        PartitionConfiguration& moved = drawn.partitions[static_cast<std::size_t>(partition.value)];
        moved.later_replicas = moved.later_replicas | target.set();
        fault.reassigned.emplace_back(partition, target);
    }
}

void number(std::vector<Fault>& drawn, const WeatherFamily& family) {
    for (std::size_t i = 0; i < drawn.size(); ++i)
        drawn[i].name = "weather " + family.fault.name + " " + std::to_string(i + 1);
}

/// Each candidate works and fails by turns, for itself: exponential times to failure and to repair.
std::vector<Fault> draw_renewals(const WeatherFamily& family, std::uint64_t seed) {
    std::vector<Fault> all;
    for (std::size_t c = 0; c < std::max<std::size_t>(family.among.size(), 1); ++c) {
        const auto bits = [&](std::uint64_t place) {
            const std::uint64_t owner = static_cast<std::uint64_t>(family.fault.kind) + 0x10000 * (c + 1);
            return sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::weather), owner, place);
        };
        sim::SimTime time = family.from;
        for (std::uint64_t n = 0; n < most_draws; ++n) {
            time = time + exponential(family.time_to_failure, bits(2 * n));
            if (time >= family.until) break;
            const sim::Duration length = exponential(family.time_to_repair, bits(2 * n + 1));
            Fault fault = drawn_fault(family, time, std::max(length, sim::milliseconds(1)));
            if (!family.among.empty()) fault.targets = {family.among[c]};
            all.push_back(std::move(fault));
            time = time + length;
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Fault& a, const Fault& b) { return *a.at_from < *b.at_from; });
    std::vector<Fault> kept;
    for (Fault& fault : all) {
        const auto there = std::count_if(kept.begin(), kept.end(), [&](const Fault& one) {
            return *one.at_from + *one.lasts_from + family.rest > *fault.at_from;
        });
        if (family.at_most == 0 || there < family.at_most) kept.push_back(std::move(fault));
    }
    number(kept, family);
    return kept;
}

} // namespace

std::optional<WeatherFamily> swarmed(const WeatherFamily& family, std::uint64_t seed) {
    constexpr std::uint64_t swarm = 0x1000; // owner of these draws, with the family's kind
    const auto bits = [&](std::uint64_t place) {
        return sim::draw_bits(seed, static_cast<std::uint32_t>(Purpose::weather),
                              swarm + static_cast<std::uint64_t>(family.fault.kind), place);
    };
    if (sim::below(bits(0), 2) == 0) return std::nullopt;
    constexpr std::int64_t quarters[] = {1, 2, 4, 8, 16}; // of the gaps: four times as often to a fourth
    const std::int64_t strength = quarters[sim::below(bits(1), std::size(quarters))];
    WeatherFamily one = family;
    one.mean_every = one.mean_every * strength / 4;
    one.time_to_failure = one.time_to_failure * strength / 4;
    return one;
}

std::vector<Fault> draw_weather(const WeatherFamily& family, std::uint64_t seed) {
    if (family.time_to_failure > sim::Duration{0}) return draw_renewals(family, seed);
    std::vector<Fault> drawn;
    std::vector<sim::SimTime> down_until(std::max<std::size_t>(family.among.size(), 1)); // by candidate
    sim::SimTime time = family.from;
    for (std::uint64_t number = 0; number < most_draws; ++number) {
        time = time + exponential(family.mean_every, bits_for(family, seed, number, 0));
        if (time >= family.until) break;
        std::vector<std::size_t> free;
        for (std::size_t i = 0; i < down_until.size(); ++i)
            if (down_until[i] <= time) free.push_back(i);
        const std::size_t there = down_until.size() - free.size();
        if (free.empty() || (family.at_most > 0 && there >= static_cast<std::size_t>(family.at_most)))
            continue;
        const std::int64_t shortest = family.fault.lasts_from.value_or(sim::Duration{0}).micros;
        const sim::Duration length{
            between(shortest, family.fault.lasts_to.micros, bits_for(family, seed, number, 2))};
        const std::size_t chosen =
            free[static_cast<std::size_t>(sim::below(bits_for(family, seed, number, 1), free.size()))];
        Fault fault = drawn_fault(family, time, length);
        if (!family.among.empty()) fault.targets = {family.among[chosen]};
        if (family.draws_wait && sim::below(bits_for(family, seed, number, 3), 2) == 1)
            fault.roll.wait_for = RollPolicy::Wait::started;
        down_until[chosen] = time + length + family.rest;
        drawn.push_back(std::move(fault));
    }
    number(drawn, family);
    return drawn;
}

std::shared_ptr<const Configuration> with_weather(std::shared_ptr<const Configuration> configuration,
                                                  std::uint64_t seed) {
    const WeatherRules& rules = configuration->weather_rules;
    if (configuration->weather.empty() && !rules.breaks) return configuration;
    auto drawn = std::make_shared<Configuration>(*configuration);
    std::vector<Fault> all;
    for (const WeatherFamily& family : configuration->weather) {
        const std::optional<WeatherFamily> one = rules.swarm ? swarmed(family, seed) : family;
        if (!one) continue;
        for (Fault& fault : draw_weather(*one, seed))
            all.push_back(std::move(fault));
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const Fault& a, const Fault& b) { return *a.at_from < *b.at_from; });
    all = within_tolerance(std::move(all), *configuration);
    if (rules.breaks) {
        Fault beyond = beyond_tolerance(*configuration, seed);
        const auto at = std::upper_bound(all.begin(), all.end(), beyond, [](const Fault& a, const Fault& b) {
            return *a.at_from < *b.at_from;
        });
        all.insert(at, std::move(beyond));
    }
    for (Fault& fault : all)
        drawn->faults.push_back(std::move(fault));
    settle_moves(*drawn, seed);
    drawn->weather.clear();
    drawn->weather_rules = {};
    return drawn;
}

} // namespace kafka
