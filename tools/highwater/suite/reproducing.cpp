#include "tools/highwater/suite/reproducing.hpp"

#include "models/check/guarantees.hpp"
#include "models/cluster/weather.hpp"

#include <algorithm>

namespace highwater {

namespace {

std::string line_at(const std::string& text) { return text.substr(0, text.find('\n')); }

/// A run of its own, with the observers of a verdict or with none; facts are kept when `trace` is given.
Recorded run_again(const std::shared_ptr<const kafka::Configuration>& drawn, std::uint64_t seed, bool watched,
                   bool traced, const Disturbance& disturb) {
    const kafka::Configuration& configuration = *drawn;
    Recorded recorded;
    kafka::Ledger ledger(configuration);
    kafka::Readings readings(configuration);
    kafka::Invariants invariants(configuration);
    std::vector<kafka::Observer*> observers;
    if (watched) observers = {&ledger, &readings, &invariants};
    if (traced) observers.push_back(&recorded.trace);
    kafka::World world = kafka::make_world(drawn, seed);
    const auto show = [&] {
        for (kafka::Observer* const observer : observers) {
            for (const kafka::Fact& fact : world.kernel.facts)
                observer->on(world.kernel.now, world.events, fact, world);
            observer->after_step(world);
        }
    };
    show();
    while (true) {
        if (disturb) disturb(world);
        if (!step(world)) break;
        show();
    }
    for (kafka::Observer* const observer : observers)
        observer->at_end(world);
    recorded.state = digest(world);
    recorded.events = world.events;
    recorded.end = world.kernel.now;
    return recorded;
}

/// Equal facts, and still another world at the end.
Difference of_final_worlds(const Recorded& one, const Recorded& other) {
    return {std::max(one.events, other.events), std::max(one.end, other.end),
            "every fact is the same; the final world has digest " + sim::to_hex(one.state),
            "every fact is the same; the final world has digest " + sim::to_hex(other.state)};
}

bool same_end(const Recorded& one, const Recorded& other) {
    return one.state == other.state && one.events == other.events && one.end == other.end;
}

} // namespace

std::optional<Difference> first_difference(const Trace& one, const Trace& other,
                                           const kafka::Configuration& configuration) {
    constexpr std::size_t chunk = 4096;
    const std::size_t size = std::max(one.entries().size(), other.entries().size());
    for (std::size_t first = 0; first < size; first += chunk) {
        if (one.render(configuration, first, chunk) == other.render(configuration, first, chunk)) continue;
        for (std::size_t i = first;; ++i) {
            const std::string a = line_at(one.render(configuration, i, 1));
            const std::string b = line_at(other.render(configuration, i, 1));
            if (a == b) continue;
            const auto event = [&](const Trace& trace) { return trace.entries()[i].event; };
            const bool from_one = !a.empty() && (b.empty() || event(one) <= event(other));
            const Trace::Entry& entry = from_one ? one.entries()[i] : other.entries()[i];
            return Difference{entry.event, entry.time, a.empty() ? "nothing more" : a,
                              b.empty() ? "nothing more" : b};
        }
    }
    return std::nullopt;
}

std::optional<NotReproduced> reproduce(const kafka::Scenario& scenario, std::uint64_t seed,
                                       const Recorded& first, const Disturbance& disturb) {
    const auto drawn = kafka::with_weather(scenario.configuration, seed);
    const kafka::Configuration& configuration = *drawn;
    {
        const Recorded again = run_again(drawn, seed, true, true, disturb);
        const auto difference = first_difference(first.trace, again.trace, configuration);
        if (difference) return NotReproduced{"again", *difference};
        if (!same_end(first, again)) return NotReproduced{"again", of_final_worlds(first, again)};
    }
    const Recorded alone = run_again(drawn, seed, false, false, disturb);
    if (same_end(first, alone)) return std::nullopt;
    // It went another way with nobody there: once more with only a recorder, to find where.
    const Recorded told = run_again(drawn, seed, false, true, disturb);
    const auto difference = first_difference(first.trace, told.trace, configuration);
    return NotReproduced{"without observers", difference ? *difference : of_final_worlds(first, alone)};
}

} // namespace highwater
