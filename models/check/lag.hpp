#pragma once
// How far groups were behind, over time.

#include "models/cluster/observer.hpp"

#include <array>
#include <vector>

namespace kafka {

/// Of one group: the sum over its partitions of high watermark less committed offset. Until something is
/// committed a partition counts from its beginning.
struct LagSummary {
    std::int64_t most = 0;
    sim::SimTime most_at; // when it was first that much
    /// How long more than 10, 100, 1,000, 10,000 records were not committed.
    std::array<sim::Duration, 4> above{};
    sim::Duration width;              // of a point of the series
    std::vector<std::int64_t> series; // the most of each span of time, from 0 on
};
inline constexpr std::array<std::int64_t, 4> lag_thresholds{10, 100, 1000, 10000};

/// Part of the ledger. Leaves out: partitions that are cut below what was exposed (an unclean election):
/// their lag counts from the new end at the next move of the high watermark.
class LagHistory {
  public:
    explicit LagHistory(const Configuration& configuration);
    void on(sim::SimTime time, const Fact& fact);
    void at_end(sim::SimTime end);

    std::vector<LagSummary> groups; // by group

  private:
    static constexpr std::size_t most_points = 240; // then two become one
    struct State {
        std::int64_t now = 0;
        sim::SimTime since;
    };
    const Configuration& configuration_;
    std::vector<std::int64_t> high_watermarks_; // by partition
    std::vector<std::int64_t> committed_;       // by group x partition
    std::vector<bool> reads_;                   // by group x partition
    std::vector<State> states_;                 // by group

    void move(sim::SimTime time, std::size_t group, std::int64_t change);
    void record(LagSummary& summary, std::int64_t lag, sim::SimTime from, sim::SimTime to);
};

} // namespace kafka
