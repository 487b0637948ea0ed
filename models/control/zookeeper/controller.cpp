#include "models/control/zookeeper/controller.hpp"

#include "models/control/zookeeper/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

namespace {

using zookeeper::Around;
using zookeeper::decide_and_write;
using zookeeper::end_event;
using zookeeper::index;
using What = ControllerEventKind;

/// Source: KafkaController.onControllerFailover: scheduleAutoLeaderRebalanceTask(delay = 5 s).
constexpr sim::Duration first_rebalance = sim::seconds(5);

void read_nodes(std::uint8_t nodes, const Around& around, Turn& turn) {
    ZooKeeperPending pending;
    pending.request.call = ZooKeeperCall::read;
    pending.request.nodes = nodes;
    pending.of = CallOf::controller;
    ask(around.client, around.self, std::move(pending), turn);
}

/// New brokers hear of everything, then get their roles. Source: KafkaController.onBrokerStartup.
void take_in(ZooKeeperController& self, BrokerSet added, Turn& turn) {
    const BrokerSet live = zookeeper::live_brokers(self);
    const std::vector<PartitionIndex> known = zookeeper::known_partitions(self);
    zookeeper::order_metadata(self, live - added, {}, turn);
    zookeeper::order_metadata(self, added, known, turn);
    zookeeper::order_roles(self, added, known, turn);
}

/// Everything of this kind is written.
void go_on(ZooKeeperController& self, const Around& around, Turn& turn) {
    ControllerTask& task = *self.task;
    switch (task.event.kind) {
    case What::brokers_changed: {
        if (task.deciding != DecisionKind::leaderless && !task.gone.empty()) {
            if (!task.told) zookeeper::order_metadata(self, zookeeper::live_brokers(self), {}, turn);
            zookeeper::fail_deletions(self, turn);
        }
        if (task.deciding == DecisionKind::leaderless) { // and the new ones are there
            zookeeper::resume_reassignments(self, task.added, turn);
            zookeeper::resume_deletions_on(self, task.added, turn);
        }
        if (task.deciding == DecisionKind::leaderless || task.added.empty()) break;
        for (BrokerSlot slot = task.added.first(); slot != no_slot; slot = task.added.after(slot)) {
            self.live[index(slot)] = task.epochs[index(slot)];
            zookeeper::open_channel(self, slot);
        }
        take_in(self, task.added, turn);
        return decide_and_write(self, DecisionKind::leaderless, around, turn);
    }
    case What::reassign:
    case What::reassignment_resumed:
        return zookeeper::go_on_reassigning(self, around, turn);
    case What::delete_topic:
        return zookeeper::go_on_deleting(self, around, turn);
    case What::alter_partition:
        zookeeper::answer_changes(self, turn);
        break;
    case What::controlled_shutdown: {
        std::int32_t led = 0;
        for (const PartitionIndex partition : zookeeper::known_partitions(self)) {
            const bool replicated = zookeeper::replicas_of(self, partition, turn).count > 1;
            led += replicated && self.partitions[index(partition)].leader == task.event.broker ? 1 : 0;
        }
        if (led == 0)
            turn.note(fact::BrokerChanged{task.event.broker, BrokerEvent::shutdown_granted,
                                          self.live[index(task.event.broker)]});
        self.replies.push_back({task.event.connection, ControlledShutdownResponse{ErrorCode::none, led}});
        break;
    }
    case What::replicas_answered:
        zookeeper::fail_deletions(self, turn);
        break;
    case What::elect: // Source: removePartitionsFromPreferredReplicaElection
        if (task.step == ReassignmentStep::clearing ||
            dialect_of(self, turn.configuration).zookeeper.elections_by_request)
            break;
        task.step = ReassignmentStep::clearing;
        return zookeeper::call(
            self, ZooKeeperCall::clear_admin_nodes,
            {AdminNodeRecord{
                AdminNodeRecord::Kind::elect_preferred, task.event.partition, TopicIndex{-1}, no_slot, {}}},
            around, turn);
    case What::failover:
    case What::isr_changed:
    case What::partitions_changed:
    case What::rebalance:
    case What::unclean_enabled:
    case What::admin_changed:
    case What::replicas_moved:
    case What::directories_changed:
        break;
    }
    end_event(self, around, turn);
}

/// Source: KafkaZkClient.updateLeaderAndIsr: each node in the version that is known, and none of them once
/// another controller has counted /controller_epoch (2.2).
void write(ZooKeeperController& self, const Around& around, Turn& turn) {
    if (self.task->writing.empty()) return go_on(self, around, turn);
    std::vector<MetadataRecord> records;
    for (const PartitionRecord& record : self.task->writing)
        records.emplace_back(record);
    zookeeper::call(self, ZooKeeperCall::write_partitions, std::move(records), around, turn);
}

} // namespace

