#include "models/broker/parts.hpp"

#include "models/replication/truncation.hpp"
#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

Fetcher& find_or_add(Memory& memory, BrokerSlot leader) {
    auto at =
        std::lower_bound(memory.fetchers.begin(), memory.fetchers.end(), leader,
                         [](const Fetcher& fetcher, BrokerSlot wanted) { return fetcher.leader < wanted; });
    if (at == memory.fetchers.end() || at->leader != leader) {
        Fetcher fetcher;
        fetcher.leader = leader;
        at = memory.fetchers.insert(at, fetcher);
    }
    return *at;
}

Follower& follower_at(Broker& broker, int position) {
    return std::get<Follower>(replica_at(broker, position).role);
}

/// A partition that has to ask something before it may fetch is asked for alone. True when a question was
/// sent.
bool ask_before_fetching(Broker& broker, Fetcher& fetcher, Turn& turn) {
    for (const std::int32_t position : fetcher.replicas) {
        Follower& follower = follower_at(broker, position);
        if (follower.not_before > turn.now) continue;
        const PartitionIndex partition = replica_at(broker, position).partition;
        const Correlation correlation = broker.memory.next_correlation++;
        const bool fenced = dialect_of(broker, turn.configuration).fetch_is_fenced_by_epoch;
        const Epoch current = fenced ? follower.leader_epoch : no_epoch;
        if (follower.phase == FollowerPhase::truncating) {
            const Log& log = log_at(broker, position);
            if (follower.asked_epoch == no_epoch) { // no epoch is known: cut to the high watermark
                cut_log(broker, position,
                        std::min(replica_at(broker, position).high_watermark, log.log_end_offset),
                        RemovalCause::truncation_on_becoming_follower, turn);
                follower_at(broker, position).phase = FollowerPhase::fetching;
                continue;
            }
            turn.send(fetcher.channel.connection, sim::Side::client,
                      OffsetsForLeaderEpochRequest{correlation, partition, broker.slot, follower.asked_epoch,
                                                   current},
                      80);
        } else if (follower.phase == FollowerPhase::asked_for_end ||
                   follower.phase == FollowerPhase::asked_for_start) {
            const bool earliest = follower.phase == FollowerPhase::asked_for_start;
            turn.send(fetcher.channel.connection, sim::Side::client,
                      ListOffsetsRequest{correlation, partition, broker.slot, earliest, current}, 80);
        } else {
            continue;
        }
        follower.request_epoch = follower.leader_epoch;
        fetcher.channel.in_flight = true;
        fetcher.channel.correlation = correlation;
        return true;
    }
    return false;
}

/// Whether the follower's quota is used up for a replica that is not in sync, by what it knows itself: it has
/// not reached the high watermark that it was told last.
/// Source: RemoteLeaderEndPoint.shouldFollowerThrottle, PartitionFetchState.isReplicaInSync.
bool is_held_back(Broker& broker, int position, const Turn& turn) {
    if (broker.memory.image.throttles.empty()) return false;
    const Offset told = follower_at(broker, position).leader_high_watermark;
    const bool in_sync = told != no_offset && log_at(broker, position).log_end_offset >= told;
    return !in_sync && is_throttled_as_follower(broker, replica_at(broker, position).partition, turn) &&
           follower_quota_is_exceeded(broker, turn);
}

