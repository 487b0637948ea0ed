#include "models/client/consumer/isolation.hpp"
#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool has_data(const Reader& self, PartitionIndex partition) {
    return std::any_of(self.buffered.begin(), self.buffered.end(),
                       [&](const BufferedRecords& data) { return data.partition == partition; });
}

/// Where to read: the preferred replica until metadata.max.age.ms has passed, else the leader.
/// Source: AbstractFetch.selectReadReplica, SubscriptionState.preferredReadReplica; KIP-392.
BrokerSlot read_from(Reader& self, ReaderPosition& position, BrokerSlot leader, const Turn& turn) {
    if (position.preferred == no_slot) return leader;
    if (position.preferred_until > turn.now && self.metadata.alive.has(position.preferred))
        return position.preferred;
    if (position.preferred_until > turn.now) self.metadata.requested = true; // it is gone
    position.preferred = no_slot;
    return leader;
}

} // namespace

/// One fetch a leader or preferred replica, with all its partitions that are ready. Source:
/// AbstractFetch.prepareFetchRequests.
void send_fetches(Reader& self, Turn& turn) {
    const ConsumerSettings& set = configured(self, turn).settings;
    const bool fenced = configured(self, turn).dialect.fetch_is_fenced_by_epoch;
    for (std::size_t i = 0; i < self.nodes.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        ReaderNode& node = self.nodes[i];
        if (node.fetch_in_flight) continue;
        sim::SlabHandle handle;
        bool any = false;
        for (ReaderPosition& position : self.positions) {
            const MetadataView::PartitionView& leader = leader_view(self, position.partition);
            const bool ready = position.phase == PositionPhase::fetching && !position.in_flight &&
                               !position.pending_revocation && !position.paused && leader.leader != no_slot &&
                               read_from(self, position, leader.leader, turn) == slot &&
                               position.not_before <= turn.now && !has_data(self, position.partition);
            if (!ready || !ensure_ready(node.link, slot, connection_settings(self, turn), turn)) continue;
            if (!any) handle = turn.slabs().fetch.acquire();
            any = true;
            position.in_flight = true;
            position.asked = slot;
            turn.slabs().fetch.open(handle).entries.push_back({position.partition, position.offset, no_epoch,
                                                               fenced ? leader.leader_epoch : no_epoch,
                                                               Offset{0}, set.max_partition_fetch_bytes});
        }
        if (!any) continue;
        FetchRequest request;
        request.correlation = self.next_correlation++;
        request.max_wait = set.fetch_max_wait;
        request.min_bytes = set.fetch_min_bytes;
        request.max_bytes = set.fetch_max_bytes;
        request.content = handle;
        request.isolation = set.member.isolation_level;
        if (configured(self, turn).dialect.consumers_read_followers)
            turn.slabs().fetch.open(handle).client = self.index;
        node.fetch_in_flight = true;
        node.correlation = request.correlation;
        node.deadline = turn.now + set.request_timeout;
        turn.send(node.link.connection, sim::Side::client, request, 100);
    }
}

namespace {

std::vector<bool> hidden_batches(const Reader& self, const FetchAnswer::Entry& entry,
                                 const FetchAnswer& answer, const Turn& turn) {
    const bool looks = configured(self, turn).dialect.broken != BrokenRule::aborted_records_delivered;
    return passed_over(entry, answer,
                       looks ? configured(self, turn).settings.member.isolation_level
                             : IsolationLevel::read_uncommitted);
}

void deliver_batches(Reader& self, ReaderPosition& position, BrokerSlot from, const FetchAnswer::Entry& entry,
                     const FetchAnswer& answer, Turn& turn) {
    const std::vector<bool> hidden = hidden_batches(self, entry, answer, turn);
    for (std::uint32_t i = 0; i < entry.batch_count; ++i) {
        const Batch& batch = answer.batches[entry.batch_first + i];
        if (batch.corrupt) return refuse_corrupt(self, position, batch, from, turn);
        const std::int64_t skip = std::max<std::int64_t>(0, distance(batch.base_offset, position.offset));
        if (skip >= batch.count) continue;
        if (!hidden[i])
            turn.note(fact::Delivered{self.index, position.partition, next(batch.base_offset, skip),
                                      batch.stream, next(batch.value_first, skip),
                                      static_cast<std::int32_t>(batch.count - skip), batch.leader_epoch,
                                      from});
        position.offset = end_offset(batch);
        position.offset_epoch = batch.leader_epoch;
    }
}

/// A member's records wait for the next poll.
void keep_batches(Reader& self, const ReaderPosition& position, BrokerSlot from,
                  const FetchAnswer::Entry& entry, const FetchAnswer& answer, const Turn& turn) {
    if (entry.batch_count == 0) return;
    BufferedRecords data{position.partition, from, position.offset, {}, 0, {}};
    data.hidden = hidden_batches(self, entry, answer, turn);
    for (std::uint32_t i = 0; i < entry.batch_count; ++i)
        data.batches.push_back(answer.batches[entry.batch_first + i]);
    self.buffered.push_back(std::move(data));
}

/// Source: FetchCollector.handleInitializeErrors; semantics 7.2.5, 7.2.6.
void fetch_failed(Reader& self, ReaderPosition& position, ErrorCode error, Turn& turn) {
    const bool from_follower = position.preferred != no_slot;
    position.preferred = no_slot;
    // The leader may know better than a follower that lags, or was cut.
    if (error == ErrorCode::offset_out_of_range && from_follower) return;
    if (error == ErrorCode::offset_out_of_range) {
        const bool earliest = configured(self, turn).settings.auto_offset_reset == AutoOffsetReset::earliest;
        return begin_reset(self, position,
                           earliest ? PositionCause::reset_earliest : PositionCause::reset_latest, turn);
    }
    position.not_before = turn.now + configured(self, turn).settings.retry_backoff;
    if (refreshes_metadata(error)) self.metadata.requested = true;
}

} // namespace

void on_fetched(Reader& self, BrokerSlot broker, const FetchResponse& response, Turn& turn) {
    ReaderNode& node = self.nodes[static_cast<std::size_t>(broker.value)];
    const FetchAnswer& answer = turn.slabs().fetch_answer.open(response.content);
    if (!node.fetch_in_flight || node.correlation != response.correlation) {
        turn.slabs().fetch_answer.release(response.content);
        return turn.ignore("a fetch that is no longer awaited");
    }
    node.fetch_in_flight = false;
    node.deadline = sim::SimTime::never();
    for (const FetchAnswer::Entry& entry : answer.entries) {
        ReaderPosition* position = position_at(self, entry.partition);
        if (position == nullptr) continue;
        position->in_flight = false;
        if (position->phase != PositionPhase::fetching || position->offset != entry.fetch_offset) {
            turn.ignore("the position has changed since the fetch was sent");
            continue;
        }
        if (entry.error != ErrorCode::none) {
            take_hint(self.metadata, entry.partition, entry.leader_hint, entry.leader_epoch_hint);
            fetch_failed(self, *position, entry.error, turn);
        } else if (entry.preferred_replica != no_slot) {
            position->preferred = entry.preferred_replica;
            position->preferred_until = turn.now + configured(self, turn).settings.metadata_max_age;
        } else if (is_member(self, turn)) {
            keep_batches(self, *position, broker, entry, answer, turn);
        } else {
            deliver_batches(self, *position, broker, entry, answer, turn);
        }
    }
    turn.slabs().fetch_answer.release(response.content);
}

} // namespace kafka::parts