namespace zookeeper {

void end_event(ZooKeeperController& self, const Around& around, Turn& turn) {
    const What kind = self.task->event.kind;
    self.task.reset();
    const BrokerSettings& settings = turn.configuration.controller_settings;
    if (kind == What::failover) {
        turn.note(fact::ControllerChanged{around.self, self.epoch, true});
        resume_reassignments(self, live_brokers(self), turn);
        if (settings.auto_leader_rebalance_enable)
            turn.after(first_rebalance, timer(ZooKeeperTimer::rebalance, self.term));
    }
    if (kind == What::rebalance)
        turn.after(settings.leader_imbalance_check_interval, timer(ZooKeeperTimer::rebalance, self.term));
}

void call(ZooKeeperController& self, ZooKeeperCall call, std::vector<MetadataRecord> records,
          const Around& around, Turn& turn) {
    ZooKeeperPending pending;
    pending.request.call = call;
    pending.request.controller_epoch = self.epoch;
    pending.of = CallOf::controller;
    pending.records = std::move(records);
    ask(around.client, around.self, std::move(pending), turn);
}

void decide_and_write(ZooKeeperController& self, DecisionKind kind, const Around& around, Turn& turn) {
    self.task->deciding = kind;
    self.task->writing = zookeeper::decide_all(self, kind, around, turn);
    if (kind == DecisionKind::brokers_gone) look_at_nodes(self, turn);
    write(self, around, turn);
}

} // namespace zookeeper

