#pragma once
// How far an administrator's undertakings came: rolling restarts, reassignments, deletions, upgrades.

#include "models/turn/configuration.hpp"
#include "models/vocabulary/facts.hpp"

#include <optional>
#include <vector>

namespace kafka {

class Operations {
  public:
    enum class State : std::uint8_t { under_way, over, gave_up, cancelled, refused };
    /// One process of a rolling restart.
    struct Step {
        BrokerSlot target;
        sim::SimTime stopped;
        std::optional<sim::SimTime> started;
        std::optional<sim::SimTime> back;
    };
    struct Summary {
        std::int32_t fault = 0;
        sim::SimTime began;
        std::optional<sim::SimTime> ended;
        State state = State::under_way;
        std::vector<Step> steps;
        std::vector<PartitionIndex> refused; // reassign: by the controller
    };
    std::vector<Summary> all; // in the order in which they began

    void on(sim::SimTime time, const Fact& fact, const Configuration& configuration);

  private:
    Summary* find(std::int32_t fault);
    Summary& begin(std::int32_t fault, sim::SimTime time);
};

constexpr const char* word_of(Operations::State state) {
    constexpr const char* words[] = {"under_way", "over", "gave_up", "cancelled", "refused"};
    return words[static_cast<std::size_t>(state)];
}

} // namespace kafka
