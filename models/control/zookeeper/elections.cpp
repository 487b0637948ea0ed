#include "models/control/zookeeper/elections.hpp"

namespace kafka::zookeeper {

namespace {

Decision decide(const PartitionState& before, BrokerSlot leader, BrokerSet isr, bool unclean) {
    Decision decision{before, unclean};
    decision.state.leader = leader;
    decision.state.isr = isr;
    decision.state.leader_epoch = next(before.leader_epoch);
    return decision;
}

} // namespace

std::optional<Decision> elect_for_offline(const PartitionState& before, const Assignment& assignment,
                                          BrokerSet live, bool unclean, BrokenRule broken) {
    const ElectionView view{assignment, no_slot, before.isr, {}, {}, live, false, broken};
    const ElectionResult result = elect(view, unclean ? ElectionType::unclean : ElectionType::online);
    if (result.leader == no_slot) return std::nullopt;
    const BrokerSet in_sync = (before.isr & live) | only(result.leader);
    return decide(before, result.leader, result.unclean ? only(result.leader) : in_sync, result.unclean);
}

std::optional<Decision> elect_preferred(const PartitionState& before, const Assignment& assignment,
                                        BrokerSet live) {
    const BrokerSlot preferred = assignment.slots[0];
    const bool may_lead = live.has(preferred) && before.isr.has(preferred);
    if (!may_lead || before.leader == preferred) return std::nullopt;
    return decide(before, preferred, before.isr, false);
}

std::optional<Decision> elect_for_shutdown(const PartitionState& before, const Assignment& assignment,
                                           BrokerSet live, BrokerSet shutting_down) {
    const BrokerSet isr = before.isr - shutting_down;
    const ElectionView view{assignment, no_slot, isr, {}, {}, live - shutting_down};
    const ElectionResult result = elect(view, ElectionType::online);
    if (result.leader == no_slot) return std::nullopt;
    return decide(before, result.leader, isr, false);
}

std::optional<Decision> without_replica(const PartitionState& before, BrokerSlot gone) {
    if (!before.isr.has(gone)) return std::nullopt;
    BrokerSet isr = before.isr;
    if (isr.size() > 1) isr.remove(gone);
    const BrokerSlot leader = before.leader == gone ? no_slot : before.leader;
    if (leader == before.leader && isr == before.isr) return std::nullopt;
    return decide(before, leader, isr, false);
}

Decision in_new_epoch(const PartitionState& before) {
    return decide(before, before.leader, before.isr, false);
}

std::optional<Decision> create(const Assignment& assignment, BrokerSet live) {
    Decision decision;
    for (const BrokerSlot slot : assignment) {
        if (!live.has(slot)) continue;
        if (decision.state.leader == no_slot) decision.state.leader = slot;
        decision.state.isr.add(slot);
    }
    if (decision.state.leader == no_slot) return std::nullopt;
    return decision;
}

} // namespace kafka::zookeeper
