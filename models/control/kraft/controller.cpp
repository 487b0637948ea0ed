#include "models/control/kraft/controller.hpp"

#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

namespace kafka {

const Dialect& dialect_of(const Controller& self, const Configuration& configuration) {
    if (configuration.later_controllers.empty()) return configuration.controller_dialect;
    return later_dialect(configuration.later_controllers, configuration.controller_dialect, self.upgraded_by,
                         self.memory.image.finalized);
}

namespace {

using parts::index;

void note_created(const Controller& self, Turn& turn) {
    for (std::size_t i = 0; i < self.durable.committed.partitions.size(); ++i) {
        const PartitionState& state = self.durable.committed.partitions[i];
        if (!exists(state)) continue;
        turn.note(fact::PartitionChanged{parts::partition_at(i), state.leader, state.leader_epoch,
                                         state.partition_epoch, state.isr, state.elr, state.last_known_elr,
                                         ChangeCause::created, false});
    }
}

void check_image(const Controller::Image& image) {
    for (const PartitionState& state : image.partitions) {
        SIM_ASSERT(state.leader == no_slot || state.isr.has(state.leader), "a leader is a member of the ISR");
        SIM_ASSERT((state.isr & state.elr).empty(), "no eligible leader replica is in the ISR");
        SIM_ASSERT(state.leader_epoch.value <= state.partition_epoch.value,
                   "a leader epoch comes with a record");
    }
}

} // namespace

Controller make_controller(const Configuration& configuration, Voter voter) {
    Controller self;
    self.voter = voter;
    Controller::Durable& durable = self.durable;
    durable.election = {Epoch{1}, Voter{0}, no_voter};
    durable.committed = empty_image(configuration);
    const auto write = [&](const MetadataRecord& record) {
        append(durable.log, record, durable.election.epoch);
        apply(durable.committed, record);
    };
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        const Offset offset = log_end_offset(self);
        const auto number = static_cast<std::uint64_t>(i);
        if (configuration.brokers[i].absent) continue; // it registers when it is started
        write(BrokerRecord{parts::slot_at(i), BrokerEpoch{offset.value}, false, false, (number << 32) + 1,
                           number + 1, offset, BrokerEvent::registered});
    }
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        const Assignment& assignment = configuration.partitions[i].assignment;
        SIM_ASSERT(assignment.count > 0, "a partition has a replica");
        if (configuration.partitions[i].created_later) continue;
        PartitionState state;
        state.leader = assignment.slots[0];
        state.isr = assignment.set();
        write(PartitionRecord{parts::partition_at(i), state, {}, ChangeCause::created, false});
    }
    durable.drained = durable.high_watermark = log_end_offset(self);
    self.memory.image = durable.committed;
    return self;
}

void start(Controller& self, Turn& turn) {
    const bool first_start = !self.durable.told_creation;
    parts::forget_uncommitted(self, false, turn);
    parts::release_waiting(self, turn);
    self.memory = Controller::Volatile{};
    self.halted = false;
    self.memory.image = self.durable.committed;
    self.memory.quorum.clock = fresh_view(turn);
    if (first_start && self.voter == Voter{0}) note_created(self, turn);
    self.durable.told_creation = true;
    if (parts::is_alone(turn)) return parts::activate(self, first_start, turn);
    const sim::Duration interval = turn.configuration.controller_settings.quorum.snapshot_interval;
    if (interval.micros > 0) turn.after(interval, parts::timer(ControllerTimer::snapshot));
    parts::start_voter(self, first_start, turn);
    if (self.memory.quorum.role == QuorumRole::leader) parts::activate(self, first_start, turn);
}

bool begin_shutdown(Controller& self, Turn& turn) {
    if (parts::is_alone(turn)) return false;
    QuorumMemory& quorum = self.memory.quorum;
    if (quorum.role == QuorumRole::follower) return false; // somebody else leads: nothing to hand over
    quorum.ending = true;
    if (quorum.role == QuorumRole::leader) parts::resign(self, turn);
    // Source: KafkaRaftManager.shutdown waits 5 s.
    parts::set_role_timer(self, sim::seconds(5), turn);
    return true;
}

