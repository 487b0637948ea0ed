#include "models/check/controllers.hpp"

#include "models/cluster/control_plane.hpp"

#include <algorithm>

namespace kafka {

void ControllerHistory::on(sim::SimTime time, std::uint64_t, const Fact& fact, const World&) {
    if (const auto* role = std::get_if<fact::QuorumRoleChanged>(&fact)) {
        elections += role->role == QuorumRole::leader ? 1 : 0;
        elections_lost += role->role == QuorumRole::candidate ? 1 : 0; // less the won ones, at the end
    }
    if (const auto* active = std::get_if<fact::ControllerActivated>(&fact))
        if (active->active) steps.push_back({time, active->voter, active->epoch});
    if (const auto* changed = std::get_if<fact::ControllerChanged>(&fact); changed && changed->active) {
        elections += steps.empty() ? 0 : 1; // the first stands at the beginning
        steps.push_back({time, Voter{changed->broker.value}, changed->epoch});
    }
}

void ControllerHistory::close_gap(sim::SimTime time) {
    if (!since_) return;
    const sim::Duration gap = time - *since_;
    without.total = without.total + gap;
    without.longest = std::max(without.longest, gap);
    since_.reset();
}

void ControllerHistory::after_step(const World& world) {
    const bool counts = world.zookeeper.empty() ? world.controllers.size() > 1 : !steps.empty();
    if (!counts) return;
    const bool answers = controller_answers(world);
    if (answers) return close_gap(world.kernel.now);
    if (!since_) since_ = world.kernel.now;
}

void ControllerHistory::at_end(const World& world) {
    close_gap(world.kernel.now);
    if (!world.zookeeper.empty()) return;
    elections_lost = std::max<std::int64_t>(0, elections_lost - elections);
}

} // namespace kafka
