#pragma once
// Who leads a partition, by the rules of the controller under ZooKeeper: pure functions.

#include "models/control/election.hpp"
#include "models/turn/messages.hpp"

#include <optional>

namespace kafka::zookeeper {

/// A partition's next state, and whether its leader may lack committed records. The leader epoch grows with
/// every write of the controller; the version, which stands as partition epoch, is that of the state before.
struct Decision {
    PartitionState state;
    bool unclean = false;
    bool operator==(const Decision&) const = default;
};

/// The partition has no live leader: the first live replica of the assignment that is in the ISR; when there
/// is none and `unclean`, the first live one, alone in the ISR. Nothing when nobody may lead. Source:
/// Election.leaderForOffline, PartitionLeaderElectionAlgorithms.offlinePartitionLeaderElection;
/// semantics 4.2.3.
std::optional<Decision> elect_for_offline(const PartitionState& before, const Assignment& assignment,
                                          BrokerSet live, bool unclean, BrokenRule broken = BrokenRule::none);
/// Source: preferredReplicaPartitionLeaderElection: the first of the assignment, when it lives and is in
/// sync.
std::optional<Decision> elect_preferred(const PartitionState& before, const Assignment& assignment,
                                        BrokerSet live);
/// Source: controlledShutdownPartitionLeaderElection: who shuts down leaves the ISR as well.
std::optional<Decision> elect_for_shutdown(const PartitionState& before, const Assignment& assignment,
                                           BrokerSet live, BrokerSet shutting_down);
/// A replica goes offline. The last member of an ISR stays in it, without a leader.
/// Source: ZkReplicaStateMachine.doRemoveReplicasFromIsr; semantics 4.2.5.
std::optional<Decision> without_replica(const PartitionState& before, BrokerSlot gone);
/// Nothing changes but the leader epoch. Source: KafkaController.updateLeaderEpoch.
Decision in_new_epoch(const PartitionState& before);
/// A new partition: its live replicas are in sync. Nothing when none lives.
/// Source: ZkPartitionStateMachine.initializeLeaderAndIsrForPartitions.
std::optional<Decision> create(const Assignment& assignment, BrokerSet live);

} // namespace kafka::zookeeper