bool is_over(const Controller& self) { return self.memory.quorum.over; }

void forget_memory(Controller& self, Turn& turn) {
    parts::forget_uncommitted(self, false, turn);
    parts::release_waiting(self, turn);
    self.memory = Controller::Volatile{};
    self.memory.image = self.durable.committed;
}

void wipe_disk(Controller& self, Turn& turn) {
    self.durable = Controller::Durable{};
    self.durable.committed = empty_image(turn.configuration);
    self.durable.told_creation = true;
    self.memory.image = self.durable.committed;
}

namespace {

/// A request that only the active controller serves.
/// Source: QuorumController.ControllerWriteEvent (NotControllerException).
bool is_refused(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (self.memory.active) return false;
    turn.release(mail);
    const ErrorCode error = ErrorCode::not_controller;
    if (std::holds_alternative<BrokerRegistrationRequest>(mail))
        parts::reply_now(connection, BrokerRegistrationResponse{error, no_broker_epoch}, turn);
    else if (std::holds_alternative<BrokerHeartbeatRequest>(mail))
        parts::reply_now(connection, BrokerHeartbeatResponse{error}, turn);
    else if (std::holds_alternative<AlterPartitionRequest>(mail))
        parts::reply_now(connection, AlterPartitionResponse{error, {}}, turn);
    else if (std::holds_alternative<AssignReplicasToDirsRequest>(mail))
        parts::reply_now(connection, AssignReplicasToDirsResponse{error}, turn);
    return true;
}

bool is_due_again(const Controller& self, const Timer& timer) { return timer.round == self.memory.term; }

void on_quorum_timer(Controller& self, const Timer& timer, Turn& turn) {
    const auto what = static_cast<ControllerTimer>(timer.what);
    if (what == ControllerTimer::peer_timeout || what == ControllerTimer::peer_retry)
        return parts::on_peer_timer(self, timer, turn);
    if (what == ControllerTimer::snapshot) {
        parts::take_snapshot(self);
        turn.after(turn.configuration.controller_settings.quorum.snapshot_interval, timer);
        return;
    }
    if (timer.round != self.memory.quorum.round) return turn.ignore("a timer of an earlier role");
    if (what == ControllerTimer::begin_epoch) return parts::begin_epoch(self, turn);
    const bool of_role = what == ControllerTimer::role;
    if (turn.now < (of_role ? self.memory.quorum.due : self.memory.quorum.check_due))
        return turn.ignore("a time-out that comes later: the clock was set back, or the disk hung");
    if (what == ControllerTimer::check_quorum) return parts::resign(self, turn);
    if (self.memory.quorum.ending) self.memory.quorum.over = true;
    parts::on_role_timer(self, turn);
}

} // namespace

