#pragma once
// When which controller was active.

#include "models/cluster/observer.hpp"

#include <optional>
#include <vector>

namespace kafka {

/// The story of a quorum of several controllers, or of those under ZooKeeper; empty for a quorum of one.
class ControllerHistory : public Observer {
  public:
    struct Step {
        sim::SimTime time;
        Voter active = no_voter; // none; ZooKeeper: the slot of the broker
        Epoch epoch;
    };
    std::vector<Step> steps;
    std::int64_t elections = 0;      // won
    std::int64_t elections_lost = 0; // candidates that did not win
    /// Time without an active controller whose process runs and that can commit: from its end, its pause or
    /// its resignation to the activation of the next.
    struct Gaps {
        sim::Duration total;
        sim::Duration longest;
    };
    Gaps without;

    void on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) override;
    void after_step(const World& world) override;
    void at_end(const World& world) override;

  private:
    std::optional<sim::SimTime> since_;
    void close_gap(sim::SimTime time);
};

} // namespace kafka
