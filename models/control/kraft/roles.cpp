#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

const QuorumSettings& settings_of(const Turn& turn) { return turn.configuration.controller_settings.quorum; }

/// Uniform in [T, 2T). Source: QuorumState.randomElectionTimeoutMs.
sim::Duration random_election_timeout(const Controller& self, Turn& turn) {
    const std::int64_t least = std::max<std::int64_t>(1, settings_of(turn).election_timeout.micros);
    const std::uint64_t draw =
        turn.draw(Purpose::election_timeout, static_cast<std::uint64_t>(self.voter.value));
    return sim::Duration{least +
                         static_cast<std::int64_t>(sim::below(draw, static_cast<std::uint64_t>(least)))};
}

/// What is left of the role's time-out; a leader has none.
sim::Duration remaining(const Controller& self, Turn& turn) {
    if (self.memory.quorum.role == QuorumRole::leader) return random_election_timeout(self, turn);
    return std::max(sim::Duration{0}, self.memory.quorum.due - turn.now);
}

/// Leaves the present role. A leader gives up what it has not flushed, and whoever waits for it is told.
void leave_role(Controller& self, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    turn.cancel(quorum.timer);
    turn.cancel(quorum.check_quorum);
    quorum.check_due = sim::SimTime::never();
    quorum.clock.timers = {}; // the next role has Timers of its own
    forget_requests(self);
    quorum.round += 1;
    quorum.backing_off = false;
    quorum.has_fetched = false;
    quorum.granted = quorum.rejected = quorum.fetched = quorum.acknowledged = {};
    if (quorum.role != QuorumRole::leader) return;
    deactivate(self, turn);
    truncate(self.durable.log, self.durable.drained);
}

void enter_role(Controller& self, QuorumRole role, Turn& turn) {
    self.memory.quorum.role = role;
    const ElectionState& election = self.durable.election;
    turn.note(fact::QuorumRoleChanged{self.voter, role, election.epoch, election.leader});
    if (role != QuorumRole::leader) refuse_fetches(self, turn);
}

/// Source: ProspectiveState (KIP-996): the epoch stays, nothing is written.
void become_prospective(Controller& self, Turn& turn) {
    leave_role(self, turn);
    self.memory.quorum.granted.add(self.voter);
    enter_role(self, QuorumRole::prospective, turn);
    set_role_timer(self, random_election_timeout(self, turn), turn);
    talk_to_all(self, turn);
}

} // namespace

void set_role_timer(Controller& self, sim::Duration length, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    turn.cancel(quorum.timer);
    quorum.due = turn.now + length;
    quorum.timer = turn.at(quorum.due, timer(ControllerTimer::role, quorum.round));
}

/// Source: FollowerState.resetFetchTimeoutForSuccessfulFetch.
void reset_fetch_timer(Controller& self, Turn& turn) {
    const sim::SimTime from = timer_time(self.memory.quorum.clock, turn);
    set_role_timer(self, (from - turn.now) + settings_of(turn).fetch_timeout, turn);
}

/// Source: QuorumState.transitionToUnattached (what was left of the former time-out goes on),
/// unattachedAddVotedState (a new one begins with a vote).
void become_unattached(Controller& self, Epoch epoch, Voter voted, Turn& turn) {
    ElectionState& election = self.durable.election;
    SIM_ASSERT(epoch >= election.epoch, "epochs of a voter never fall");
    const bool new_epoch = epoch > election.epoch;
    const sim::Duration left =
        voted != no_voter ? random_election_timeout(self, turn) : remaining(self, turn);
    leave_role(self, turn);
    if (new_epoch) election = {epoch, no_voter, no_voter};
    election.leader = no_voter;
    if (voted != no_voter) election.voted = voted;
    enter_role(self, QuorumRole::unattached, turn);
    set_role_timer(self, left, turn);
}

/// Source: QuorumState.transitionToFollower, KafkaRaftClient.onBecomeFollower.
void become_follower(Controller& self, Epoch epoch, Voter leader, Turn& turn) {
    ElectionState& election = self.durable.election;
    SIM_ASSERT(epoch >= election.epoch, "epochs of a voter never fall");
    SIM_ASSERT(leader != self.voter, "nobody follows itself");
    leave_role(self, turn);
    const Voter voted = epoch == election.epoch ? election.voted : no_voter;
    election = {epoch, leader, voted};
    self.memory.quorum.retries = 0;
    if (self.memory.quorum.ending) self.memory.quorum.over = true;
    enter_role(self, QuorumRole::follower, turn);
    set_role_timer(self, settings_of(turn).fetch_timeout, turn);
    talk_to(self, leader, turn);
}