/// One fetch for all partitions that are ready. False when none is.
bool send_fetch(Broker& broker, Fetcher& fetcher, Turn& turn) {
    const BrokerSettings& settings = settings_of(broker, turn.configuration);
    const Dialect& dialect = dialect_of(broker, turn.configuration);
    sim::SlabHandle handle{};
    bool any = false;
    for (const std::int32_t position : fetcher.replicas) {
        Follower& follower = follower_at(broker, position);
        if (follower.phase != FollowerPhase::fetching || follower.not_before > turn.now) continue;
        if (is_held_back(broker, position, turn)) continue;
        if (!any) handle = turn.slabs().fetch.acquire();
        any = true;
        const Log& log = log_at(broker, position);
        FetchContent::Entry entry;
        entry.partition = replica_at(broker, position).partition;
        entry.fetch_offset = log.log_end_offset;
        entry.log_start_offset = log.log_start_offset;
        entry.max_bytes = settings.replica_fetch_max_bytes;
        if (dialect.truncation == TruncationRule::on_fetch && dialect.broken != BrokenRule::skip_truncation)
            entry.last_fetched_epoch = latest_epoch(log.epochs);
        if (dialect.fetch_is_fenced_by_epoch) entry.current_leader_epoch = follower.leader_epoch;
        follower.request_epoch = follower.leader_epoch;
        turn.slabs().fetch.open(handle).entries.push_back(entry);
    }
    if (!any) return false;
    FetchRequest request;
    request.correlation = broker.memory.next_correlation++;
    request.replica = broker.slot;
    request.replica_epoch =
        dialect.join == JoinRule::same_broker_epoch ? broker.memory.lifecycle.epoch : no_broker_epoch;
    request.max_wait = settings.replica_fetch_wait_max;
    request.min_bytes = settings.replica_fetch_min_bytes;
    request.max_bytes = settings.replica_fetch_response_max_bytes;
    request.content = handle;
    fetcher.channel.in_flight = true;
    fetcher.channel.correlation = request.correlation;
    turn.send(fetcher.channel.connection, sim::Side::client, request, 120);
    return true;
}

sim::SimTime earliest_retry(Broker& broker, const Fetcher& fetcher, const Turn& turn) {
    const sim::SimTime now = turn.now;
    sim::SimTime earliest = sim::SimTime::never();
    for (const std::int32_t position : fetcher.replicas) {
        const Follower& follower = follower_at(broker, position);
        if (follower.phase != FollowerPhase::failed && follower.not_before > now)
            earliest = std::min(earliest, follower.not_before);
        // Source: AbstractFetcherThread.maybeFetch: nothing to fetch, so it sleeps for the back-off.
        if (follower.phase == FollowerPhase::fetching && is_held_back(broker, position, turn))
            earliest =
                std::min(earliest, now + settings_of(broker, turn.configuration).replica_fetch_backoff);
    }
    return earliest;
}

/// Source: AbstractFetcherThread.onPartitionFenced (since 2.5, KAFKA-9654): a partition is given up only
///         while it still has the epoch that was refused. 1. A follower asks with epoch 1. 2. It hears of
///         epoch 2. 3. The leader, which heard first, refuses epoch 1. Giving up now would be for good:
///         epoch 2 is not told again. 2.1 to 2.4 compare nothing, but a new epoch truncates first there,
///         and a fetch's answer that meets a truncating partition is dropped: handle_fetched.
void apply_error(Broker& broker, int position, ErrorCode error, Turn& turn) {
    Follower& follower = follower_at(broker, position);
    if (error == ErrorCode::offset_out_of_range) { // semantics 3.6
        follower.phase = FollowerPhase::asked_for_end;
        return;
    }
    if (error == ErrorCode::fenced_leader_epoch && follower.leader_epoch == follower.request_epoch) {
        follower.phase = FollowerPhase::failed; // until newer metadata makes it a follower again
        return turn.ignore("fenced: waits for newer metadata");
    }
    follower.not_before = turn.now + settings_of(broker, turn.configuration).replica_fetch_backoff;
}

