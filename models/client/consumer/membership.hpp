#pragma once
// What a consumer knows of its group: coordinator, member id, generation, and what it waits for.

#include "models/client/connection.hpp"

#include <vector>

namespace kafka {

/// Source: AbstractCoordinator.MemberState.
enum class MemberState : std::uint8_t { unjoined, preparing_rebalance, completing_rebalance, stable };

enum class GroupRequest : std::uint8_t { join, sync, heartbeat, leave, commit, fetch_offsets };

/// A request to the coordinator whose answer is awaited.
struct CoordinatorRequest {
    GroupRequest kind{};
    Correlation correlation = 0;
    sim::SimTime deadline = sim::SimTime::never();
    CommitCause cause{};                       // commit
    std::vector<OffsetContent::Entry> offsets; // commit
    bool operator==(const CoordinatorRequest&) const = default;
};

/// Source: AbstractCoordinator, ConsumerCoordinator, Heartbeat (classic protocol); semantics 7.5.
/// Leaves out: regular expressions, topics that gain partitions, KIP-848, metadata text of commits.
struct Membership {
    NodeConnection link; // of its own, beside the one for fetches of the same broker
    BrokerSlot coordinator = no_slot;
    BrokerSlot find_asked = no_slot; // FindCoordinator is under way there
    Correlation find_correlation = 0;
    sim::SimTime find_deadline = sim::SimTime::never();
    sim::SimTime find_not_before;
    MemberState state = MemberState::unjoined;
    MemberId member = no_member;
    Generation generation = no_generation;
    bool rejoin_needed = true;
    bool prepared = false; // onJoinPrepare is done
    sim::SimTime join_not_before;
    std::vector<PartitionIndex> assigned; // the latest assignment: user data of the sticky assignor
    Generation assigned_in = no_generation;
    sim::SimTime heartbeat_due = sim::SimTime::never();
    bool heartbeat_in_flight = false;
    sim::SimTime session_deadline = sim::SimTime::never();
    sim::SimTime poll_deadline = sim::SimTime::never();
    sim::SimTime auto_commit_due = sim::SimTime::never();
    sim::SimTime fetch_offsets_not_before;
    std::vector<CoordinatorRequest> asked;
    ErrorCode fatal{}; // poll() has thrown it; the application is at its end
    bool operator==(const Membership&) const = default;
};

} // namespace kafka
