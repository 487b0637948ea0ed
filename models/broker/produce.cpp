#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// What became of one batch of a produce request.
struct Outcome {
    ErrorCode error = ErrorCode::none;
    Batch batch;       // as stored; for a duplicate the original's place
    bool wait = false; // acks=all waits for the high watermark
};

void note_answer(const Broker& broker, PartitionIndex partition, const Batch& batch, ErrorCode error,
                 Acks acks, Turn& turn) {
    BrokerSet in_sync;
    const int position = position_of(broker, partition);
    if (position >= 0) {
        const Role& role = broker.memory.replicas[static_cast<std::size_t>(position)].role;
        if (const auto* leader = std::get_if<Leader>(&role)) in_sync = maximal_isr(*leader);
    }
    turn.note(fact::ProduceAnswered{broker.slot, partition, batch.base_offset, batch.stream,
                                    batch.value_first, batch.count, error, static_cast<std::int8_t>(acks),
                                    in_sync});
}

/// Whether the records' create time lies too far from this broker's clock.
/// Source: LogValidator.validateTimestamp, recordHasInvalidTimestamp (KIP-937; before 3.6 one bound).
/// Shape: the newest record of the batch speaks for all of them.
bool has_invalid_timestamp(const Batch& batch, const TopicSettings& topic, const Turn& turn) {
    if (topic.log_append_time) return false;
    const std::int64_t behind = timestamp_of(turn.wall_time()).millis() - batch.max_timestamp.millis();
    return behind > topic.timestamp_before_max_millis || -behind > topic.timestamp_after_max_millis;
}

/// Source: LogValidator.validateKey: a compacted topic takes no record without a key.
ErrorCode check_keys(const ProduceContent::Entry& entry, const LeaderView& view, const Turn& turn) {
    if (!turn.configuration.compacts || !view.topic.cleanup_compact) return ErrorCode::none;
    const CleanerAbilities& abilities = view.dialect.cleaner;
    const bool keys =
        !turn.configuration.keys[static_cast<std::size_t>(entry.batch.stream.value)].cycle.empty();
    if (keys || abilities.takes_records_without_key) return ErrorCode::none;
    return abilities.records_have_own_error ? ErrorCode::invalid_record : ErrorCode::corrupt_message;
}

/// Source: Partition.appendRecordsToLeader, UnifiedLog.append; semantics 2.1 to 2.5.
Outcome append(Broker& broker, const ProduceContent::Entry& entry, const ProduceRequest& request,
               const Verification::Part* verified, Turn& turn) {
    const Acks acks = request.acks;
    Outcome outcome;
    outcome.batch = entry.batch;
    if (verified != nullptr && verified->error != ErrorCode::none) {
        outcome.error = verified->error;
        return outcome;
    }
    // Permissions come before everything else. Source: KafkaApis.handleProduceRequest.
    if (!may_write(broker.memory.image, turn.configuration.stream(entry.batch.stream).producer)) {
        outcome.error = ErrorCode::topic_authorization_failed;
        return outcome;
    }
    const int position = position_of(broker, entry.partition);
    Leader* leader = nullptr;
    if (position >= 0) leader = std::get_if<Leader>(&replica_at(broker, position).role);
    if (leader == nullptr) {
        outcome.error = refusal_without_role(broker, entry.partition, turn);
        return outcome;
    }
    Replica& replica = replica_at(broker, position);
    const LeaderView view = view_of(broker, entry.partition, turn);
    if (acks == Acks::all && leader->isr.size() < effective_min_isr(view) &&
        view.dialect.broken != BrokenRule::min_isr_not_checked_before_append) {
        outcome.error = ErrorCode::not_enough_replicas; // nothing is written
        return outcome;
    }
    if (entry.batch.bytes > view.topic.max_message_bytes) {
        outcome.error = ErrorCode::message_too_large;
        return outcome;
    }
    if (has_invalid_timestamp(entry.batch, view.topic, turn)) {
        outcome.error = ErrorCode::invalid_timestamp;
        return outcome;
    }
    if (const ErrorCode refused = check_keys(entry, view, turn); refused != ErrorCode::none) {
        outcome.error = refused;
        return outcome;
    }
    const bool adds = request.support == TransactionSupport::adds_partition;
    const SequenceCheck check =
        check_batch(replica.producers, entry.batch, view.dialect,
                    {request.transactional_id != no_transactional_id &&
                         (adds || view.settings.transaction.partition_verification),
                     adds && entry.batch.is_transactional, verified == nullptr ? 0 : verified->guard});
    if (check.error != ErrorCode::none) {
        outcome.error = check.error;
        return outcome;
    }
    outcome.wait = acks == Acks::all;
    if (check.duplicate) {
        outcome.batch.base_offset = check.base_offset;
        turn.note(fact::DuplicateDetected{broker.slot, entry.partition, check.base_offset, entry.batch.stream,
                                          entry.batch.value_first, entry.batch.count});
        return outcome;
    }
    if (!can_append(broker, entry.partition, turn)) {
        outcome.error = ErrorCode::kafka_storage_error;
        outcome.wait = false;
        return outcome;
    }
    if (view.topic.log_append_time) outcome.batch.max_timestamp = timestamp_of(turn.wall_time());
    outcome.batch = append_as_leader(log_at(broker, position), outcome.batch, leader->leader_epoch);
    remember(replica.producers, outcome.batch, view.dialect);
    turn.note(fact::BatchAppended{broker.slot, entry.partition, outcome.batch.base_offset, entry.batch.stream,
                                  entry.batch.value_first, entry.batch.count, leader->leader_epoch, true});
    flush_by_count(broker, position, turn);
    advance_high_watermark(broker, position, turn);
    return outcome;
}

