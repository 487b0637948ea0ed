#include "models/control/zookeeper/parts.hpp"

#include <algorithm>

namespace kafka::zookeeper {

namespace {

/// The refusal of one change, or NONE when it is to be written; `done` when it is already so.
/// Source: KafkaController.processAlterIsr (2.7 to 3.2), tryProcessAlterPartition; semantics 4.3.
ErrorCode refusal(const ZooKeeperController& self, const AlterPartitionContent::Entry& entry, bool& done,
                  const Turn& turn) {
    const PartitionState& state = self.partitions[index(entry.partition)];
    const Dialect& dialect = dialect_of(self, turn.configuration);
    const bool newest = dialect.zookeeper.stale_is_not_controller;
    if (!exists(state)) return ErrorCode::unknown_topic_or_partition;
    const bool ahead =
        entry.leader_epoch > state.leader_epoch || entry.partition_epoch > state.partition_epoch;
    if (newest && ahead) return ErrorCode::not_controller; // KAFKA-14154
    if (entry.leader_epoch < state.leader_epoch) return ErrorCode::fenced_leader_epoch;
    done = entry.leader_epoch == state.leader_epoch && entry.new_isr == state.isr;
    if (done) return ErrorCode::none;
    const bool stale = entry.partition_epoch < state.partition_epoch &&
                       dialect.broken != BrokenRule::stale_partition_epoch_accepted;
    if (newest && stale) return ErrorCode::invalid_update_version;
    const BrokerSet eligible = live_brokers(self) - self.shutting_down;
    if (dialect.join >= JoinRule::unfenced && !eligible.contains(entry.new_isr))
        return ErrorCode::ineligible_replica; // KAFKA-14140
    return ErrorCode::none;
}

void fill(AlterPartitionAnswer::Entry& answer, const PartitionState& state) {
    answer.leader = state.leader;
    answer.leader_epoch = state.leader_epoch;
    answer.partition_epoch = state.partition_epoch;
    answer.isr = state.isr;
}

} // namespace

std::vector<PartitionRecord> check_changes(ZooKeeperController& self, const Turn& turn) {
    std::vector<PartitionRecord> passed;
    for (const AlterPartitionContent::Entry& entry : self.task->event.changes) {
        bool done = false;
        const ErrorCode error = refusal(self, entry, done, turn);
        AlterPartitionAnswer::Entry answer{entry.partition, error, {}, {}, {}, {}};
        const PartitionState& state = self.partitions[index(entry.partition)];
        if (error == ErrorCode::none) fill(answer, state);
        self.task->answers.push_back(answer);
        if (error != ErrorCode::none || done) continue;
        PartitionState wanted = state;
        wanted.isr = entry.new_isr;
        wanted.partition_epoch = entry.partition_epoch;
        if (dialect_of(self, turn.configuration).broken == BrokenRule::stale_partition_epoch_accepted)
            wanted.partition_epoch = state.partition_epoch;
        const bool grows = entry.new_isr.contains(state.isr);
        passed.push_back(
            {entry.partition, wanted, {}, grows ? ChangeCause::isr_expand : ChangeCause::isr_shrink, false});
    }
    return passed;
}

void refuse_request(ZooKeeperController& self, const ControllerEvent& event, ErrorCode error) {
    if (event.kind == ControllerEventKind::alter_partition)
        self.replies.push_back({event.connection, AlterPartitionResponse{error, {}}});
    if (event.kind == ControllerEventKind::controlled_shutdown)
        self.replies.push_back({event.connection, ControlledShutdownResponse{error, 0}});
}

void answer_changes(ZooKeeperController& self, Turn& turn) {
    const sim::SlabHandle handle = turn.slabs().alter_partition_answer.acquire();
    turn.slabs().alter_partition_answer.open(handle).entries = self.task->answers;
    self.replies.push_back({self.task->event.connection, AlterPartitionResponse{ErrorCode::none, handle}});
}

} // namespace kafka::zookeeper
