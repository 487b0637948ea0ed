#include "models/cluster/observer.hpp"

namespace kafka {

void run(World& world, std::span<Observer* const> observers,
         const std::function<void(const World&)>& progress, FactHash* hash) {
    const auto show = [&] {
        for (Observer* const observer : observers) {
            for (const Fact& noted : world.kernel.facts)
                observer->on(world.kernel.now, world.events, noted, world);
            observer->after_step(world);
        }
    };
    constexpr std::uint64_t progress_interval = std::uint64_t{1} << 20;
    show(); // what building the world noted
    if (hash != nullptr)
        for (const Fact& noted : world.kernel.facts)
            hash->add_any(world.kernel.now, world.events, noted);
    world.kernel.observed = !observers.empty();
    world.kernel.hashing.hash = hash;
    world.kernel.hashing.event = &world.events;
    while (step(world)) {
        show();
        if (progress && world.events % progress_interval == 0) progress(world);
    }
    for (Observer* const observer : observers)
        observer->at_end(world);
    world.kernel.observed = true;
    world.kernel.hashing = FactHashPort();
}

} // namespace kafka
