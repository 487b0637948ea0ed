#include "models/control/kraft/parts.hpp"

#include <algorithm>

namespace kafka {

namespace {

using parts::index;

/// Whether the target names registered brokers only.
/// Source: ReplicationControlManager.validateManualPartitionAssignment.
bool all_are_registered(const Controller& self, const Assignment& target) {
    return std::all_of(target.begin(), target.end(), [&](BrokerSlot slot) {
        return self.memory.image.registrations[index(slot)].registered;
    });
}

/// Source: ReplicationControlManager.cancelPartitionReassignment, PartitionReassignmentRevert.
bool cancel(Controller& self, PartitionIndex partition, Turn& turn) {
    const PartitionState& state = self.memory.image.partitions[index(partition)];
    if (!is_reassigning(state)) {
        turn.ignore("NO_REASSIGNMENT_IN_PROGRESS");
        return false;
    }
    ChangeRequest request;
    request.target_replicas = without(state.replicas, state.adding);
    BrokerSet isr = state.isr - state.adding;
    const ElectionType election = parts::election_type(self, partition, turn);
    if (isr.empty()) { // everybody in sync is being added: the first one that stays has to lead
        if (election != ElectionType::unclean) {
            turn.ignore("INVALID_REPLICA_ASSIGNMENT: to cancel it would be an unclean election");
            return false;
        }
        isr.add(request.target_replicas->slots[0]);
    }
    request.target_isr = isr;
    request.election = election;
    return parts::change_partition(self, partition, request, {}, ChangeCause::reassignment_cancelled, turn);
}

} // namespace

/// A second reassignment starts from the replicas of the first, with those that are being added.
bool reassign(Controller& self, PartitionIndex partition, const Assignment& target, Turn& turn) {
    const PartitionState& state = self.memory.image.partitions[index(partition)];
    if (!exists(state)) {
        turn.ignore("UNKNOWN_TOPIC_OR_PARTITION");
        return false;
    }
    if (target.count == 0) return cancel(self, partition, turn);
    if (!all_are_registered(self, target)) {
        turn.ignore("INVALID_REPLICA_ASSIGNMENT: a broker of it is not registered");
        return false;
    }
    const Assignment current = replicas_of(state, turn.configuration.partition(partition));
    ChangeRequest request;
    request.target_replicas = reassigned(current, target);
    request.target_adding = target.set() - current.set();
    request.target_removing = current.set() - target.set();
    parts::change_partition(self, partition, request, {}, ChangeCause::reassignment_began, turn);
    return true;
}

/// Source: ConfigurationControlManager.incrementalAlterConfigs, of topics and brokers.
/// Leaves out: the settings as such; a record stands for all of them.
void set_throttle(Controller& self, std::int32_t fault, bool removed, Turn& turn) {
    apply(self.memory.image, ThrottleRecord{fault, removed});
    parts::append(self, ThrottleRecord{fault, removed}, turn);
}

void delete_topic(Controller& self, TopicIndex topic, Turn& turn) {
    const TopicConfiguration& configured = turn.configuration.topic(topic);
    for (std::int32_t i = 0; i < configured.partitions; ++i) {
        const PartitionIndex partition = next(configured.partition_first, i);
        if (!exists(self.memory.image.partitions[index(partition)])) continue;
        PartitionState gone = not_yet_created();
        gone.deleted = true;
        parts::write_partition(self, partition, gone, ChangeCause::topic_deleted, false, turn);
    }
}

/// Out of every ISR and ELR, then out of the cluster.
bool unregister(Controller& self, BrokerSlot broker, Turn& turn) {
    if (!self.memory.image.registrations[index(broker)].registered) {
        turn.ignore("BROKER_ID_NOT_REGISTERED");
        return false;
    }
    const parts::BrokerChange about{broker, no_slot, no_slot};
    parts::leave_isrs(self, broker, about, ChangeCause::broker_unregistered, turn);
    parts::leave_elrs(self, broker, about, ChangeCause::broker_unregistered, turn);
    const BrokerEpoch epoch = self.memory.image.registrations[index(broker)].epoch;
    apply(self.memory.image, UnregisterBrokerRecord{broker});
    self.memory.contacts[index(broker)] = BrokerContact{};
    parts::append(self, UnregisterBrokerRecord{broker}, turn);
    turn.note(fact::BrokerChanged{broker, BrokerEvent::unregistered, epoch});
    return true;
}

bool finalize(Controller& self, std::int32_t fault, bool all_know_them, Turn& turn) {
    if (!all_know_them) {
        turn.ignore("INVALID_UPDATE_VERSION: a broker or controller does not know these features");
        return false;
    }
    apply(self.memory.image, FeatureRecord{fault});
    parts::append(self, FeatureRecord{fault}, turn);
    turn.note(fact::FeaturesFinalized{fault});
    return true;
}

} // namespace kafka
