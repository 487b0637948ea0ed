#include "models/control/zookeeper/store.hpp"
#include "models/control/zookeeper/nodes.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

namespace {

constexpr std::int32_t answer_bytes = 120;
using ensemble::all_watched;
using ensemble::fire;
using ensemble::place_of;

ZooKeeperSession* session_of(ZooKeeper& self, SessionId id) {
    const auto at = std::find_if(self.sessions.begin(), self.sessions.end(),
                                 [&](const ZooKeeperSession& one) { return one.id == id; });
    return at == self.sessions.end() ? nullptr : &*at;
}

/// The end of the tick in which the session's time-out falls. Source: ExpiryQueue.roundToNextInterval.
sim::SimTime expiry(const ZooKeeper& self, sim::Duration timeout, sim::SimTime now) {
    const std::int64_t tick = zookeeper_tick.micros;
    const std::int64_t at = (now + timeout).micros + self.tick_phase.micros;
    return sim::SimTime{(at / tick + 1) * tick - self.tick_phase.micros};
}

void await_expiry(ZooKeeper& self, Turn& turn) {
    sim::SimTime next = sim::SimTime::never();
    for (const ZooKeeperSession& one : self.sessions)
        next = std::min(next, one.expires);
    if (next == sim::SimTime::never()) return;
    turn.at(next, Timer{0, ++self.round, 0, 0});
}

/// The session's ephemeral nodes go with it. Source: DataTree.killSession.
void end_session(ZooKeeper& self, SessionId id, Turn& turn) {
    std::erase_if(self.sessions, [&](const ZooKeeperSession& one) { return one.id == id; });
    self.zxid += 1;
    for (std::size_t i = 0; i < self.registered.size(); ++i) {
        if (self.registered[i].session != id) continue;
        self.registered[i].session = no_session;
        const BrokerSlot broker{static_cast<std::int32_t>(i)};
        turn.note(fact::BrokerChanged{broker, BrokerEvent::fenced, self.registered[i].epoch});
        fire(self, ZooKeeperNodes::brokers, turn);
    }
    if (self.controller_session != id) return;
    self.controller = no_slot;
    self.controller_session = no_session;
    fire(self, ZooKeeperNodes::controller, turn);
}

void expire_sessions(ZooKeeper& self, Turn& turn) {
    std::vector<SessionId> ended;
    for (const ZooKeeperSession& one : self.sessions)
        if (one.expires <= turn.now) ended.push_back(one.id);
    for (const SessionId id : ended) {
        const sim::ConnectionId connection = session_of(self, id)->connection;
        end_session(self, id, turn);
        if (connection.valid()) turn.close(connection, sim::Side::server);
    }
    await_expiry(self, turn);
}

/// Source: ZooKeeperServer.processConnectRequest: a session that has ended is answered with a time-out of 0.
void connect(ZooKeeper& self, sim::ConnectionId connection, const ZooKeeperRequest& request, Turn& turn) {
    ZooKeeperResponse response{request.correlation,
                               request.call,
                               ZooKeeperError::none,
                               0,
                               no_slot,
                               no_epoch,
                               request.session,
                               no_broker_epoch,
                               {}};
    ZooKeeperSession* session = session_of(self, request.session);
    if (session == nullptr && request.session != no_session) {
        response.error = ZooKeeperError::session_expired;
        turn.send(connection, sim::Side::server, response, answer_bytes);
        return;
    }
    if (session == nullptr) {
        const sim::Duration timeout = std::clamp(request.timeout, zookeeper_tick * 2, zookeeper_tick * 20);
        self.zxid += 1;
        self.sessions.push_back({SessionId{self.zxid}, request.broker, connection, timeout, {}, 0});
        session = &self.sessions.back();
        session->expires = expiry(self, timeout, turn.now);
        await_expiry(self, turn);
    }
    const sim::ConnectionId former = session->connection;
    session->connection = connection;
    session->watches = 0; // the client sets them again
    session->expires = expiry(self, session->timeout, turn.now);
    response.session = session->id;
    if (former.valid() && former != connection) turn.close(former, sim::Side::server);
    turn.send(connection, sim::Side::server, response, answer_bytes);
}

/// Source: KafkaZkClient.registerBroker, CheckedEphemeral; broker epoch = czxid (KIP-380).
ZooKeeperError register_broker(ZooKeeper& self, const ZooKeeperRequest& request, Turn& turn) {
    RegisteredBroker& broker = self.registered[place_of(request.broker)];
    if (broker.session == request.session) return ZooKeeperError::none; // asked again after a lost answer
    if (broker.session != no_session) {
        turn.note(fact::BrokerChanged{request.broker, BrokerEvent::registration_refused, broker.epoch});
        turn.ignore("NODEEXISTS: the session of the broker's former process has not ended");
        return ZooKeeperError::node_exists;
    }
    self.zxid += 1;
    broker = {request.session, BrokerEpoch{self.zxid}, request.incarnation};
    turn.note(fact::BrokerChanged{request.broker, BrokerEvent::registered, broker.epoch});
    turn.note(fact::BrokerChanged{request.broker, BrokerEvent::unfenced, broker.epoch});
    fire(self, ZooKeeperNodes::brokers, turn);
    return ZooKeeperError::none;
}

/// Source: KafkaZkClient.registerControllerAndIncrementControllerEpoch (2.2); two writes before.
void elect_controller(ZooKeeper& self, ZooKeeperSession& session, Turn& turn) {
    session.watches |= bit(ZooKeeperNodes::controller);
    if (self.controller != no_slot) return;
    self.zxid += 1;
    self.controller = session.broker;
    self.controller_session = session.id;
    self.controller_epoch = next(self.controller_epoch);
    session.watches |= bit(ZooKeeperNodes::controller);
    const SessionId own = session.id;
    for (ZooKeeperSession& one : self.sessions) { // who created it need not be told of it
        if (one.id == own || (one.watches & bit(ZooKeeperNodes::controller)) == 0) continue;
        one.watches &= static_cast<std::uint8_t>(all_watched ^ bit(ZooKeeperNodes::controller));
        if (one.connection.valid())
            turn.send(one.connection, sim::Side::server, ZooKeeperEvent{ZooKeeperNodes::controller}, 60);
    }
}

/// One state node: written only in the version that the writer knows.
AlterPartitionAnswer::Entry write_partition(ZooKeeper& self, const PartitionRecord& record, Turn& turn) {
    PartitionState& state = self.partitions[place_of(record.partition)];
    const bool creates = !exists(state) && record.cause == ChangeCause::created;
    const bool fits = creates || (exists(state) && state.partition_epoch == record.state.partition_epoch);
    AlterPartitionAnswer::Entry answer{record.partition, ErrorCode::none, {}, {}, {}, {}};
    if (fits) {
        self.zxid += 1;
        PartitionState written = record.state;
        written.partition_epoch = creates ? PartitionEpoch{0} : next(record.state.partition_epoch);
        written.replicas = state.replicas; // they stand in the topic's node
        written.adding = state.adding;
        written.removing = state.removing;
        state = written;
        turn.note(fact::PartitionChanged{record.partition, state.leader, state.leader_epoch,
                                         state.partition_epoch, state.isr, state.elr, state.last_known_elr,
                                         record.cause, record.unclean});
    } else {
        answer.error = ErrorCode::invalid_update_version; // BADVERSION
    }
    answer.leader = state.leader;
    answer.leader_epoch = state.leader_epoch;
    answer.partition_epoch = state.partition_epoch;
    answer.isr = state.isr;
    return answer;
}

/// Whether another controller has counted /controller_epoch since.
bool has_moved(const ZooKeeper& self, const ZooKeeperRequest& request, const Turn& turn) {
    return request.controller_epoch != no_epoch &&
           turn.configuration.controller_dialect.zookeeper.writes_check_controller &&
           request.controller_epoch != self.controller_epoch;
}

ZooKeeperError write_partitions(ZooKeeper& self, const ZooKeeperRequest& request, SlabHandle& answers,
                                Turn& turn) {
    const std::vector<MetadataRecord> records = turn.slabs().metadata_records.open(request.content).records;
    turn.slabs().metadata_records.release(request.content);
    if (has_moved(self, request, turn)) return ZooKeeperError::controller_moved;
    answers = turn.slabs().alter_partition_answer.acquire();
    for (const MetadataRecord& record : records) {
        const AlterPartitionAnswer::Entry answer =
            write_partition(self, std::get<PartitionRecord>(record), turn);
        turn.slabs().alter_partition_answer.open(answers).entries.push_back(answer);
        const bool moving = is_reassigning(self.partitions[place_of(answer.partition)]);
        if (moving && request.controller_epoch == no_epoch) fire(self, ZooKeeperNodes::moving, turn);
    }
    return ZooKeeperError::none;
}

/// What the controller writes beside state nodes.
ZooKeeperError write_others(ZooKeeper& self, ZooKeeperSession& session, const ZooKeeperRequest& request,
                            Turn& turn) {
    const std::vector<MetadataRecord> records = turn.slabs().metadata_records.open(request.content).records;
    turn.slabs().metadata_records.release(request.content);
    if (has_moved(self, request, turn)) return ZooKeeperError::controller_moved;
    self.zxid += 1;
    for (const MetadataRecord& record : records) {
        if (const auto* assigned = std::get_if<PartitionRecord>(&record)) {
            ensemble::assign(self, *assigned, turn);
            // Source: PartitionReassignmentIsrChangeHandler, where leaders write state nodes.
            if (is_reassigning(assigned->state)) session.watches |= bit(ZooKeeperNodes::moving);
        } else {
            ensemble::clear(self, std::get<AdminNodeRecord>(record), request.call, turn);
        }
    }
    return ZooKeeperError::none;
}

void notify_isr_changes(ZooKeeper& self, const ZooKeeperRequest& request, Turn& turn) {
    for (const MetadataRecord& record : turn.slabs().metadata_records.open(request.content).records) {
        const PartitionIndex partition = std::get<PartitionRecord>(record).partition;
        const auto at = std::lower_bound(self.isr_changes.begin(), self.isr_changes.end(), partition);
        if (at == self.isr_changes.end() || *at != partition) self.isr_changes.insert(at, partition);
    }
    turn.slabs().metadata_records.release(request.content);
    self.zxid += 1;
    fire(self, ZooKeeperNodes::isr_changes, turn);
}

SlabHandle read(ZooKeeper& self, ZooKeeperSession& session, const ZooKeeperRequest& request, Turn& turn) {
    session.watches |= request.nodes;
    const SlabHandle handle = turn.slabs().metadata_records.acquire();
    turn.slabs().metadata_records.open(handle).records = describe(self, request.nodes);
    if ((request.nodes & bit(ZooKeeperNodes::isr_changes)) != 0) self.isr_changes.clear(); // and deletes them
    if ((request.nodes & bit(ZooKeeperNodes::directories)) != 0) self.directory_events.clear();
    return handle;
}

void serve(ZooKeeper& self, ZooKeeperSession& session, const ZooKeeperRequest& request, Turn& turn) {
    const sim::ConnectionId connection = session.connection;
    ZooKeeperResponse response{request.correlation, request.call,    ZooKeeperError::none,
                               request.nodes,       no_slot,         no_epoch,
                               request.session,     no_broker_epoch, {}};
    switch (request.call) {
    case ZooKeeperCall::connect:
    case ZooKeeperCall::ping:
        break;
    case ZooKeeperCall::close:
        end_session(self, request.session, turn);
        break;
    case ZooKeeperCall::register_broker:
        response.error = register_broker(self, request, turn);
        response.epoch = self.registered[place_of(request.broker)].epoch;
        break;
    case ZooKeeperCall::elect_controller:
        elect_controller(self, session, turn);
        response.controller = self.controller;
        response.controller_epoch = self.controller_epoch;
        break;
    case ZooKeeperCall::read:
        response.content = read(self, session, request, turn);
        break;
    case ZooKeeperCall::write_partitions:
        response.error = write_partitions(self, request, response.content, turn);
        break;
    case ZooKeeperCall::notify_isr_changes:
        notify_isr_changes(self, request, turn);
        break;
    case ZooKeeperCall::write_assignments:
    case ZooKeeperCall::delete_topics:
    case ZooKeeperCall::clear_admin_nodes:
        response.error = write_others(self, session, request, turn);
        break;
    case ZooKeeperCall::notify_directory:
        self.zxid += 1;
        self.directory_events.push_back(request.broker);
        fire(self, ZooKeeperNodes::directories, turn);
        break;
    }
    turn.send(connection, sim::Side::server, response, answer_bytes);
}

} // namespace

