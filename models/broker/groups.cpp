// Between the broker and its group coordinator: requests in, and what the coordinator wants carried out.

#include "models/broker/parts.hpp"

#include "models/group/classic/steps.hpp"
#include "models/group/consumer/steps.hpp"
#include "models/group/expiry.hpp"
#include "models/group/offsets.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

GroupCoordinator& coordinator_of(Broker& broker) { return broker.memory.coordination.groups; }

/// Settings that the broker runs with and its release's abilities, for a turn on `partition`.
GroupTurn begin(Broker& broker, PartitionIndex partition, Turn& turn) {
    const int position = position_of(broker, partition);
    const Offset high_watermark = position < 0 ? Offset{0} : replica_at(broker, position).high_watermark;
    return {turn,
            broker.slot,
            settings_of(broker, turn.configuration).group,
            dialect_of(broker, turn.configuration),
            high_watermark,
            broker.memory.image.partitions,
            {},
            {},
            {}};
}

/// Source: GroupCoordinator of before 4.0: acks -1; CoordinatorPartitionWriter: appended by the leader, the
/// answer waits for the high watermark.
void append(Broker& broker, GroupAppend& wanted, const GroupTurn& asked, Turn& turn) {
    AppendOrder order;
    order.partition = wanted.partition;
    order.records = std::move(wanted.records);
    order.token = {CoordinatorKind::group, wanted.partition.value, wanted.round};
    order.timeout = asked.settings.offsets_commit_timeout;
    const bool by_leader_alone = asked.dialect.group.coordinator_runtime || wanted.with_too_few_replicas;
    order.required = by_leader_alone ? Acks::leader : Acks::all;
    order.producer_id = wanted.producer_id;
    order.producer_epoch = wanted.producer_epoch;
    order.is_transactional = wanted.producer_id != no_producer_id;
    append_internal(broker, order, turn);
}

Timer group_timer(GroupTimerKind what, std::uint32_t round, std::int32_t key) {
    return Timer{static_cast<std::uint8_t>(BrokerTimer::group_coordinator), round,
                 static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(what)};
}

void carry_out(Broker& broker, GroupTurn& asked, Turn& turn) {
    for (const GroupTimer& one : asked.timers)
        turn.at(one.at, group_timer(one.what, one.round, one.key));
    for (GroupAppend& one : asked.appends)
        append(broker, one, asked, turn);
    for (const GroupReply& one : asked.replies)
        respond(broker, one.waiter.connection, one.mail, one.bytes, turn);
}

/// Takes a step in each offsets partition that is loaded here.
void for_each_loaded(Broker& broker, Turn& turn,
                     void (*step)(GroupCoordinator&, PartitionIndex, GroupTurn&)) {
    const std::vector<CoordinatedPartition> all =
        broker.memory.coordination.partitions; // a step may change them
    for (const CoordinatedPartition& one : all) {
        const TopicPurpose purpose = turn.configuration.topic_of(one.partition).purpose;
        if (!one.loaded || purpose != TopicPurpose::consumer_offsets) continue;
        GroupTurn asked = begin(broker, one.partition, turn);
        step(coordinator_of(broker), one.partition, asked);
        carry_out(broker, asked, turn);
    }
}

/// A request in the hands of its handler.
struct Asked {
    Broker& broker;
    sim::ConnectionId connection;
    Turn& turn;

    PartitionIndex partition(GroupIndex group) const { return turn.configuration.group(group).partition; }
    /// NONE when this broker coordinates the group.
    ErrorCode state(GroupIndex group) const { return coordinator_state(broker, partition(group)); }
    Waiter waiter(Correlation correlation) const { return {connection, correlation}; }
};

void serve(Asked& asked, const JoinGroupRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const ErrorCode error = asked.state(request.group);
    if (error != ErrorCode::none) return classic::refuse_join(waiter, request.member, error, group);
    const JoinGroupContent content = asked.turn.slabs().join_group.open(request.content);
    classic::on_join(coordinator_of(asked.broker), waiter, request, content, group);
}

