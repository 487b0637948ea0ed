#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

CoordinatedPartition* find(Coordination& coordination, PartitionIndex partition) {
    for (CoordinatedPartition& one : coordination.partitions)
        if (one.partition == partition) return &one;
    return nullptr;
}

/// Reads the log from its start to its end. Source: CoordinatorLoaderImpl, TransactionStateManager: up to the
/// log end offset, so that records above the high watermark count as well.
std::vector<LoadedBatch> read_all(Broker& broker, int position, Turn& turn) {
    std::vector<LoadedBatch> all;
    const Log& log = log_at(broker, position);
    for (std::size_t i = 0; i < log.batches.size(); ++i) {
        LoadedBatch loaded{log.batches[i], {}};
        if (!is_control(loaded.batch))
            for (std::int32_t n = 0; n < loaded.batch.count; ++n)
                loaded.records.push_back(
                    turn.content(loaded.batch.stream, next(loaded.batch.value_first, n)));
        all.push_back(std::move(loaded));
    }
    return all;
}

void load(Broker& broker, CoordinatedPartition& one, Turn& turn) {
    const std::vector<LoadedBatch> batches = read_all(broker, position_of(broker, one.partition), turn);
    one.loaded = true;
    turn.note(fact::CoordinatorLoaded{broker.slot, one.partition, one.leader_epoch,
                                      log_at(broker, position_of(broker, one.partition)).log_end_offset});
    const CoordinatedPartition loaded = one; // hooks may change the list
    if (turn.configuration.topic_of(loaded.partition).purpose == TopicPurpose::consumer_offsets)
        groups_loaded(broker, loaded, batches, turn);
    else
        transactions_loaded(broker, loaded, batches, turn);
}

/// Whether a waiting append is decided. Source: DelayedProduce.tryComplete; CoordinatorRuntime's
/// HighWatermarkListener.
std::optional<ErrorCode> decided(Broker& broker, const WaitingAppend& append, Turn& turn) {
    const Replica& replica = replica_at(broker, position_of(broker, append.partition));
    const Leader* leader = std::get_if<Leader>(&replica.role);
    if (leader == nullptr) return refusal_without_role(broker, append.partition, turn);
    if (replica.high_watermark < next(append.base_offset, append.count)) return std::nullopt;
    if (append.required != Acks::all) return ErrorCode::none;
    const bool enough =
        effective_min_isr(view_of(broker, append.partition, turn)) <= maximal_isr(*leader).size();
    return enough ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append;
}

void finish(Broker& broker, const WaitingAppend& append, ErrorCode error) {
    broker.memory.coordination.results.push_back(
        {append.partition, append.base_offset, append.count, error, append.token});
}

ErrorCode refusal(Broker& broker, const AppendOrder& order, std::int32_t bytes, Turn& turn) {
    const int position = position_of(broker, order.partition);
    const Leader* leader = position < 0 ? nullptr : std::get_if<Leader>(&replica_at(broker, position).role);
    if (leader == nullptr) return refusal_without_role(broker, order.partition, turn);
    const LeaderView view = view_of(broker, order.partition, turn);
    if (order.required == Acks::all && leader->isr.size() < effective_min_isr(view))
        return ErrorCode::not_enough_replicas;
    if (bytes > view.topic.max_message_bytes) return ErrorCode::message_too_large;
    if (!can_append(broker, order.partition, turn)) return ErrorCode::kafka_storage_error;
    if (order.is_transactional &&
        is_fenced(replica_at(broker, position).producers, order.producer_id, order.producer_epoch))
        return ErrorCode::invalid_producer_epoch;
    return ErrorCode::none;
}

Batch batch_of(const AppendOrder& order, Turn& turn) {
    Batch batch;
    batch.stream = turn.configuration.partition(order.partition).internal_stream;
    batch.count = static_cast<std::int32_t>(order.records.size());
    batch.bytes = batch_bytes(batch.count, 0);
    for (const CoordinatorRecord& record : order.records)
        batch.bytes += record_bytes(record);
    batch.producer_id = order.producer_id;
    batch.max_timestamp = timestamp_of(turn.wall_time());
    batch.producer_epoch = order.producer_epoch;
    batch.is_transactional = order.is_transactional;
    return batch;
}

} // namespace