ZooKeeper make_zookeeper(const Configuration& configuration) {
    ZooKeeper self;
    self.partitions.resize(configuration.partitions.size(), not_yet_created());
    self.assigned.resize(configuration.partitions.size(), 0);
    self.broker_settings.resize(configuration.brokers.size(), -1);
    for (const TopicConfiguration& topic : configuration.topics)
        self.topics.push_back(topic.settings);
    for (std::size_t i = 0; i < configuration.brokers.size(); ++i) {
        const auto slot = static_cast<std::int32_t>(i);
        self.zxid += 1;
        const sim::Duration timeout = std::clamp(configuration.brokers[i].settings.zookeeper_session_timeout,
                                                 zookeeper_tick * 2, zookeeper_tick * 20);
        self.sessions.push_back({SessionId{self.zxid}, BrokerSlot{slot}, {}, timeout, {}, 0});
        const auto number = static_cast<std::uint64_t>(i);
        self.registered.push_back({SessionId{self.zxid}, BrokerEpoch{self.zxid}, (number << 32) + 1});
        if (!configuration.brokers[i].absent) continue;
        self.sessions.pop_back();
        self.registered.back() = RegisteredBroker{};
    }
    self.controller = configuration.first_controller;
    self.controller_session = self.registered[place_of(self.controller)].session;
    self.controller_epoch = Epoch{1};
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i) {
        if (configuration.partitions[i].created_later) continue;
        const Assignment& assignment = configuration.partitions[i].assignment;
        SIM_ASSERT(assignment.count > 0, "a partition has a replica");
        PartitionState state;
        state.leader = assignment.slots[0];
        state.isr = assignment.set();
        self.partitions[i] = state;
        self.assigned[i] = 1;
    }
    return self;
}