void hint_leader(const Broker& broker, ProduceAnswer::Entry& entry) { // KIP-951
    const PartitionState& state =
        broker.memory.image.partitions[static_cast<std::size_t>(entry.partition.value)];
    entry.leader_hint = state.leader;
    entry.leader_epoch_hint = state.leader_epoch;
}

/// Whether a waiting batch is decided. Source: DelayedProduce.tryComplete,
/// Partition.checkEnoughReplicasReachOffset.
void decide(Broker& broker, DelayedProduce::Part& part, Turn& turn) {
    const int position = position_of(broker, part.partition);
    Replica& replica = replica_at(broker, position);
    const Leader* leader = std::get_if<Leader>(&replica.role);
    if (leader == nullptr) {
        part.error = refusal_without_role(broker, part.partition, turn);
        part.pending = false;
        return;
    }
    const BrokenRule broken = dialect_of(broker, turn.configuration).broken;
    if (replica.high_watermark < part.required_offset &&
        broken != BrokenRule::acknowledge_before_high_watermark)
        return;
    const LeaderView view = view_of(broker, part.partition, turn);
    const bool enough = effective_min_isr(view) <= maximal_isr(*leader).size() ||
                        broken == BrokenRule::min_isr_not_checked_after_append;
    part.error = enough ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append;
    part.pending = false;
}

void answer(Broker& broker, DelayedProduce& delayed, Acks acks, Turn& turn) {
    const sim::SlabHandle handle = turn.slabs().produce_answer.acquire();
    for (const DelayedProduce::Part& part : delayed.parts) {
        ProduceAnswer::Entry entry{part.partition, part.error, part.batch.base_offset, no_slot, no_epoch};
        if (part.error == ErrorCode::not_leader_or_follower) hint_leader(broker, entry);
        turn.slabs().produce_answer.open(handle).entries.push_back(entry);
        note_answer(broker, part.partition, part.batch, part.error, acks, turn);
    }
    const auto parts = static_cast<std::int32_t>(delayed.parts.size());
    broker.memory.spare_parts.give(std::move(delayed.parts));
    respond(broker, delayed.connection, ProduceResponse{delayed.correlation, handle}, 40 + 30 * parts, turn);
}

} // namespace

void handle(Broker& broker, sim::ConnectionId connection, const ProduceRequest& request, Turn& turn) {
    if (!verify_first(broker, connection, request, turn))
        serve_produce(broker, connection, request, {}, turn);
}

void serve_produce(Broker& broker, sim::ConnectionId connection, const ProduceRequest& request,
                   std::span<const Verification::Part> verified, Turn& turn) {
    const sim::SlabHandle content = request.content;
    DelayedProduce delayed{connection, request.correlation, broker.memory.next_round++, {}, {}};
    delayed.parts = broker.memory.spare_parts.take();
    bool waits = false;
    bool failed = false;
    const std::size_t count = turn.slabs().produce.open(content).entries.size();
    for (std::size_t i = 0; i < count; ++i) {
        const ProduceContent::Entry entry = turn.slabs().produce.open(content).entries[i];
        const auto asked =
            std::find_if(verified.begin(), verified.end(),
                         [&](const Verification::Part& part) { return part.partition == entry.partition; });
        const Outcome outcome =
            append(broker, entry, request, asked == verified.end() ? nullptr : &*asked, turn);
        failed = failed || outcome.error != ErrorCode::none;
        waits = waits || outcome.wait;
        delayed.parts.push_back({entry.partition, end_offset(outcome.batch), outcome.batch,
                                 outcome.wait ? ErrorCode::request_timed_out : outcome.error, outcome.wait});
    }
    turn.slabs().produce.release(content);
    for (const DelayedProduce::Part& part : delayed.parts)
        if (part.pending || part.error == ErrorCode::none)
            complete_delayed_fetches(broker, part.partition, turn);
    if (request.acks == Acks::none) {
        for (const DelayedProduce::Part& part : delayed.parts)
            note_answer(broker, part.partition, part.batch, part.error, request.acks, turn);
        broker.memory.spare_parts.give(std::move(delayed.parts));
        unmute(broker, connection, turn);
        // Nothing is answered; an error closes the connection so that the client learns something.
        if (failed) forget_connection(broker, connection, turn);
        return;
    }
    for (DelayedProduce::Part& part : delayed.parts)
        if (part.pending) decide(broker, part, turn);
    if (waits && is_pending(delayed)) {
        delayed.timer = turn.after(request.timeout, timer(BrokerTimer::produce_expired, delayed.round));
        broker.memory.delayed_produces.push_back(std::move(delayed));
        return;
    }
    answer(broker, delayed, request.acks, turn);
}

void complete_delayed_produces(Broker& broker, PartitionIndex partition, Turn& turn) {
    complete_internal_appends(broker, partition, turn);
    complete_delayed_markers(broker, partition, turn);
    complete(
        broker.memory.delayed_produces, partition, turn,
        [&](DelayedProduce::Part& part) { decide(broker, part, turn); },
        [&](DelayedProduce& done) { answer(broker, done, Acks::all, turn); });
}

void expire_delayed_produce(Broker& broker, std::uint32_t round, Turn& turn) {
    auto done = take_expired(broker.memory.delayed_produces, round);
    if (!done) return turn.ignore("produce answered already");
    answer(broker, *done, Acks::all, turn); // parts still pending keep REQUEST_TIMED_OUT
}

} // namespace kafka::parts