namespace {

/// Replicas that follow are told to stop before the leaders hear of it.
/// Source: KafkaController.doControlledShutdown.
void shut_down(ZooKeeperController& self, const Around& around, Turn& turn) {
    const ControllerEvent& event = self.task->event;
    const BrokerEpoch known = self.live[index(event.broker)];
    const bool stale = event.epoch != no_broker_epoch && event.epoch < known;
    if (known == no_broker_epoch || stale) {
        zookeeper::refuse_request(self, event,
                                  stale ? ErrorCode::stale_broker_epoch : ErrorCode::unknown_server_error);
        return end_event(self, around, turn);
    }
    if (!self.shutting_down.has(event.broker))
        turn.note(fact::BrokerChanged{event.broker, BrokerEvent::in_controlled_shutdown, known});
    self.shutting_down.add(event.broker);
    std::vector<PartitionIndex> followed;
    for (const PartitionIndex partition : zookeeper::known_partitions(self)) {
        const Assignment& assignment = zookeeper::replicas_of(self, partition, turn);
        const bool leads = self.partitions[index(partition)].leader == event.broker;
        if (assignment.count > 1 && assignment.set().has(event.broker) && !leads)
            followed.push_back(partition);
    }
    zookeeper::order_stop(self, event.broker, followed, turn);
    decide_and_write(self, DecisionKind::shutdown, around, turn);
}

void alter(ZooKeeperController& self, const Around& around, Turn& turn) {
    const ControllerEvent& event = self.task->event;
    const BrokerEpoch known = self.live[index(event.broker)];
    if (known == no_broker_epoch || known != event.epoch) {
        turn.ignore("STALE_BROKER_EPOCH: AlterPartition of another epoch");
        zookeeper::refuse_request(self, event, ErrorCode::stale_broker_epoch);
        return end_event(self, around, turn);
    }
    self.task->writing = zookeeper::check_changes(self, turn);
    write(self, around, turn);
}

void begin_event(ZooKeeperController& self, const Around& around, Turn& turn) {
    const std::uint8_t brokers = bit(ZooKeeperNodes::brokers);
    const std::uint8_t partitions = bit(ZooKeeperNodes::partitions);
    const std::uint8_t isr_changes = bit(ZooKeeperNodes::isr_changes);
    const std::uint8_t admin = bit(ZooKeeperNodes::admin);
    const std::uint8_t directories = bit(ZooKeeperNodes::directories);
    switch (self.task->event.kind) {
    case What::failover:
        return read_nodes(static_cast<std::uint8_t>(brokers | partitions | isr_changes | admin | directories |
                                                    bit(ZooKeeperNodes::moving)),
                          around, turn);
    case What::brokers_changed:
        return read_nodes(brokers, around, turn);
    case What::isr_changed:
        return read_nodes(isr_changes, around, turn);
    case What::partitions_changed:
        return read_nodes(partitions, around, turn);
    case What::controlled_shutdown:
        return shut_down(self, around, turn);
    case What::alter_partition:
        return alter(self, around, turn);
    case What::elect:
        return decide_and_write(
            self, self.task->event.unclean ? DecisionKind::unclean : DecisionKind::preferred, around, turn);
    case What::rebalance:
        return decide_and_write(self, DecisionKind::preferred, around, turn);
    case What::unclean_enabled:
        return decide_and_write(self, DecisionKind::unclean, around, turn);
    case What::admin_changed:
        return read_nodes(admin, around, turn);
    case What::reassign:
        return zookeeper::begin_reassignment(self, around, turn);
    case What::reassignment_resumed:
        return zookeeper::resume_reassignment(self, around, turn);
    case What::replicas_moved:
        return read_nodes(bit(ZooKeeperNodes::moving), around, turn);
    case What::directories_changed:
        return read_nodes(directories, around, turn);
    case What::replicas_answered:
        return zookeeper::take_answers(self, around, turn);
    case What::delete_topic:
        return zookeeper::begin_deletion(self, around, turn);
    }
}

/// Events until one waits for the ensemble.
void run_events(ZooKeeperController& self, const Around& around, Turn& turn) {
    while (self.active && !self.task && !self.events.empty()) {
        self.task = ControllerTask{};
        self.task->event = std::move(self.events.front());
        self.events.erase(self.events.begin());
        begin_event(self, around, turn);
    }
}

// --- what was read ---

std::vector<BrokerEpoch> brokers_in(const std::vector<MetadataRecord>& records, std::size_t count) {
    std::vector<BrokerEpoch> epochs(count, no_broker_epoch);
    for (const MetadataRecord& record : records)
        if (const auto* broker = std::get_if<BrokerRecord>(&record))
            epochs[index(broker->broker)] = broker->epoch;
    return epochs;
}

std::vector<PartitionIndex> take_partitions(ZooKeeperController& self,
                                            const std::vector<MetadataRecord>& records) {
    std::vector<PartitionIndex> read;
    for (const MetadataRecord& record : records) {
        const auto* partition = std::get_if<PartitionRecord>(&record);
        if (partition == nullptr) continue;
        self.partitions[index(partition->partition)] = partition->state;
        self.assigned[index(partition->partition)] = 1;
        read.push_back(partition->partition);
    }
    return read;
}

/// Source: KafkaController.onControllerFailover, ReplicaStateMachine.startup, PartitionStateMachine.startup.
void everything_read(ZooKeeperController& self, const std::vector<MetadataRecord>& records,
                     const Around& around, Turn& turn) {
    const std::size_t brokers = turn.configuration.brokers.size();
    self.live = brokers_in(records, brokers);
    self.partitions.assign(turn.configuration.partitions.size(), not_yet_created());
    self.assigned.assign(turn.configuration.partitions.size(), 0);
    take_partitions(self, records);
    self.offline.clear();
    self.deletions.clear();
    zookeeper::take_admin_nodes(self, records, turn);
    const BrokerSet live = zookeeper::live_brokers(self);
    for (BrokerSlot slot = live.first(); slot != no_slot; slot = live.after(slot))
        zookeeper::open_channel(self, slot);
    const std::vector<PartitionIndex> known = zookeeper::known_partitions(self);
    zookeeper::order_metadata(self, live, known, turn);
    zookeeper::order_roles(self, live, known, turn);
    for (std::size_t i = 0; i < brokers; ++i)
        if (self.live[i] == no_broker_epoch) self.task->gone.add(BrokerSlot{static_cast<std::int32_t>(i)});
    const bool finds = dialect_of(self, turn.configuration).zookeeper.failover_finds_dead_replicas;
    decide_and_write(self, finds ? DecisionKind::brokers_gone : DecisionKind::leaderless, around, turn);
}

/// Whose node is gone, who is new, and (2.2) who came back so fast that only its epoch tells.
/// Source: KafkaController.processBrokerChange; KAFKA-7235, KIP-380.
void brokers_read(ZooKeeperController& self, const std::vector<MetadataRecord>& records, const Around& around,
                  Turn& turn) {
    ControllerTask& task = *self.task;
    task.epochs = brokers_in(records, self.live.size());
    const bool tells_epochs = dialect_of(self, turn.configuration).zookeeper.broker_epochs;
    for (std::size_t i = 0; i < self.live.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        const bool was = self.live[i] != no_broker_epoch;
        const bool is = task.epochs[i] != no_broker_epoch;
        const bool bounced = was && is && tells_epochs && task.epochs[i] > self.live[i];
        if (was && is && !tells_epochs) self.live[i] = task.epochs[i];
        if ((was && !is) || bounced) task.gone.add(slot);
        if ((is && !was) || bounced) task.added.add(slot);
    }
    for (BrokerSlot slot = task.gone.first(); slot != no_slot; slot = task.gone.after(slot)) {
        self.live[index(slot)] = no_broker_epoch;
        self.shutting_down.remove(slot);
        zookeeper::close_channel(self, slot, turn);
    }
    zookeeper::forget_offline(self, task.gone | task.added);
    if (task.gone.empty()) {
        task.deciding = DecisionKind::none;
        return go_on(self, around, turn);
    }
    decide_and_write(self, DecisionKind::brokers_gone, around, turn);
}

void nodes_read(ZooKeeperController& self, const std::vector<MetadataRecord>& records, const Around& around,
                Turn& turn) {
    const What kind = self.task->event.kind;
    if (kind == What::failover) return everything_read(self, records, around, turn);
    if (kind == What::brokers_changed) return brokers_read(self, records, around, turn);
    if (kind == What::admin_changed || kind == What::directories_changed) {
        zookeeper::take_admin_nodes(self, records, turn);
        return end_event(self, around, turn);
    }
    const std::vector<PartitionIndex> read = take_partitions(self, records);
    if (kind == What::partitions_changed) return decide_and_write(self, DecisionKind::creation, around, turn);
    if (kind == What::replicas_moved) {
        zookeeper::look_at_reassignments(self, read, turn);
        return end_event(self, around, turn);
    }
    // Source: KafkaController.processIsrChangeNotification
    if (!read.empty()) zookeeper::order_metadata(self, zookeeper::live_brokers(self), read, turn);
    end_event(self, around, turn);
}

/// What was written is told; where the node had moved on, the decision is made again.
/// Source: ZkPartitionStateMachine.doElectLeaderForPartitions (partitionsToRetry), sendRequestsToBrokers.
void written(ZooKeeperController& self, const std::vector<AlterPartitionAnswer::Entry>& answers,
             const Around& around, Turn& turn) {
    ControllerTask& task = *self.task;
    const bool by_leader = task.event.kind == What::alter_partition;
    std::vector<PartitionIndex> changed;
    std::vector<PartitionRecord> again;
    for (const AlterPartitionAnswer::Entry& answer : answers) {
        PartitionState& state = self.partitions[index(answer.partition)];
        state.leader = answer.leader;
        state.leader_epoch = answer.leader_epoch;
        state.partition_epoch = answer.partition_epoch;
        state.isr = answer.isr;
        for (AlterPartitionAnswer::Entry& own : task.answers)
            if (own.partition == answer.partition) own = answer;
        if (answer.error == ErrorCode::none)
            changed.push_back(answer.partition);
        else if (!by_leader)
            if (const auto record = zookeeper::decide(self, task.deciding, answer.partition, around, turn))
                again.push_back(*record);
    }
    const BrokerSet live = zookeeper::live_brokers(self);
    if (!by_leader) zookeeper::order_roles(self, live, changed, turn);
    if (by_leader) zookeeper::look_at_reassignments(self, changed, turn);
    if (!changed.empty() && task.event.kind != What::delete_topic)
        zookeeper::order_metadata(self, live, changed, turn);
    task.told = task.told || !changed.empty();
    task.writing = std::move(again);
    write(self, around, turn);
}

} // namespace