void start(ZooKeeper& self, Turn& turn) {
    if (!self.told_creation) {
        self.tick_phase = sim::Duration{static_cast<std::int64_t>(sim::below(
            turn.draw(Purpose::zookeeper_tick, 0), static_cast<std::uint64_t>(zookeeper_tick.micros)))};
        for (std::size_t i = 0; i < self.partitions.size(); ++i) {
            const PartitionState& state = self.partitions[i];
            if (!exists(state)) continue;
            turn.note(fact::PartitionChanged{PartitionIndex{static_cast<std::int32_t>(i)}, state.leader,
                                             state.leader_epoch, state.partition_epoch, state.isr, state.elr,
                                             state.last_known_elr, ChangeCause::created, false});
        }
    }
    self.told_creation = true;
    for (ZooKeeperSession& one : self.sessions) // Source: SessionTrackerImpl, of a server that begins to lead
        one.expires = expiry(self, one.timeout, turn.now);
    await_expiry(self, turn);
}

void forget_memory(ZooKeeper& self) {
    for (ZooKeeperSession& one : self.sessions) {
        one.connection = sim::no_connection;
        one.watches = 0;
    }
}

void on(ZooKeeper& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    const auto* request = std::get_if<ZooKeeperRequest>(&mail);
    if (request == nullptr) {
        turn.release(mail);
        return turn.ignore("ZooKeeper serves no such request");
    }
    if (request->call == ZooKeeperCall::connect) return connect(self, connection, *request, turn);
    ZooKeeperSession* session = session_of(self, request->session);
    if (session == nullptr || session->connection != connection) {
        turn.release(mail);
        turn.ignore("the session has ended");
        turn.send(connection, sim::Side::server,
                  ZooKeeperResponse{request->correlation,
                                    request->call,
                                    ZooKeeperError::session_expired,
                                    0,
                                    no_slot,
                                    no_epoch,
                                    request->session,
                                    no_broker_epoch,
                                    {}},
                  answer_bytes);
        return;
    }
    session->expires = expiry(self, session->timeout, turn.now);
    serve(self, *session, *request, turn);
}

void on(ZooKeeper& self, const Disconnected& event, Turn& turn) {
    for (ZooKeeperSession& one : self.sessions)
        if (one.connection == event.connection) one.connection = sim::no_connection;
    turn.close(event.connection, sim::Side::server);
}

void on(ZooKeeper& self, const Timer& timer, Turn& turn) {
    if (timer.round != self.round) return turn.ignore("stale timer");
    expire_sessions(self, turn);
}

void check(const ZooKeeper& self) {
    for (const PartitionState& state : self.partitions) {
        if (!exists(state)) continue;
        SIM_ASSERT(state.leader == no_slot || state.isr.has(state.leader), "a leader is a member of the ISR");
        SIM_ASSERT(state.leader_epoch.value <= state.partition_epoch.value,
                   "a leader epoch comes with a write");
    }
    const bool held = self.controller_session != no_session;
    SIM_ASSERT(held == (self.controller != no_slot), "an ephemeral node has a session");
}

} // namespace kafka
