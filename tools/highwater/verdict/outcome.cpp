#include "tools/highwater/verdict/outcome.hpp"

#include "sim/core/hash.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

/// Hash over all facts in order, then over an outline of the final world.
class Fingerprint : public kafka::Observer {
  public:
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact, const kafka::World&) override {
        hash_.add(time.micros);
        hash_.add(event);
        hash_.add(fact.index());
        if (const auto* appended = std::get_if<kafka::fact::BatchAppended>(&fact)) {
            hash_.add(appended->broker.value);
            hash_.add(appended->partition.value);
            hash_.add(appended->base_offset.value);
            hash_.add(appended->first.value);
            hash_.add(appended->count);
        } else if (const auto* acked = std::get_if<kafka::fact::RecordsAcknowledged>(&fact)) {
            hash_.add(acked->stream.value);
            hash_.add(acked->first.value);
            hash_.add(acked->base_offset.value);
        } else if (const auto* moved = std::get_if<kafka::fact::HighWatermarkMoved>(&fact)) {
            hash_.add(moved->broker.value);
            hash_.add(moved->partition.value);
            hash_.add(moved->high_watermark.value);
        } else if (const auto* changed = std::get_if<kafka::fact::PartitionChanged>(&fact)) {
            hash_.add(changed->leader.value);
            hash_.add(changed->leader_epoch.value);
            hash_.add(changed->isr.bits);
        }
    }
    void at_end(const kafka::World& world) override {
        const sim::Digest final_state = outline(world);
        hash_.add(final_state.low);
        hash_.add(final_state.high);
    }
    std::string text() const { return sim::to_hex(hash_.digest()); }

  private:
    sim::Hash hash_;
};

} // namespace

Outcome run_once(const kafka::Scenario& scenario, std::uint64_t seed, const std::string& repeat,
                 const Watch& watch) {
    const kafka::Configuration& configuration = *scenario.configuration;
    Outcome outcome{scenario,
                    seed,
                    repeat,
                    kafka::Ledger(configuration),
                    kafka::Readings(configuration),
                    kafka::Invariants(configuration),
                    {},
                    "",
                    0,
                    {},
                    {}};
    Fingerprint fingerprint;
    kafka::World world;
    try {
        world = kafka::make_world(scenario.configuration, seed);
        std::vector<kafka::Observer*> observers{&outcome.ledger, &outcome.readings, &outcome.invariants,
                                                &fingerprint};
        if (watch.trace) observers.push_back(*watch.trace);
        kafka::run(world, observers, watch.progress);
    } catch (const sim::AssertionFailure& failure) {
        throw sim::AssertionFailure(fmt::format("{}\n  seed {}, simulated time {} us, event {}\n  repeat: {}",
                                                failure.what(), seed, world.kernel.now.micros, world.events,
                                                repeat));
    }
    outcome.guarantees = judge(outcome.ledger, outcome.readings, outcome.invariants, configuration);
    outcome.fingerprint = fingerprint.text();
    outcome.events = world.events;
    outcome.end = world.kernel.now;
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        outcome.decided.push_back(decided_state(world, kafka::PartitionIndex{static_cast<std::int32_t>(i)}));
    return outcome;
}

} // namespace highwater
