#pragma once
// A run that has ended, with its observers, for tests that break something and look whether it is seen.

#include "models/check/guarantees.hpp"
#include "models/scenario/scenario.hpp"

#include <doctest/doctest.h>

namespace ended {

using namespace kafka;

inline Scenario scenario_of(const std::string& producer_config) {
    const SettingTables tables;
    const std::string text =
        R"({"topics":[{"name":"t","assignment":[[1,2,3]],"config":{"min.insync.replicas":2}}],
        "producers":[{"name":"p","records":{"count":100,"rate":1000},"config":)" +
        producer_config +
        R"(}],"consumers":[{"name":"c","config":{"auto.offset.reset":"earliest"}}],"until":"3s"})";
    ReadResult result = read_scenario(text, "x", {}, tables);
    REQUIRE_MESSAGE(result.problems.empty(), format(result.problems.front()));
    return std::move(*result.scenario);
}

/// A run that has ended, its observers, and a world that a test may break.
struct Ended {
    Scenario scenario;
    World world;
    Ledger ledger;
    Readings readings;
    Invariants invariants;

    explicit Ended(const std::string& config = R"({"acks":"all"})")
        : scenario(scenario_of(config)), world(make_world(scenario.configuration, 1)),
          ledger(*scenario.configuration), readings(*scenario.configuration),
          invariants(*scenario.configuration) {
        Observer* const observers[] = {&ledger, &readings, &invariants};
        const auto show = [&] {
            for (Observer* const observer : observers) {
                for (const Fact& noted : world.kernel.facts)
                    observer->on(world.kernel.now, world.events, noted, world);
                observer->after_step(world);
            }
        };
        show(); // what building the world noted
        while (step(world))
            show();
    }
    void tell(const Fact& fact) {
        for (Observer* const observer : std::initializer_list<Observer*>{&ledger, &readings, &invariants}) {
            observer->on(world.kernel.now, world.events, fact, world);
            observer->after_step(world);
        }
    }
    std::vector<Guarantee> judged() {
        ledger.at_end(world);
        readings.at_end(world);
        return judge(ledger, readings, invariants, *scenario.configuration);
    }
    GuaranteeState state(const std::string& name) {
        for (const Guarantee& one : judged())
            if (one.name == name) return one.state;
        REQUIRE_MESSAGE(false, name);
        return GuaranteeState::held;
    }
    std::int64_t breaches(const std::string& name) const {
        for (const auto& [one, count] : invariants.counts())
            if (one == name) return count;
        REQUIRE_MESSAGE(false, name);
        return 0;
    }
    Log& log(int slot) { return world.brokers[static_cast<std::size_t>(slot)].disk.logs[0]; }
    Replica& replica(int slot) { return world.brokers[static_cast<std::size_t>(slot)].memory.replicas[0]; }
    /// Touches the partition, so that the invariants look at it again.
    void look() {
        tell(fact::HighWatermarkMoved{BrokerSlot{1}, PartitionIndex{0}, replica(1).high_watermark, Epoch{0},
                                      false});
    }
};

} // namespace ended
