#pragma once
// Steps of the controller's work that its files share. Not for callers outside this folder.

#include "models/control/zookeeper/controller.hpp"

namespace kafka::zookeeper {

inline std::size_t index(BrokerSlot broker) { return static_cast<std::size_t>(broker.value); }
inline std::size_t index(PartitionIndex partition) { return static_cast<std::size_t>(partition.value); }
inline PartitionIndex partition_at(std::size_t i) { return PartitionIndex{static_cast<std::int32_t>(i)}; }

// --- controller.cpp ---
using Around = ControllerSurroundings;
/// The next call of the event under way.
void call(ZooKeeperController& self, ZooKeeperCall call, std::vector<MetadataRecord> records,
          const Around& around, Turn& turn);
void decide_and_write(ZooKeeperController& self, DecisionKind kind, const Around& around, Turn& turn);
void end_event(ZooKeeperController& self, const Around& around, Turn& turn);
inline void later(ZooKeeperController& self, ControllerEvent event) {
    self.events.push_back(std::move(event));
}
inline const Assignment& replicas_of(const ZooKeeperController& self, PartitionIndex partition,
                                     const Turn& turn) {
    return kafka::replicas_of(self.partitions[index(partition)], turn.configuration.partition(partition));
}

// --- channels.cpp ---
void open_channel(ZooKeeperController& self, BrokerSlot broker);
void close_channel(ZooKeeperController& self, BrokerSlot broker, Turn& turn);
/// UpdateMetadata to `to`: who lives, and these partitions.
void order_metadata(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                    Turn& turn);
/// LeaderAndIsr to those of `to` that have a replica of the partitions.
void order_roles(ZooKeeperController& self, BrokerSet to, const std::vector<PartitionIndex>& partitions,
                 Turn& turn);
void order_stop(ZooKeeperController& self, BrokerSlot broker, const std::vector<PartitionIndex>& partitions,
                Turn& turn);
/// StopReplica with deletePartition; `topic`: because the topic goes.
void order_deletion(ZooKeeperController& self, BrokerSlot broker,
                    const std::vector<PartitionIndex>& partitions, bool topic, Turn& turn);

// --- deciding.cpp ---
/// Brokers with a node, without those that bounced and are not taken in again.
BrokerSet live_brokers(const ZooKeeperController& self);
std::vector<PartitionIndex> known_partitions(const ZooKeeperController& self);
/// The decision for one partition, as the state that the controller knows now asks for it.
std::optional<PartitionRecord> decide(const ZooKeeperController& self, DecisionKind kind,
                                      PartitionIndex partition, const ControllerSurroundings& around,
                                      const Turn& turn);
/// Decides for all partitions that the event is about.
std::vector<PartitionRecord> decide_all(const ZooKeeperController& self, DecisionKind kind,
                                        const ControllerSurroundings& around, const Turn& turn);

/// Live, and not in a log directory that has failed.
BrokerSet online_for(const ZooKeeperController& self, PartitionIndex partition);

// --- reassigning.cpp ---
/// Whether all replicas of the target are in the ISR.
bool is_complete(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn);
void begin_reassignment(ZooKeeperController& self, const Around& around, Turn& turn);
void resume_reassignment(ZooKeeperController& self, const Around& around, Turn& turn);
/// What was to be written is written.
void go_on_reassigning(ZooKeeperController& self, const Around& around, Turn& turn);
/// Partitions that this event says something about may be complete.
void look_at_reassignments(ZooKeeperController& self, const std::vector<PartitionIndex>& partitions,
                           const Turn& turn);
/// All that have a new replica among `brokers` begin again. Source: maybeResumeReassignments.
void resume_reassignments(ZooKeeperController& self, BrokerSet brokers, const Turn& turn);

// --- deleting.cpp ---
bool is_queued_for_deletion(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn);
/// Brokers know it no more.
bool is_being_deleted(const ZooKeeperController& self, PartitionIndex partition, const Turn& turn);
/// Entries under /admin, as they were read.
void take_admin_nodes(ZooKeeperController& self, const std::vector<MetadataRecord>& records, Turn& turn);
/// Source: TopicDeletionManager.resumeDeletionForTopics: what halted the deletion of topics with replicas on
/// `brokers`, or of this topic, is over.
void resume_deletions_on(ZooKeeperController& self, BrokerSet brokers, const Turn& turn);
void resume_deletion_of(ZooKeeperController& self, TopicIndex topic, const Turn& turn);
void begin_deletion(ZooKeeperController& self, const Around& around, Turn& turn);
void go_on_deleting(ZooKeeperController& self, const Around& around, Turn& turn);
/// Replicas on brokers that are gone, or in failed directories. Source: failReplicaDeletion.
void fail_deletions(ZooKeeperController& self, const Turn& turn);
void take_deletion_answers(ZooKeeperController& self, const Turn& turn);

// --- offline_replicas.cpp ---
void take_answers(ZooKeeperController& self, const Around& around, Turn& turn);
void forget_offline(ZooKeeperController& self, BrokerSet brokers);
bool has_offline(const ZooKeeperController& self, PartitionIndex partition, BrokerSlot broker);

/// Where leaders write ISRs themselves, the controller may not know that a replica is back in one. It is
/// asked for with a write that cannot succeed, whose answer has the state; Kafka reads the node first.
/// Source: ZkReplicaStateMachine.doRemoveReplicasFromIsr (getTopicPartitionStatesFromZk).
void look_at_nodes(ZooKeeperController& self, const Turn& turn);

// --- altering.cpp ---
/// Checks the changes of an AlterPartition; what passes is to be written.
std::vector<PartitionRecord> check_changes(ZooKeeperController& self, const Turn& turn);
void refuse_request(ZooKeeperController& self, const ControllerEvent& event, ErrorCode error);
void answer_changes(ZooKeeperController& self, Turn& turn);

} // namespace kafka::zookeeper
