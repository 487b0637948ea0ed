#include "models/control/kraft/parts.hpp"

namespace kafka::parts {

namespace {

/// A new incarnation lost what the former had in memory: it leaves the ISRs before it registers.
/// 1. A leader is killed and restarted at once, with its tail gone. 2. Its session still stands, so nobody
/// fences it.
/// 3. It registers as itself. Without this step it would lead on with a shorter log.
/// Whether its eligible leader replicas still have everything is told by the epoch in its clean shutdown
/// file. Source: ClusterControlManager.registerBroker, ReplicationControlManager.handleBrokerShutdown
/// (KAFKA-18106, 4.0).
void leave_before_registering(Controller& self, const BrokerRegistrationRequest& request, Turn& turn) {
    const Dialect& dialect = dialect_of(self, turn.configuration);
    if (!dialect.unclean_registration_leaves_isr ||
        dialect.broken == BrokenRule::isr_kept_at_unclean_shutdown)
        return;
    const BrokerRegistrationState& broker = self.memory.image.registrations[index(request.broker)];
    const bool clean = broker.registered && request.previous_epoch == broker.epoch;
    if (clean || !dialect.eligible_leader_replicas) {
        const BrokerChange fenced{request.broker, no_slot, no_slot};
        const ChangeCause cause = clean ? ChangeCause::broker_fenced : ChangeCause::unclean_shutdown;
        return leave_isrs(self, request.broker, fenced, cause, turn);
    }
    const BrokerChange lost{no_slot, no_slot, request.broker};
    leave_isrs(self, request.broker, lost, ChangeCause::unclean_shutdown, turn);
    leave_elrs(self, request.broker, lost, ChangeCause::unclean_shutdown, turn);
}

} // namespace

void write_broker(Controller& self, BrokerSlot broker, BrokerEvent event, Turn& turn) {
    const BrokerRegistrationState& state = self.memory.image.registrations[index(broker)];
    append(self,
           BrokerRecord{broker, state.epoch, state.fenced, state.in_controlled_shutdown, state.incarnation,
                        state.log_directory, state.registration_offset, event, state.offline_directories},
           turn);
    if (!is_alone(turn)) return; // observers hear of it when it is committed
    turn.note(fact::BrokerChanged{broker, event, state.epoch});
}

/// Whether the registered incarnation may still be alive. To 3.9 a fenced broker has no session; since 4.0
/// the session ends by time alone, so that a broker that was shut down is refused until then as well.
/// Source: BrokerHeartbeatManager.hasValidSession (3.9.2), BrokerHeartbeatTracker.hasValidSession (4.3.1).
bool has_valid_session(const Controller& self, BrokerSlot broker, const Turn& turn) {
    const BrokerContact& contact = self.memory.contacts[index(broker)];
    const bool in_time =
        turn.now <= contact.last_contact + turn.configuration.controller_settings.broker_session_timeout;
    switch (dialect_of(self, turn.configuration).fencing_check) {
    case FencingCheck::at_session_end:
        return in_time && !self.memory.image.registrations[index(broker)].fenced;
    case FencingCheck::every_eighth_of_session:
        return in_time && contact.tracked;
    }
    return false;
}

/// Source: ClusterControlManager.registerBroker, QuorumController.registerBroker; semantics 4.4.5, 4.4.6,
/// 4.8.7.
/// Leaves out: features, listeners and cluster id.
void handle(Controller& self, sim::ConnectionId connection, const BrokerRegistrationRequest& request,
            Turn& turn) {
    BrokerRegistrationState& broker = self.memory.image.registrations[index(request.broker)];
    const bool new_incarnation = !broker.registered || broker.incarnation != request.incarnation;
    if (broker.registered && new_incarnation && has_valid_session(self, request.broker, turn)) {
        turn.note(fact::BrokerChanged{request.broker, BrokerEvent::registration_refused, broker.epoch});
        turn.ignore("DUPLICATE_BROKER_REGISTRATION: the former incarnation is in session");
        return reply_now(
            connection, BrokerRegistrationResponse{ErrorCode::duplicate_broker_registration, no_broker_epoch},
            turn);
    }
    BrokerContact& contact = self.memory.contacts[index(request.broker)];
    if (new_incarnation) {
        const bool reuses = dialect_of(self, turn.configuration).broken == BrokenRule::broker_epoch_reused;
        // Of the batch: records about partitions come first.
        const BrokerEpoch epoch{reuses ? broker.epoch.value : log_end_offset(self).value};
        leave_before_registering(self, request, turn);
        broker.registered = true;
        broker.incarnation = request.incarnation;
        broker.epoch = epoch;
        broker.fenced = true;
        broker.in_controlled_shutdown = false;
        contact = BrokerContact{turn.now, false, no_offset, no_offset};
    }
    contact.metadata_offset = no_offset;
    if (dialect_of(self, turn.configuration).fencing_check == FencingCheck::at_session_end)
        contact.last_contact = turn.now; // since 4.0 only heartbeats count
    broker.log_directory = request.log_directory;
    broker.offline_directories = request.offline_directories;
    // Replicas are taken to live in the directory that their broker registers with.
    for (BrokerSet& offline : self.memory.image.offline_directories)
        offline.remove(request.broker);
    broker.registration_offset = log_end_offset(self);
    write_broker(self, request.broker, BrokerEvent::registered, turn);
    reply_when_committed(self, connection, BrokerRegistrationResponse{ErrorCode::none, broker.epoch}, turn);
}

} // namespace kafka::parts
