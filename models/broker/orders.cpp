#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka {

namespace parts {

namespace {

constexpr std::int32_t small_answer = 60;
using Failures = std::vector<AlterPartitionAnswer::Entry>;

Epoch epoch_of(const Role& role) {
    if (const auto* leader = std::get_if<Leader>(&role)) return leader->leader_epoch;
    if (const auto* follower = std::get_if<Follower>(&role)) return follower->leader_epoch;
    return no_epoch;
}

PartitionState& image_of(Broker& broker, PartitionIndex partition) {
    return broker.memory.image.partitions[static_cast<std::size_t>(partition.value)];
}

/// Which replicas a partition has, a leader knows by LeaderAndIsr (Partition.updateAssignmentAndIsr).
void take_replicas(Broker& broker, const PartitionRecord& record, Turn& turn) {
    PartitionState& known = image_of(broker, record.partition);
    const PartitionConfiguration& configured = turn.configuration.partition(record.partition);
    broker.memory.partitions_before.clear();
    if (replicas_of(known, configured) == replicas_of(record.state, configured)) return;
    broker.memory.partitions_before = broker.memory.image.partitions; // what was known of followers stays
    known.replicas = record.state.replicas;
    known.adding = record.state.adding;
    known.removing = record.state.removing;
}

void add_failure(Failures& failures, PartitionIndex partition, ErrorCode error) {
    AlterPartitionAnswer::Entry entry;
    entry.partition = partition;
    entry.error = error;
    failures.push_back(entry);
}

/// Leaders first, then followers; only what is newer than what the broker knows.
/// Source: ReplicaManager.becomeLeaderOrFollower; semantics 4.2.8.
void apply_roles(Broker& broker, const std::vector<MetadataRecord>& records, Failures& failures, Turn& turn) {
    for (const bool leaders : {true, false})
        for (const MetadataRecord& record : records) {
            const auto& partition = std::get<PartitionRecord>(record);
            const int position = position_of(broker, partition.partition);
            const bool leads = partition.state.leader == broker.slot;
            if (position < 0 || leads != leaders) continue;
            if (is_offline(broker, partition.partition, turn)) {
                add_failure(failures, partition.partition, ErrorCode::kafka_storage_error);
                continue;
            }
            const Epoch known = epoch_of(replica_at(broker, position).role);
            if (partition.state.leader_epoch > known) {
                take_replicas(broker, partition, turn);
                take_role(broker, position, partition.state, turn);
                broker.memory.partitions_before.clear();
            } else if (partition.state.leader_epoch < known) {
                turn.ignore("STALE_CONTROLLER_EPOCH: LeaderAndIsr of an older leader epoch");
            }
        }
}

/// Source: ReplicaManager.maybeUpdateMetadataCache, ZkMetadataCache.updateMetadata.
void apply_metadata(Broker& broker, const std::vector<MetadataRecord>& records, Turn& turn) {
    Memory& memory = broker.memory;
    for (const MetadataRecord& record : records) {
        const auto* partition = std::get_if<PartitionRecord>(&record);
        const int position = partition == nullptr ? -1 : position_of(broker, partition->partition);
        if (position < 0 || !leads_at(broker, position)) {
            apply(memory.image, record, broker.slot);
            continue;
        }
        PartitionRecord leading = *partition;
        const PartitionState& known = image_of(broker, leading.partition);
        leading.state.replicas = known.replicas;
        leading.state.adding = known.adding;
        leading.state.removing = known.removing;
        apply(memory.image, leading, broker.slot);
    }
    turn.note(fact::MetadataApplied{broker.slot, memory.image.next_offset});
    if (delete_partitions(records)) forget_deleted_topics(broker, turn);
    find_leaders_of_markers(broker, turn);
}

/// 1. A StopReplica is on its way to a broker. 2. The broker restarts, or gets the partition anew. 3. The
/// order arrives: without a leader epoch in it nothing tells that it is old, and the replica stops. Source:
/// ReplicaManager.stopReplicas; KAFKA-9539, KIP-570 (2.6); semantics 9.34.
void stop_replicas(Broker& broker, const std::vector<MetadataRecord>& records, bool deletes,
                   Failures& failures, Turn& turn) {
    const bool checks = dialect_of(broker, turn.configuration).zookeeper.stop_replica_has_epoch;
    for (const MetadataRecord& record : records) {
        const auto& partition = std::get<PartitionRecord>(record);
        const int position = position_of(broker, partition.partition);
        if (position < 0) continue;
        if (deletes && is_offline(broker, partition.partition, turn)) {
            add_failure(failures, partition.partition, ErrorCode::kafka_storage_error);
            continue;
        }
        const bool old = partition.state.leader_epoch < epoch_of(replica_at(broker, position).role);
        if (checks && old && !partition.state.deleted) { // else it is LeaderAndIsr.EpochDuringDelete
            turn.ignore("FENCED_LEADER_EPOCH: StopReplica of an older leader epoch");
            add_failure(failures, partition.partition, ErrorCode::fenced_leader_epoch);
            continue;
        }
        if (deletes)
            drop_replica(
                broker, position,
                partition.state.deleted ? RemovalCause::topic_deleted : RemovalCause::replica_removed, turn);
        else
            unfollow(broker, position, turn);
    }
}

/// Source: KafkaApis.isBrokerEpochStale (KIP-380); controllerEpoch of ReplicaManager.
ErrorCode refusal_of(const Broker& broker, const ControlRequest& request, const Turn& turn) {
    const ZooKeeperMember& member = broker.memory.zookeeper;
    const bool checks = dialect_of(broker, turn.configuration).zookeeper.broker_epochs;
    if (checks && request.broker_epoch != no_broker_epoch && request.broker_epoch < member.epoch)
        return ErrorCode::stale_broker_epoch;
    if (request.controller_epoch < member.controller_epoch) return ErrorCode::stale_controller_epoch;
    return ErrorCode::none;
}

void obey(Broker& broker, sim::ConnectionId connection, const ControlRequest& request, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    const std::vector<MetadataRecord> records = turn.slabs().metadata_records.open(request.content).records;
    turn.slabs().metadata_records.release(request.content);
    const ErrorCode refused = refusal_of(broker, request, turn);
    if (refused != ErrorCode::none) {
        turn.ignore(refused == ErrorCode::stale_broker_epoch
                        ? "STALE_BROKER_EPOCH: an order for the broker's former registration"
                        : "STALE_CONTROLLER_EPOCH: an order of a former controller");
        return respond(broker, connection, ControlResponse{request.kind, refused, false, {}}, small_answer,
                       turn);
    }
    member.controller_epoch = request.controller_epoch;
    member.ordering = request.controller;
    Failures failures;
    switch (request.kind) {
    case ControlKind::leader_and_isr:
        apply_roles(broker, records, failures, turn);
        break;
    case ControlKind::update_metadata:
        apply_metadata(broker, records, turn);
        break;
    case ControlKind::stop_replica:
    case ControlKind::delete_replica:
        stop_replicas(broker, records, request.kind == ControlKind::delete_replica, failures, turn);
        break;
    }
    ControlResponse response{request.kind, ErrorCode::none, !failures.empty(), {}};
    if (response.some_failed) {
        response.content = turn.slabs().alter_partition_answer.acquire();
        turn.slabs().alter_partition_answer.open(response.content).entries = std::move(failures);
    }
    respond(broker, connection, response, small_answer, turn);
}

} // namespace

bool handle_control_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (const auto* order = std::get_if<ControlRequest>(&mail)) {
        obey(broker, connection, *order, turn);
        return true;
    }
    ControllerEvent event;
    event.connection = connection;
    if (const auto* alter = std::get_if<AlterPartitionRequest>(&mail)) {
        event.kind = ControllerEventKind::alter_partition;
        event.broker = alter->broker;
        event.epoch = alter->epoch;
        event.changes = turn.slabs().alter_partition.open(alter->content).entries;
        turn.slabs().alter_partition.release(alter->content);
    } else if (const auto* shutdown = std::get_if<ControlledShutdownRequest>(&mail)) {
        event.kind = ControllerEventKind::controlled_shutdown;
        event.broker = shutdown->broker;
        event.epoch = shutdown->epoch;
    } else {
        return false;
    }
    happen(broker.memory.zookeeper.controller, std::move(event), surroundings(broker), turn);
    send_replies(broker, turn);
    return true;
}

