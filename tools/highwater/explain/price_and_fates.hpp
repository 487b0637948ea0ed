#pragma once
// A run watched for what it costs and for what becomes of each record.

#include "tools/highwater/explain/fates.hpp"
#include "tools/highwater/study/figures.hpp"

namespace highwater {

/// Two observers in the one place that a verdict leaves for another.
struct PriceAndFates : kafka::Observer {
    Costs costs;
    Fates fates;
    explicit PriceAndFates(const kafka::Configuration& of) : costs(of), fates(of) {}
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override {
        costs.on(time, event, fact, world);
        fates.on(time, event, fact, world);
    }
    void at_end(const kafka::World& world) override {
        costs.at_end(world);
        fates.at_end(world);
    }
};

} // namespace highwater
