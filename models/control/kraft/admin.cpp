#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka {

using parts::index;

void elect(Controller& self, PartitionIndex partition, bool unclean, Turn& turn) {
    const PartitionState& state = self.memory.image.partitions[index(partition)];
    const BrokerSlot preferred = replicas_of(state, turn.configuration.partition(partition)).slots[0];
    if (unclean ? state.leader != no_slot : state.leader == preferred)
        return turn.ignore("ELECTION_NOT_NEEDED");
    ChangeRequest request;
    request.election = unclean ? ElectionType::unclean : ElectionType::preferred;
    const ChangeCause cause = unclean ? ChangeCause::elected_unclean : ChangeCause::elected_by_request;
    if (parts::change_partition(self, partition, request, {}, cause, turn)) return;
    turn.ignore(unclean ? "ELIGIBLE_LEADERS_NOT_AVAILABLE" : "PREFERRED_LEADER_NOT_AVAILABLE");
}

/// Enabling unclean election on a topic without a leader elects nobody: that waits for ElectLeaders or for
/// unclean.leader.election.interval.ms (reference/real/R09elr1.json). Changing min.insync.replicas clears the
/// topic's eligible leader replicas, and who was the last known leader.
/// Source: ConfigurationControlManager.createClearElrRecordsAsNeeded and
/// ReplicationControlManager.removeTopicElrs (4.3.1).
/// Leaves out: the one ClearElrRecord; here each partition that changes has a record.
void set_topic(Controller& self, TopicIndex topic, const TopicSettings& settings, Turn& turn) {
    TopicSettings& current = self.memory.image.topics[index(topic)];
    const bool min_isr_changes = current.min_insync_replicas != settings.min_insync_replicas;
    current = settings;
    parts::append(self, TopicConfigRecord{topic, settings}, turn);
    if (!min_isr_changes || !dialect_of(self, turn.configuration).eligible_leader_replicas) return;
    const TopicConfiguration& configured = turn.configuration.topic(topic);
    for (std::int32_t i = 0; i < configured.partitions; ++i) {
        const PartitionIndex partition = next(configured.partition_first, i);
        const auto after = without_eligible_leader_replicas(self.memory.image.partitions[index(partition)]);
        // No cause of its own: the ISR stays; only eligible leader replicas are forgotten.
        if (after) parts::write_partition(self, partition, *after, ChangeCause::isr_shrink, false, turn);
    }
}

void set_broker(Controller& self, BrokerSlot broker, std::int32_t fault, Turn& turn) {
    self.memory.image.broker_settings[index(broker)] = fault;
    parts::append(self, BrokerConfigRecord{broker, fault}, turn);
}

void create_partitions(Controller& self, TopicIndex topic, std::int32_t partitions, Turn& turn) {
    const TopicConfiguration& configured = turn.configuration.topic(topic);
    for (std::int32_t i = 0; i < std::min(partitions, configured.partitions); ++i) {
        const PartitionIndex partition = next(configured.partition_first, i);
        if (exists(self.memory.image.partitions[index(partition)])) continue;
        const BrokerSet active = parts::acceptable_leaders(self, partition, {}, turn);
        PartitionState state;
        for (const BrokerSlot slot : turn.configuration.partition(partition).assignment) {
            if (!active.has(slot)) continue;
            if (state.leader == no_slot) state.leader = slot;
            state.isr.add(slot);
        }
        if (state.leader == no_slot) return turn.ignore("INVALID_REPLICA_ASSIGNMENT: no replica is active");
        parts::write_partition(self, partition, state, ChangeCause::created, false, turn);
    }
}

/// Source: AclControlManager.createAcls, deleteAcls.
void set_access(Controller& self, ProducerIndex producer, bool denied, Turn& turn) {
    apply(self.memory.image, AccessControlRecord{producer, denied});
    parts::append(self, AccessControlRecord{producer, denied}, turn);
}

} // namespace kafka