void run_for_leader(Controller& self, Turn& turn) {
    if (self.memory.quorum.ending) return; // the shutdown waits for somebody else
    if (dialect_of(self, turn.configuration).quorum.pre_vote) return become_prospective(self, turn);
    become_candidate(self, turn);
}

/// Source: QuorumState.transitionToCandidate: a new epoch and a vote for itself, flushed.
void become_candidate(Controller& self, Turn& turn) {
    leave_role(self, turn);
    ElectionState& election = self.durable.election;
    election = {next(election.epoch), no_voter, self.voter};
    QuorumMemory& quorum = self.memory.quorum;
    quorum.retries += 1;
    quorum.granted.add(self.voter);
    enter_role(self, QuorumRole::candidate, turn);
    set_role_timer(self, random_election_timeout(self, turn), turn);
    talk_to_all(self, turn);
}

/// A record of its own epoch is written at once: only then may the high watermark move, and this voter become
/// the active controller.
/// Source: KafkaRaftClient.onBecomeLeader, LeaderState.appendStartOfEpochControlRecords.
void become_leader(Controller& self, Turn& turn) {
    leave_role(self, turn);
    self.durable.election.leader = self.voter;
    QuorumMemory& quorum = self.memory.quorum;
    quorum.retries = 0;
    quorum.epoch_start = self.durable.drained;
    quorum.ends.assign(turn.configuration.controllers.size(), no_offset);
    enter_role(self, QuorumRole::leader, turn);
    append(self.durable.log, NoOpRecord{}, self.durable.election.epoch); // LeaderChangeMessage
    drain(self, turn);
    begin_epoch(self, turn);
}

/// Source: KafkaRaftClient.transitionToResigned, pollResigned, ResignedState. It remains the leader of its
/// epoch in name, so that nobody else becomes it.
void resign(Controller& self, Turn& turn) {
    leave_role(self, turn);
    enter_role(self, QuorumRole::resigned, turn);
    for (Peer& peer : self.memory.quorum.peers)
        peer.wants_end = true;
    set_role_timer(self, random_election_timeout(self, turn), turn);
    talk_to_all(self, turn);
}

void on_role_timer(Controller& self, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    if (quorum.ending) return;
    switch (quorum.role) {
    case QuorumRole::unattached:
    case QuorumRole::follower:
        return run_for_leader(self, turn);
    case QuorumRole::prospective:
        return lose_election(self, true, turn);
    case QuorumRole::candidate:
        if (quorum.backing_off) return run_for_leader(self, turn);
        return lose_election(self, true, turn);
    case QuorumRole::resigned:
        // With pre-votes the epoch is left, so that nobody is told of this leader any more.
        if (dialect_of(self, turn.configuration).quorum.pre_vote)
            return become_unattached(self, next(self.durable.election.epoch), no_voter, turn);
        return become_candidate(self, turn);
    case QuorumRole::leader:
        return turn.ignore("a leader has no such time-out");
    }
}

void learn(Controller& self, Epoch epoch, Voter leader, Turn& turn) {
    const ElectionState& election = self.durable.election;
    const bool others = leader != no_voter && leader != self.voter;
    if (epoch > election.epoch) {
        if (others) return become_follower(self, epoch, leader, turn);
        return become_unattached(self, epoch, no_voter, turn);
    }
    if (epoch == election.epoch && others && election.leader == no_voter)
        become_follower(self, epoch, leader, turn);
}

/// A voter that led when it died does not go on leading.
/// Source: QuorumState.initialize: Resigned, Candidate, Follower, Unattached with a vote, Unattached.
void start_voter(Controller& self, bool first_start, Turn& turn) {
    const ElectionState& election = self.durable.election;
    QuorumMemory& quorum = self.memory.quorum;
    quorum.peers.resize(turn.configuration.controllers.size());
    const bool led = election.leader == self.voter;
    if (first_start && led) {
        quorum.ends.assign(quorum.peers.size(), self.durable.drained);
        quorum.role = QuorumRole::leader;
        begin_epoch(self, turn);
        return;
    }
    if (led) return resign(self, turn);
    if (election.leader != no_voter) return become_follower(self, election.epoch, election.leader, turn);
    quorum.due = turn.now + random_election_timeout(self, turn);
    if (election.voted == self.voter) return become_candidate(self, turn);
    become_unattached(self, election.epoch, election.voted, turn);
}

} // namespace kafka::parts