void send_replies(Broker& broker, Turn& turn) {
    std::vector<ControllerReply> replies;
    replies.swap(broker.memory.zookeeper.controller.replies);
    for (const ControllerReply& reply : replies)
        respond(broker, reply.connection, reply.mail, 100, turn);
}

} // namespace parts

void elect(Broker& broker, PartitionIndex partition, bool unclean, Turn& turn) {
    if (unclean && !dialect_of(broker, turn.configuration).zookeeper.elections_by_request)
        return turn.ignore("before 2.4 nobody can ask for an unclean election");
    ControllerEvent event;
    event.kind = ControllerEventKind::elect;
    event.partition = partition;
    event.unclean = unclean;
    happen(broker.memory.zookeeper.controller, std::move(event), parts::surroundings(broker), turn);
    parts::send_replies(broker, turn);
}

bool reassign(Broker& broker, PartitionIndex partition, const Assignment& target, Turn& turn) {
    ZooKeeperController& controller = broker.memory.zookeeper.controller;
    if (const char* reason = refusal_of_reassignment(controller, partition, target, turn)) {
        turn.ignore(reason);
        return false;
    }
    ControllerEvent event;
    event.kind = ControllerEventKind::reassign;
    event.partition = partition;
    event.target = target;
    happen(controller, std::move(event), parts::surroundings(broker), turn);
    parts::send_replies(broker, turn);
    return true;
}

} // namespace kafka
