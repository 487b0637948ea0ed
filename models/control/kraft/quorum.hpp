#pragma once
// A voter's part in elections, as values.

#include "models/turn/channel.hpp"
#include "models/turn/clock.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// Written and flushed before anything is answered. Source: ElectionState, FileQuorumStateStore.
struct ElectionState {
    Epoch epoch{0};
    Voter leader = no_voter; // known
    Voter voted = no_voter;  // for whom in this epoch
    bool operator==(const ElectionState&) const = default;
};

/// A set of voters as bits.
struct VoterBits {
    std::uint32_t bits = 0;
    bool has(Voter voter) const { return voter.value >= 0 && ((bits >> voter.value) & 1U) != 0; }
    void add(Voter voter) { bits |= 1U << voter.value; }
    int size() const { return std::popcount(bits); }
    bool operator==(const VoterBits&) const = default;
};

/// This voter's connection to another one; at most one request awaits its answer.
/// Source: RequestManager, ConnectionState.
struct Peer {
    Channel channel;
    Correlation awaited = 0; // 0 = no request in flight
    bool fetches = false;    // the awaited answer is that of a Fetch
    bool wants_begin = false;
    bool wants_end = false;
    bool operator==(const Peer&) const = default;
};

/// What dies with the process.
/// Source: LeaderState, FollowerState, CandidateState, ProspectiveState, UnattachedState, ResignedState.
struct QuorumMemory {
    QuorumRole role = QuorumRole::unattached;
    std::uint32_t round = 0;  // of the role: its timers and votes
    sim::EventHandle timer;   // the role's own time-out
    sim::SimTime due;         // when it fires
    std::int32_t retries = 0; // of elections that came to nothing
    bool backing_off = false;
    bool has_fetched = false; // follower: from its leader, since it follows it
    bool ending = false;      // the process ends: no more elections
    bool over = false;        // and now it may
    VoterBits granted;
    VoterBits rejected;
    std::vector<Peer> peers; // by voter; its own is unused
    Correlation next_correlation = 1;
    // leader
    Offset epoch_start{0};
    std::vector<Offset> ends; // by voter: what it has flushed
    VoterBits fetched;        // since the last time a majority had
    VoterBits acknowledged;   // BeginQuorumEpoch
    sim::EventHandle check_quorum;
    sim::SimTime check_due = sim::SimTime::never(); // when it fires
    ClockView clock;
    bool operator==(const QuorumMemory&) const = default;
};

} // namespace kafka
