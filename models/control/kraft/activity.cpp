#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

namespace kafka::parts {

void activate(Controller& self, bool first_start, Turn& turn) {
    Controller::Volatile& memory = self.memory;
    SIM_ASSERT(!memory.active, "a controller is activated once");
    memory.active = true;
    memory.image = self.durable.committed;
    if (!is_alone(turn)) {
        memory.term += 1;
        turn.note(fact::ControllerActivated{self.voter, self.durable.election.epoch, true});
    }
    // The brokers of a cluster that was healthy before time 0 have read all of it; later nobody has reported
    // yet.
    const Offset known = first_start ? next(log_end_offset(self), -1) : no_offset;
    memory.contacts.clear();
    for (const BrokerRegistrationState& broker : memory.image.registrations)
        memory.contacts.push_back(
            BrokerContact{turn.now, broker.registered && !broker.fenced, known, no_offset});
    begin_session_checks(self, first_start, turn);
    const BrokerSettings& settings = turn.configuration.controller_settings;
    if (settings.auto_leader_rebalance_enable)
        turn.after(settings.leader_imbalance_check_interval, timer(ControllerTimer::rebalance, memory.term));
    const bool retries = dialect_of(self, turn.configuration).unclean_election_is_retried;
    if (retries && settings.unclean_leader_election_interval.micros > 0)
        turn.after(settings.unclean_leader_election_interval,
                   timer(ControllerTimer::unclean_retry, memory.term));
    if (is_alone(turn) || settings.metadata_max_idle_interval.micros <= 0) return;
    sim::Duration idle = settings.metadata_max_idle_interval;
    if (first_start) // the cluster has been running before: the phase is a draw
        idle.micros = static_cast<std::int64_t>(
            sim::below(turn.draw(Purpose::idle_phase, 0), static_cast<std::uint64_t>(idle.micros)));
    turn.after(idle, timer(ControllerTimer::idle, memory.term));
}

void deactivate(Controller& self, Turn& turn) {
    if (!self.memory.active) return;
    self.memory.active = false;
    self.memory.commit_is_scheduled = false;
    self.memory.session_check_is_scheduled = false;
    forget_uncommitted(self, true, turn);
    self.memory.image = self.durable.committed;
    turn.note(fact::ControllerActivated{self.voter, self.durable.election.epoch, false});
}

/// So that followers learn of the last high watermark, and clients of a controller that cannot commit.
/// Source: QuorumController.registerWriteNoOpRecord (metadata.max.idle.interval.ms, KIP-835, 3.3).
void write_idle_record(Controller& self, Turn& turn) {
    append(self, NoOpRecord{}, turn);
    turn.after(turn.configuration.controller_settings.metadata_max_idle_interval,
               timer(ControllerTimer::idle, self.memory.term));
}

} // namespace kafka::parts
