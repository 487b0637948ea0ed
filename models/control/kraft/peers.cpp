#include "models/control/kraft/parts.hpp"

#include <algorithm>
#include <optional>

namespace kafka::parts {

namespace {

/// reconnect.backoff.ms of the raft client's network client.
constexpr sim::Duration reconnect_backoff = sim::milliseconds(50);

Peer& peer_of(Controller& self, Voter voter) { return self.memory.quorum.peers[index(voter)]; }

/// What the present role has to say to `voter`.
/// Source: KafkaRaftClient.pollCurrentState.
std::optional<Mail> request_to(Controller& self, Voter voter, Correlation correlation) {
    const Controller::Durable& durable = self.durable;
    const ElectionState& election = durable.election;
    const QuorumMemory& quorum = self.memory.quorum;
    const Peer& peer = quorum.peers[index(voter)];
    const Epoch last = epoch_before(durable.log, durable.drained);
    if (wants_vote_of(self, voter)) {
        const bool pre_vote = quorum.role == QuorumRole::prospective;
        return VoteRequest{correlation, self.voter, election.epoch, last, durable.drained, pre_vote};
    }
    if (quorum.role == QuorumRole::leader && peer.wants_begin)
        return BeginQuorumEpochRequest{correlation, self.voter, election.epoch};
    if (quorum.role == QuorumRole::resigned && peer.wants_end)
        return EndQuorumEpochRequest{correlation, self.voter, election.epoch, successors(self)};
    if (quorum.role == QuorumRole::follower && voter == election.leader && !quorum.over)
        return MetadataFetchRequest{
            no_slot, durable.drained, durable.high_watermark, self.voter, election.epoch, last, correlation};
    return std::nullopt;
}

/// The peer whose channel the connection is, by its place.
Voter voter_of(const Controller& self, const Peer& peer) {
    return Voter{static_cast<std::int32_t>(&peer - self.memory.quorum.peers.data())};
}

void retry_after(Controller& self, Voter voter, sim::SimTime when, Turn& turn) {
    turn.at(when, timer(ControllerTimer::peer_retry, peer_of(self, voter).channel.round,
                        static_cast<std::uint32_t>(voter.value)));
}

void on_epoch_answer(Controller& self, Voter from, const QuorumEpochResponse& response, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    if (response.epoch > self.durable.election.epoch)
        return learn(self, response.epoch, response.leader, turn);
    if (response.error != ErrorCode::none) return turn.ignore("a voter refuses the epoch");
    if (quorum.role == QuorumRole::leader) quorum.acknowledged.add(from);
    if (quorum.role == QuorumRole::resigned) quorum.peers[index(from)].wants_end = false;
}

Correlation correlation_of(const Mail& mail) {
    if (const auto* m = std::get_if<VoteResponse>(&mail)) return m->correlation;
    if (const auto* m = std::get_if<QuorumEpochResponse>(&mail)) return m->correlation;
    if (const auto* m = std::get_if<MetadataFetchResponse>(&mail)) return m->correlation;
    return 0;
}

} // namespace

/// One request in flight to each voter; a connection that fails is tried again.
/// Source: KafkaRaftClient.maybeSendRequest, RequestManager.
void talk_to(Controller& self, Voter voter, Turn& turn) {
    if (voter == self.voter || waits_for_disk(self)) return;
    Peer& peer = peer_of(self, voter);
    if (peer.awaited != 0) return;
    const Correlation correlation = self.memory.quorum.next_correlation;
    const std::optional<Mail> request = request_to(self, voter, correlation);
    if (!request) return;
    const BrokerSettings& settings = turn.configuration.controller_settings;
    const auto number = static_cast<std::uint32_t>(voter.value);
    const Channel::State before = peer.channel.state;
    const sim::ProcessId server = Addresses::controller(turn.configuration, index(voter));
    if (!ensure_ready(peer.channel, server, LinkKind::control, turn)) {
        if (peer.channel.state == Channel::State::closed)
            retry_after(self, voter, peer.channel.retry_at, turn);
        else if (before == Channel::State::closed)
            turn.after(settings.controller_quorum_request_timeout,
                       timer(ControllerTimer::peer_timeout, peer.channel.round, number, 0));
        return;
    }
    self.memory.quorum.next_correlation += 1;
    peer.awaited = correlation;
    peer.wants_begin = false;
    turn.send(peer.channel.connection, sim::Side::client, *request, 120);
    turn.after(settings.controller_quorum_request_timeout,
               timer(ControllerTimer::peer_timeout, peer.channel.round, number, correlation));
}

void talk_to_all(Controller& self, Turn& turn) {
    const std::uint32_t round = self.memory.quorum.round;
    for (std::size_t i = 0; i < self.memory.quorum.peers.size(); ++i)
        if (self.memory.quorum.round == round) talk_to(self, Voter{static_cast<std::int32_t>(i)}, turn);
}

void forget_requests(Controller& self) {
    for (Peer& peer : self.memory.quorum.peers) {
        peer.awaited = 0;
        peer.wants_begin = peer.wants_end = false;
    }
}

Peer* peer_on(Controller& self, sim::ConnectionId connection) {
    for (Peer& peer : self.memory.quorum.peers)
        if (connection.valid() && peer.channel.connection == connection) return &peer;
    return nullptr;
}

bool on_peer(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    Peer* peer = peer_on(self, connection);
    if (peer == nullptr) return false;
    if (peer->awaited == 0 || peer->awaited != correlation_of(mail)) {
        turn.release(mail);
        turn.ignore("an answer to an earlier role's request");
        return true;
    }
    peer->awaited = 0;
    const Voter from = voter_of(self, *peer);
    const std::uint32_t round = self.memory.quorum.round;
    bool refused = false;
    if (const auto* m = std::get_if<VoteResponse>(&mail)) on_vote(self, from, *m, turn);
    if (const auto* m = std::get_if<QuorumEpochResponse>(&mail)) on_epoch_answer(self, from, *m, turn);
    if (const auto* m = std::get_if<MetadataFetchResponse>(&mail)) {
        refused = m->error != ErrorCode::none;
        on_fetched(self, from, *m, turn);
    }
    if (self.memory.quorum.round != round) return true; // the new role has spoken
    if (refused)
        retry_after(self, from,
                    turn.now + turn.configuration.controller_settings.controller_quorum_retry_backoff, turn);
    else
        talk_to(self, from, turn);
    return true;
}

void peer_lost(Controller& self, Peer& peer, Turn& turn) {
    mark_closed(peer.channel, reconnect_backoff, turn);
    peer.awaited = 0;
    retry_after(self, voter_of(self, peer), peer.channel.retry_at, turn);
}

void on_peer_timer(Controller& self, const Timer& due, Turn& turn) {
    const Voter voter{static_cast<std::int32_t>(due.a)};
    Peer& peer = peer_of(self, voter);
    if (due.round != peer.channel.round) return turn.ignore("the connection is another one");
    if (static_cast<ControllerTimer>(due.what) == ControllerTimer::peer_retry)
        return talk_to(self, voter, turn);
    const bool connecting = due.b == 0 && peer.channel.state == Channel::State::connecting;
    if (!connecting && (due.b == 0 || peer.awaited != due.b)) return turn.ignore("answered in time");
    give_up(peer.channel, turn.configuration.controller_settings.controller_quorum_retry_backoff, turn);
    peer.awaited = 0;
    retry_after(self, voter, peer.channel.retry_at, turn);
}

} // namespace kafka::parts
