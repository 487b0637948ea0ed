#pragma once
// What a broker keeps in memory of one replica: its role, its high watermark, and whom it waits for.

#include "models/log/producer_state.hpp"
#include "models/turn/messages.hpp"
#include "sim/core/time.hpp"

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

namespace kafka {

/// What a leader knows of one follower. Source: Replica.ReplicaState; semantics 1.1, 1.2.
struct RemoteReplica {
    Offset log_end_offset = no_offset; // of its latest fetch; -1 = not heard from in this leadership
    Offset last_fetch_leader_end{0};   // leader's end at its previous fetch
    sim::SimTime last_fetch_time;
    sim::SimTime last_caught_up_time;
    bool ever_caught_up = false; // last_caught_up_time says something
    BrokerEpoch broker_epoch = no_broker_epoch;
    bool operator==(const RemoteReplica&) const = default;
};

/// Whether the ISR is agreed with the controller. Source: CommittedPartitionState, PendingExpandIsr,
/// PendingShrinkIsr.
struct Committed {
    bool operator==(const Committed&) const = default;
};
struct PendingExpand {
    BrokerSlot joining;
    bool operator==(const PendingExpand&) const = default;
};
struct PendingShrink {
    BrokerSet leaving;
    bool operator==(const PendingShrink&) const = default;
};
using IsrState = std::variant<Committed, PendingExpand, PendingShrink>;

struct Leader {
    Epoch leader_epoch;
    PartitionEpoch partition_epoch;
    Offset epoch_start_offset; // own end when this leadership began
    BrokerSet isr;             // last committed
    IsrState isr_state;
    std::array<RemoteReplica, Assignment::capacity> remotes{}; // by position in the assignment; own unused
    bool operator==(const Leader&) const = default;
};

/// What a follower does next. Source: ReplicaState (Truncating, Fetching) of AbstractFetcherThread.
enum class FollowerPhase : std::uint8_t {
    truncating,
    asked_for_epoch,
    asked_for_end,
    asked_for_start,
    fetching,
    failed
};

struct Follower {
    Epoch leader_epoch;
    PartitionEpoch partition_epoch;
    BrokerSlot leader = no_slot; // no_slot = the partition has no leader; nothing is fetched
    FollowerPhase phase = FollowerPhase::fetching;
    sim::SimTime not_before;                  // back-off of this partition
    Epoch asked_epoch = no_epoch;             // truncating by epoch: the epoch that is asked for
    Epoch request_epoch = no_epoch;           // leader epoch of the request under way, as it was sent
    Offset leader_high_watermark = no_offset; // of the latest answer; for throttles
    bool operator==(const Follower&) const = default;
};

/// Not yet told any role since the process started.
struct Unassigned {
    bool operator==(const Unassigned&) const = default;
};

using Role = std::variant<Unassigned, Leader, Follower>;

struct Replica {
    PartitionIndex partition;
    Role role;
    Offset high_watermark{0};
    ProducerStates producers;
    bool operator==(const Replica&) const = default;
};

/// ISR members and the one that is about to join; a member about to leave still counts. Source:
/// PartitionState.maximalIsr.
inline BrokerSet maximal_isr(const Leader& leader) {
    if (const auto* expand = std::get_if<PendingExpand>(&leader.isr_state))
        return leader.isr | only(expand->joining);
    return leader.isr;
}
inline bool isr_change_in_flight(const Leader& leader) {
    return !std::holds_alternative<Committed>(leader.isr_state);
}

} // namespace kafka
