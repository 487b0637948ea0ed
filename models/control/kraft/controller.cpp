#include "models/control/kraft/controller.hpp"

#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

namespace kafka {

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

Controller make_controller(const Configuration& configuration) {
    Controller self;
    Controller::Durable& durable = self.durable;
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        BrokerRegistrationState broker;
        broker.registered = true;
        broker.epoch = BrokerEpoch{static_cast<std::int64_t>(durable.log.size())};
        broker.registration_offset = Offset{broker.epoch.value};
        broker.incarnation = (static_cast<std::uint64_t>(i) << 32) + 1;
        broker.log_directory = static_cast<std::uint64_t>(i) + 1;
        broker.fenced = false;
        durable.committed.registrations.push_back(broker);
        durable.log.emplace_back(BrokerRecord{parts::slot_at(i), broker.epoch, false, false});
    }
    for (const TopicConfiguration& topic : configuration.topics)
        durable.committed.topics.push_back(topic.settings);
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        const Assignment& assignment = configuration.partitions[i].assignment;
        SIM_ASSERT(assignment.count > 0, "a partition has a replica");
        if (configuration.partitions[i].created_later) {
            durable.committed.partitions.push_back(not_yet_created());
            durable.committed.offline_directories.emplace_back();
            continue;
        }
        PartitionState state;
        state.leader = assignment.slots[0];
        state.isr = assignment.set();
        durable.committed.partitions.push_back(state);
        durable.committed.offline_directories.emplace_back();
        durable.log.emplace_back(PartitionRecord{parts::partition_at(i), state});
    }
    durable.high_watermark = log_end_offset(self);
    self.memory.image = durable.committed;
    return self;
}

void start(Controller& self, Turn& turn) {
    const bool first_start = !self.durable.told_creation;
    parts::forget_uncommitted(self, turn);
    self.memory = Controller::Volatile{};
    self.memory.image = self.durable.committed;
    // The brokers of a cluster that was healthy before time 0 have read all of it; later nobody has reported
    // yet.
    const Offset known = first_start ? next(log_end_offset(self), -1) : no_offset;
    for (const BrokerRegistrationState& broker : self.memory.image.registrations)
        self.memory.contacts.push_back(
            BrokerContact{turn.now, broker.registered && !broker.fenced, known, no_offset});
    if (first_start) note_created(self, turn);
    self.durable.told_creation = true;
    parts::begin_session_checks(self, first_start, turn);
    const BrokerSettings& settings = turn.configuration.controller_settings;
    if (settings.auto_leader_rebalance_enable)
        turn.after(settings.leader_imbalance_check_interval, parts::timer(ControllerTimer::rebalance));
    const bool retries = turn.configuration.controller_dialect.unclean_election_is_retried;
    if (retries && settings.unclean_leader_election_interval.micros > 0)
        turn.after(settings.unclean_leader_election_interval, parts::timer(ControllerTimer::unclean_retry));
}

void on(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (const auto* m = std::get_if<BrokerRegistrationRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<BrokerHeartbeatRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<AlterPartitionRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<MetadataFetchRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    if (const auto* m = std::get_if<AssignReplicasToDirsRequest>(&mail))
        return parts::handle(self, connection, *m, turn);
    turn.release(mail);
    turn.ignore("the controller serves no such request");
}

void on(Controller& self, const Disconnected& event, Turn& turn) {
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
    switch (static_cast<ControllerTimer>(timer.what)) {
    case ControllerTimer::commit:
        return parts::commit(self, turn);
    case ControllerTimer::session_check:
        return parts::check_sessions(self, turn);
    case ControllerTimer::fetch_expired:
        return parts::expire_fetch(self, timer.round, turn);
    case ControllerTimer::rebalance:
        return parts::rebalance_leaders(self, turn);
    case ControllerTimer::unclean_retry:
        return parts::retry_unclean_elections(self, turn);
    }
}

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
const std::vector<MetadataRecord>& initial_records(const Controller& self) { return self.durable.log; }
Offset log_end_offset(const Controller& self) {
    return Offset{static_cast<std::int64_t>(self.durable.log.size())};
}
Offset high_watermark(const Controller& self) { return self.durable.high_watermark; }

void check(const Controller& self) {
    SIM_ASSERT(self.durable.high_watermark <= log_end_offset(self), "what is committed is in the log");
    const bool clean = self.durable.high_watermark == log_end_offset(self);
    SIM_ASSERT(clean || self.memory.commit_is_scheduled, "what is appended will be committed");
    SIM_ASSERT(!clean || self.memory.image == self.durable.committed,
               "the images differ by what is not committed");
    SIM_ASSERT(!clean || self.memory.deferred.empty(), "answers wait only for a commit");
    check_image(self.durable.committed);
    check_image(self.memory.image);
}

} // namespace kafka
