#include "models/control/kraft/parts.hpp"

namespace kafka::parts {

namespace {

/// Whether all members may be in an ISR. A request that merely keeps such a member is refused as well.
/// Before 3.3 nobody asks (KAFKA-13916): a broker that is fenced goes on fetching, is caught up, and is let
/// in. Source: ReplicationControlManager.ineligibleReplicasForIsr (KIP-841, 3.3; KIP-903, 3.5).
bool all_are_eligible(const Controller& self, const AlterPartitionContent::Entry& entry,
                      const Dialect& dialect) {
    if (dialect.join < JoinRule::unfenced) return true;
    std::size_t at = 0;
    for (BrokerSlot slot = entry.new_isr.first(); slot != no_slot; slot = entry.new_isr.after(slot)) {
        const BrokerRegistrationState& member = self.memory.image.registrations[index(slot)];
        const BrokerEpoch given = entry.epochs[at++];
        if (!member.registered || member.in_controlled_shutdown || member.fenced) return false;
        if (given != no_broker_epoch && given != member.epoch) return false;
    }
    return true;
}

/// Checks in Kafka's order.
/// Source: ReplicationControlManager.validateAlterPartitionData; semantics 4.9.
/// Leaves out: RECOVERING in a request (leaders always say RECOVERED).
ErrorCode validate(const Controller& self, BrokerSlot sender, const AlterPartitionContent::Entry& entry,
                   const Turn& turn) {
    const PartitionState& state = self.memory.image.partitions[index(entry.partition)];
    if (state.deleted) return ErrorCode::unknown_topic_or_partition;
    const Dialect& dialect = dialect_of(self, turn.configuration);
    // 1. A controller that is cut off from the quorum takes itself for the active one. 2. A leader that has
    // heard from its successor proposes an ISR to it. To 3.2 the controller takes what it does not know yet
    // for out of date, and the leader waits for metadata that it has already. Since 3.3 it says that it is
    // not the controller, and the leader asks another (KAFKA-14154).
    const bool ahead =
        entry.leader_epoch > state.leader_epoch || entry.partition_epoch > state.partition_epoch;
    if (ahead && dialect.quorum.stale_is_not_controller) return ErrorCode::not_controller;
    if (entry.leader_epoch != state.leader_epoch) return ErrorCode::fenced_leader_epoch;
    if (state.leader != sender) return ErrorCode::invalid_request;
    if (entry.partition_epoch != state.partition_epoch &&
        dialect.broken != BrokenRule::stale_partition_epoch_accepted)
        return ErrorCode::invalid_update_version;
    const BrokerSet replicas = replicas_of(state, turn.configuration.partition(entry.partition)).set();
    if (entry.new_isr.empty() || !replicas.contains(entry.new_isr)) return ErrorCode::invalid_request;
    if (!entry.new_isr.has(state.leader)) return ErrorCode::invalid_request;
    const bool eligible = all_are_eligible(self, entry, dialect);
    return eligible ? ErrorCode::none : ErrorCode::ineligible_replica;
}

AlterPartitionAnswer::Entry alter(Controller& self, BrokerSlot sender,
                                  const AlterPartitionContent::Entry& entry, Turn& turn) {
    AlterPartitionAnswer::Entry answer;
    answer.partition = entry.partition;
    answer.error = validate(self, sender, entry, turn);
    if (answer.error != ErrorCode::none) {
        turn.ignore("AlterPartition refused");
        return answer;
    }
    const BrokerSet before = self.memory.image.partitions[index(entry.partition)].isr;
    ChangeRequest request;
    request.target_isr = entry.new_isr;
    request.election = election_type(self, entry.partition, turn);
    request.leader_recovered = true;
    const bool grows = entry.new_isr.contains(before);
    change_partition(self, entry.partition, request, {},
                     grows ? ChangeCause::isr_expand : ChangeCause::isr_shrink, turn);
    const PartitionState& after = self.memory.image.partitions[index(entry.partition)];
    // The change completed a reassignment that takes its leader away: this leader has to hear it from the
    // metadata.
    if (after.leader != sender) {
        answer.error = ErrorCode::new_leader_elected;
        return answer;
    }
    answer.leader = after.leader;
    answer.leader_epoch = after.leader_epoch;
    answer.partition_epoch = after.partition_epoch;
    answer.isr = after.isr;
    return answer;
}

} // namespace

/// Source: ReplicationControlManager.alterPartition. A request that asks for what is already so succeeds
/// without a record; a retry of a request that succeeded gets INVALID_UPDATE_VERSION.
void handle(Controller& self, sim::ConnectionId connection, const AlterPartitionRequest& request,
            Turn& turn) {
    const BrokerRegistrationState& sender = self.memory.image.registrations[index(request.broker)];
    if (!sender.registered || sender.epoch != request.epoch) {
        turn.slabs().alter_partition.release(request.content);
        turn.ignore("STALE_BROKER_EPOCH: AlterPartition of another epoch");
        return reply_now(connection, AlterPartitionResponse{ErrorCode::stale_broker_epoch, {}}, turn);
    }
    const sim::SlabHandle handle = turn.slabs().alter_partition_answer.acquire();
    const std::size_t count = turn.slabs().alter_partition.open(request.content).entries.size();
    for (std::size_t i = 0; i < count; ++i) {
        const AlterPartitionContent::Entry entry =
            turn.slabs().alter_partition.open(request.content).entries[i];
        const AlterPartitionAnswer::Entry answer = alter(self, request.broker, entry, turn);
        turn.slabs().alter_partition_answer.open(handle).entries.push_back(answer);
    }
    turn.slabs().alter_partition.release(request.content);
    reply_when_committed(self, connection, AlterPartitionResponse{ErrorCode::none, handle}, turn);
}

} // namespace kafka::parts