/// Source: GroupCoordinatorService.onElection, TransactionCoordinator.onElection. A group coordinator that is
/// active already only takes the new epoch (CoordinatorRuntime); transactions are loaded again.
void coordinator_elected(Broker& broker, int position, Epoch leader_epoch, Turn& turn) {
    Memory& memory = broker.memory;
    const PartitionIndex partition = replica_at(broker, position).partition;
    const TopicPurpose purpose = turn.configuration.topic_of(partition).purpose;
    if (purpose == TopicPurpose::user) return;
    CoordinatedPartition* one = find(memory.coordination, partition);
    if (one == nullptr) {
        auto& all = memory.coordination.partitions;
        const auto at = std::find_if(all.begin(), all.end(),
                                     [&](const CoordinatedPartition& p) { return partition < p.partition; });
        one = &*all.insert(at, CoordinatedPartition{partition, leader_epoch, false, 0});
    }
    const CoordinatedPartition before = *one;
    one->leader_epoch = leader_epoch;
    if (one->loaded && purpose == TopicPurpose::consumer_offsets) return;
    one->loaded = false;
    one->round = memory.next_round++;
    if (before.loaded) transactions_resigned(broker, before, turn); // in the epoch before
    const Log& log = log_at(broker, position);
    if (log.batches.empty()) return load(broker, *one, turn); // nothing to read
    const NetworkConfiguration& machine = turn.configuration.network;
    const std::uint64_t owner =
        (static_cast<std::uint64_t>(broker.slot.value) << 32) | static_cast<std::uint32_t>(partition.value);
    const sim::Duration reading = machine.coordinator_load_per_mebibyte * log.bytes / 1048576;
    turn.after(
        turn.busy_for(turn.draw(machine.coordinator_load, Purpose::coordinator_load, owner) + reading),
        timer(BrokerTimer::coordinator_loaded, one->round, static_cast<std::uint32_t>(partition.value)));
}

/// Source: onResignation of both coordinators: what was loaded is dropped, whoever waits is answered.
void coordinator_resigned(Broker& broker, int position, Turn& turn) {
    Coordination& coordination = broker.memory.coordination;
    const PartitionIndex partition = replica_at(broker, position).partition;
    const CoordinatedPartition* one = find(coordination, partition);
    if (one == nullptr) return;
    const CoordinatedPartition left = *one;
    coordination.partitions.erase(coordination.partitions.begin() + (one - coordination.partitions.data()));
    turn.note(fact::CoordinatorResigned{broker.slot, partition, left.leader_epoch});
    if (turn.configuration.topic_of(partition).purpose == TopicPurpose::consumer_offsets)
        groups_resigned(broker, left, turn);
    else
        transactions_resigned(broker, left, turn);
}

void finish_loading(Broker& broker, const Timer& due, Turn& turn) {
    const PartitionIndex partition{static_cast<std::int32_t>(due.a)};
    CoordinatedPartition* one = find(broker.memory.coordination, partition);
    if (one == nullptr || one->round != due.round) return turn.ignore("loading of an earlier election");
    load(broker, *one, turn);
}

ErrorCode coordinator_state(const Broker& broker, PartitionIndex partition) {
    for (const CoordinatedPartition& one : broker.memory.coordination.partitions)
        if (one.partition == partition)
            return one.loaded ? ErrorCode::none : ErrorCode::coordinator_load_in_progress;
    return ErrorCode::not_coordinator;
}

/// Source: GroupCoordinator.commitOffsets, TransactionStateManager.appendTransactionToLog; semantics 6.8.1,
/// 7.6.9.
ErrorCode answer_of_append(ErrorCode error) {
    if (error == ErrorCode::not_enough_replicas || error == ErrorCode::not_enough_replicas_after_append ||
        error == ErrorCode::request_timed_out || error == ErrorCode::unknown_topic_or_partition)
        return ErrorCode::coordinator_not_available;
    if (error == ErrorCode::not_leader_or_follower || error == ErrorCode::kafka_storage_error)
        return ErrorCode::not_coordinator;
    return error;
}

