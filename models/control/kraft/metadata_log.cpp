#include "models/control/kraft/parts.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Bytes of a record in the metadata log, for the size of answers and snapshots.
constexpr std::int64_t record_bytes = 100;

/// What a request that waited for its records is told when its controller gives up.
Mail refusal(const Mail& answer, Turn& turn) {
    turn.release(answer);
    if (std::holds_alternative<BrokerRegistrationResponse>(answer))
        return BrokerRegistrationResponse{ErrorCode::not_controller, no_broker_epoch};
    if (std::holds_alternative<BrokerHeartbeatResponse>(answer))
        return BrokerHeartbeatResponse{ErrorCode::not_controller};
    if (std::holds_alternative<AlterPartitionResponse>(answer))
        return AlterPartitionResponse{ErrorCode::not_controller, {}};
    return AssignReplicasToDirsResponse{ErrorCode::not_controller};
}

/// Source: SnapshotGenerator (metadata.log.max.record.bytes.between.snapshots), standing for bytes by a
/// constant size of records.
void maybe_snapshot_by_size(Controller& self, const Turn& turn) {
    const std::int64_t since = distance(self.durable.snapshot.end, self.durable.high_watermark);
    if (since * record_bytes >= turn.configuration.controller_settings.quorum.snapshot_after_bytes)
        take_snapshot(self);
}

} // namespace

/// The record joins what the next drain writes.
/// Source: QuorumController.ControllerWriteEvent, BatchAccumulator (the linger runs from the first append
/// after a drain).
void append(Controller& self, const MetadataRecord& record, Turn& turn) {
    SIM_ASSERT(self.memory.active, "only the active controller writes");
    append(self.durable.log, record, self.durable.election.epoch);
    if (self.memory.commit_is_scheduled) return;
    self.memory.commit_is_scheduled = true;
    turn.after(turn.configuration.controller_settings.controller_quorum_append_linger,
               timer(ControllerTimer::commit, self.memory.term));
}

void reply_now(sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    turn.send(connection, sim::Side::server, mail, reply_bytes);
}

/// An answer without records of its own waits for the records of others: it was decided on what they say.
/// Source: QuorumController.ControllerWriteEvent (deferredEventQueue.highestPendingOffset).
void reply_when_committed(Controller& self, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (log_end_offset(self) == self.durable.high_watermark) return reply_now(connection, mail, turn);
    self.memory.deferred.push_back({connection, log_end_offset(self), mail});
}

/// What was appended so far is written and flushed. Parked fetches go on then; the high watermark of a quorum
/// of one moves before they are answered, so that they carry it at once.
/// Source: KafkaRaftClient.appendBatch, flushLeaderLog, updateLeaderEndOffsetAndTimestamp.
void drain(Controller& self, Turn& turn) {
    self.memory.commit_is_scheduled = false;
    self.durable.drained = log_end_offset(self);
    if (is_alone(turn))
        move_high_watermark(self, self.durable.drained, turn);
    else
        advance_high_watermark(self, turn);
    complete_fetches(self, turn);
}

void move_high_watermark(Controller& self, Offset to, Turn& turn) {
    Controller::Durable& durable = self.durable;
    SIM_ASSERT(to <= durable.drained, "only what is flushed is committed");
    for (Offset at = durable.high_watermark; at < to; at = next(at))
        apply(durable.committed, record_at(durable.log, at));
    durable.high_watermark = to;
    std::vector<DeferredReply>& deferred = self.memory.deferred;
    const auto waits = std::find_if(deferred.begin(), deferred.end(),
                                    [&](const DeferredReply& reply) { return reply.offset > to; });
    const std::vector<DeferredReply> ready(deferred.begin(), waits);
    deferred.erase(deferred.begin(), waits);
    for (const DeferredReply& reply : ready)
        reply_now(reply.connection, reply.mail, turn);
    maybe_snapshot_by_size(self, turn);
}

/// Source: SnapshotGenerator, RecordsSnapshotWriter.
/// Leaves out: removal of what lies before it from the log (metadata.max.retention.bytes = 100 MiB).
void take_snapshot(Controller& self) {
    const Controller::Durable& durable = self.durable;
    if (durable.high_watermark == durable.snapshot.end) return;
    self.durable.snapshot = {durable.high_watermark, epoch_before(durable.log, durable.high_watermark),
                             durable.committed};
}

/// What nobody has on disk is dropped, and who waits for it is refused. A quorum of one has told observers at
/// the time of the write; they hear of the older state again.
/// Source: QuorumController.renounce (snapshots are reverted), BatchAccumulator.close.
void forget_uncommitted(Controller& self, bool resigns, Turn& turn) {
    Controller::Durable& durable = self.durable;
    std::vector<DeferredReply> deferred;
    deferred.swap(self.memory.deferred);
    for (const DeferredReply& reply : deferred) {
        const Mail refused = refusal(reply.mail, turn);
        if (resigns) reply_now(reply.connection, refused, turn);
    }
    if (is_alone(turn))
        for (Offset at = durable.high_watermark; at < log_end_offset(self); at = next(at)) {
            const auto* lost = std::get_if<PartitionRecord>(&record_at(durable.log, at));
            if (lost == nullptr) continue;
            const PartitionState& state = durable.committed.partitions[index(lost->partition)];
            turn.note(fact::PartitionChanged{lost->partition, state.leader, state.leader_epoch,
                                             state.partition_epoch, state.isr, state.elr,
                                             state.last_known_elr, ChangeCause::created, false});
        }
    truncate(durable.log, durable.drained);
}

} // namespace kafka::parts