namespace parts {

void take(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (parts::on_peer(self, connection, mail, turn)) return;
    if (const auto* m = std::get_if<MetadataFetchRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<VoteRequest>(&mail)) return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<BeginQuorumEpochRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<EndQuorumEpochRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (is_refused(self, connection, mail, turn)) return;
    if (const auto* m = std::get_if<BrokerRegistrationRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<BrokerHeartbeatRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<AlterPartitionRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<AssignReplicasToDirsRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    turn.release(mail);
    turn.ignore("the controller serves no such request");
}

} // namespace parts

void on(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (!parts::held_for_disk(self, connection, mail, turn)) parts::take(self, connection, mail, turn);
}

void on(Controller& self, const Connected& event, Turn& turn) {
    Peer* peer = parts::peer_on(self, event.connection);
    if (peer == nullptr) return turn.close(event.connection, sim::Side::client);
    peer->channel.state = Channel::State::ready;
    parts::talk_to(self, Voter{static_cast<std::int32_t>(peer - self.memory.quorum.peers.data())}, turn);
}

void on(Controller& self, const Refused& event, Turn& turn) {
    if (Peer* peer = parts::peer_on(self, event.connection)) parts::peer_lost(self, *peer, turn);
}

void on(Controller& self, const Disconnected& event, Turn& turn) {
    if (Peer* peer = parts::peer_on(self, event.connection)) return parts::peer_lost(self, *peer, turn);
    std::erase_if(self.memory.parked, [&](const ParkedFetch& fetch) {
        if (fetch.connection != event.connection) return false;
        turn.cancel(fetch.timer);
        return true;
    });
    std::erase_if(self.memory.deferred, [&](const DeferredReply& reply) {
        if (reply.connection != event.connection) return false;
        turn.release(reply.mail);
        return true;
    });
}

void on(Controller& self, const Timer& timer, Turn& turn) {
    if (timer.what == static_cast<std::uint8_t>(ControllerTimer::disk_ready))
        return parts::go_on_after_disk(self, turn);
    if (!parts::held_for_disk(self, timer, turn)) parts::take(self, timer, turn);
}

namespace parts {

void take(Controller& self, const Timer& timer, Turn& turn) {
    const auto what = static_cast<ControllerTimer>(timer.what);
    if (what == ControllerTimer::fetch_expired) return parts::expire_fetch(self, timer.round, turn);
    if (what >= ControllerTimer::role && what != ControllerTimer::idle)
        return on_quorum_timer(self, timer, turn);
    if (!self.memory.active || !is_due_again(self, timer))
        return turn.ignore("a timer of an earlier activity");
    switch (what) {
    case ControllerTimer::commit:
        return parts::drain(self, turn);
    case ControllerTimer::session_check:
        return parts::check_sessions(self, turn);
    case ControllerTimer::rebalance:
        return parts::rebalance_leaders(self, turn);
    case ControllerTimer::unclean_retry:
        return parts::retry_unclean_elections(self, turn);
    case ControllerTimer::idle:
        return parts::write_idle_record(self, turn);
    case ControllerTimer::fetch_expired:
    case ControllerTimer::role:
    case ControllerTimer::check_quorum:
    case ControllerTimer::begin_epoch:
    case ControllerTimer::peer_timeout:
    case ControllerTimer::peer_retry:
    case ControllerTimer::snapshot:
    case ControllerTimer::disk_ready:
        return;
    }
}

} // namespace parts

const PartitionState& partition_state(const Controller& self, PartitionIndex partition) {
    return self.durable.committed.partitions[index(partition)];
}
const PartitionState& decided_partition_state(const Controller& self, PartitionIndex partition) {
    return self.memory.image.partitions[index(partition)];
}
const BrokerRegistrationState& registration(const Controller& self, BrokerSlot broker) {
    return self.durable.committed.registrations[index(broker)];
}
bool is_active(const Controller& self, BrokerSlot broker) {
    const BrokerRegistrationState& state = registration(self, broker);
    return state.registered && !state.fenced && !state.in_controlled_shutdown;
}
const std::vector<MetadataRecord>& initial_records(const Controller& self) {
    return self.durable.log.records;
}
Offset log_end_offset(const Controller& self) { return end_offset(self.durable.log); }
Offset high_watermark(const Controller& self) { return self.durable.high_watermark; }

void check(const Controller& self) {
    const Controller::Durable& durable = self.durable;
    SIM_ASSERT(durable.high_watermark <= durable.drained, "what is committed is flushed");
    SIM_ASSERT(durable.drained <= log_end_offset(self), "what is flushed is in the log");
    const bool clean = durable.high_watermark == log_end_offset(self);
    const bool drained = durable.drained == log_end_offset(self);
    SIM_ASSERT(drained || self.memory.commit_is_scheduled, "what is appended will be flushed");
    SIM_ASSERT(!clean || !self.memory.active || self.memory.image == durable.committed,
               "the images differ by what is not committed");
    SIM_ASSERT(!clean || self.memory.deferred.empty(), "answers wait only for a commit");
    check_image(durable.committed);
    check_image(self.memory.image);
}

} // namespace kafka