void append_internal(Broker& broker, const AppendOrder& order, Turn& turn) {
    SIM_ASSERT(!order.records.empty(), "a coordinator appends something");
    SIM_ASSERT(turn.configuration.is_internal(order.partition), "coordinators write to internal topics only");
    if (hold_order(broker, order, turn)) return;
    Batch batch = batch_of(order, turn);
    WaitingAppend append{
        order.partition, no_offset, batch.count, order.token, order.required, broker.memory.next_round++, {}};
    const ErrorCode refused = refusal(broker, order, batch.bytes, turn);
    if (refused != ErrorCode::none) return finish(broker, append, refused);
    for (std::size_t i = 0; i < order.records.size(); ++i) {
        const Value value = turn.keep(batch.stream, order.records[i]);
        if (i == 0) batch.value_first = value;
    }
    const int position = position_of(broker, order.partition);
    const Epoch epoch = std::get<Leader>(replica_at(broker, position).role).leader_epoch;
    const Batch stored = append_as_leader(log_at(broker, position), batch, epoch);
    append.base_offset = stored.base_offset;
    remember(replica_at(broker, position).producers, stored, dialect_of(broker, turn.configuration));
    turn.note(fact::BatchAppended{broker.slot, order.partition, stored.base_offset, stored.stream,
                                  stored.value_first, stored.count, epoch, true});
    append.timer = turn.after(order.timeout, timer(BrokerTimer::coordinator_append_expired, append.round));
    broker.memory.coordination.appends.push_back(append);
    flush_by_count(broker, position, turn);
    advance_high_watermark(broker, position, turn);
    complete_internal_appends(broker, order.partition, turn);
    complete_delayed_fetches(broker, order.partition, turn);
}

void complete_internal_appends(Broker& broker, PartitionIndex partition, Turn& turn) {
    std::vector<WaitingAppend>& appends = broker.memory.coordination.appends;
    for (std::size_t i = 0; i < appends.size();) {
        const std::optional<ErrorCode> error =
            appends[i].partition == partition ? decided(broker, appends[i], turn) : std::nullopt;
        if (!error) {
            ++i;
            continue;
        }
        turn.cancel(appends[i].timer);
        finish(broker, appends[i], *error);
        appends.erase(appends.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void expire_internal_append(Broker& broker, std::uint32_t round, Turn& turn) {
    std::vector<WaitingAppend>& appends = broker.memory.coordination.appends;
    const auto at = std::find_if(appends.begin(), appends.end(),
                                 [&](const WaitingAppend& append) { return append.round == round; });
    if (at == appends.end()) return turn.ignore("append decided already");
    finish(broker, *at, ErrorCode::request_timed_out);
    appends.erase(at);
}

void settle_appends(Broker& broker, Turn& turn) {
    std::vector<AppendResult>& results = broker.memory.coordination.results;
    std::int32_t told = 0;
    while (!results.empty()) {
        const AppendResult result = results.front();
        results.erase(results.begin());
        SIM_ASSERT(++told < 100000, "a turn's appends come to an end");
        turn.note(fact::CoordinatorAppended{broker.slot, result.partition, result.base_offset, result.count,
                                            result.token.kind, result.error});
        if (result.token.kind == CoordinatorKind::group)
            groups_appended(broker, result, turn);
        else
            transactions_appended(broker, result, turn);
    }
}

BrokerSlot known_coordinator(const Broker& broker, const FindCoordinatorRequest& request,
                             const Configuration& configuration) {
    const PartitionIndex partition =
        request.kind == CoordinatorKind::group
            ? configuration.group(GroupIndex{request.key}).partition
            : configuration.transactional_id(TransactionalIdIndex{request.key}).partition;
    const MetadataImage& image = broker.memory.image;
    const BrokerSlot leader = image.partitions[static_cast<std::size_t>(partition.value)].leader;
    return leader != no_slot && alive_brokers(image).has(leader) ? leader : no_slot;
}

void handle(Broker& broker, sim::ConnectionId connection, const FindCoordinatorRequest& request, Turn& turn) {
    const BrokerSlot known = known_coordinator(broker, request, turn.configuration);
    const ErrorCode error = known == no_slot ? ErrorCode::coordinator_not_available : ErrorCode::none;
    respond(broker, connection, FindCoordinatorResponse{request.correlation, error, known}, 60, turn);
}

} // namespace kafka::parts
