// Topics that are deleted: each replica is deleted by its broker, and the topic goes with the last of them.
// Source: TopicDeletionManager.

#include "models/control/zookeeper/parts.hpp"

#include <algorithm>

namespace kafka::zookeeper {

namespace {

/// The topic's deletion, or null; of a const controller a const one.
template <class Self> auto deletion_of(Self& self, TopicIndex topic) {
    const auto found = std::find_if(self.deletions.begin(), self.deletions.end(),
                                    [&](const TopicDeletion& one) { return one.topic == topic; });
    return found == self.deletions.end() ? nullptr : &*found;
}

bool is_done(const ZooKeeperController& self, const TopicDeletion& deletion, const Turn& turn) {
    return std::all_of(deletion.replicas.begin(), deletion.replicas.end(), [&](const ReplicaDeletion& one) {
        return one.done.contains(replicas_of(self, one.partition, turn).set());
    });
}

bool is_under_way(const TopicDeletion& deletion) {
    return std::any_of(deletion.replicas.begin(), deletion.replicas.end(),
                       [](const ReplicaDeletion& one) { return !one.started.empty(); });
}

/// Source: resumeDeletions: what is done ends, what waits for nothing begins, or begins again.
void resume_deletions(ZooKeeperController& self, const Turn& turn) {
    for (TopicDeletion& deletion : self.deletions) {
        if (!is_done(self, deletion, turn) && (deletion.halted || is_under_way(deletion))) continue;
        ControllerEvent event;
        event.kind = ControllerEventKind::delete_topic;
        event.topic = deletion.topic;
        later(self, std::move(event));
    }
}

/// Source: processTopicDeletion, fetchTopicDeletionsInProgress.
void enqueue(ZooKeeperController& self, TopicIndex topic, const Turn& turn) {
    const TopicConfiguration& configured = turn.configuration.topic(topic);
    TopicDeletion deletion;
    deletion.topic = topic;
    for (std::int32_t i = 0; i < configured.partitions; ++i) {
        const PartitionIndex partition = next(configured.partition_first, i);
        const PartitionState& state = self.partitions[index(partition)];
        if (!exists(state)) continue;
        deletion.replicas.push_back({partition, {}, {}, {}});
        deletion.halted = deletion.halted || is_reassigning(state);
    }
    self.deletions.push_back(std::move(deletion));
}

/// A reassignment through the node (before 2.4), or a preferred election (likewise).
void take_request(ZooKeeperController& self, const AdminNodeRecord& entry) {
    const bool moves = is_reassigning(self.partitions[index(entry.partition)]);
    if (entry.kind == AdminNodeRecord::Kind::reassign && moves) return; // it is under way
    ControllerEvent event;
    event.partition = entry.partition;
    event.target = entry.target;
    event.kind = entry.kind == AdminNodeRecord::Kind::reassign ? ControllerEventKind::reassign
                                                               : ControllerEventKind::elect;
    const bool known = std::any_of(self.events.begin(), self.events.end(), [&](const ControllerEvent& one) {
        return one.kind == event.kind && one.partition == event.partition;
    });
    if (!known) later(self, std::move(event));
}

} // namespace

bool is_queued_for_deletion(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn) {
    return !self.deletions.empty() &&
           deletion_of(self, turn.configuration.partition(partition).topic) != nullptr;
}

bool is_being_deleted(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn) {
    if (self.deletions.empty()) return false;
    const TopicDeletion* deletion = deletion_of(self, turn.configuration.partition(partition).topic);
    return deletion != nullptr && deletion->begun;
}

/// Source: processTopicDeletion, processZkPartitionReassignment, processReplicaLeaderElection (ZkTriggered),
/// processLogDirEventNotification.
void take_admin_nodes(ZooKeeperController& self, const std::vector<MetadataRecord>& records, Turn& turn) {
    bool topics = false;
    for (const MetadataRecord& record : records) {
        const auto* entry = std::get_if<AdminNodeRecord>(&record);
        if (entry == nullptr) continue;
        switch (entry->kind) {
        case AdminNodeRecord::Kind::delete_topic:
            if (deletion_of(self, entry->topic) == nullptr) enqueue(self, entry->topic, turn);
            topics = true;
            break;
        case AdminNodeRecord::Kind::reassign:
        case AdminNodeRecord::Kind::elect_preferred:
            take_request(self, *entry);
            break;
        case AdminNodeRecord::Kind::directory_failed:
            if (live_brokers(self).has(entry->broker))
                order_roles(self, only(entry->broker), known_partitions(self), turn);
            break;
        }
    }
    if (topics) resume_deletions(self, turn);
}

void resume_deletions_on(ZooKeeperController& self, BrokerSet brokers, const Turn& turn) {
    bool any = false;
    for (TopicDeletion& deletion : self.deletions) {
        const bool there =
            std::any_of(deletion.replicas.begin(), deletion.replicas.end(), [&](const ReplicaDeletion& one) {
                return !(replicas_of(self, one.partition, turn).set() & brokers).empty();
            });
        if (there) deletion.halted = false;
        any = any || there;
    }
    if (any) resume_deletions(self, turn);
}

void resume_deletion_of(ZooKeeperController& self, TopicIndex topic, const Turn& turn) {
    TopicDeletion* deletion = deletion_of(self, topic);
    if (deletion == nullptr) return;
    const bool moves =
        std::any_of(deletion->replicas.begin(), deletion->replicas.end(), [&](const ReplicaDeletion& one) {
            return is_reassigning(self.partitions[index(one.partition)]);
        });
    deletion->halted = moves;
    resume_deletions(self, turn);
}

/// Ends it when all replicas are gone. Else brokers are told that the topic is gone, replicas that are online
/// leave the ISR, and are deleted. Dead ones halt it. Source: onTopicDeletion, onPartitionDeletion,
/// completeDeleteTopic.
void begin_deletion(ZooKeeperController& self, const Around& around, Turn& turn) {
    TopicDeletion* deletion = deletion_of(self, self.task->event.topic);
    if (deletion == nullptr) return end_event(self, around, turn);
    if (is_done(self, *deletion, turn)) {
        std::vector<MetadataRecord> records;
        records.emplace_back(AdminNodeRecord{
            AdminNodeRecord::Kind::delete_topic, PartitionIndex{-1}, deletion->topic, no_slot, {}});
        self.task->step = ReassignmentStep::finishing;
        return call(self, ZooKeeperCall::delete_topics, std::move(records), around, turn);
    }
    if (deletion->halted || is_under_way(*deletion)) return end_event(self, around, turn);
    deletion->begun = true;
    std::vector<PartitionIndex> partitions;
    for (ReplicaDeletion& one : deletion->replicas) {
        partitions.push_back(one.partition);
        const BrokerSet dead = replicas_of(self, one.partition, turn).set() - online_for(self, one.partition);
        one.failed = dead - one.done;
        deletion->halted = deletion->halted || !one.failed.empty();
    }
    order_metadata(self, live_brokers(self), partitions, turn);
    decide_and_write(self, DecisionKind::deletion, around, turn);
}

void go_on_deleting(ZooKeeperController& self, const Around& around, Turn& turn) {
    const TopicIndex topic = self.task->event.topic;
    TopicDeletion* deletion = deletion_of(self, topic);
    if (self.task->step == ReassignmentStep::finishing) { // it stands in the ensemble no more
        for (const ReplicaDeletion& one : deletion->replicas) {
            PartitionState& state = self.partitions[index(one.partition)];
            state = not_yet_created();
            state.deleted = true;
        }
        const TopicConfiguration& deleted = turn.configuration.topic(topic); // also what was never created
        for (std::int32_t i = 0; i < deleted.partitions; ++i)
            self.assigned[index(next(deleted.partition_first, i))] = 0;
        std::erase_if(self.deletions, [&](const TopicDeletion& one) { return one.topic == topic; });
        return end_event(self, around, turn);
    }
    const BrokerSet live = live_brokers(self);
    for (BrokerSlot slot = live.first(); slot != no_slot; slot = live.after(slot)) {
        std::vector<PartitionIndex> here;
        for (ReplicaDeletion& one : deletion->replicas) {
            const bool hosts = replicas_of(self, one.partition, turn).set().has(slot);
            if (!hosts || one.done.has(slot) || one.failed.has(slot)) continue;
            one.started.add(slot);
            here.push_back(one.partition);
        }
        order_deletion(self, slot, here, true, turn);
    }
    end_event(self, around, turn);
}

void fail_deletions(ZooKeeperController& self, const Turn& turn) {
    for (TopicDeletion& deletion : self.deletions) {
        if (!deletion.begun) continue;
        for (ReplicaDeletion& one : deletion.replicas) {
            const BrokerSet dead =
                replicas_of(self, one.partition, turn).set() - online_for(self, one.partition);
            const BrokerSet fails = dead - one.done;
            if (fails.empty()) continue;
            one.started = one.started - fails;
            one.failed = one.failed | fails;
            deletion.halted = true;
        }
    }
}

/// Source: processTopicDeletionStopReplicaResponseReceived.
void take_deletion_answers(ZooKeeperController& self, const Turn& turn) {
    const ControllerEvent& event = self.task->event;
    bool any = false;
    for (const AlterPartitionAnswer::Entry& answer : event.answers) {
        TopicDeletion* deletion = deletion_of(self, turn.configuration.partition(answer.partition).topic);
        if (deletion == nullptr) continue; // of a reassignment: nobody waits for it
        for (ReplicaDeletion& one : deletion->replicas) {
            if (one.partition != answer.partition || !one.started.has(event.broker)) continue;
            any = true;
            one.started.remove(event.broker);
            const bool well = answer.error == ErrorCode::none;
            (well ? one.done : one.failed).add(event.broker);
            deletion->halted = deletion->halted || !well;
        }
    }
    if (any) resume_deletions(self, turn);
}

} // namespace kafka::zookeeper
