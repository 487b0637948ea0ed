// The consumer protocol's only request: when a member sends it, and what its answer means.
// Source: AbstractHeartbeatRequestManager, ConsumerHeartbeatRequestManager, AbstractMembershipManager (4.3).

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool sends_heartbeats(ProtocolState state) {
    return state == ProtocolState::joining || state == ProtocolState::reconciling ||
           state == ProtocolState::acknowledging || state == ProtocolState::stable;
}

/// The coordinator hears everything again with the next heartbeat. Source: HeartbeatState.reset.
void tell_all_again(ProtocolMember& protocol) {
    protocol.told_subscription = false;
    protocol.told_owned = -2;
}

/// Source: ConsumerHeartbeatRequestManager.HeartbeatState.buildRequestData: only what is news.
ConsumerGroupHeartbeatRequest next_heartbeat(Reader& self, Turn& turn) {
    Membership& member = self.member;
    ProtocolMember& protocol = member.protocol;
    const ConsumerConfiguration& asked = configured(self, turn);
    const bool joins = protocol.state == ProtocolState::joining;
    ConsumerGroupHeartbeatRequest request;
    request.group = asked.group;
    request.consumer = self.index;
    request.instance = asked.instance;
    request.member = member.member;
    request.member_epoch = joins ? Generation{0} : member.generation;
    request.content = turn.slabs().member.acquire();
    MemberContent& content = turn.slabs().member.open(request.content);
    if (joins || !protocol.told_subscription) {
        request.rebalance_timeout =
            std::min(asked.settings.member.max_poll_interval, sim::milliseconds(2147483647));
        request.has_subscription = true;
        content.topics = asked.topics;
        content.assignor = asked.settings.member.remote_assignor;
        protocol.told_subscription = true;
    }
    if (joins || protocol.told_owned != protocol.current.number) {
        request.has_owned = true;
        content.owned = protocol.current.partitions;
        protocol.told_owned = protocol.current.number;
    }
    return request;
}

/// Source: AbstractMembershipManager.onHeartbeatRequestGenerated.
void acknowledged(ProtocolMember& protocol) {
    if (protocol.state != ProtocolState::acknowledging) return;
    protocol.state = protocol.current == protocol.target ? ProtocolState::stable : ProtocolState::reconciling;
}

/// Nobody waits for the answer. Epoch -1: gone; -2: a static member that will be back.
void send_leaving_heartbeat(Reader& self, Turn& turn) {
    ConsumerGroupHeartbeatRequest request;
    request.correlation = ask_coordinator(self, GroupRequest::leave, turn);
    request.group = configured(self, turn).group;
    request.consumer = self.index;
    request.instance = configured(self, turn).instance;
    request.member = self.member.member;
    request.member_epoch = request.instance == no_instance ? Generation{-1} : Generation{-2};
    request.content = turn.slabs().member.acquire();
    turn.send(self.member.link.connection, sim::Side::client, request, 80);
}

/// The error decides. Source: AbstractHeartbeatRequestManager.onErrorResponse.
/// Leaves out: that a joining member tries again without retry.backoff.ms.
void heartbeat_refused(Reader& self, ErrorCode error, Turn& turn) {
    protocol_heartbeat_failed(self, turn);
    if (moves_coordinator(error)) {
        self.member.protocol.failures = 0;
        self.member.protocol.heartbeat_not_before = turn.now;
        return coordinator_unknown(self, turn);
    }
    if (error == ErrorCode::coordinator_load_in_progress) return;
    if (error == ErrorCode::fenced_member_epoch || error == ErrorCode::unknown_member_id) {
        self.member.protocol.failures = 0;
        self.member.protocol.heartbeat_not_before = turn.now;
        return protocol_thrown_out(self, ProtocolState::fenced, turn);
    }
    self.member.fatal = error; // UNRELEASED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED, UNSUPPORTED_VERSION, ...
    self.member.generation = no_generation;
}

} // namespace

/// A heartbeat without a good answer: everything is told again, after a growing pause.
void protocol_heartbeat_failed(Reader& self, Turn& turn) {
    ProtocolMember& protocol = self.member.protocol;
    const ConsumerSettings& set = configured(self, turn).settings;
    sim::Duration wait = set.retry_backoff;
    for (std::int32_t i = 0; i < protocol.failures && wait < set.retry_backoff_max; ++i)
        wait = wait * 2;
    protocol.failures += 1;
    protocol.heartbeat_not_before = turn.now + std::min(wait, set.retry_backoff_max);
    self.member.heartbeat_due = turn.now;
    tell_all_again(protocol);
}

