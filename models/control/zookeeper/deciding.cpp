#include "models/control/zookeeper/parts.hpp"

#include <algorithm>

namespace kafka::zookeeper {

namespace {

bool unclean_is_enabled(PartitionIndex partition, const ControllerSurroundings& around, const Turn& turn) {
    const auto topic = static_cast<std::size_t>(turn.configuration.partition(partition).topic.value);
    return around.topics[topic].unclean_leader_election_enable ||
           turn.configuration.controller_dialect.broken == BrokenRule::unclean_without_permission;
}

/// Several replicas go: one after the other, in one write.
std::optional<Decision> without_replicas(const PartitionState& before, BrokerSet gone) {
    PartitionState state = before;
    for (BrokerSlot slot = gone.first(); slot != no_slot; slot = gone.after(slot))
        if (const auto decision = without_replica(state, slot)) state = decision->state;
    if (state == before) return std::nullopt;
    state.leader_epoch = next(before.leader_epoch);
    return Decision{state, false};
}

/// Source: KafkaController.onReplicasBecomeOffline.
std::optional<Decision> after_failure(const PartitionState& state, const Assignment& assignment,
                                      BrokerSet live, BrokerSet electable, BrokerSet gone, bool unclean,
                                      BrokenRule broken) {
    if (!live.has(state.leader))
        if (const auto elected = elect_for_offline(state, assignment, electable, unclean, broken))
            return elected;
    return without_replicas(state, gone & state.isr);
}

std::optional<Decision> for_shutdown(const ZooKeeperController& self, const PartitionState& state,
                                     const Assignment& assignment, BrokerSet live) {
    if (assignment.count < 2) return std::nullopt; // there is nobody to take over
    const BrokerSlot leaving = self.task->event.broker;
    if (state.leader == leaving) return elect_for_shutdown(state, assignment, live, self.shutting_down);
    return without_replica(state, leaving);
}

/// `moved`: replicas were being added or removed; else they have another order, or a former reassignment
/// ends.
ChangeCause cause_of(DecisionKind kind, const ControllerEvent& event, bool unclean, bool moved) {
    switch (kind) {
    case DecisionKind::brokers_gone:
        return ChangeCause::broker_fenced;
    case DecisionKind::leaderless:
        return event.kind == ControllerEventKind::failover ? ChangeCause::broker_fenced
                                                           : ChangeCause::broker_unfenced;
    case DecisionKind::shutdown:
        return ChangeCause::controlled_shutdown;
    case DecisionKind::preferred:
        return event.kind == ControllerEventKind::elect ? ChangeCause::elected_by_request
                                                        : ChangeCause::elected_preferred;
    case DecisionKind::unclean:
        return unclean ? ChangeCause::elected_unclean : ChangeCause::elected_by_request;
    case DecisionKind::reassignment_begins:
        return ChangeCause::reassignment_began;
    case DecisionKind::reassignment_leader:
    case DecisionKind::reassignment_shrinks: {
        const bool cancels = event.kind == ControllerEventKind::reassign && event.target.count == 0;
        if (cancels) return ChangeCause::reassignment_cancelled;
        return moved ? ChangeCause::reassignment_completed : ChangeCause::reassignment_began;
    }
    case DecisionKind::directory_failed:
        return ChangeCause::log_directory_offline;
    case DecisionKind::deletion:
        return ChangeCause::topic_deleted;
    case DecisionKind::creation:
    case DecisionKind::none:
        break;
    }
    return ChangeCause::created;
}

/// Of those that a broker should lead, more than so many percent are led by others.
/// Source: KafkaController.checkAndTriggerAutoLeaderRebalance; semantics 4.2.9.
bool is_imbalanced(const ZooKeeperController& self, BrokerSlot preferred, const Turn& turn) {
    int all = 0;
    int elsewhere = 0;
    for (const PartitionIndex partition : known_partitions(self)) {
        if (replicas_of(self, partition, turn).slots[0] != preferred) continue;
        all += 1;
        elsewhere += self.partitions[index(partition)].leader != preferred ? 1 : 0;
    }
    return elsewhere * 100 >
           all * turn.configuration.controller_settings.zookeeper.leader_imbalance_percentage;
}

bool concerns(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn) {
    const ControllerEvent& event = self.task->event;
    if (event.kind == ControllerEventKind::reassign ||
        event.kind == ControllerEventKind::reassignment_resumed)
        return partition == event.partition;
    if (event.kind == ControllerEventKind::delete_topic)
        return turn.configuration.partition(partition).topic == event.topic;
    if (is_queued_for_deletion(self, partition, turn)) return false; // triggerOnlinePartitionStateChange
    if (event.kind == ControllerEventKind::replicas_answered)
        return std::any_of(
            event.answers.begin(), event.answers.end(), [&](const AlterPartitionAnswer::Entry& one) {
                return one.partition == partition && one.error == ErrorCode::kafka_storage_error;
            });
    if (event.kind == ControllerEventKind::elect) return partition == event.partition;
    if (event.kind == ControllerEventKind::unclean_enabled)
        return turn.configuration.partition(partition).topic == event.topic;
    if (event.kind == ControllerEventKind::rebalance)
        return !is_reassigning(self.partitions[index(partition)]) &&
               is_imbalanced(self, replicas_of(self, partition, turn).slots[0], turn);
    return true;
}

/// Source: updateLeaderEpoch; reassignPartitionLeaderElection: the first of the new replicas that is in sync.
/// Nothing when nobody of them may lead, or (`moves`: replicas were being moved) not all are in sync after
/// all.
std::optional<Decision> for_new_replicas(const PartitionState& state, const Assignment& target,
                                         BrokerSet online, bool moves) {
    if (moves && !state.isr.contains(target.set())) return std::nullopt;
    if (target.set().has(state.leader) && online.has(state.leader)) return in_new_epoch(state);
    const ElectionResult result =
        elect(ElectionView{target, no_slot, state.isr, {}, {}, online}, ElectionType::online);
    if (result.leader == no_slot) return std::nullopt;
    Decision decision = in_new_epoch(state);
    decision.state.leader = result.leader;
    return decision;
}

} // namespace

BrokerSet live_brokers(const ZooKeeperController& self) {
    BrokerSet live;
    for (std::size_t i = 0; i < self.live.size(); ++i)
        if (self.live[i] != no_broker_epoch) live.add(BrokerSlot{static_cast<std::int32_t>(i)});
    return live;
}

BrokerSet online_for(const ZooKeeperController& self, PartitionIndex partition) {
    const BrokerSet live = live_brokers(self);
    return self.offline.empty() ? live : live - self.offline[index(partition)];
}

std::vector<PartitionIndex> known_partitions(const ZooKeeperController& self) {
    std::vector<PartitionIndex> known;
    for (std::size_t i = 0; i < self.partitions.size(); ++i)
        if (exists(self.partitions[i])) known.push_back(partition_at(i));
    return known;
}

std::optional<PartitionRecord> decide(const ZooKeeperController& self, DecisionKind kind,
                                      PartitionIndex partition, const ControllerSurroundings& around,
                                      const Turn& turn) {
    const PartitionState& state = self.partitions[index(partition)];
    const Assignment& assignment = replicas_of(self, partition, turn);
    const BrokerSet live = online_for(self, partition);
    const BrokerSet electable = live - self.shutting_down;
    const BrokenRule broken = dialect_of(self, turn.configuration).broken;
    const bool asked = self.task->event.kind == ControllerEventKind::elect;
    const bool unclean = unclean_is_enabled(partition, around, turn) || (asked && self.task->event.unclean);
    if (exists(state) == (kind == DecisionKind::creation)) return std::nullopt;
    std::optional<Decision> decision;
    switch (kind) {
    case DecisionKind::brokers_gone:
    case DecisionKind::directory_failed:
        decision = after_failure(state, assignment, live, electable, self.task->gone, unclean, broken);
        break;
    case DecisionKind::leaderless:
    case DecisionKind::unclean:
        if (!live.has(state.leader))
            decision = elect_for_offline(state, assignment, electable, unclean, broken);
        break;
    case DecisionKind::shutdown:
        decision = for_shutdown(self, state, assignment, live);
        break;
    case DecisionKind::preferred:
        decision = elect_preferred(state, assignment, electable);
        break;
    case DecisionKind::creation:
        if (self.assigned[index(partition)] != 0) decision = create(assignment, electable);
        break;
    case DecisionKind::reassignment_begins:
        decision = in_new_epoch(state);
        break;
    case DecisionKind::reassignment_leader:
        decision = for_new_replicas(state, assignment, live, is_reassigning(self.task->before));
        break;
    case DecisionKind::reassignment_shrinks:
        decision = without_replicas(state, self.task->leaving & state.isr);
        break;
    case DecisionKind::deletion:
        decision = without_replicas(state, live & state.isr);
        break;
    case DecisionKind::none:
        break;
    }
    if (!decision) return std::nullopt;
    return PartitionRecord{
        partition,
        decision->state,
        {},
        cause_of(kind, self.task->event, decision->unclean, is_reassigning(self.task->before)),
        decision->unclean};
}

std::vector<PartitionRecord> decide_all(const ZooKeeperController& self, DecisionKind kind,
                                        const ControllerSurroundings& around, const Turn& turn) {
    std::vector<PartitionRecord> all;
    for (std::size_t i = 0; i < self.partitions.size(); ++i)
        if (concerns(self, partition_at(i), turn))
            if (const auto record = decide(self, kind, partition_at(i), around, turn)) all.push_back(*record);
    return all;
}

void look_at_nodes(ZooKeeperController& self, const Turn& turn) {
    if (dialect_of(self, turn.configuration).isr_change_is_asynchronous) return;
    ControllerTask& task = *self.task;
    for (const PartitionIndex partition : known_partitions(self)) {
        const bool had_one = !(replicas_of(self, partition, turn).set() & task.gone).empty();
        const bool decided =
            std::any_of(task.writing.begin(), task.writing.end(),
                        [&](const PartitionRecord& one) { return one.partition == partition; });
        if (!had_one || decided || is_queued_for_deletion(self, partition, turn)) continue;
        PartitionState state = self.partitions[index(partition)];
        state.partition_epoch = PartitionEpoch{-1};
        task.writing.push_back({partition, state, {}, ChangeCause::broker_fenced, false});
    }
}

} // namespace kafka::zookeeper