/// Source: AbstractFetcherThread.processFetchRequest; semantics 3.2, 3.9.
void apply_fetched(Broker& broker, int position, const FetchAnswer::Entry& entry, const FetchAnswer& answer,
                   Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Log& log = log_at(broker, position);
    const Dialect& dialect = dialect_of(broker, turn.configuration);
    if (entry.diverging_epoch != no_epoch) {
        const TruncationPoint point = truncation_point(dialect.truncation, log, replica.high_watermark,
                                                       {entry.diverging_epoch, entry.diverging_end});
        cut_log(broker, position, point.offset, RemovalCause::truncation_on_divergence, turn);
        return; // KAFKA-14704: nothing else is taken from this answer
    }
    // Source: UnifiedLog.analyzeAndValidateRecords (batch.ensureValid), AbstractFetcherThread
    // (CorruptRecordException): nothing of the answer is appended, and it is fetched again after the
    // back-off.
    for (std::uint32_t i = 0; i < entry.batch_count; ++i) {
        const Batch& batch = answer.batches[entry.batch_first + i];
        if (!batch.corrupt) continue;
        turn.note(fact::CorruptRecordFound{broker.slot, ConsumerIndex{-1}, replica.partition,
                                           batch.base_offset, std::get<Follower>(replica.role).leader});
        return apply_error(broker, position, ErrorCode::corrupt_message, turn);
    }
    std::get<Follower>(replica.role).leader_high_watermark = entry.high_watermark;
    if (!broker.memory.image.throttles.empty() && is_throttled_as_follower(broker, replica.partition, turn))
        for (std::uint32_t i = 0; i < entry.batch_count; ++i)
            record(broker.memory.follower_quota, answer.batches[entry.batch_first + i].bytes, turn.now);
    for (std::uint32_t i = 0; i < entry.batch_count; ++i) {
        const Batch& batch = answer.batches[entry.batch_first + i];
        if (end_offset(batch) <= log.log_end_offset) continue;
        // The leader's log starts within a batch (DeleteRecords), and this log is empty.
        // Source: Partition.appendRecordsToFollowerOrFutureReplica (UnexpectedAppendOffsetException).
        if (log.batches.empty() && batch.base_offset < log.log_end_offset)
            truncate_fully_and_start_at(log, batch.base_offset);
        // Behind the end: the cleaner of the leader has left a gap.
        const bool gap = batch.base_offset > log.log_end_offset && turn.configuration.compacts;
        if (batch.base_offset != log.log_end_offset && !gap) { // the batches do not line up with ours
            std::get<Follower>(replica.role).phase = FollowerPhase::failed;
            return turn.ignore("the fetched batch does not begin at the end of the log");
        }
        if (!can_append(broker, replica.partition, turn)) return; // the directory goes offline
        append_as_follower(log, batch);
        remember(replica.producers, batch, dialect);
        turn.note(fact::BatchAppended{broker.slot, replica.partition, batch.base_offset, batch.stream,
                                      batch.value_first, batch.count, batch.leader_epoch, false});
        flush_by_count(broker, position, turn);
    }
    const Offset told =
        dialect.broken == BrokenRule::follower_takes_leader_end ? log.log_end_offset : entry.high_watermark;
    const Offset high_watermark = std::max(log.log_start_offset, std::min(told, log.log_end_offset));
    if (high_watermark == replica.high_watermark) return;
    replica.high_watermark = high_watermark;
    forget_replicated(replica.producers.transactions, high_watermark);
    turn.note(fact::HighWatermarkMoved{broker.slot, replica.partition, high_watermark,
                                       std::get<Follower>(replica.role).leader_epoch, false});
    // Source: ReplicaFetcherThread.doWork: consumers of this follower see more now (KIP-392).
    if (consumers_wait(broker)) complete_delayed_fetches(broker, replica.partition, turn);
}

void on_epoch_answer(Broker& broker, int position, const OffsetsForLeaderEpochResponse& answer, Turn& turn) {
    if (answer.error != ErrorCode::none) return apply_error(broker, position, answer.error, turn);
    const TruncationRule rule = dialect_of(broker, turn.configuration).truncation;
    const TruncationPoint point =
        truncation_point(rule, log_at(broker, position), replica_at(broker, position).high_watermark,
                         {answer.epoch, answer.end_offset});
    cut_log(broker, position, point.offset, RemovalCause::truncation_on_becoming_follower, turn);
    Follower& after = follower_at(broker, position);
    after.asked_epoch = latest_epoch(log_at(broker, position).epochs);
    if (point.complete || after.asked_epoch == no_epoch) after.phase = FollowerPhase::fetching;
}

/// Whether a follower that is ahead of its leader dies rather than lose what it has. To 2.0.0 the broker
/// takes an end beyond the leader's for a sign of an unclean election, and where those are not allowed it
/// halts. Source: ReplicaFetcherThread.handleOffsetOutOfRange (0.8.2), fetchOffsetAndTruncate (2.0.0);
/// KAFKA-7414.
bool must_halt(Broker& broker, int position, Turn& turn) {
    const LeaderView view = view_of(broker, replica_at(broker, position).partition, turn);
    return halts_beyond_leader(view.dialect) && !view.topic.unclean_leader_election_enable;
}

