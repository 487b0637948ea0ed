#pragma once
// Who may lead a partition: a pure function of its state and of who is alive.

#include "models/dialect/dialect.hpp"
#include "models/vocabulary/ids.hpp"

#include <cstdint>

namespace kafka {

enum class ElectionType : std::uint8_t {
    online,    // clean: from the ISR, or from the eligible leader replicas when the ISR is empty
    unclean,   // as online, and then any live replica
    preferred, // the first replica of the assignment when it may lead, else as online
};

/// What an election looks at.
/// Source: PartitionChangeBuilder (partition, targetIsr, targetElr, isAcceptableLeader); semantics 4.7.
struct ElectionView {
    const Assignment& assignment;
    BrokerSlot leader = no_slot;      // the leader before
    BrokerSet isr;                    // as it will be after removals
    BrokerSet elr;                    // as it will be
    BrokerSet last_known;             // lastKnownElr before
    BrokerSet acceptable;             // registered, unfenced, not shutting down, log directory online
    bool last_known_may_lead = false; // eligible leader replicas are on, and the release elects it
    BrokenRule broken = BrokenRule::none;
};

struct ElectionResult {
    BrokerSlot leader = no_slot;
    bool unclean = false; // its log may lack committed records
    bool operator==(const ElectionResult&) const = default;
};

/// The leader after the election; no_slot when nobody may lead. A clean winner is found by assignment order,
/// never by the longest log.
/// Source: PartitionChangeBuilder.electLeader, electPreferredLeader, electAnyLeader, canElectLastKnownLeader
/// (4.3.1).
/// Leaves out: before 4.1 the last known leader was elected even when it was not alive (the feature is off
/// there).
ElectionResult elect(const ElectionView& view, ElectionType type);

} // namespace kafka
