#include "tools/highwater/explain/turning_point.hpp"

#include <algorithm>

namespace highwater {

namespace {

/// Faults that only give back what others took.
bool is_recovery(kafka::FaultKind kind) {
    return kind == kafka::FaultKind::start || kind == kafka::FaultKind::resume ||
           kind == kafka::FaultKind::heal || kind == kafka::FaultKind::allow;
}

/// A run as it stood after one event.
struct Fork {
    std::uint64_t event = 0;
    kafka::World world;
    Fates fates;
};

/// Keeps copies of the world after chosen events. Shape: `events` ascend.
class Forker : public kafka::Observer {
  public:
    Forker(std::vector<std::uint64_t> events, const Fates& fates)
        : events_(std::move(events)), fates_(fates) {}
    void on(sim::SimTime, std::uint64_t, const kafka::Fact&, const kafka::World&) override {}
    void after_step(const kafka::World& world) override {
        if (forks.size() < events_.size() && events_[forks.size()] == world.events)
            forks.push_back({world.events, world, fates_});
    }
    std::vector<Fork> forks;

  private:
    std::vector<std::uint64_t> events_;
    const Fates& fates_;
};

/// How many continuations of this fork spare the record.
int saved_after(const Fork& fork, const RecordId& record, Mishap mishap) {
    int saved = 0;
    for (int i = 0; i < continuations_each; ++i) {
        kafka::World world = fork.world;
        Fates fates = fork.fates;
        world.kernel.facts.clear(); // of the last step: they were seen
        world.configuration = without_new_faults(world);
        if (i > 0)
            world.kernel.choices.key =
                sim::draw_bits(world.kernel.choices.key, 0, static_cast<std::uint64_t>(i), fork.event);
        std::vector<kafka::Observer*> observers{&fates};
        kafka::run(world, observers);
        saved += fates.of(record).has(mishap) ? 0 : 1;
    }
    return saved;
}

} // namespace

std::shared_ptr<const kafka::Configuration> without_new_faults(const kafka::World& world) {
    auto calm = std::make_shared<kafka::Configuration>(*world.configuration);
    for (std::size_t i = 0; i < calm->faults.size(); ++i) {
        kafka::Fault& fault = calm->faults[i];
        if (world.faults[i].happened > 0 || is_recovery(fault.kind)) continue;
        // It comes, does nothing, and lets those wait no longer that come after it.
        fault.kind = kafka::FaultKind::heal;
        fault.targets.clear();
        fault.lasts_from.reset();
    }
    return calm;
}

TurningPoint find_turning_point(const std::shared_ptr<const kafka::Configuration>& drawn, std::uint64_t seed,
                                const RecordId& record, Mishap mishap, const std::vector<Step>& steps) {
    TurningPoint point;
    point.continuations = continuations_each;
    std::vector<std::uint64_t> events;
    for (const Step& step : steps)
        if (events.empty() || step.event > events.back()) events.push_back(step.event);
    if (events.empty()) return point;
    kafka::World world = kafka::make_world(drawn, seed);
    Fates fates(*drawn);
    Forker forker(events, fates);
    std::vector<kafka::Observer*> observers{&fates, &forker};
    kafka::run(world, observers);
    const std::vector<Fork>& forks = forker.forks;
    std::vector<int> saved(forks.size(), -1); // not tried
    const auto spared = [&](std::size_t at) {
        if (saved[at] < 0) {
            saved[at] = saved_after(forks[at], record, mishap);
            point.forks += continuations_each;
        }
        return saved[at];
    };
    if (forks.empty() || spared(forks.size() - 1) > 0) return point; // only a later fault, or chance, did it
    std::size_t bad = forks.size() - 1;
    if (spared(0) == 0) {
        bad = 0;
        point.from_the_start = true;
    } else {
        std::size_t good = 0;
        while (bad - good > 1) {
            const std::size_t middle = good + (bad - good) / 2;
            (spared(middle) == 0 ? bad : good) = middle;
        }
        point.saved_before = spared(good);
    }
    point.found = true;
    // The last step of that event: its facts come in the order of cause and effect.
    while (point.step < steps.size() && steps[point.step].event < forks[bad].event)
        ++point.step;
    return point;
}

} // namespace highwater
