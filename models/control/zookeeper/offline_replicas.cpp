// Replicas in log directories that have failed: the controller hears of them in answers to LeaderAndIsr.
// Source: KIP-112; KafkaController.processLeaderAndIsrResponseReceived, onReplicasBecomeOffline.

#include "models/control/zookeeper/parts.hpp"

#include <algorithm>

namespace kafka::zookeeper {

bool has_offline(const ZooKeeperController& self, PartitionIndex partition, BrokerSlot broker) {
    return !self.offline.empty() && self.offline[index(partition)].has(broker);
}

/// A broker that comes or goes begins with all of its replicas.
void forget_offline(ZooKeeperController& self, BrokerSet brokers) {
    for (BrokerSet& one : self.offline)
        one = one - brokers;
    const bool none = std::all_of(self.offline.begin(), self.offline.end(),
                                  [](const BrokerSet& one) { return one.empty(); });
    if (none) self.offline.clear();
}

/// What a broker has answered to LeaderAndIsr, or to StopReplica.
void take_answers(ZooKeeperController& self, const Around& around, Turn& turn) {
    ControllerTask& task = *self.task;
    if (task.event.order == ControlKind::delete_replica) {
        take_deletion_answers(self, turn);
        return end_event(self, around, turn);
    }
    bool fresh = false;
    if (self.offline.empty()) self.offline.resize(self.partitions.size());
    for (AlterPartitionAnswer::Entry& answer : task.event.answers) {
        BrokerSet& offline = self.offline[index(answer.partition)];
        if (answer.error == ErrorCode::none) offline.remove(task.event.broker);
        if (answer.error != ErrorCode::kafka_storage_error) continue;
        if (offline.has(task.event.broker)) answer.error = ErrorCode::none; // known: nothing is to be done
        fresh = fresh || !offline.has(task.event.broker);
        offline.add(task.event.broker);
    }
    forget_offline(self, {});
    if (!fresh) return end_event(self, around, turn);
    task.gone = only(task.event.broker);
    decide_and_write(self, DecisionKind::directory_failed, around, turn);
}

} // namespace kafka::zookeeper
