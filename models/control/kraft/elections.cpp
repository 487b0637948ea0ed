#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Source: ReplicationControlManager.MAX_ELECTIONS_PER_IMBALANCE.
constexpr int most_elections = 1000;

const Assignment& assignment_of(const Controller& self, PartitionIndex partition, const Turn& turn) {
    return replicas_of(self.memory.image.partitions[index(partition)],
                       turn.configuration.partition(partition));
}

/// Effective min ISR.
/// Source: ReplicationControlManager.getTopicEffectiveMinIsr.
int min_isr(const Controller& self, PartitionIndex partition, const Turn& turn) {
    const PartitionConfiguration& configured = turn.configuration.partition(partition);
    return std::min(self.memory.image.topics[index(configured.topic)].min_insync_replicas,
                    assignment_of(self, partition, turn).count);
}

} // namespace

ElectionType election_type(const Controller& self, PartitionIndex partition, const Turn& turn) {
    const TopicIndex topic = turn.configuration.partition(partition).topic;
    const bool unclean =
        self.memory.image.topics[index(topic)].unclean_leader_election_enable ||
        dialect_of(self, turn.configuration).broken == BrokenRule::unclean_without_permission;
    return unclean ? ElectionType::unclean : ElectionType::online;
}

BrokerSet acceptable_leaders(const Controller& self, PartitionIndex partition, const BrokerChange& about,
                             const Turn& turn, const Assignment* target) {
    BrokerSet acceptable;
    for (const BrokerSlot slot : target != nullptr ? *target : assignment_of(self, partition, turn)) {
        if (slot == about.removed || slot == about.uncleanly_shut_down) continue;
        const BrokerRegistrationState& broker = self.memory.image.registrations[index(slot)];
        const bool active = broker.registered && !broker.fenced && !broker.in_controlled_shutdown;
        if (broker.offline_directories != 0 && is_in_offline_directory(self, partition, slot, turn)) continue;
        if (slot == about.added || active) acceptable.add(slot);
    }
    return acceptable - self.memory.image.offline_directories[index(partition)];
}

bool change_partition(Controller& self, PartitionIndex partition, const ChangeRequest& request,
                      const BrokerChange& about, ChangeCause cause, Turn& turn) {
    if (!exists(self.memory.image.partitions[index(partition)])) return false;
    const Dialect& dialect = dialect_of(self, turn.configuration);
    const PartitionState before = self.memory.image.partitions[index(partition)];
    const ChangeView view{assignment_of(self, partition, turn),
                          acceptable_leaders(self, partition, about, turn,
                                             request.target_replicas ? &*request.target_replicas : nullptr),
                          min_isr(self, partition, turn),
                          dialect.eligible_leader_replicas,
                          dialect.last_known_leader_election,
                          dialect.shrink_bumps_leader_epoch,
                          dialect.broken};
    const std::optional<ChangeResult> result = change(before, view, request);
    if (!result) return false;
    const bool cancelled = cause == ChangeCause::reassignment_cancelled;
    if (is_reassigning(before) && !is_reassigning(result->state) && !cancelled)
        cause = ChangeCause::reassignment_completed;
    write_partition(self, partition, result->state, cause, result->unclean, turn);
    return true;
}

void write_partition(Controller& self, PartitionIndex partition, const PartitionState& state,
                     ChangeCause cause, bool unclean, Turn& turn) {
    self.memory.image.partitions[index(partition)] = state;
    append(self,
           PartitionRecord{partition, state, self.memory.image.offline_directories[index(partition)], cause,
                           unclean},
           turn);
    if (!is_alone(turn)) return; // observers hear of it when it is committed
    turn.note(fact::PartitionChanged{partition, state.leader, state.leader_epoch, state.partition_epoch,
                                     state.isr, state.elr, state.last_known_elr, cause, unclean});
    if (tells_of_replicas(cause))
        turn.note(fact::ReplicasChanged{partition, state.replicas, state.adding, state.removing});
}

