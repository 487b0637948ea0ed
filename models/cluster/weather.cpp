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

std::vector<Fault> draw_weather(const WeatherFamily& family, std::uint64_t seed) {
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
        Fault fault = family.fault;
        const sim::Duration length{
            between(fault.lasts_from->micros, fault.lasts_to.micros, bits_for(family, seed, number, 2))};
        const std::size_t chosen =
            free[static_cast<std::size_t>(sim::below(bits_for(family, seed, number, 1), free.size()))];
        if (!family.among.empty()) fault.targets = {family.among[chosen]};
        fault.at_from = time;
        fault.at_to = time;
        fault.lasts_from = length;
        fault.lasts_to = length;
        fault.name = "weather " + family.fault.name + " " + std::to_string(drawn.size() + 1);
        down_until[chosen] = time + length + family.rest;
        drawn.push_back(std::move(fault));
    }
    return drawn;
}

std::shared_ptr<const Configuration> with_weather(std::shared_ptr<const Configuration> configuration,
                                                  std::uint64_t seed) {
    if (configuration->weather.empty()) return configuration;
    auto drawn = std::make_shared<Configuration>(*configuration);
    std::vector<Fault> all;
    for (const WeatherFamily& family : configuration->weather)
        for (Fault& fault : draw_weather(family, seed))
            all.push_back(std::move(fault));
    std::stable_sort(all.begin(), all.end(),
                     [](const Fault& a, const Fault& b) { return *a.at_from < *b.at_from; });
    for (Fault& fault : all)
        drawn->faults.push_back(std::move(fault));
    drawn->weather.clear();
    return drawn;
}

} // namespace kafka
