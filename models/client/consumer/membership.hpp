#pragma once
// What a consumer knows of its group: coordinator, member id, generation, and what it waits for.

#include "models/client/application/consuming.hpp"
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

/// Source: MemberState (KIP-848). FATAL is Membership::fatal; PREPARE_LEAVING are the stages of close().
enum class ProtocolState : std::uint8_t {
    unsubscribed,
    joining,
    reconciling,   // takes over what the coordinator assigned
    acknowledging, // its next heartbeat says so, and goes at once
    stable,
    fenced, // thrown out; joins again once the application let go of its partitions
    stale   // left because poll() was not called; joins again with the next poll()
};

/// Where the reconciliation under way stands. Source: AbstractMembershipManager.maybeReconcile.
enum class ReconciliationStep : std::uint8_t { none, committing, revoking, assigning };

/// Partitions as the member got them, numbered by itself. Source: LocalAssignment.
struct LocalAssignment {
    std::int64_t number = -1; // -1 = none
    std::vector<PartitionIndex> partitions;
    bool operator==(const LocalAssignment&) const = default;
};

/// A member under group.protocol=consumer. Membership::member and generation hold its id and epoch; without
/// an epoch above 0 the generation is no_generation.
/// Source: ConsumerMembershipManager, ConsumerHeartbeatRequestManager (KIP-848).
struct ProtocolMember {
    ProtocolState state = ProtocolState::unsubscribed;
    ReconciliationStep step = ReconciliationStep::none;
    LocalAssignment target;   // what the coordinator wants
    LocalAssignment current;  // what is owned and told
    LocalAssignment resolved; // what the reconciliation under way makes of it
    AwaitedCommit committing; // the automatic commit before the reconciliation
    bool told_subscription = false;
    std::int64_t told_owned = -2; // number of the assignment that the coordinator was told last
    sim::Duration heartbeat_interval;
    std::int32_t failures = 0; // heartbeats in a row
    sim::SimTime heartbeat_not_before;
    bool operator==(const ProtocolMember&) const = default;
};

/// Source: AbstractCoordinator, ConsumerCoordinator, Heartbeat (classic protocol); semantics 7.5.
/// Leaves out: regular expressions, metadata text of commits.
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
    ProtocolMember protocol;
    // Of the group's leader: how many partitions its topics had when it assigned them; -1 = does not lead.
    std::int32_t assigned_among = -1;
    bool operator==(const Membership&) const = default;
};

} // namespace kafka
