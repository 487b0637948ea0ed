#include "models/control/kraft/parts.hpp"

#include <algorithm>
#include <limits>

namespace kafka::parts {

namespace {

/// Source: BrokerControlState.
enum class ControlState : std::uint8_t { fenced, unfenced, controlled_shutdown, shutdown_now };

bool leads_anything(const Controller& self, BrokerSlot broker) {
    return std::any_of(self.memory.image.partitions.begin(), self.memory.image.partitions.end(),
                       [&](const PartitionState& state) { return state.leader == broker; });
}

/// Lowest metadata offset that an active broker has reported.
/// Source: BrokerHeartbeatManager.lowestActiveOffset.
Offset lowest_active_offset(const Controller& self) {
    Offset lowest{std::numeric_limits<std::int64_t>::max()};
    for (std::size_t i = 0; i < self.memory.contacts.size(); ++i) {
        const BrokerContact& contact = self.memory.contacts[i];
        const BrokerRegistrationState& broker = self.memory.image.registrations[i];
        const bool leaving = contact.controlled_shutdown_offset != no_offset;
        if (broker.registered && !broker.fenced && !leaving)
            lowest = std::min(lowest, contact.metadata_offset);
    }
    return lowest;
}

/// Source: BrokerHeartbeatManager.currentBrokerState.
ControlState current_state(const Controller& self, BrokerSlot broker) {
    if (self.memory.contacts[index(broker)].controlled_shutdown_offset != no_offset)
        return ControlState::controlled_shutdown;
    return self.memory.image.registrations[index(broker)].fenced ? ControlState::fenced
                                                                 : ControlState::unfenced;
}

/// Source: BrokerHeartbeatManager.calculateNextBrokerState; semantics 4.4.4, 4.5.4.
ControlState next_state(const Controller& self, const BrokerHeartbeatRequest& request) {
    const BrokerContact& contact = self.memory.contacts[index(request.broker)];
    switch (current_state(self, request.broker)) {
    case ControlState::fenced: {
        if (request.want_shut_down) return ControlState::shutdown_now;
        const Offset registered = self.memory.image.registrations[index(request.broker)].registration_offset;
        const bool unfences = !request.want_fence && request.metadata_offset >= registered;
        return unfences ? ControlState::unfenced : ControlState::fenced;
    }
    case ControlState::unfenced:
        if (request.want_fence)
            return request.want_shut_down ? ControlState::shutdown_now : ControlState::fenced;
        if (!request.want_shut_down) return ControlState::unfenced;
        return leads_anything(self, request.broker) ? ControlState::controlled_shutdown
                                                    : ControlState::shutdown_now;
    case ControlState::controlled_shutdown:
        if (leads_anything(self, request.broker)) return ControlState::controlled_shutdown;
        // Everybody who could still follow or route to it has read that it leads nothing.
        return contact.controlled_shutdown_offset <= lowest_active_offset(self)
                   ? ControlState::shutdown_now
                   : ControlState::controlled_shutdown;
    case ControlState::shutdown_now:
        break;
    }
    return ControlState::shutdown_now;
}

/// Source: ReplicationControlManager.handleBrokerInControlledShutdown.
void enter_controlled_shutdown(Controller& self, BrokerSlot broker, Turn& turn) {
    BrokerRegistrationState& state = self.memory.image.registrations[index(broker)];
    if (!state.in_controlled_shutdown) {
        state.in_controlled_shutdown = true;
        write_broker(self, broker, BrokerEvent::in_controlled_shutdown, turn);
    }
    leave_isrs(self, broker, {broker, no_slot, no_slot}, ChangeCause::controlled_shutdown, turn);
}

void enter(Controller& self, BrokerSlot broker, ControlState state, Turn& turn) {
    switch (state) {
    case ControlState::fenced:
    case ControlState::shutdown_now:
        return fence(self, broker, turn);
    case ControlState::unfenced:
        self.memory.image.registrations[index(broker)].fenced = false;
        write_broker(self, broker, BrokerEvent::unfenced, turn);
        return elect_leaderless(self, broker, turn);
    case ControlState::controlled_shutdown:
        return enter_controlled_shutdown(self, broker, turn);
    }
}

bool is_refused(Controller& self, sim::ConnectionId connection, const BrokerHeartbeatRequest& request,
                Turn& turn) {
    const BrokerRegistrationState& broker = self.memory.image.registrations[index(request.broker)];
    if (broker.registered && broker.epoch == request.epoch) return false;
    turn.ignore(broker.registered ? "STALE_BROKER_EPOCH: heartbeat of another epoch"
                                  : "BROKER_ID_NOT_REGISTERED: heartbeat before registration");
    const ErrorCode error =
        broker.registered ? ErrorCode::stale_broker_epoch : ErrorCode::broker_id_not_registered;
    reply_now(connection, BrokerHeartbeatResponse{error}, turn);
    return true;
}

} // namespace

/// Partitions first, then the broker, in one batch.
/// Source: ReplicationControlManager.handleBrokerFenced.
void fence(Controller& self, BrokerSlot broker, Turn& turn) {
    leave_isrs(self, broker, {broker, no_slot, no_slot}, ChangeCause::broker_fenced, turn);
    self.memory.image.registrations[index(broker)].fenced = true;
    write_broker(self, broker, BrokerEvent::fenced, turn);
}

/// Source: QuorumController.processBrokerHeartbeat, ReplicationControlManager.processBrokerHeartbeat;
/// semantics 4.4.
/// Leaves out: heartbeats that waited too long in the controller's queue.
void handle(Controller& self, sim::ConnectionId connection, const BrokerHeartbeatRequest& request,
            Turn& turn) {
    if (is_refused(self, connection, request, turn)) return;
    BrokerContact& contact = self.memory.contacts[index(request.broker)];
    contact.last_contact = turn.now;
    contact.tracked = true;
    const ControlState now = current_state(self, request.broker);
    const ControlState then = next_state(self, request);
    if (then != now) enter(self, request.broker, then, turn);
    const bool fenced = then == ControlState::fenced || then == ControlState::shutdown_now;
    contact.metadata_offset = request.metadata_offset;
    if (fenced) contact.controlled_shutdown_offset = no_offset;
    const bool leaves = then == ControlState::controlled_shutdown;
    if (leaves && contact.controlled_shutdown_offset == no_offset)
        contact.controlled_shutdown_offset = next(log_end_offset(self), -1);
    if (!fenced) schedule_session_check(self, turn);
    if (request.offline_directories != 0)
        take_directories_offline(self, request.broker, request.offline_directories, turn);
    const BrokerRegistrationState& broker = self.memory.image.registrations[index(request.broker)];
    const bool caught_up = request.metadata_offset >= broker.registration_offset;
    const bool shuts_down = then == ControlState::shutdown_now;
    if (shuts_down)
        turn.note(fact::BrokerChanged{request.broker, BrokerEvent::shutdown_granted, broker.epoch});
    reply_when_committed(self, connection,
                         BrokerHeartbeatResponse{ErrorCode::none, caught_up, fenced, shuts_down}, turn);
}

} // namespace kafka::parts