void update_leader_and_isr(Controller& self, PartitionIndex partition, const BrokerChange& about,
                           ChangeCause cause, Turn& turn) {
    ChangeRequest request;
    BrokerSet isr = self.memory.image.partitions[index(partition)].isr;
    if (about.removed != no_slot) isr.remove(about.removed);
    if (about.uncleanly_shut_down != no_slot) {
        isr.remove(about.uncleanly_shut_down);
        request.uncleanly_shut_down = only(about.uncleanly_shut_down);
    }
    request.target_isr = isr;
    request.election = election_type(self, partition, turn);
    change_partition(self, partition, request, about, cause, turn);
}

void leave_isrs(Controller& self, BrokerSlot broker, const BrokerChange& about, ChangeCause cause,
                Turn& turn) {
    for (std::size_t i = 0; i < self.memory.image.partitions.size(); ++i)
        if (self.memory.image.partitions[i].isr.has(broker))
            update_leader_and_isr(self, partition_at(i), about, cause, turn);
}

void leave_elrs(Controller& self, BrokerSlot broker, const BrokerChange& about, ChangeCause cause,
                Turn& turn) {
    for (std::size_t i = 0; i < self.memory.image.partitions.size(); ++i)
        if (self.memory.image.partitions[i].elr.has(broker))
            update_leader_and_isr(self, partition_at(i), about, cause, turn);
}

/// Source: ReplicationControlManager.handleBrokerUnfenced (all leaderless partitions are tried).
void elect_leaderless(Controller& self, BrokerSlot unfenced, Turn& turn) {
    const BrokerChange about{no_slot, unfenced, no_slot};
    for (std::size_t i = 0; i < self.memory.image.partitions.size(); ++i)
        if (self.memory.image.partitions[i].leader == no_slot)
            update_leader_and_isr(self, partition_at(i), about, ChangeCause::broker_unfenced, turn);
}

/// Source: ReplicationControlManager.maybeBalancePartitionLeaders: every partition without its preferred
/// leader, at most 1000 a pass; leader.imbalance.per.broker.percentage has no say in KRaft; semantics 4.7.10.
/// Leaves out: before 4.0 the interval runs from the write that left the imbalance.
void rebalance_leaders(Controller& self, Turn& turn) {
    int moved = 0;
    for (std::size_t i = 0; i < self.memory.image.partitions.size() && moved < most_elections; ++i) {
        const PartitionIndex partition = partition_at(i);
        if (self.memory.image.partitions[i].leader == assignment_of(self, partition, turn).slots[0]) continue;
        ChangeRequest request;
        request.election = ElectionType::preferred;
        moved += change_partition(self, partition, request, {}, ChangeCause::elected_preferred, turn) ? 1 : 0;
    }
    const sim::Duration interval = turn.configuration.controller_settings.leader_imbalance_check_interval;
    turn.after(moved == most_elections ? immediate_period : interval,
               timer(ControllerTimer::rebalance, self.memory.term));
}

/// Source: ReplicationControlManager.maybeElectUncleanLeaders, unclean.leader.election.interval.ms (KIP-966).
/// Leaves out: before 4.0 the interval runs from the write that left a partition without a leader.
void retry_unclean_elections(Controller& self, Turn& turn) {
    int elected = 0;
    for (std::size_t i = 0; i < self.memory.image.partitions.size() && elected < most_elections; ++i) {
        const PartitionIndex partition = partition_at(i);
        if (self.memory.image.partitions[i].leader != no_slot) continue;
        if (election_type(self, partition, turn) != ElectionType::unclean) continue;
        ChangeRequest request;
        request.election = ElectionType::unclean;
        elected += change_partition(self, partition, request, {}, ChangeCause::elected_unclean, turn) ? 1 : 0;
    }
    const sim::Duration interval = turn.configuration.controller_settings.unclean_leader_election_interval;
    turn.after(elected == most_elections ? immediate_period : interval,
               timer(ControllerTimer::unclean_retry, self.memory.term));
}

} // namespace kafka::parts
