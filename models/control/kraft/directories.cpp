#include "models/control/kraft/parts.hpp"

namespace kafka::parts {

namespace {

/// Writes where the replica is. The election inside changes nothing as long as the leader is acceptable.
void write_directory(Controller& self, PartitionIndex partition, BrokerSlot broker, bool online, Turn& turn) {
    const BrokerSet known = self.memory.image.offline_directories[index(partition)];
    if (known.has(broker) != online) return; // nothing new
    PartitionState state = self.memory.image.partitions[index(partition)];
    state.partition_epoch = next(state.partition_epoch);
    self.memory.image.offline_directories[index(partition)] =
        online ? known - only(broker) : known | only(broker);
    write_partition(self, partition, state, ChangeCause::log_directory_offline, false, turn);
}

} // namespace

/// "These replicas of mine live in this directory." A directory that the standing registration does not have
/// counts as offline. A broker that comes back with a newly formatted disk reports before it registers, and
/// so leaves the ISR before its session ends: one record for the directory, one for the ISR
/// (reference/real/R20follower.json).
/// Source: ReplicationControlManager.handleAssignReplicasToDirs ("offline-dir-assignment", 4.3.1); KIP-858.
/// Leaves out: several directories of one broker; the broker epoch in the request (the broker takes it from
/// its metadata, which still has the old registration); the election of a leader by the directory record
/// itself.
void handle(Controller& self, sim::ConnectionId connection, const AssignReplicasToDirsRequest& request,
            Turn& turn) {
    const std::vector<PartitionIndex> partitions = turn.slabs().partitions.open(request.content).partitions;
    turn.slabs().partitions.release(request.content);
    const bool online =
        self.memory.image.registrations[index(request.broker)].log_directory == request.log_directory;
    for (const PartitionIndex partition : partitions) {
        const PartitionState& state = self.memory.image.partitions[index(partition)];
        if (!replicas_of(state, turn.configuration.partition(partition)).set().has(request.broker)) {
            turn.ignore("NOT_LEADER_OR_FOLLOWER: a directory for a partition of others");
            continue;
        }
        write_directory(self, partition, request.broker, online, turn);
        if (online) continue;
        const BrokerChange about{request.broker, no_slot, no_slot};
        update_leader_and_isr(self, partition, about, ChangeCause::log_directory_offline, turn);
    }
    reply_when_committed(self, connection, AssignReplicasToDirsResponse{ErrorCode::none}, turn);
}

bool is_in_offline_directory(const Controller& self, PartitionIndex partition, BrokerSlot broker,
                             const Turn& turn) {
    const std::uint32_t offline = self.memory.image.registrations[index(broker)].offline_directories;
    return ((offline >> directory_of(turn.configuration, broker, partition)) & 1U) != 0;
}

/// Replicas in them leave their ISRs, and leaderships move; then the registration loses the directories.
/// Source: ReplicationControlManager.handleDirectoriesOffline; KIP-858.
void take_directories_offline(Controller& self, BrokerSlot broker, std::uint32_t offline, Turn& turn) {
    BrokerRegistrationState& state = self.memory.image.registrations[index(broker)];
    const std::uint32_t fresh = offline & ~state.offline_directories;
    if (fresh == 0) return;
    const BrokerChange about{broker, no_slot, no_slot};
    for (std::size_t i = 0; i < self.memory.image.partitions.size(); ++i) {
        const PartitionIndex partition = partition_at(i);
        if (!self.memory.image.partitions[i].isr.has(broker)) continue;
        const int directory = directory_of(turn.configuration, broker, partition);
        if (((fresh >> directory) & 1U) != 0)
            update_leader_and_isr(self, partition, about, ChangeCause::log_directory_offline, turn);
    }
    state.offline_directories |= fresh;
    write_broker(self, broker, BrokerEvent::directory_failed, turn);
}

} // namespace kafka::parts