void protocol_joins(Reader& self, Turn& turn) {
    Membership& member = self.member;
    member.protocol.state = ProtocolState::joining;
    member.protocol.target = {};
    member.generation = no_generation;
    member.heartbeat_due = turn.now;
}

/// Source: AbstractMembershipManager.transitionToFenced, transitionToStale.
/// Leaves out: that a reconciliation under way ends only when its commit is answered.
void protocol_thrown_out(Reader& self, ProtocolState state, Turn& turn) {
    ProtocolMember& protocol = self.member.protocol;
    protocol.state = state;
    protocol.step = ReconciliationStep::none;
    protocol.committing = {};
    protocol.target = {};
    protocol.current = {};
    self.member.generation = no_generation;
    if (has_listener(self, turn)) return; // onPartitionsLost waits for poll()
    give_up(self, true, turn);
    if (state == ProtocolState::fenced) protocol_joins(self, turn);
}

void protocol_leave(Reader& self, Turn& turn) {
    Membership& member = self.member;
    const bool reachable = member.coordinator != no_slot && member.link.state == NodeConnection::State::ready;
    if (sends_heartbeats(member.protocol.state) && reachable) send_leaving_heartbeat(self, turn);
    member.protocol.state = ProtocolState::unsubscribed;
    member.generation = no_generation;
}

void protocol_beat(Reader& self, Turn& turn) {
    Membership& member = self.member;
    ProtocolMember& protocol = member.protocol;
    if (member.fatal != ErrorCode::none || !sends_heartbeats(protocol.state)) return;
    if (!coordinator_ready(self, turn)) return;
    if (!is_inside_poll(self.thread.stage) && member.poll_deadline <= turn.now) {
        turn.ignore("poll() was not called for max.poll.interval.ms: the member leaves its group");
        send_leaving_heartbeat(self, turn);
        tell_all_again(protocol);
        return protocol_thrown_out(self, ProtocolState::stale, turn);
    }
    const bool at_once =
        protocol.state == ProtocolState::joining || protocol.state == ProtocolState::acknowledging;
    const bool due = at_once || member.heartbeat_due <= turn.now;
    if (member.heartbeat_in_flight || !due || protocol.heartbeat_not_before > turn.now) return;
    ConsumerGroupHeartbeatRequest request = next_heartbeat(self, turn);
    request.correlation = ask_coordinator(self, GroupRequest::heartbeat, turn);
    acknowledged(protocol);
    member.heartbeat_in_flight = true;
    member.heartbeat_due = timer_time(self.clock, turn) + protocol.heartbeat_interval;
    turn.send(member.link.connection, sim::Side::client, request, 100);
}

/// Source: ConsumerMembershipManager.onHeartbeatSuccess.
void on_protocol_heartbeat(Reader& self, const ConsumerGroupHeartbeatResponse& answer, Turn& turn) {
    Membership& member = self.member;
    ProtocolMember& protocol = member.protocol;
    member.heartbeat_in_flight = false;
    const std::vector<PartitionIndex> assigned = turn.slabs().partitions.open(answer.content).partitions;
    turn.slabs().partitions.release(answer.content);
    if (answer.error != ErrorCode::none) {
        if (sends_heartbeats(protocol.state)) heartbeat_refused(self, answer.error, turn);
        return;
    }
    protocol.failures = 0;
    if (protocol.heartbeat_interval != answer.heartbeat_interval) {
        protocol.heartbeat_interval = answer.heartbeat_interval;
        member.heartbeat_due = timer_time(self.clock, turn) + answer.heartbeat_interval;
    }
    if (!sends_heartbeats(protocol.state)) return turn.ignore("a heartbeat of a member that is out");
    member.generation = answer.member_epoch;
    if (answer.has_assignment) take_target(self, assigned, turn);
}

sim::SimTime protocol_due(const Reader& self, const Turn& turn) {
    const Membership& member = self.member;
    const ProtocolMember& protocol = member.protocol;
    sim::SimTime due = sim::SimTime::never();
    const auto consider = [&](sim::SimTime when) {
        if (when > turn.now) due = std::min(due, when);
    };
    if (!protocol.committing.done) {
        if (protocol.committing.correlation == 0) consider(protocol.committing.not_before);
        consider(protocol.committing.deadline);
    }
    if (!sends_heartbeats(protocol.state)) return due;
    if (!member.heartbeat_in_flight) {
        consider(protocol.heartbeat_not_before);
        consider(member.heartbeat_due);
    }
    if (!is_inside_poll(self.thread.stage)) consider(member.poll_deadline);
    return due;
}

} // namespace kafka::parts
