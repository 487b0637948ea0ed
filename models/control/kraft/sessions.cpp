#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

sim::Duration session_timeout(const Turn& turn) {
    return turn.configuration.controller_settings.broker_session_timeout;
}

sim::Duration period(const Turn& turn) { return std::max(session_timeout(turn) / 8, sim::milliseconds(1)); }

/// The broker that has been silent longest of those whose session has ended; no_slot when all are in session.
BrokerSlot stalest_broker(const Controller& self, const Turn& turn) {
    BrokerSlot stalest = no_slot;
    for (std::size_t i = 0; i < self.memory.contacts.size(); ++i) {
        const BrokerRegistrationState& broker = self.memory.image.registrations[i];
        if (!broker.registered || broker.fenced || has_valid_session(self, slot_at(i), turn)) continue;
        const sim::SimTime silent_since = self.memory.contacts[i].last_contact;
        if (stalest == no_slot || silent_since < self.memory.contacts[index(stalest)].last_contact)
            stalest = slot_at(i);
    }
    return stalest;
}

/// 2.8: records of one pass are all decided on the state before it. 1. Brokers 1 and 2 are stale. 2. The
/// record that takes out 1 makes 2 the leader. 3. The record that takes out 2 knows nothing of it: 1 is in
/// the ISR, and leads, again, although it is fenced (KAFKA-13173).
/// Source: ReplicationControlManager.maybeFenceStaleBrokers (2.8).
void fence_knowing_the_past(Controller& self, BrokerSlot stale, const std::vector<PartitionState>& before,
                            BrokerSet fenced, Turn& turn) {
    ControllerImage& image = self.memory.image;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (!before[i].isr.has(stale)) continue;
        image.partitions[i].isr = before[i].isr;
        image.partitions[i].leader = before[i].leader;
    }
    for (BrokerSlot one = fenced.first(); one != no_slot; one = fenced.after(one))
        image.registrations[index(one)].fenced = false;
    fence(self, stale, turn);
    for (BrokerSlot one = fenced.first(); one != no_slot; one = fenced.after(one))
        image.registrations[index(one)].fenced = true;
}

/// To 3.9: fences every broker whose session has ended, the one that was silent longest first, and sleeps
/// until the next session would end. Since 3.0 each fencing is decided on what the one before wrote.
/// Source: QuorumController.rescheduleMaybeFenceStaleBrokers, BrokerHeartbeatManager.findOneStaleBroker
/// (3.9.2).
void fence_at_session_end(Controller& self, Turn& turn) {
    self.memory.session_check_is_scheduled = false;
    const bool one_by_one = dialect_of(self, turn.configuration).quorum.fences_one_by_one;
    const std::vector<PartitionState> before =
        one_by_one ? std::vector<PartitionState>{} : self.memory.image.partitions;
    BrokerSet fenced;
    for (std::size_t bound = 0; bound <= self.memory.contacts.size(); ++bound) {
        const BrokerSlot stalest = stalest_broker(self, turn);
        if (stalest == no_slot) break;
        if (one_by_one)
            fence(self, stalest, turn);
        else
            fence_knowing_the_past(self, stalest, before, fenced, turn);
        fenced.add(stalest);
    }
    schedule_session_check(self, turn);
}

/// Since 4.0: a periodic task looks for one broker whose session has ended; after a hit it runs again in 10
/// ms. An entry that ends is dropped and its broker fenced, even when it was fenced before: a broker that was
/// shut down gets a second record at the end of its session (reference/real/R08.json).
/// Source: ReplicationControlManager.maybeFenceOneStaleBroker and
/// BrokerHeartbeatTracker.maybeRemoveExpired (4.3.1).
/// Leaves out: the order of a hash map; the lowest slot goes first.
void fence_one(Controller& self, Turn& turn) {
    for (std::size_t i = 0; i < self.memory.contacts.size(); ++i) {
        BrokerContact& contact = self.memory.contacts[i];
        if (!contact.tracked || has_valid_session(self, slot_at(i), turn)) continue;
        contact.tracked = false;
        fence(self, slot_at(i), turn);
        turn.after(immediate_period, timer(ControllerTimer::session_check, self.memory.term));
        return;
    }
    turn.after(period(turn), timer(ControllerTimer::session_check, self.memory.term));
}

} // namespace

/// The phase of the periodic task against time 0 is a draw, because the cluster has been running before.
/// Source: QuorumController.maybeFenceStaleBrokerPeriodNs, PeriodicTaskControlManager.activate.
void begin_session_checks(Controller& self, bool first_start, Turn& turn) {
    switch (dialect_of(self, turn.configuration).fencing_check) {
    case FencingCheck::at_session_end:
        return schedule_session_check(self, turn);
    case FencingCheck::every_eighth_of_session: {
        sim::Duration phase;
        if (first_start)
            phase.micros = static_cast<std::int64_t>(sim::below(
                turn.draw(Purpose::fencing_phase, 0), static_cast<std::uint64_t>(period(turn).micros)));
        turn.after(period(turn) + phase, timer(ControllerTimer::session_check, self.memory.term));
        return;
    }
    }
}

void check_sessions(Controller& self, Turn& turn) {
    if (dialect_of(self, turn.configuration).broken == BrokenRule::brokers_are_never_fenced) return;
    switch (dialect_of(self, turn.configuration).fencing_check) {
    case FencingCheck::at_session_end:
        return fence_at_session_end(self, turn);
    case FencingCheck::every_eighth_of_session:
        return fence_one(self, turn);
    }
}

/// A check that is scheduled already comes no later than the end of any session that begins meanwhile.
void schedule_session_check(Controller& self, Turn& turn) {
    if (dialect_of(self, turn.configuration).fencing_check != FencingCheck::at_session_end) return;
    if (self.memory.session_check_is_scheduled) return;
    sim::SimTime silent_since = sim::SimTime::never();
    for (std::size_t i = 0; i < self.memory.contacts.size(); ++i) {
        const BrokerRegistrationState& broker = self.memory.image.registrations[i];
        if (broker.registered && !broker.fenced)
            silent_since = std::min(silent_since, self.memory.contacts[i].last_contact);
    }
    if (silent_since == sim::SimTime::never()) return; // nobody has a session
    self.memory.session_check_is_scheduled = true;
    // A session holds up to and including its last microsecond.
    turn.at(silent_since + session_timeout(turn) + sim::microseconds(1),
            timer(ControllerTimer::session_check, self.memory.term));
}

} // namespace kafka::parts
