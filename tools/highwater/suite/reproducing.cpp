#include "tools/highwater/suite/reproducing.hpp"

#include "models/check/guarantees.hpp"
#include "models/cluster/weather.hpp"
#include "sim/core/content_hash.hpp"

#include <algorithm>
#include <span>

namespace kafka::fact {

/// The reason, not where it is kept.
static void add_content(sim::ContentHash& hash, const Ignored& ignored) {
    hash.add(std::string(ignored.reason));
}

} // namespace kafka::fact

namespace highwater {

namespace {

using Entries = std::span<const TraceEntry>;

Entries part_of(const Trace& trace, std::size_t first, std::size_t count) {
    const Entries all = trace.entries();
    return first < all.size() ? all.subspan(first, std::min(count, all.size() - first)) : Entries();
}

/// All that the facts say: to tell that they are equal takes no text of them.
sim::Digest content_of(Entries entries) {
    sim::ContentHash hash;
    for (const TraceEntry& entry : entries) {
        hash.add(entry.time);
        hash.add(entry.event);
        hash.add(entry.fact);
    }
    return hash.digest();
}

std::string line_of(Entries entry, const kafka::Configuration& configuration) {
    if (entry.empty()) return "nothing more";
    const std::string text = render(entry, configuration);
    return text.substr(0, text.find('\n'));
}

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
    const auto differ = [&](std::size_t first, std::size_t count) {
        const Entries a = part_of(one, first, count);
        const Entries b = part_of(other, first, count);
        return a.size() != b.size() || content_of(a) != content_of(b);
    };
    constexpr std::size_t chunk = 4096;
    const std::size_t size = std::max(one.entries().size(), other.entries().size());
    std::size_t at = 0;
    while (at < size && !differ(at, chunk))
        at += chunk;
    if (at >= size) return std::nullopt;
    while (!differ(at, 1))
        ++at;
    const Entries a = part_of(one, at, 1);
    const Entries b = part_of(other, at, 1);
    const bool from_one = !a.empty() && (b.empty() || a[0].event <= b[0].event);
    const TraceEntry& entry = from_one ? a[0] : b[0];
    return Difference{entry.event, entry.time, line_of(a, configuration), line_of(b, configuration)};
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
