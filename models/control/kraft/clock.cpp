// What a voter does when the wall clock of its host moves.

#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka {

/// The raft thread looks at its clock when a message wakes it, and at its Timers after that message: a
/// follower whose leader answers at that moment goes on as if nothing had happened; a leader whose clock has
/// jumped over 1.5 fetch time-outs resigns, unless the message was the fetch that makes a majority.
/// 1. A follower's clock is set back. 2. Each answer of its leader sets its Timer anew, from where the clock
/// had been. 3. The leader dies. 4. This voter waits for the length of the step and a fetch time-out before
/// it asks for an election; with pre-votes (KIP-996) it refuses its own until then, for it believes in its
/// leader. Source: KafkaRaftClient.poll (pollCurrentState, handleInboundMessage), FollowerState.fetchTimer,
/// LeaderState.checkQuorumTimer, Timer.update.
/// Leaves out: the time-outs of requests between voters, of BeginQuorumEpoch, and the linger of appends.
void follow_clock(Controller& self, Turn& turn) {
    QuorumMemory& quorum = self.memory.quorum;
    const sim::Duration moved = take_move(quorum.clock, turn);
    if (moved == sim::Duration{0} || parts::is_alone(turn)) return;
    if (quorum.role != QuorumRole::leader) {
        turn.cancel(quorum.timer);
        quorum.due = std::max(sim::SimTime{1}, quorum.due - moved);
        quorum.timer = turn.at(quorum.due, parts::timer(ControllerTimer::role, quorum.round));
    } else if (quorum.check_due != sim::SimTime::never()) {
        turn.cancel(quorum.check_quorum);
        quorum.check_due = quorum.check_due - moved;
        quorum.check_quorum =
            turn.at(quorum.check_due, parts::timer(ControllerTimer::check_quorum, quorum.round));
    }
}

} // namespace kafka