void serve(Asked& asked, const SyncGroupRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const ErrorCode error = asked.state(request.group);
    if (error == ErrorCode::coordinator_load_in_progress) // the rebalance is lost: join again
        return classic::refuse_sync(waiter, ErrorCode::rebalance_in_progress, group);
    if (error != ErrorCode::none) return classic::refuse_sync(waiter, error, group);
    const SyncGroupContent content = asked.turn.slabs().sync_group.open(request.content);
    classic::on_sync(coordinator_of(asked.broker), waiter, request, content, group);
}

/// Source: GroupCoordinator.handleHeartbeat: while the group is loaded its members are told that all is well.
void serve(Asked& asked, const HeartbeatRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const ErrorCode error = asked.state(request.group);
    if (error == ErrorCode::coordinator_load_in_progress)
        return classic::refuse_heartbeat(waiter, ErrorCode::none, group);
    if (error != ErrorCode::none) return classic::refuse_heartbeat(waiter, error, group);
    classic::on_heartbeat(coordinator_of(asked.broker), waiter, request, group);
}

void serve(Asked& asked, const LeaveGroupRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const ErrorCode error = asked.state(request.group);
    if (error != ErrorCode::none) return classic::refuse_leave(waiter, error, group);
    classic::on_leave(coordinator_of(asked.broker), waiter, request, group);
}

void serve(Asked& asked, const OffsetCommitRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const OffsetContent content = asked.turn.slabs().offsets.open(request.content);
    const ErrorCode error = asked.state(request.group);
    if (error != ErrorCode::none) return refuse_commit(waiter, content, error, group);
    on_commit(coordinator_of(asked.broker), waiter, request, content, group);
}

void serve(Asked& asked, const OffsetFetchRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const PartitionList content = asked.turn.slabs().partitions.open(request.content);
    const ErrorCode error = asked.state(request.group);
    if (error != ErrorCode::none) return refuse_fetch(waiter, content, error, group);
    on_fetch_offsets(coordinator_of(asked.broker), waiter, request, content, group);
}

void serve(Asked& asked, const TxnOffsetCommitRequest& request, ErrorCode verified, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const OffsetContent content = asked.turn.slabs().offsets.open(request.content);
    const ErrorCode state = asked.state(request.group);
    const ErrorCode error = state != ErrorCode::none ? state : verified;
    if (error != ErrorCode::none) return refuse_transactional_commit(waiter, content, error, group);
    on_transactional_commit(coordinator_of(asked.broker), waiter, request, content, group);
}

void serve(Asked& asked, const ConsumerGroupHeartbeatRequest& request, GroupTurn& group) {
    const Waiter waiter = asked.waiter(request.correlation);
    const ErrorCode error = asked.state(request.group);
    if (error != ErrorCode::none) return consumer::refuse_heartbeat(waiter, request.member, error, group);
    const MemberContent content = asked.turn.slabs().member.open(request.content);
    consumer::on_heartbeat(coordinator_of(asked.broker), waiter, request, content, group);
}

template <class Request> bool try_serve(Asked& asked, const Mail& mail) {
    const auto* request = std::get_if<Request>(&mail);
    if (request == nullptr) return false;
    GroupTurn group = begin(asked.broker, asked.partition(request->group), asked.turn);
    serve(asked, *request, group);
    asked.turn.release(mail);
    carry_out(asked.broker, group, asked.turn);
    return true;
}

} // namespace

void serve_transactional_commit(Broker& broker, sim::ConnectionId connection,
                                const TxnOffsetCommitRequest& request, ErrorCode verified, Turn& turn) {
    Asked asked{broker, connection, turn};
    GroupTurn group = begin(broker, asked.partition(request.group), turn);
    serve(asked, request, verified, group);
    turn.release(request);
    carry_out(broker, group, turn);
}