/// Source: AbstractFetcherThread.fetchOffsetAndTruncate; semantics 3.6.
void on_offset_answer(Broker& broker, int position, const ListOffsetsResponse& answer, Turn& turn) {
    Follower& follower = follower_at(broker, position);
    Log& log = log_at(broker, position);
    if (answer.error != ErrorCode::none) return apply_error(broker, position, answer.error, turn);
    if (!answer.earliest) {
        if (answer.offset >= log.log_end_offset) {
            follower.phase = FollowerPhase::asked_for_start;
            return;
        }
        if (must_halt(broker, position, turn)) {
            broker.halt_requested = true;
            return turn.ignore("the broker halts: cutting its log is not allowed (KAFKA-7414)");
        }
        cut_log(broker, position, answer.offset, RemovalCause::truncation_out_of_range, turn);
    } else if (answer.offset > log.log_end_offset) {
        const Offset from = log.log_end_offset;
        const std::vector<Batch> cut = truncate_fully_and_start_at(log, answer.offset);
        replica_at(broker, position).high_watermark = answer.offset;
        replica_at(broker, position).producers = {};
        note_cut(broker, position, from, cut, RemovalCause::truncation_out_of_range, turn);
    } else { // both offsets are fine: the log stays, and the fetch is tried again after the back-off
        follower_at(broker, position).not_before =
            turn.now + settings_of(broker, turn.configuration).replica_fetch_backoff;
    }
    follower_at(broker, position).phase = FollowerPhase::fetching;
}

} // namespace

Fetcher* fetcher_of(Broker& broker, BrokerSlot leader) {
    for (Fetcher& fetcher : broker.memory.fetchers)
        if (fetcher.leader == leader) return &fetcher;
    return nullptr;
}

Fetcher* fetcher_on(Broker& broker, sim::ConnectionId connection) {
    for (Fetcher& fetcher : broker.memory.fetchers)
        if (fetcher.channel.connection == connection) return &fetcher;
    return nullptr;
}

void follow(Broker& broker, int position, Turn& turn) {
    const BrokerSlot leader = follower_at(broker, position).leader;
    Fetcher& fetcher = find_or_add(broker.memory, leader);
    const auto at = std::lower_bound(fetcher.replicas.begin(), fetcher.replicas.end(), position);
    if (at == fetcher.replicas.end() || *at != position) fetcher.replicas.insert(at, position);
    wake_fetcher(broker, leader, turn);
}

void unfollow(Broker& broker, int position, Turn&) {
    for (Fetcher& fetcher : broker.memory.fetchers)
        std::erase(fetcher.replicas, position);
}

void wake_later(Fetcher& fetcher, sim::SimTime when, Turn& turn) {
    if (when >= fetcher.wake_at && fetcher.wake_at > turn.now) return; // an earlier wake-up is set already
    fetcher.wake_at = when;
    turn.at(when, timer(BrokerTimer::fetcher_wake, ++fetcher.wake_round,
                        static_cast<std::uint32_t>(fetcher.leader.value)));
}

/// One turn of the fetcher's loop. Source: AbstractFetcherThread.doWork: maybeTruncate, then maybeFetch.
void wake_fetcher(Broker& broker, BrokerSlot leader, Turn& turn) {
    Fetcher& fetcher = *fetcher_of(broker, leader);
    if (fetcher.channel.in_flight || fetcher.replicas.empty() || fetcher.held) return;
    const bool was_closed = fetcher.channel.state == Channel::State::closed;
    if (!ensure_ready(fetcher.channel, Addresses::broker(leader), LinkKind::replication, turn)) {
        if (fetcher.channel.state == Channel::State::closed)
            return wake_later(fetcher, fetcher.channel.retry_at, turn);
        if (was_closed)
            turn.after(settings_of(broker, turn.configuration).replica_socket_timeout,
                       timer(BrokerTimer::fetcher_timeout, fetcher.channel.round,
                             static_cast<std::uint32_t>(leader.value)));
        return;
    }
    if (!ask_before_fetching(broker, fetcher, turn) && !send_fetch(broker, fetcher, turn)) {
        const sim::SimTime retry = earliest_retry(broker, fetcher, turn);
        if (retry != sim::SimTime::never()) wake_later(fetcher, retry, turn);
        return;
    }
    turn.after(
        settings_of(broker, turn.configuration).request_timeout,
        timer(BrokerTimer::fetcher_timeout, fetcher.channel.round, static_cast<std::uint32_t>(leader.value)));
}

