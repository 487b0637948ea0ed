#include "models/client/consumer/parts.hpp"

namespace kafka::parts {

void begin_reset(Reader& self, ReaderPosition& position, PositionCause cause, Turn& turn) {
    const AutoOffsetReset policy = configured(self, turn).settings.auto_offset_reset;
    if (policy == AutoOffsetReset::none) {
        position.phase = PositionPhase::stopped;
        turn.note(fact::ConsumerPositioned{self.index, position.partition, position.offset,
                                           PositionCause::no_reset_policy});
        return;
    }
    position.phase = PositionPhase::needs_reset;
    position.to_earliest = policy == AutoOffsetReset::earliest;
    position.cause = cause;
    position.in_flight = false;
}

/// Source: CompletedFetch.maybeEnsureValid (check.crcs), FetchCollector: KafkaException "If needed, please
/// seek past the record to continue consumption".
void refuse_corrupt(Reader& self, ReaderPosition& position, const Batch& batch, BrokerSlot from, Turn& turn) {
    position.phase = PositionPhase::stopped;
    turn.note(fact::CorruptRecordFound{no_slot, self.index, position.partition, batch.base_offset, from});
}

/// Asks leaders about positions that are not known or not validated. One question a partition.
void ask_positions(Reader& self, Turn& turn) {
    const Dialect& dialect = configured(self, turn).dialect;
    for (ReaderPosition& position : self.positions) {
        const MetadataView::PartitionView& leader = leader_view(self, position.partition);
        if (leader.leader == no_slot) {
            if (position.phase != PositionPhase::stopped) self.metadata.requested = true;
            continue;
        }
        const bool newer =
            position.phase == PositionPhase::fetching && leader.leader_epoch > position.validated_epoch;
        if (newer && !position.in_flight) {
            position.preferred = no_slot;
            const bool validates = dialect.consumer_detects_truncation && position.offset_epoch != no_epoch;
            if (validates)
                position.phase = PositionPhase::validating; // KIP-320
            else
                position.validated_epoch = leader.leader_epoch;
        }
        const bool asks =
            position.phase == PositionPhase::needs_reset || position.phase == PositionPhase::validating;
        if (!asks || position.in_flight || position.not_before > turn.now) continue;
        ReaderNode& node = self.nodes[static_cast<std::size_t>(leader.leader.value)];
        if (!ensure_ready(node.link, leader.leader, connection_settings(self, turn), turn)) continue;
        position.in_flight = true;
        position.asked = leader.leader;
        position.correlation = self.next_correlation++;
        const Epoch current = dialect.fetch_is_fenced_by_epoch ? leader.leader_epoch : no_epoch;
        if (position.phase == PositionPhase::validating)
            turn.send(node.link.connection, sim::Side::client,
                      OffsetsForLeaderEpochRequest{position.correlation, position.partition, no_slot,
                                                   position.offset_epoch, current},
                      80);
        else
            turn.send(node.link.connection, sim::Side::client,
                      ListOffsetsRequest{position.correlation, position.partition, no_slot,
                                         position.to_earliest, current,
                                         configured(self, turn).settings.member.isolation_level},
                      80);
        node.deadline = std::min(node.deadline, turn.now + configured(self, turn).settings.request_timeout);
    }
}

namespace {

void retry_later(Reader& self, ReaderPosition& position, ErrorCode error, Turn& turn) {
    position.in_flight = false;
    position.not_before = turn.now + configured(self, turn).settings.retry_backoff;
    if (refreshes_metadata(error)) self.metadata.requested = true;
}

} // namespace

void on_list_offsets(Reader& self, const ListOffsetsResponse& answer, Turn& turn) {
    ReaderPosition* position = position_at(self, answer.partition);
    if (position == nullptr || position->correlation != answer.correlation || !position->in_flight)
        return turn.ignore("an offset that is no longer asked for");
    if (answer.error != ErrorCode::none) return retry_later(self, *position, answer.error, turn);
    position->in_flight = false;
    position->offset = answer.offset;
    position->offset_epoch = no_epoch;
    position->validated_epoch = leader_view(self, answer.partition).leader_epoch;
    position->phase = PositionPhase::fetching;
    turn.note(fact::ConsumerPositioned{self.index, answer.partition, answer.offset, position->cause});
}

/// Source: SubscriptionState.maybeCompleteValidation; semantics 7.3; reference/real R09: the reader goes on
/// from the first divergent offset whatever its reset policy, but for "none".
void on_epoch_end(Reader& self, const OffsetsForLeaderEpochResponse& answer, Turn& turn) {
    ReaderPosition* position = position_at(self, answer.partition);
    if (position == nullptr || position->correlation != answer.correlation || !position->in_flight)
        return turn.ignore("a validation that is no longer awaited");
    if (answer.error != ErrorCode::none) return retry_later(self, *position, answer.error, turn);
    position->in_flight = false;
    if (answer.end_offset == no_offset) {
        return begin_reset(self, *position, PositionCause::truncation_detected, turn);
    }
    const bool truncated = answer.end_offset < position->offset;
    // LogTruncationException: without a reset policy poll() throws.
    if (truncated && configured(self, turn).settings.auto_offset_reset == AutoOffsetReset::none)
        return begin_reset(self, *position, PositionCause::truncation_detected, turn);
    position->phase = PositionPhase::fetching;
    position->validated_epoch = leader_view(self, answer.partition).leader_epoch;
    if (!truncated) return;
    position->offset = answer.end_offset;
    position->offset_epoch = answer.epoch;
    turn.note(fact::ConsumerPositioned{self.index, answer.partition, answer.end_offset,
                                       PositionCause::truncation_detected});
}

} // namespace kafka::parts