bool handle_group_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    Asked asked{broker, connection, turn};
    if (const auto* commit = std::get_if<TxnOffsetCommitRequest>(&mail)) {
        if (!verify_first(broker, connection, *commit, turn))
            serve_transactional_commit(broker, connection, *commit, ErrorCode::none, turn);
        return true;
    }
    return try_serve<HeartbeatRequest>(asked, mail) || try_serve<OffsetCommitRequest>(asked, mail) ||
           try_serve<OffsetFetchRequest>(asked, mail) || try_serve<JoinGroupRequest>(asked, mail) ||
           try_serve<SyncGroupRequest>(asked, mail) || try_serve<LeaveGroupRequest>(asked, mail) ||
           try_serve<ConsumerGroupHeartbeatRequest>(asked, mail);
}

void groups_loaded(Broker& broker, const CoordinatedPartition& partition,
                   std::span<const LoadedBatch> batches, Turn& turn) {
    std::vector<LoadedGroupBatch> all;
    for (const LoadedBatch& one : batches)
        all.push_back({one.batch.base_offset,
                       one.batch.is_transactional ? one.batch.producer_id : no_producer_id, one.batch.control,
                       one.records});
    GroupTurn group = begin(broker, partition.partition, turn);
    load(coordinator_of(broker), partition.partition, all, group);
    carry_out(broker, group, turn);
}

void groups_resigned(Broker& broker, const CoordinatedPartition& partition, Turn& turn) {
    GroupTurn group = begin(broker, partition.partition, turn);
    unload(coordinator_of(broker), partition.partition, group);
    carry_out(broker, group, turn);
}

void groups_appended(Broker& broker, const AppendResult& result, Turn& turn) {
    GroupTurn group = begin(broker, result.partition, turn);
    const int position = position_of(broker, result.partition);
    const Leader* leader = position < 0 ? nullptr : std::get_if<Leader>(&replica_at(broker, position).role);
    const BrokerSet in_sync = leader == nullptr ? BrokerSet{} : maximal_isr(*leader);
    append_ended(
        coordinator_of(broker),
        {result.token.round, result.base_offset, result.error, answer_of_append(result.error), in_sync},
        group);
    carry_out(broker, group, turn);
}

bool delete_partitions(const std::vector<MetadataRecord>& records) {
    return std::any_of(records.begin(), records.end(), [](const MetadataRecord& record) {
        const auto* partition = std::get_if<PartitionRecord>(&record);
        return partition != nullptr && partition->state.deleted;
    });
}

void forget_deleted_topics(Broker& broker, Turn& turn) {
    if (dialect_of(broker, turn.configuration).group.forgets_deleted_topics)
        for_each_loaded(broker, turn, forget_deleted);
}

void start_groups(Broker& broker, Turn& turn) {
    if (turn.configuration.groups.empty()) return;
    if (dialect_of(broker, turn.configuration).group.coordinator_runtime)
        return; // each partition has a timer
    turn.after(settings_of(broker, turn.configuration).group.offsets_retention_check_interval,
               group_timer(GroupTimerKind::expiry, 0, -1));
}

void group_marker_appended(Broker& broker, PartitionIndex partition, ProducerId producer_id,
                           ControlType outcome, Turn& turn) {
    GroupTurn asked = begin(broker, partition, turn);
    for (Group& group : coordinator_of(broker).groups)
        if (turn.configuration.group(group.index).partition == partition)
            end_transaction(group, producer_id, outcome, asked);
    carry_out(broker, asked, turn);
}

void on_group_timer(Broker& broker, const Timer& timer, Turn& turn) {
    const auto what = static_cast<GroupTimerKind>(timer.b);
    const auto key = static_cast<std::int32_t>(timer.a);
    if (what == GroupTimerKind::expiry && key < 0) {
        for_each_loaded(broker, turn, expire_offsets);
        return start_groups(broker, turn); // the next round
    }
    const bool of_partition = what == GroupTimerKind::flush || what == GroupTimerKind::expiry;
    const PartitionIndex partition =
        of_partition ? PartitionIndex{key} : turn.configuration.group(GroupIndex{key}).partition;
    GroupTurn group = begin(broker, partition, turn);
    on_timer(coordinator_of(broker), what, key, timer.round, group);
    carry_out(broker, group, turn);
}

} // namespace kafka::parts
