#pragma once
// Between the voters of a KRaft quorum. Fetches of the metadata log stand in control.hpp.

#include "models/turn/messages/words.hpp"

#include <array>

namespace kafka {

/// Shape: the answer's epoch and leader are what the answering voter knows; no_voter = none.
struct VoteRequest {
    Correlation correlation = 0;
    Voter candidate;
    Epoch epoch;
    Epoch last_epoch; // of the candidate's log, with its end
    Offset log_end_offset;
    bool pre_vote = false; // KIP-996
    bool operator==(const VoteRequest&) const = default;
};
struct VoteResponse {
    Correlation correlation = 0;
    ErrorCode error{};
    Voter leader = no_voter;
    Epoch epoch;
    bool granted = false;
    bool operator==(const VoteResponse&) const = default;
};
struct BeginQuorumEpochRequest {
    Correlation correlation = 0;
    Voter leader;
    Epoch epoch;
    bool operator==(const BeginQuorumEpochRequest&) const = default;
};
struct EndQuorumEpochRequest { // successors: who has most of the log first; no_voter ends the list
    static constexpr std::size_t most_voters = 7;
    Correlation correlation = 0;
    Voter leader;
    Epoch epoch;
    std::array<Voter, most_voters> successors{};
    bool operator==(const EndQuorumEpochRequest&) const = default;
};
struct QuorumEpochResponse { // of both
    Correlation correlation = 0;
    ErrorCode error{};
    Voter leader = no_voter;
    Epoch epoch;
    bool operator==(const QuorumEpochResponse&) const = default;
};

} // namespace kafka
