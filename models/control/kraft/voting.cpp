#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

int majority(const Controller& self) { return static_cast<int>(self.memory.quorum.peers.size()) / 2 + 1; }

bool is_rejected(const Controller& self) {
    const QuorumMemory& quorum = self.memory.quorum;
    return static_cast<int>(quorum.peers.size()) - quorum.rejected.size() < majority(self);
}

/// Whether a pre-vote is given: not by who has a leader that lives.
/// Source: UnattachedState, ProspectiveState, CandidateState, ResignedState, FollowerState.canGrantVote
/// (KIP-996).
bool grants_pre_vote(const Controller& self) {
    switch (self.memory.quorum.role) {
    case QuorumRole::leader:
        return false;
    case QuorumRole::follower:
        return !self.memory.quorum.has_fetched;
    case QuorumRole::unattached:
    case QuorumRole::prospective:
    case QuorumRole::candidate:
    case QuorumRole::resigned:
        return true;
    }
    return false;
}

/// Source: UnattachedState.canGrantVote and its siblings; one vote in an epoch, none with a leader.
bool grants_vote(const Controller& self, Voter candidate, bool up_to_date, const Turn& turn) {
    const ElectionState& election = self.durable.election;
    const QuorumRole role = self.memory.quorum.role;
    if (role != QuorumRole::unattached && role != QuorumRole::prospective) return false;
    const BrokenRule broken = dialect_of(self, turn.configuration).broken;
    if (broken == BrokenRule::vote_given_twice) return up_to_date;
    if (election.voted != no_voter) return election.voted == candidate;
    return election.leader == no_voter && up_to_date;
}

sim::Duration backoff(const Controller& self, Turn& turn) {
    const int doublings = std::min(20, std::max(1, self.memory.quorum.retries) - 1);
    const std::uint64_t draw =
        turn.draw(Purpose::election_backoff, static_cast<std::uint64_t>(self.voter.value));
    const auto steps = static_cast<std::int64_t>(sim::below(draw, std::uint64_t{2} << doublings));
    return std::min(sim::milliseconds(100) * steps,
                    turn.configuration.controller_settings.quorum.election_backoff_max);
}

} // namespace

/// Source: KafkaRaftClient.handleVoteRequest; semantics 4.10.4, 4.10.12.
void handle(Controller& self, sim::ConnectionId connection, const VoteRequest& request, Turn& turn) {
    VoteResponse answer;
    answer.correlation = request.correlation;
    if (request.epoch < self.durable.election.epoch) {
        answer.error = ErrorCode::fenced_leader_epoch;
    } else {
        if (request.epoch > self.durable.election.epoch)
            become_unattached(self, request.epoch, no_voter, turn);
        const Epoch own = epoch_before(self.durable.log, self.durable.drained);
        const bool longer = request.last_epoch > own ||
                            (request.last_epoch == own && request.log_end_offset >= self.durable.drained);
        const bool up_to_date =
            longer || dialect_of(self, turn.configuration).broken == BrokenRule::votes_ignore_the_log;
        answer.granted = request.pre_vote ? up_to_date && grants_pre_vote(self)
                                          : grants_vote(self, request.candidate, up_to_date, turn);
        if (answer.granted && !request.pre_vote && self.durable.election.voted != request.candidate)
            become_unattached(self, request.epoch, request.candidate, turn);
    }
    answer.leader = self.durable.election.leader;
    answer.epoch = self.durable.election.epoch;
    reply_now(connection, answer, turn);
}

bool wants_vote_of(const Controller& self, Voter voter) {
    const QuorumMemory& quorum = self.memory.quorum;
    if (quorum.role != QuorumRole::prospective && quorum.role != QuorumRole::candidate) return false;
    if (quorum.backing_off || is_rejected(self)) return false;
    return !quorum.granted.has(voter) && !quorum.rejected.has(voter);
}

/// Source: KafkaRaftClient.handleVoteResponse.
void on_vote(Controller& self, Voter from, const VoteResponse& response, Turn& turn) {
    if (response.epoch < self.durable.election.epoch) return turn.ignore("vote of an older epoch");
    const bool learns = response.epoch > self.durable.election.epoch ||
                        (response.leader != no_voter && self.durable.election.leader == no_voter);
    if (learns) return learn(self, response.epoch, response.leader, turn);
    QuorumMemory& quorum = self.memory.quorum;
    if (quorum.role != QuorumRole::prospective && quorum.role != QuorumRole::candidate)
        return turn.ignore("the election is over");
    (response.granted ? quorum.granted : quorum.rejected).add(from);
    if (quorum.granted.size() >= majority(self)) {
        if (quorum.role == QuorumRole::prospective) return become_candidate(self, turn);
        return become_leader(self, turn);
    }
    if (is_rejected(self) && !quorum.backing_off) lose_election(self, false, turn);
}

/// Source: KafkaRaftClient.pollProspective, prospectiveTransitionAfterElectionLoss, pollCandidate,
/// maybeCandidateStartBackingOff (4.0), KAFKA-18345 (4.1).
void lose_election(Controller& self, bool timed_out, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    const ElectionState& election = self.durable.election;
    if (quorum.role == QuorumRole::prospective) {
        const bool follows = election.leader != no_voter && election.leader != self.voter;
        if (follows) return become_follower(self, election.epoch, election.leader, turn);
        return become_unattached(self, election.epoch, no_voter, turn);
    }
    switch (dialect_of(self, turn.configuration).quorum.lost_election) {
    case LostElection::backs_off:
        quorum.backing_off = true;
        return set_role_timer(self, backoff(self, turn), turn);
    case LostElection::waits:
        if (timed_out) run_for_leader(self, turn);
        return;
    }
}

} // namespace kafka::parts