void take_office(ZooKeeperController& self, Epoch epoch, const Around& around, Turn& turn) {
    if (self.active && self.epoch == epoch) return;
    if (self.active) resign(self, around.self, turn);
    self.active = true;
    self.epoch = epoch;
    self.term += 1;
    self.upgrade = around.upgrade;
    self.protocol = around.protocol;
    ControllerEvent event;
    event.kind = What::failover;
    self.events.push_back(std::move(event));
    run_events(self, around, turn);
}

void resign(ZooKeeperController& self, BrokerSlot broker, Turn& turn) {
    if (!self.active) return;
    turn.note(fact::ControllerChanged{broker, self.epoch, false});
    const std::uint32_t term = self.term + 1;
    for (ControlChannel& one : self.channels)
        give_up(one.channel, sim::Duration{0}, turn);
    ZooKeeperController left;
    left.term = term;
    left.epoch = self.epoch;
    left.replies = std::move(self.replies);
    if (self.task) zookeeper::refuse_request(left, self.task->event, ErrorCode::not_controller);
    for (const ControllerEvent& event : self.events)
        zookeeper::refuse_request(left, event, ErrorCode::not_controller);
    self = std::move(left);
}

void happen(ZooKeeperController& self, ControllerEvent event, const Around& around, Turn& turn) {
    if (!self.active) return zookeeper::refuse_request(self, event, ErrorCode::not_controller);
    self.events.push_back(std::move(event));
    run_events(self, around, turn);
}

void on_answer(ZooKeeperController& self, const ZooKeeperPending& call, const ZooKeeperResponse& response,
               const Around& around, Turn& turn) {
    if (!self.active || !self.task) {
        turn.release(response);
        return turn.ignore("an answer to a controller that has resigned");
    }
    if (response.error == ZooKeeperError::controller_moved) {
        turn.ignore("ControllerMovedException: /controller_epoch was counted by another controller");
        return resign(self, around.self, turn);
    }
    if (call.request.call != ZooKeeperCall::read && call.request.call != ZooKeeperCall::write_partitions) {
        go_on(self, around, turn); // what stands beside state nodes is written
        return run_events(self, around, turn);
    }
    if (call.request.call == ZooKeeperCall::read) {
        const std::vector<MetadataRecord> records =
            turn.slabs().metadata_records.open(response.content).records;
        turn.slabs().metadata_records.release(response.content);
        nodes_read(self, records, around, turn);
        return run_events(self, around, turn);
    }
    const std::vector<AlterPartitionAnswer::Entry> answers =
        turn.slabs().alter_partition_answer.open(response.content).entries;
    turn.slabs().alter_partition_answer.release(response.content);
    written(self, answers, around, turn);
    run_events(self, around, turn);
}

} // namespace kafka
