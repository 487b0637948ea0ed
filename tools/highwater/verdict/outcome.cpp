#include "tools/highwater/verdict/outcome.hpp"

#include "models/cluster/weather.hpp"
#include "tools/highwater/verdict/fingerprint.hpp"

#include <fmt/format.h>

namespace highwater {

Outcome run_once(const kafka::Scenario& scenario, std::uint64_t seed, const std::string& repeat,
                 const Watch& watch) {
    const auto drawn = kafka::with_weather(scenario.configuration, seed);
    const kafka::Configuration& configuration = *drawn;
    Outcome outcome{scenario,
                    drawn,
                    seed,
                    repeat,
                    kafka::Ledger(configuration),
                    kafka::Readings(configuration),
                    kafka::Invariants(configuration),
                    {},
                    "",
                    0,
                    {},
                    {},
                    {},
                    {},
                    {}};
    kafka::FactHash facts;
    kafka::World world;
    try {
        world = kafka::make_world(drawn, seed);
        std::vector<kafka::Observer*> observers{&outcome.ledger, &outcome.readings, &outcome.invariants,
                                                &outcome.controllers};
        if (watch.trace) observers.push_back(*watch.trace);
        if (watch.other != nullptr) observers.push_back(watch.other);
        kafka::run(world, observers, watch.progress, &facts);
    } catch (const sim::AssertionFailure& failure) {
        throw sim::AssertionFailure(fmt::format("{}\n  seed {}, simulated time {} us, event {}\n  repeat: {}",
                                                failure.what(), seed, world.kernel.now.micros, world.events,
                                                repeat));
    }
    outcome.guarantees = judge(outcome.ledger, outcome.readings, outcome.invariants, configuration);
    outcome.liveness = kafka::judge_liveness(world);
    if (outcome.liveness) outcome.guarantees.push_back(cluster_heals(*outcome.liveness, configuration));
    outcome.fingerprint = fingerprint_of(std::move(facts), world);
    outcome.events = world.events;
    outcome.state = digest(world);
    outcome.end = world.kernel.now;
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        outcome.decided.push_back(decided_state(world, kafka::PartitionIndex{static_cast<std::int32_t>(i)}));
    return outcome;
}

} // namespace highwater
