#include "models/control/election.hpp"

namespace kafka {

namespace {

/// Source: PartitionChangeBuilder.isValidNewLeader.
bool may_lead(const ElectionView& view, BrokerSlot slot) {
    if (view.broken == BrokenRule::elect_out_of_isr) return view.acceptable.has(slot);
    const bool member = view.isr.has(slot) || (view.isr.empty() && view.elr.has(slot));
    return member && view.acceptable.has(slot);
}

BrokerSlot first_valid(const ElectionView& view) {
    for (const BrokerSlot slot : view.assignment)
        if (may_lead(view, slot)) return slot;
    return no_slot;
}

BrokerSlot first_acceptable(const ElectionView& view) {
    for (const BrokerSlot slot : view.assignment)
        if (view.acceptable.has(slot)) return slot;
    return no_slot;
}

/// Source: PartitionChangeBuilder.canElectLastKnownLeader.
bool last_known_is_elected(const ElectionView& view) {
    return view.last_known_may_lead && view.isr.empty() && view.elr.empty() && view.last_known.size() == 1 &&
           view.acceptable.has(view.last_known.first());
}

} // namespace

ElectionResult elect(const ElectionView& view, ElectionType type) {
    const bool prefers = type == ElectionType::preferred && view.assignment.count > 0;
    if (prefers && may_lead(view, view.assignment.slots[0])) return {view.assignment.slots[0], false};
    if (may_lead(view, view.leader)) return {view.leader, false};
    const BrokerSlot clean = first_valid(view);
    if (clean != no_slot) return {clean, false};
    if (last_known_is_elected(view)) return {view.last_known.first(), true};
    if (type != ElectionType::unclean) return {};
    const BrokerSlot any = first_acceptable(view);
    return {any, any != no_slot};
}

} // namespace kafka
