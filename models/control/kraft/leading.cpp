#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

const QuorumSettings& quorum_settings_of(const Turn& turn) {
    return turn.configuration.controller_settings.quorum;
}

/// A leader that no majority has fetched from for 1.5 fetch time-outs resigns.
/// Source: LeaderState.checkQuorumTimer, CHECK_QUORUM_TIMEOUT_FACTOR (KAFKA-15489, 3.7).
void restart_quorum_check(Controller& self, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    turn.cancel(quorum.check_quorum);
    quorum.check_due = sim::SimTime::never();
    quorum.fetched = {};
    if (!dialect_of(self, turn.configuration).quorum.checks_quorum) return;
    const sim::Duration length = quorum_settings_of(turn).fetch_timeout * 3 / 2;
    quorum.check_due = timer_time(quorum.clock, turn) + length;
    quorum.check_quorum = turn.at(quorum.check_due, timer(ControllerTimer::check_quorum, quorum.round));
}

/// Of the n-th successor; the first runs at once.
/// Source: KafkaRaftClient.strictExponentialElectionBackoffMs.
sim::Duration successor_backoff(std::size_t position, std::size_t count, const Turn& turn) {
    const sim::Duration most = quorum_settings_of(turn).election_backoff_max;
    if (position == 0) return sim::Duration{0};
    if (position >= count) return most;
    const sim::Duration least = most / (std::int64_t{1} << (count - 1));
    return std::min(most, least * (std::int64_t{1} << (position - 1)));
}

QuorumEpochResponse answer_of(const Controller& self, Correlation correlation, ErrorCode error) {
    return {correlation, error, self.durable.election.leader, self.durable.election.epoch};
}

/// What another leader says of its epoch: learnt, unless it is of an older one.
/// Source: KafkaRaftClient.validateVoterOnlyRequest, maybeTransition.
ErrorCode hear_of(Controller& self, Epoch epoch, Voter leader, Turn& turn) {
    if (epoch < self.durable.election.epoch) return ErrorCode::fenced_leader_epoch;
    learn(self, epoch, leader, turn);
    return ErrorCode::none;
}

} // namespace

/// BeginQuorumEpoch to everybody, now and then again.
/// Source: KafkaRaftClient.maybeSendBeginQuorumEpochRequests (3.9: each half fetch time-out for the whole
/// leadership; before: until acknowledged).
void begin_epoch(Controller& self, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    const bool first =
        quorum.ends[index(self.voter)] == no_offset || quorum.check_quorum == sim::EventHandle{};
    if (first) restart_quorum_check(self, turn);
    const bool repeats = dialect_of(self, turn.configuration).quorum.begin_is_repeated;
    for (std::size_t i = 0; i < quorum.peers.size(); ++i)
        if (repeats || !quorum.acknowledged.has(Voter{static_cast<std::int32_t>(i)}))
            quorum.peers[i].wants_begin = true;
    turn.after(quorum_settings_of(turn).fetch_timeout / 2, timer(ControllerTimer::begin_epoch, quorum.round));
    talk_to_all(self, turn);
}

/// A voter asks for what follows: it has flushed all before.
/// Source: LeaderState.updateReplicaState, updateCheckQuorumForFollowingVoter.
void note_voter_fetched(Controller& self, Voter voter, Offset fetch_offset, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    quorum.ends[index(voter)] = fetch_offset;
    quorum.fetched.add(voter);
    const int others = static_cast<int>(quorum.peers.size()) / 2; // a majority without this voter
    if (quorum.fetched.size() >= others) restart_quorum_check(self, turn);
    advance_high_watermark(self, turn);
}

/// What a majority of voters has flushed, once a record of this epoch is among it: records of former epochs
/// alone do not count.
/// Source: LeaderState.maybeUpdateHighWatermark, KafkaRaftClient.onUpdateLeaderHighWatermark; the new leader
/// becomes the active controller when it has read all of its predecessors' records.
void advance_high_watermark(Controller& self, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    SIM_ASSERT(quorum.role == QuorumRole::leader, "the leader of the quorum commits");
    quorum.ends[index(self.voter)] = self.durable.drained;
    std::vector<Offset> ends = quorum.ends;
    std::sort(ends.begin(), ends.end(), std::greater<>());
    std::size_t needed = ends.size() / 2;
    if (dialect_of(self, turn.configuration).broken == BrokenRule::metadata_committed_by_the_leader_alone)
        needed = 0;
    const Offset agreed = std::min(ends[needed], self.durable.drained);
    if (agreed <= quorum.epoch_start && quorum.epoch_start > Offset{0}) return;
    if (agreed <= self.durable.high_watermark) return;
    move_high_watermark(self, agreed, turn);
    turn.note(fact::MetadataCommitted{self.voter, self.durable.election.epoch, agreed});
    if (!self.memory.active) activate(self, false, turn);
}

/// Source: KafkaRaftClient.handleBeginQuorumEpochRequest.
void handle(Controller& self, sim::ConnectionId connection, const BeginQuorumEpochRequest& request,
            Turn& turn) {
    const ErrorCode error = hear_of(self, request.epoch, request.leader, turn);
    reply_now(connection, answer_of(self, request.correlation, error), turn);
}

/// Source: KafkaRaftClient.handleEndQuorumEpochRequest, endEpochElectionBackoff.
void handle(Controller& self, sim::ConnectionId connection, const EndQuorumEpochRequest& request,
            Turn& turn) {
    const ErrorCode error = hear_of(self, request.epoch, request.leader, turn);
    if (error == ErrorCode::none && self.memory.quorum.role == QuorumRole::follower &&
        self.durable.election.leader == request.leader) {
        const auto count =
            static_cast<std::size_t>(std::count_if(request.successors.begin(), request.successors.end(),
                                                   [](Voter successor) { return successor != no_voter; }));
        const auto position = static_cast<std::size_t>(
            std::find(request.successors.begin(), request.successors.end(), self.voter) -
            request.successors.begin());
        set_role_timer(self, successor_backoff(std::min(position, count), count, turn), turn);
    }
    reply_now(connection, answer_of(self, request.correlation, error), turn);
}

/// Source: LeaderState.nonLeaderVotersByDescendingFetchOffset.
std::array<Voter, EndQuorumEpochRequest::most_voters> successors(const Controller& self) {
    std::array<Voter, EndQuorumEpochRequest::most_voters> named;
    named.fill(no_voter);
    std::vector<Voter> others;
    const QuorumMemory& quorum = self.memory.quorum;
    for (std::size_t i = 0; i < quorum.ends.size(); ++i)
        if (i != index(self.voter)) others.push_back(Voter{static_cast<std::int32_t>(i)});
    std::stable_sort(others.begin(), others.end(), [&](Voter left, Voter right) {
        return quorum.ends[index(left)] > quorum.ends[index(right)];
    });
    std::copy(others.begin(), others.end(), named.begin());
    return named;
}

} // namespace kafka::parts
