#pragma once
// Watching without touching.

#include "models/cluster/world.hpp"

#include <functional>
#include <span>

namespace kafka {

/// Reads facts and the world; by type it can neither send, draw nor write.
/// Shape: one call for each fact, in order, after the step that noted it. The set of observers is open to
/// users.
class Observer {
  public:
    virtual ~Observer() = default;
    /// `time` is that of the step, `event` its number from 1.
    virtual void on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) = 0;
    /// Once after each step, when all its facts were shown.
    virtual void after_step(const World& world) { (void)world; }
    /// Once when the run is over.
    virtual void at_end(const World& world) { (void)world; }
};

/// Runs a world to its end with these observers. `progress` is called about every million events and may be
/// empty; `hash` gets every fact and may be null.
void run(World& world, std::span<Observer* const> observers,
         const std::function<void(const World&)>& progress = {}, FactHash* hash = nullptr);

} // namespace kafka
