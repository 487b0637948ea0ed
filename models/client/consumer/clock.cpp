// What a consumer does when the wall clock of its host moves.

#include "models/client/clock.hpp"
#include "models/client/consumer/member.hpp"

namespace kafka {

namespace {

void move_membership(Membership& member, sim::Duration moved) {
    parts::move_link(member.link, moved);
    for (sim::SimTime* one : {&member.find_deadline, &member.heartbeat_due, &member.session_deadline,
                              &member.poll_deadline, &member.auto_commit_due,
                              &member.protocol.committing.deadline, &member.protocol.heartbeat_not_before})
        move_instant(*one, moved);
    for (CoordinatorRequest& request : member.asked)
        move_instant(request.deadline, moved);
}

} // namespace

/// Requests in flight, the age of metadata and the back-offs of connections, the time-outs of calls, and the
/// Timers of a member: heartbeat.interval.ms, session.timeout.ms, max.poll.interval.ms,
/// auto.commit.interval.ms. Thread.sleep between two attempts and what the application does are not timed by
/// the wall clock.
/// 1. A clock is set back. 2. The member's Timers wait until it shows again what they have seen. 3. No
/// heartbeat is sent meanwhile. 4. The coordinator, whose clock is its own and monotonic, expels the member.
/// Source: Heartbeat, HeartbeatRequestManager, AbstractCoordinator.HeartbeatThread, ConsumerNetworkClient.
/// Leaves out: that poll(Duration) itself returns sooner or later, and that the heartbeat thread of a member
/// that waits in poll() for longer than retry.backoff.ms may look before poll() has reset
/// max.poll.interval.ms.
void follow_clock(Reader& self, Turn& turn) {
    for (Producer& output : self.output)
        follow_clock(output, turn);
    if (parts::configured(self, turn).monotonic) return; // and its Timers with it
    const sim::Duration moved = take_move(self.clock, turn);
    if (moved == sim::Duration{0}) return;
    for (ReaderNode& node : self.nodes) {
        parts::move_link(node.link, moved);
        move_instant(node.deadline, moved);
    }
    parts::move_metadata(self.metadata, moved);
    for (ReaderPosition& position : self.positions) {
        move_instant(position.not_before, moved);
        move_instant(position.preferred_until, moved);
    }
    move_membership(self.member, moved);
    move_instant(self.thread.awaited.deadline, moved);
    move_instant(self.thread.close_deadline, moved);
}

} // namespace kafka
