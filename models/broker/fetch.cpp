#include "models/broker/parts.hpp"

#include <algorithm>
#include <tuple>

namespace kafka::parts {

namespace {

/// First offset that this reader may not see. Source: FetchIsolation; semantics 1.10.
Offset upper_bound(const Broker& broker, int position, const FetchRequest& request, BrokenRule broken) {
    const auto at = static_cast<std::size_t>(position);
    const Replica& replica = broker.memory.replicas[at];
    const bool to_the_end = request.replica != no_slot || broken == BrokenRule::consumers_read_to_the_end;
    if (to_the_end) return broker.disk.logs[at].log_end_offset;
    const bool all = request.isolation == IsolationLevel::read_uncommitted ||
                     broken == BrokenRule::last_stable_offset_ignored;
    if (all) return replica.high_watermark;
    return last_stable_offset(replica.producers.transactions, replica.high_watermark);
}

/// What only read_committed is told: the last stable offset, and what was aborted among the batches read.
void add_transactions(const Replica& replica, FetchAnswer::Entry& result, FetchAnswer& answer) {
    const LogTransactions& known = replica.producers.transactions;
    result.last_stable_offset = last_stable_offset(known, replica.high_watermark);
    result.aborted_first = static_cast<std::uint32_t>(answer.aborted.size());
    if (result.batch_count > 0)
        collect_aborted(known, result.fetch_offset, end_offset(answer.batches.back()), answer.aborted);
    result.aborted_count = static_cast<std::uint32_t>(answer.aborted.size()) - result.aborted_first;
}

/// Whether the follower's log departs from this one. Source: Partition.readRecords; KIP-595; semantics 3.4.
bool diverges(const Broker& broker, int position, const FetchContent::Entry& entry, EpochEnd& end) {
    if (entry.last_fetched_epoch == no_epoch) return false;
    const Log& log = broker.disk.logs[static_cast<std::size_t>(position)];
    end = end_offset_for(log.epochs, entry.last_fetched_epoch, log.log_end_offset);
    if (end.end == no_offset) return false; // answered as out of range
    return end.epoch < entry.last_fetched_epoch || end.end < entry.fetch_offset;
}

/// The replica that a consumer is told to read from; no_slot = this leader.
/// Source: ReplicaManager.findPreferredReadReplica, RackAwareReplicaSelector, ReplicaView.comparator;
/// KIP-392. Leaves out: replica selectors of one's own.
BrokerSlot preferred_replica(const Broker& broker, const FetchContent::Entry& entry, ConsumerIndex client,
                             const Turn& turn) {
    const Configuration& configuration = turn.configuration;
    const std::string& rack = configuration.consumer(client).settings.member.rack;
    const auto rack_of = [&](BrokerSlot slot) -> const std::string& {
        return configuration.broker(slot).rack;
    };
    const bool selects = settings_of(broker, configuration).rack_aware_reads && !rack.empty();
    if (!selects || rack_of(broker.slot) == rack) return no_slot;
    const int position = position_of(broker, entry.partition);
    const auto* leader =
        std::get_if<Leader>(&broker.memory.replicas[static_cast<std::size_t>(position)].role);
    if (leader == nullptr) return no_slot;
    const Assignment& assignment = replicas_of(broker, entry.partition, configuration);
    const BrokerSet alive = alive_brokers(broker.memory.image);
    const bool from_isr = dialect_of(broker, configuration).preferred_replica_is_in_isr;
    const RemoteReplica* best = nullptr;
    BrokerSlot chosen = no_slot;
    for (std::size_t i = 0; i < static_cast<std::size_t>(assignment.count); ++i) {
        const BrokerSlot slot = assignment.slots[i];
        const RemoteReplica& remote = leader->remotes[i];
        const bool may = slot != broker.slot && alive.has(slot) && rack_of(slot) == rack &&
                         (!from_isr || leader->isr.has(slot)) && remote.log_end_offset >= entry.fetch_offset;
        if (!may) continue;
        const auto key = [&](const RemoteReplica& one, BrokerSlot where) {
            return std::tuple{one.log_end_offset, one.last_caught_up_time, configuration.broker(where).id};
        };
        if (best != nullptr && key(remote, slot) < key(*best, chosen)) continue;
        best = &remote;
        chosen = slot;
    }
    return chosen;
}

/// Whether the leader's quota is used up for this follower. Source: ReplicaManager.shouldLeaderThrottle.
bool is_withheld(const Broker& broker, int position, BrokerSlot follower, const Turn& turn) {
    if (broker.memory.image.throttles.empty()) return false;
    const Replica& replica = broker.memory.replicas[static_cast<std::size_t>(position)];
    return !std::get<Leader>(replica.role).isr.has(follower) &&
           is_throttled_as_leader(broker, replica.partition, turn) && leader_quota_is_exceeded(broker, turn);
}

/// Source: KafkaApis.sizeOfThrottledPartitions: those of in-sync followers count as well.
void count_for_quota(Broker& broker, const FetchAnswer& answer, const Turn& turn) {
    if (broker.memory.image.throttles.empty()) return;
    std::int64_t bytes = 0;
    for (const FetchAnswer::Entry& entry : answer.entries) {
        if (!is_throttled_as_leader(broker, entry.partition, turn)) continue;
        for (std::uint32_t i = 0; i < entry.batch_count; ++i)
            bytes += answer.batches[entry.batch_first + i].bytes;
    }
    record(broker.memory.leader_quota, bytes, turn.now);
}

/// Brokers send what is on their disks; whoever appends or reads it checks it.
void mark_corrupt(const Log& log, FetchAnswer& answer, std::uint32_t first) {
    for (std::size_t i = first; i < answer.batches.size(); ++i)
        answer.batches[i].corrupt =
            std::binary_search(log.corrupt.begin(), log.corrupt.end(), answer.batches[i].base_offset);
}

/// Reads one partition into the answer. Nothing changes but the answer. Returns the bytes read.
std::int64_t read_partition(const Broker& broker, const FetchRequest& request, ConsumerIndex client,
                            const FetchContent::Entry& entry, std::int64_t room, FetchAnswer& answer,
                            const Turn& turn) {
    FetchAnswer::Entry result;
    result.partition = entry.partition;
    result.fetch_offset = entry.fetch_offset;
    const bool replica = request.replica != no_slot;
    const bool told_client = !replica && client.value >= 0;
    const bool reads_followers =
        told_client && dialect_of(broker, turn.configuration).consumers_read_followers;
    result.error =
        check_leadership(broker, entry.partition, entry.current_leader_epoch, turn, reads_followers);
    const int position = position_of(broker, entry.partition);
    if (result.error != ErrorCode::none) {
        const PartitionState& state =
            broker.memory.image.partitions[static_cast<std::size_t>(entry.partition.value)];
        result.leader_hint = state.leader;
        result.leader_epoch_hint = state.leader_epoch;
        answer.entries.push_back(result);
        return 0;
    }
    const Log& log = broker.disk.logs[static_cast<std::size_t>(position)];
    result.high_watermark = broker.memory.replicas[static_cast<std::size_t>(position)].high_watermark;
    result.log_start_offset = log.log_start_offset;
    if (reads_followers) result.preferred_replica = preferred_replica(broker, entry, client, turn);
    if (result.preferred_replica != no_slot) {
        answer.entries.push_back(result);
        return 0;
    }
    EpochEnd end;
    if (replica && diverges(broker, position, entry, end)) {
        result.diverging_epoch = end.epoch;
        result.diverging_end = end.end;
        answer.entries.push_back(result);
        return 0;
    }
    const bool unknown_epoch = replica && entry.last_fetched_epoch != no_epoch && end.end == no_offset;
    if (entry.fetch_offset > log.log_end_offset || entry.fetch_offset < log.log_start_offset ||
        unknown_epoch) {
        result.error = ErrorCode::offset_out_of_range;
        answer.entries.push_back(result);
        return 0;
    }
    const std::int64_t limit = std::min<std::int64_t>(entry.max_bytes, room);
    ReadRange range;
    const BrokenRule broken = dialect_of(broker, turn.configuration).broken;
    if (limit > 0 && !(replica && is_withheld(broker, position, request.replica, turn)))
        range = read(log, entry.fetch_offset, upper_bound(broker, position, request, broken), limit);
    result.batch_first = static_cast<std::uint32_t>(answer.batches.size());
    result.batch_count = static_cast<std::uint32_t>(range.count);
    for (std::size_t i = 0; i < range.count; ++i)
        answer.batches.push_back(log.batches[range.first + i]);
    if (!log.corrupt.empty()) mark_corrupt(log, answer, result.batch_first);
    if (!replica && request.isolation == IsolationLevel::read_committed)
        add_transactions(broker.memory.replicas[static_cast<std::size_t>(position)], result, answer);
    answer.entries.push_back(result);
    return range.bytes;
}

/// Reads all partitions of the request. Returns the bytes; `urgent` when something must be answered at once.
std::int64_t read_all(const Broker& broker, const FetchRequest& request, FetchAnswer& answer, bool& urgent,
                      Turn& turn) {
    const FetchContent& content = turn.slabs().fetch.open(request.content);
    std::int64_t bytes = 0;
    for (const FetchContent::Entry& entry : content.entries)
        bytes +=
            read_partition(broker, request, content.client, entry, request.max_bytes - bytes, answer, turn);
    for (const FetchAnswer::Entry& entry : answer.entries)
        urgent = urgent || entry.error != ErrorCode::none || entry.diverging_epoch != no_epoch ||
                 entry.preferred_replica != no_slot;
    return bytes;
}

/// Takes the follower's progress into account. Source: Partition.updateFollowerFetchState; semantics 1.2.7.
void update_follower(Broker& broker, const FetchRequest& request, const FetchContent::Entry& entry,
                     FetchAnswer::Entry& result, Offset leader_end, Turn& turn) {
    if (result.error != ErrorCode::none || result.diverging_epoch != no_epoch) return;
    const int position = position_of(broker, entry.partition);
    Leader& leader = std::get<Leader>(replica_at(broker, position).role);
    const LeaderView view = view_of(broker, entry.partition, turn);
    const int follower = position_of(view.assignment, request.replica);
    if (follower < 0) {
        result.error = ErrorCode::unknown_leader_epoch;
        return;
    }
    const Offset before = leader.remotes[static_cast<std::size_t>(follower)].log_end_offset;
    if (!update_remote(view, leader, request.replica, entry.fetch_offset, leader_end,
                       request.replica_epoch)) {
        result.error = ErrorCode::not_leader_or_follower; // KIP-903
        return;
    }
    maybe_expand_isr(broker, position, request.replica, turn);
    if (before != entry.fetch_offset) advance_high_watermark(broker, position, turn);
}

void send_answer(Broker& broker, sim::ConnectionId connection, const FetchRequest& request,
                 sim::SlabHandle handle, Turn& turn) {
    const FetchAnswer& answer = turn.slabs().fetch_answer.open(handle);
    std::int64_t bytes = 60;
    for (const FetchAnswer::Entry& entry : answer.entries) {
        bytes += entry.batch_count > 0 || entry.error != ErrorCode::none ? 40 : 0; // fetch sessions (KIP-227)
        if (entry.batch_count == 0 && entry.error == ErrorCode::none) continue;
        const Offset end = entry.batch_count > 0
                               ? end_offset(answer.batches[entry.batch_first + entry.batch_count - 1])
                               : no_offset;
        turn.note(fact::FetchServed{broker.slot, entry.partition, request.replica, entry.fetch_offset, end,
                                    entry.high_watermark, entry.error});
    }
    for (const Batch& batch : answer.batches)
        bytes += batch.bytes;
    bytes += 16 * static_cast<std::int64_t>(answer.aborted.size());
    if (request.replica != no_slot) {
        broker.replicated_bytes += bytes;
        count_for_quota(broker, answer, turn);
    }
    turn.slabs().fetch.release(request.content);
    respond(broker, connection, FetchResponse{request.correlation, handle}, static_cast<std::int32_t>(bytes),
            turn);
}

bool is_concerned(const DelayedFetch& fetch, PartitionIndex partition, Turn& turn) {
    const FetchContent& content = turn.slabs().fetch.open(fetch.request.content);
    return std::any_of(content.entries.begin(), content.entries.end(),
                       [&](const FetchContent::Entry& entry) { return entry.partition == partition; });
}

} // namespace

ErrorCode check_leadership(const Broker& broker, PartitionIndex partition, Epoch current, const Turn& turn,
                           bool or_follower) {
    const ErrorCode missing = why_no_replica(broker, partition, turn.configuration);
    if (missing != ErrorCode::none) return missing;
    const int position = position_of(broker, partition);
    if (position < 0) return ErrorCode::not_leader_or_follower;
    if (is_offline(broker, partition, turn)) return ErrorCode::kafka_storage_error;
    const Role& role = broker.memory.replicas[static_cast<std::size_t>(position)].role;
    Epoch known = no_epoch;
    if (const auto* leader = std::get_if<Leader>(&role)) known = leader->leader_epoch;
    if (const auto* follower = std::get_if<Follower>(&role)) known = follower->leader_epoch;
    const Dialect& dialect = dialect_of(broker, turn.configuration);
    if (dialect.fetch_is_fenced_by_epoch && dialect.broken != BrokenRule::stale_leader_epoch_accepted &&
        current != no_epoch) { // KIP-320
        if (known > current) return ErrorCode::fenced_leader_epoch;
        if (known < current) return ErrorCode::unknown_leader_epoch;
    }
    if (or_follower && std::holds_alternative<Follower>(role)) return ErrorCode::none; // KIP-392
    return std::holds_alternative<Leader>(role) ? ErrorCode::none : ErrorCode::not_leader_or_follower;
}

bool consumers_wait(const Broker& broker) {
    const std::vector<DelayedFetch>& waiting = broker.memory.delayed_fetches;
    return std::any_of(waiting.begin(), waiting.end(),
                       [](const DelayedFetch& fetch) { return fetch.request.replica == no_slot; });
}

void handle(Broker& broker, sim::ConnectionId connection, const FetchRequest& request, Turn& turn) {
    if (!broker.disk.devices.empty()) read_devices(broker, request, turn);
    const sim::SlabHandle handle = turn.slabs().fetch_answer.acquire();
    bool urgent = false;
    std::int64_t bytes = read_all(broker, request, turn.slabs().fetch_answer.open(handle), urgent, turn);
    if (request.replica != no_slot) {
        const std::size_t count = turn.slabs().fetch.open(request.content).entries.size();
        for (std::size_t i = 0; i < count; ++i) {
            const FetchContent::Entry entry = turn.slabs().fetch.open(request.content).entries[i];
            FetchAnswer::Entry result = turn.slabs().fetch_answer.open(handle).entries[i];
            const int position = position_of(broker, entry.partition);
            const Offset end = position >= 0 ? log_at(broker, position).log_end_offset : Offset{0};
            update_follower(broker, request, entry, result, end, turn);
            turn.slabs().fetch_answer.open(handle).entries[i] = result;
            urgent = urgent || result.error != ErrorCode::none;
        }
    }
    if (urgent || bytes >= request.min_bytes || request.max_wait.micros <= 0)
        return send_answer(broker, connection, request, handle, turn);
    turn.slabs().fetch_answer.release(handle);
    DelayedFetch delayed{connection, request, broker.memory.next_round++, {}};
    delayed.timer = turn.after(request.max_wait, timer(BrokerTimer::fetch_expired, delayed.round));
    broker.memory.delayed_fetches.push_back(delayed);
}

void complete_delayed_fetches(Broker& broker, PartitionIndex partition, Turn& turn) {
    std::vector<DelayedFetch>& waiting = broker.memory.delayed_fetches;
    for (std::size_t i = 0; i < waiting.size();) {
        if (!is_concerned(waiting[i], partition, turn)) {
            ++i;
            continue;
        }
        const sim::SlabHandle handle = turn.slabs().fetch_answer.acquire();
        bool urgent = false;
        const FetchRequest request = waiting[i].request;
        const std::int64_t bytes =
            read_all(broker, request, turn.slabs().fetch_answer.open(handle), urgent, turn);
        if (!urgent && bytes < request.min_bytes) {
            turn.slabs().fetch_answer.release(handle);
            ++i;
            continue;
        }
        const sim::ConnectionId connection = waiting[i].connection;
        turn.cancel(waiting[i].timer);
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
        send_answer(broker, connection, request, handle, turn);
    }
}

void expire_delayed_fetch(Broker& broker, std::uint32_t round, Turn& turn) {
    std::vector<DelayedFetch>& waiting = broker.memory.delayed_fetches;
    const auto at = std::find_if(waiting.begin(), waiting.end(),
                                 [&](const DelayedFetch& fetch) { return fetch.round == round; });
    if (at == waiting.end()) return turn.ignore("fetch answered already");
    const DelayedFetch delayed = *at;
    waiting.erase(at);
    const sim::SlabHandle handle = turn.slabs().fetch_answer.acquire();
    bool urgent = false;
    read_all(broker, delayed.request, turn.slabs().fetch_answer.open(handle), urgent, turn);
    send_answer(broker, delayed.connection, delayed.request, handle, turn);
}

} // namespace kafka::parts