/// Every partition of the fetcher waits for the back-off. Source:
/// AbstractFetcherThread.handlePartitionsWithErrors.
void fetcher_failed(Broker& broker, Fetcher& fetcher, Turn& turn) {
    const sim::Duration backoff = settings_of(broker, turn.configuration).replica_fetch_backoff;
    for (const std::int32_t position : fetcher.replicas)
        follower_at(broker, position).not_before = turn.now + backoff;
    wake_later(fetcher, turn.now + backoff, turn);
}

void handle_fetched(Broker& broker, BrokerSlot leader, const FetchAnswer& answer, Turn& turn) {
    for (const FetchAnswer::Entry& entry : answer.entries) {
        const int position = position_of(broker, entry.partition);
        const Follower* follower = std::get_if<Follower>(&replica_at(broker, position).role);
        const bool current = follower != nullptr && follower->leader == leader &&
                             follower->phase == FollowerPhase::fetching &&
                             entry.fetch_offset == log_at(broker, position).log_end_offset;
        if (!current) {
            turn.ignore("the partition has changed since the fetch was sent");
            continue;
        }
        if (entry.error != ErrorCode::none)
            apply_error(broker, position, entry.error, turn);
        else
            apply_fetched(broker, position, entry, answer, turn);
        const bool follows = entry.error == ErrorCode::none && entry.diverging_epoch == no_epoch;
        if (follows && entry.log_start_offset > log_at(broker, position).log_start_offset)
            follow_log_start(broker, position, entry.log_start_offset, turn);
    }
}

void append_held(Broker& broker, BrokerSlot leader, Turn& turn) {
    Fetcher& fetcher = *fetcher_of(broker, leader);
    const FetchResponse fetched = *fetcher.held;
    fetcher.held.reset();
    handle_fetched(broker, leader, turn.slabs().fetch_answer.open(fetched.content), turn);
    turn.slabs().fetch_answer.release(fetched.content);
    wake_fetcher(broker, leader, turn);
}

void on_fetcher(Broker& broker, Fetcher& fetcher, const Mail& mail, Turn& turn) {
    const BrokerSlot leader = fetcher.leader;
    fetcher.channel.in_flight = false;
    fetcher.channel.round += 1;
    const auto* fetched = std::get_if<FetchResponse>(&mail);
    if (fetched != nullptr && !broker.disk.devices.empty()) {
        fetcher.held_until = written_at(broker, turn.slabs().fetch_answer.open(fetched->content), turn);
        fetcher.held = *fetched;
        if (fetcher.held_until == turn.now) return append_held(broker, leader, turn);
        if (fetcher.held_until != sim::SimTime::never())
            turn.at(fetcher.held_until, timer(BrokerTimer::disk_ready));
        return;
    }
    if (fetched != nullptr) {
        handle_fetched(broker, leader, turn.slabs().fetch_answer.open(fetched->content), turn);
        turn.slabs().fetch_answer.release(fetched->content);
    } else if (const auto* epoch = std::get_if<OffsetsForLeaderEpochResponse>(&mail)) {
        const int position = position_of(broker, epoch->partition);
        const Follower* follower = std::get_if<Follower>(&replica_at(broker, position).role);
        // Source: AbstractFetcherThread.truncateToEpochEndOffsets drops the answer to an older leader epoch.
        if (follower != nullptr && follower->leader == leader &&
            follower->phase == FollowerPhase::truncating && follower->request_epoch == follower->leader_epoch)
            on_epoch_answer(broker, position, *epoch, turn);
    } else if (const auto* list = std::get_if<ListOffsetsResponse>(&mail)) {
        const int position = position_of(broker, list->partition);
        const Follower* follower = std::get_if<Follower>(&replica_at(broker, position).role);
        // Source: AbstractFetcherThread.handleOutOfRangeError asks under partitionMapLock, so that the answer
        // never meets another leader epoch.
        const FollowerPhase asked =
            list->earliest ? FollowerPhase::asked_for_start : FollowerPhase::asked_for_end;
        if (follower != nullptr && follower->leader == leader && follower->phase == asked &&
            follower->request_epoch == follower->leader_epoch)
            on_offset_answer(broker, position, *list, turn);
    }
    wake_fetcher(broker, leader, turn);
}

} // namespace kafka::parts
