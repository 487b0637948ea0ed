// A group member as a whole: what it hears from its coordinator, and when it looks again.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

/// The application's thread first, then the heartbeat thread; of the consumer protocol the network thread,
/// which reconciles while the application processes.
void pump_member(Reader& self, Turn& turn) {
    time_out_coordinator(self, turn);
    run_thread(self, turn);
    if (self.thread.stage == ConsumingStage::ended) return;
    if (!speaks_consumer_protocol(self, turn)) return beat(self, turn);
    if (reconcile(self, false, turn)) run_thread(self, turn);
    if (self.thread.stage != ConsumingStage::ended) protocol_beat(self, turn);
}

namespace {

ErrorCode first_error(const PartitionErrors& answer) {
    for (const PartitionErrors::Entry& entry : answer.entries)
        if (entry.error != ErrorCode::none) return entry.error;
    return ErrorCode::none;
}

bool awaited(Reader& self, Correlation correlation, CoordinatorRequest& request, Turn& turn) {
    if (take_request(self, correlation, request)) return true;
    turn.ignore("an answer of the coordinator that is no longer awaited");
    return false;
}

} // namespace

void on_coordinator_mail(Reader& self, const Mail& mail, Turn& turn) {
    CoordinatorRequest request;
    if (const auto* joined = std::get_if<JoinGroupResponse>(&mail)) {
        if (awaited(self, joined->correlation, request, turn)) return on_joined(self, *joined, turn);
    } else if (const auto* synced = std::get_if<SyncGroupResponse>(&mail)) {
        if (awaited(self, synced->correlation, request, turn)) return on_synced(self, *synced, turn);
    } else if (const auto* beaten = std::get_if<HeartbeatResponse>(&mail)) {
        if (awaited(self, beaten->correlation, request, turn)) return on_heartbeat(self, *beaten, turn);
    } else if (const auto* told = std::get_if<ConsumerGroupHeartbeatResponse>(&mail)) {
        if (awaited(self, told->correlation, request, turn) && request.kind == GroupRequest::heartbeat)
            return on_protocol_heartbeat(self, *told, turn);
    } else if (const auto* committed = std::get_if<OffsetCommitResponse>(&mail)) {
        if (awaited(self, committed->correlation, request, turn))
            commit_answered(self, request,
                            first_error(turn.slabs().partition_errors.open(committed->content)), turn);
    } else if (const auto* offsets = std::get_if<OffsetFetchResponse>(&mail)) {
        if (awaited(self, offsets->correlation, request, turn))
            return on_committed_offsets(self, *offsets, turn);
    } else if (const auto* left = std::get_if<LeaveGroupResponse>(&mail)) {
        awaited(self, left->correlation, request, turn);
    }
    turn.release(mail);
}

sim::SimTime member_due(const Reader& self, const Turn& turn) {
    const Membership& member = self.member;
    sim::SimTime due = thread_due(self, turn);
    const auto consider = [&](sim::SimTime when) {
        if (when > turn.now) due = std::min(due, when);
    };
    if (member.coordinator == no_slot && member.find_asked == no_slot) consider(member.find_not_before);
    consider(member.find_deadline);
    consider(member.link.setup_deadline);
    if (member.coordinator != no_slot && member.link.state == NodeConnection::State::closed)
        consider(member.link.retry_at);
    for (const CoordinatorRequest& request : member.asked)
        consider(request.deadline);
    if (speaks_consumer_protocol(self, turn))
        return self.thread.stage == ConsumingStage::ended ? due : std::min(due, protocol_due(self, turn));
    const bool beats =
        member.state == MemberState::stable || member.state == MemberState::completing_rebalance;
    if (!beats || self.thread.stage == ConsumingStage::ended) return due;
    if (!member.heartbeat_in_flight) consider(member.heartbeat_due);
    consider(member.session_deadline);
    if (!is_inside_poll(self.thread.stage)) consider(member.poll_deadline);
    return due;
}

} // namespace kafka::parts
