#pragma once
// Whether the cluster came back after its faults, and if not, whether it may.

#include "models/check/allowed.hpp"
#include "models/cluster/heal.hpp"

namespace kafka {

/// The judgement of a heal phase. Source: reference/anomalies.md B3; TigerBeetle's VOPR ("liveness mode": a
/// healthy core has to converge, and only what nothing permits is called stuck).
struct Liveness {
    enum class State : std::uint8_t {
        converged,
        unavailable_by_design, // the configuration demands it, until an administrator acts
        stuck,                 // nothing explains it
    };
    State state = State::converged;
    sim::SimTime began_at;
    sim::SimTime until;
    std::optional<sim::SimTime> converged_at;
    std::vector<OpenEnd> open;
};
std::string_view name(Liveness::State state);

/// Nothing when the scenario asks for no healing.
std::optional<Liveness> judge_liveness(const World& final_world);
/// "broker 2", "orders-0", "shop": what an open end is about.
std::string subject_of(const OpenEnd& open, const Configuration& configuration);
/// What would end it, as a sentence for an administrator; empty when nothing is known to.
std::string action_of(const OpenEnd& open, const Configuration& configuration);
Guarantee cluster_heals(const Liveness& liveness, const Configuration& configuration);

} // namespace kafka
