// A member and its coordinator: finding it, asking it, losing it.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Any broker knows; one without a fetch that would hold the question back comes first.
/// Source: NetworkClient.leastLoadedNode.
BrokerSlot broker_to_ask(const Reader& self) {
    const auto count = static_cast<std::int32_t>(self.nodes.size());
    BrokerSlot busy = no_slot;
    for (std::int32_t i = 0; i < count; ++i) {
        const BrokerSlot slot{(self.next_node + i) % count};
        const ReaderNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
        if (node.link.state != NodeConnection::State::ready) continue;
        if (!node.fetch_in_flight) return slot;
        if (busy == no_slot) busy = slot;
    }
    return busy;
}

sim::Duration give_up_after(const Reader& self, GroupRequest kind, const Turn& turn) {
    const ConsumerSettings& set = configured(self, turn).settings;
    if (kind != GroupRequest::join) return set.request_timeout;
    // AbstractCoordinator.joinGroupTimeoutMs
    const bool bounded = set.member.max_poll_interval < sim::seconds(1000000000);
    const sim::Duration rebalance = bounded ? set.member.max_poll_interval : set.member.session_timeout;
    return std::max(set.request_timeout, rebalance + sim::seconds(5));
}

void request_failed(Reader& self, const CoordinatorRequest& request, Turn& turn) {
    Membership& member = self.member;
    switch (request.kind) {
    case GroupRequest::join:
    case GroupRequest::sync:
        member.state = MemberState::unjoined;
        member.rejoin_needed = true;
        member.join_not_before = turn.now + configured(self, turn).settings.retry_backoff;
        return;
    case GroupRequest::heartbeat:
        member.heartbeat_in_flight = false;
        if (speaks_consumer_protocol(self, turn)) protocol_heartbeat_failed(self, turn);
        return;
    case GroupRequest::leave:
        if (self.thread.stage == ConsumingStage::leaving) self.thread.close_deadline = turn.now;
        return;
    case GroupRequest::commit:
        return commit_answered(self, request, ErrorCode::network_exception, turn);
    case GroupRequest::fetch_offsets:
        member.fetch_offsets_not_before = turn.now + configured(self, turn).settings.retry_backoff;
        return;
    }
}

} // namespace

bool is_asked(const Membership& member, GroupRequest kind) {
    return std::any_of(member.asked.begin(), member.asked.end(),
                       [&](const CoordinatorRequest& request) { return request.kind == kind; });
}

/// Source: AbstractCoordinator.markCoordinatorUnknown: the connection is closed, what was asked fails.
void coordinator_unknown(Reader& self, Turn& turn) {
    Membership& member = self.member;
    if (member.coordinator == no_slot) return;
    member.coordinator = no_slot;
    if (member.link.state != NodeConnection::State::closed)
        turn.close(member.link.connection, sim::Side::client);
    member.link = NodeConnection{};
    const std::vector<CoordinatorRequest> failed = std::move(member.asked);
    member.asked.clear();
    for (const CoordinatorRequest& request : failed)
        request_failed(self, request, turn);
}

void coordinator_disconnected(Reader& self, Turn& turn) {
    mark_lost(self.member.link, connection_settings(self, turn), turn);
    coordinator_unknown(self, turn);
}

/// True when the coordinator is known and its connection is ready.
bool coordinator_ready(Reader& self, Turn& turn) {
    Membership& member = self.member;
    if (member.coordinator != no_slot)
        return ensure_ready(member.link, member.coordinator, connection_settings(self, turn), turn);
    if (member.find_asked != no_slot || member.find_not_before > turn.now) return false;
    const BrokerSlot slot = broker_to_ask(self);
    if (slot == no_slot) {
        self.metadata.requested = true; // opens a connection
        return false;
    }
    member.find_asked = slot;
    member.find_correlation = self.next_correlation++;
    member.find_deadline = turn.now + configured(self, turn).settings.request_timeout;
    member.find_not_before = turn.now + configured(self, turn).settings.retry_backoff;
    turn.send(self.nodes[static_cast<std::size_t>(slot.value)].link.connection, sim::Side::client,
              FindCoordinatorRequest{member.find_correlation, CoordinatorKind::group,
                                     configured(self, turn).group.value},
              50);
    return false;
}

/// Source: AbstractCoordinator.FindCoordinatorResponseHandler.
void on_coordinator(Reader& self, const FindCoordinatorResponse& answer, Turn& turn) {
    Membership& member = self.member;
    if (member.find_asked == no_slot || answer.correlation != member.find_correlation)
        return turn.ignore("a coordinator that is no longer asked for");
    member.find_asked = no_slot;
    member.find_deadline = sim::SimTime::never();
    if (answer.error != ErrorCode::none) {
        if (!is_retriable(answer.error)) member.fatal = answer.error;
        return;
    }
    member.coordinator = answer.coordinator;
    member.link = NodeConnection{};
    member.session_deadline =
        timer_time(self.clock, turn) + configured(self, turn).settings.member.session_timeout;
}

Correlation ask_coordinator(Reader& self, GroupRequest kind, Turn& turn) {
    const Correlation correlation = self.next_correlation++;
    self.member.asked.push_back(
        {kind, correlation, turn.now + give_up_after(self, kind, turn), CommitCause{}, {}});
    return correlation;
}

/// Requests whose time is up: the connection is closed. Source: NetworkClient.handleTimedOutRequests.
void time_out_coordinator(Reader& self, Turn& turn) {
    Membership& member = self.member;
    if (member.find_deadline <= turn.now) {
        const BrokerSlot slot = member.find_asked;
        member.find_asked = no_slot;
        member.find_deadline = sim::SimTime::never();
        close(self.nodes[static_cast<std::size_t>(slot.value)].link, connection_settings(self, turn), turn);
        node_lost(self, slot);
    }
    const bool late =
        std::any_of(member.asked.begin(), member.asked.end(),
                    [&](const CoordinatorRequest& request) { return request.deadline <= turn.now; });
    if (late || member.link.setup_deadline <= turn.now) coordinator_unknown(self, turn);
}

/// Takes the request that `correlation` answers; false when nobody waits for it.
bool take_request(Reader& self, Correlation correlation, CoordinatorRequest& request) {
    auto& asked = self.member.asked;
    const auto at = std::find_if(asked.begin(), asked.end(), [&](const CoordinatorRequest& one) {
        return one.correlation == correlation;
    });
    if (at == asked.end()) return false;
    request = *at;
    asked.erase(at);
    return true;
}

} // namespace kafka::parts
