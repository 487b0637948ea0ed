#include "models/control/partition_change.hpp"
#include "models/control/zookeeper/parts.hpp"

#include <algorithm>

namespace kafka {

const char* refusal_of_reassignment(const ZooKeeperController& self, PartitionIndex partition,
                                    const Assignment& target, const Turn& turn) {
    const PartitionState& state = self.partitions[zookeeper::index(partition)];
    if (!exists(state) || zookeeper::is_queued_for_deletion(self, partition, turn))
        return "UNKNOWN_TOPIC_OR_PARTITION";
    if (target.count == 0) return is_reassigning(state) ? nullptr : "NO_REASSIGNMENT_IN_PROGRESS";
    const BrokerSet origin = zookeeper::replicas_of(self, partition, turn).set() - state.adding;
    const bool alive = zookeeper::live_brokers(self).contains(target.set() - origin);
    return alive ? nullptr : "INVALID_REPLICA_ASSIGNMENT: a new replica is on a broker that is not alive";
}

namespace zookeeper {

namespace {

/// What the topic's node says of one partition while its replicas move, or afterwards.
struct Replicas {
    Assignment all;
    BrokerSet adding;
    BrokerSet removing;
};

/// The target first, then those that go. Source: ReplicaAssignment.reassignTo (2.4); before, a set of both.
Replicas towards(const Assignment& target, const Assignment& origin) {
    Replicas replicas{target, target.set() - origin.set(), origin.set() - target.set()};
    for (const BrokerSlot slot : origin)
        if (!target.set().has(slot)) replicas.all.add(slot);
    return replicas;
}

Assignment target_of(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn) {
    return without(replicas_of(self, partition, turn), self.partitions[index(partition)].removing);
}

void take(PartitionState& state, const Replicas& replicas) {
    state.replicas = replicas.all;
    state.adding = replicas.adding;
    state.removing = replicas.removing;
}

void write_assignment(ZooKeeperController& self, PartitionIndex partition, const Around& around, Turn& turn) {
    std::vector<MetadataRecord> records;
    records.emplace_back(
        PartitionRecord{partition, self.partitions[index(partition)], {}, ChangeCause::created, false});
    call(self, ZooKeeperCall::write_assignments, std::move(records), around, turn);
}

void go_to(ZooKeeperController& self, ReassignmentStep step, DecisionKind kind, const Around& around,
           Turn& turn) {
    self.task->step = step;
    decide_and_write(self, kind, around, turn);
}

/// Phase A, or phase B.
void proceed(ZooKeeperController& self, const Around& around, Turn& turn) {
    ControllerTask& task = *self.task;
    PartitionState& state = self.partitions[index(task.event.partition)];
    if (!is_complete(self, task.event.partition, turn))
        return go_to(self, ReassignmentStep::telling, DecisionKind::reassignment_begins, around, turn);
    task.before = state;
    task.leaving = task.leaving | state.removing;
    take(state, {target_of(self, task.event.partition, turn), {}, {}}); // B2: in memory only
    go_to(self, ReassignmentStep::moving, DecisionKind::reassignment_leader, around, turn);
}

void stop_leaving(ZooKeeperController& self, Turn& turn) {
    const BrokerSet leaving = self.task->leaving;
    for (BrokerSlot slot = leaving.first(); slot != no_slot; slot = leaving.after(slot))
        order_deletion(self, slot, {self.task->event.partition}, false, turn);
}

/// The ISR was another one than the controller knew, and the new replicas are not all in it.
bool is_overtaken(ZooKeeperController& self) {
    PartitionState& state = self.partitions[index(self.task->event.partition)];
    const PartitionState& before = self.task->before;
    if (!is_reassigning(before) || state.isr.contains(state.replicas.set())) return false;
    take(state, {before.replicas, before.adding, before.removing});
    return true;
}

/// Source: removePartitionFromReassigningPartitions; the metadata is told once more (B8).
void finish(ZooKeeperController& self, const Around& around, Turn& turn) {
    const PartitionIndex partition = self.task->event.partition;
    order_metadata(self, live_brokers(self), {partition}, turn);
    resume_deletion_of(self, turn.configuration.partition(partition).topic, turn);
    end_event(self, around, turn);
}

/// What has been asked for through a node stands there no more (before 2.4).
void clear_node(ZooKeeperController& self, const Around& around, Turn& turn) {
    if (dialect_of(self, turn.configuration).zookeeper.reassigns_by_request)
        return finish(self, around, turn);
    self.task->step = ReassignmentStep::clearing;
    std::vector<MetadataRecord> records;
    records.emplace_back(AdminNodeRecord{
        AdminNodeRecord::Kind::reassign, self.task->event.partition, TopicIndex{-1}, no_slot, {}});
    call(self, ZooKeeperCall::clear_admin_nodes, std::move(records), around, turn);
}

} // namespace

bool is_complete(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn) {
    const PartitionState& state = self.partitions[index(partition)];
    return !is_reassigning(state) || state.isr.contains(target_of(self, partition, turn).set());
}

/// Source: KafkaController.processApiPartitionReassignment, updateCurrentReassignment; before 2.4
/// onPartitionReassignment of what stands in the node, which may have begun under a former controller.
void begin_reassignment(ZooKeeperController& self, const Around& around, Turn& turn) {
    ControllerTask& task = *self.task;
    const PartitionIndex partition = task.event.partition;
    PartitionState& state = self.partitions[index(partition)];
    const Assignment current = replicas_of(self, partition, turn);
    const bool gone = !exists(state) || is_queued_for_deletion(self, partition, turn);
    if (gone || (task.event.target.count == 0 && !is_reassigning(state))) {
        turn.ignore(gone ? "UNKNOWN_TOPIC_OR_PARTITION" : "NO_REASSIGNMENT_IN_PROGRESS");
        return clear_node(self, around, turn);
    }
    const Assignment origin = without(current, state.adding);
    const Replicas wanted = towards(task.event.target.count == 0 ? origin : task.event.target, origin);
    const bool same =
        wanted.all == current && wanted.adding == state.adding && wanted.removing == state.removing;
    task.leaving = current.set() - wanted.all.set();
    if (same) return proceed(self, around, turn);
    take(state, wanted);
    task.step = ReassignmentStep::assigning;
    write_assignment(self, partition, around, turn);
}

void resume_reassignment(ZooKeeperController& self, const Around& around, Turn& turn) {
    const PartitionIndex partition = self.task->event.partition;
    const bool waits = self.task->event.only_when_complete && !is_complete(self, partition, turn);
    if (waits || !is_reassigning(self.partitions[index(partition)])) return end_event(self, around, turn);
    proceed(self, around, turn);
}

void go_on_reassigning(ZooKeeperController& self, const Around& around, Turn& turn) {
    ControllerTask& task = *self.task;
    const PartitionIndex partition = task.event.partition;
    switch (task.step) {
    case ReassignmentStep::assigning:
        if (!task.leaving.empty())
            return go_to(self, ReassignmentStep::stopping, DecisionKind::reassignment_shrinks, around, turn);
        return proceed(self, around, turn);
    case ReassignmentStep::stopping:
        stop_leaving(self, turn);
        return proceed(self, around, turn);
    case ReassignmentStep::moving:
        if (is_overtaken(self)) return end_event(self, around, turn);
        return go_to(self, ReassignmentStep::shrinking, DecisionKind::reassignment_shrinks, around, turn);
    case ReassignmentStep::shrinking:
        stop_leaving(self, turn);
        task.step = ReassignmentStep::finishing;
        return write_assignment(self, partition, around, turn);
    case ReassignmentStep::finishing:
        return clear_node(self, around, turn);
    case ReassignmentStep::clearing:
        return finish(self, around, turn);
    case ReassignmentStep::none:
    case ReassignmentStep::telling:
        break;
    }
    end_event(self, around, turn);
}

/// Source: PartitionReassignmentIsrChange; of AlterPartition, processAlterPartition.
void look_at_reassignments(ZooKeeperController& self, const std::vector<PartitionIndex>& partitions,
                           const Turn& turn) {
    for (const PartitionIndex partition : partitions) {
        if (!is_reassigning(self.partitions[index(partition)]) || !is_complete(self, partition, turn))
            continue;
        ControllerEvent event;
        event.kind = ControllerEventKind::reassignment_resumed;
        event.partition = partition;
        event.only_when_complete = true;
        later(self, std::move(event));
    }
}

void resume_reassignments(ZooKeeperController& self, BrokerSet brokers, const Turn& turn) {
    for (const PartitionIndex partition : known_partitions(self)) {
        if (!is_reassigning(self.partitions[index(partition)])) continue;
        if ((target_of(self, partition, turn).set() & brokers).empty()) continue;
        ControllerEvent event;
        event.kind = ControllerEventKind::reassignment_resumed;
        event.partition = partition;
        later(self, std::move(event));
    }
}

} // namespace zookeeper

} // namespace kafka
