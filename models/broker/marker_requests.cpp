// Markers that a coordinator wants in partitions which this broker leads.
// Source: KafkaApis.handleWriteTxnMarkersRequest, ProducerAppendInfo.appendEndTxnMarker; semantics 2.5, 6.8.

#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// From 4.0 the group coordinator writes the markers of its partitions (CoordinatorRuntime):
/// min.insync.replicas does not count there.
bool is_written_by_groups(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    return turn.configuration.topic_of(partition).purpose == TopicPurpose::consumer_offsets &&
           dialect_of(broker, turn.configuration).group.coordinator_runtime;
}

ErrorCode refusal_of(Broker& broker, const WriteTxnMarkersContent::Entry& entry, const Batch& marker,
                     Turn& turn) {
    const int position = position_of(broker, entry.partition);
    if (position < 0) return ErrorCode::unknown_topic_or_partition;
    const Replica& replica = replica_at(broker, position);
    const Leader* leader = std::get_if<Leader>(&replica.role);
    if (leader == nullptr) return refusal_without_role(broker, entry.partition, turn);
    const bool by_groups = is_written_by_groups(broker, entry.partition, turn);
    if (by_groups && coordinator_state(broker, entry.partition) != ErrorCode::none)
        return ErrorCode::not_leader_or_follower;
    const LeaderView view = view_of(broker, entry.partition, turn);
    if (!by_groups && leader->isr.size() < effective_min_isr(view)) return ErrorCode::not_enough_replicas;
    const bool exceeds = entry.bumps_epoch && view.dialect.transaction.markers_exceed_epoch;
    const ErrorCode refused = check_marker(replica.producers, marker, exceeds);
    if (refused != ErrorCode::none) return refused;
    return can_append(broker, entry.partition, turn) ? ErrorCode::none : ErrorCode::kafka_storage_error;
}

DelayedMarkers::Part append_marker(Broker& broker, const WriteTxnMarkersContent::Entry& entry, Turn& turn) {
    Batch marker =
        marker_batch(entry.outcome, entry.producer_id, entry.producer_epoch, entry.coordinator_epoch);
    marker.max_timestamp = timestamp_of(turn.wall_time());
    DelayedMarkers::Part part{entry.partition, no_offset,       entry.producer_id,
                              entry.outcome,   ErrorCode::none, false};
    part.error = refusal_of(broker, entry, marker, turn);
    if (part.error != ErrorCode::none) return part;
    const int position = position_of(broker, entry.partition);
    Replica& replica = replica_at(broker, position);
    const Epoch epoch = std::get<Leader>(replica.role).leader_epoch;
    marker = append_as_leader(log_at(broker, position), marker, epoch);
    remember(replica.producers, marker, dialect_of(broker, turn.configuration));
    turn.note(fact::BatchAppended{broker.slot, entry.partition, marker.base_offset, marker.stream,
                                  marker.value_first, marker.count, epoch, true});
    turn.note(fact::MarkerWritten{broker.slot, entry.partition, marker.base_offset, entry.producer_id,
                                  entry.producer_epoch, entry.outcome, entry.coordinator_epoch});
    flush_by_count(broker, position, turn);
    advance_high_watermark(broker, position, turn);
    part.required_offset = end_offset(marker);
    part.error = ErrorCode::request_timed_out;
    part.pending = true;
    return part;
}

/// Source: DelayedProduce.tryComplete; GroupCoordinator.onTransactionCompleted.
void decide_marker(Broker& broker, DelayedMarkers::Part& part, Turn& turn) {
    const Replica& replica = replica_at(broker, position_of(broker, part.partition));
    const Leader* leader = std::get_if<Leader>(&replica.role);
    if (leader == nullptr) {
        part.error = refusal_without_role(broker, part.partition, turn);
        part.pending = false;
        return;
    }
    if (replica.high_watermark < part.required_offset) return;
    const bool enough =
        is_written_by_groups(broker, part.partition, turn) ||
        effective_min_isr(view_of(broker, part.partition, turn)) <= maximal_isr(*leader).size();
    part.error = enough ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append;
    part.pending = false;
    const bool offsets =
        turn.configuration.topic_of(part.partition).purpose == TopicPurpose::consumer_offsets;
    if (enough && offsets)
        group_marker_appended(broker, part.partition, part.producer_id, part.outcome, turn);
}

void answer_markers(Broker& broker, const DelayedMarkers& delayed, Turn& turn) {
    const sim::SlabHandle handle = turn.slabs().markers_answer.acquire();
    for (const DelayedMarkers::Part& part : delayed.parts)
        turn.slabs().markers_answer.open(handle).entries.push_back(
            {part.producer_id, part.partition, part.error});
    const auto bytes = static_cast<std::int32_t>(40 + 20 * delayed.parts.size());
    respond(broker, delayed.connection, WriteTxnMarkersResponse{delayed.correlation, handle}, bytes, turn);
}

} // namespace

void handle(Broker& broker, sim::ConnectionId connection, const WriteTxnMarkersRequest& request, Turn& turn) {
    const WriteTxnMarkersContent content = turn.slabs().markers.open(request.content);
    turn.slabs().markers.release(request.content);
    DelayedMarkers delayed{connection, request.correlation, broker.memory.next_round++, {}, {}};
    for (const WriteTxnMarkersContent::Entry& entry : content.entries)
        delayed.parts.push_back(append_marker(broker, entry, turn));
    for (const DelayedMarkers::Part& part : delayed.parts)
        if (part.pending) complete_delayed_fetches(broker, part.partition, turn);
    for (DelayedMarkers::Part& part : delayed.parts)
        if (part.pending) decide_marker(broker, part, turn);
    if (!is_pending(delayed)) return answer_markers(broker, delayed, turn);
    delayed.timer = turn.after(settings_of(broker, turn.configuration).request_timeout,
                               transaction_timer(TransactionTimerKind::markers_expired, delayed.round));
    broker.memory.traffic.delayed_markers.push_back(std::move(delayed));
}

void complete_delayed_markers(Broker& broker, PartitionIndex partition, Turn& turn) {
    complete(
        broker.memory.traffic.delayed_markers, partition, turn,
        [&](DelayedMarkers::Part& part) { decide_marker(broker, part, turn); },
        [&](const DelayedMarkers& done) { answer_markers(broker, done, turn); });
}

void expire_delayed_markers(Broker& broker, std::uint32_t round, Turn& turn) {
    const auto done = take_expired(broker.memory.traffic.delayed_markers, round);
    if (!done) return turn.ignore("markers answered already");
    answer_markers(broker, *done, turn); // parts still pending keep REQUEST_TIMED_OUT
}

} // namespace kafka::parts
