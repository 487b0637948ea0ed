#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka {

namespace parts {

namespace {

constexpr std::int32_t small_answer = 60;

ControllerSurroundings around_controller(Broker& broker) {
    return {broker.slot, broker.memory.zookeeper.client, broker.memory.image.topics};
}

Epoch epoch_of(const Role& role) {
    if (const auto* leader = std::get_if<Leader>(&role)) return leader->leader_epoch;
    if (const auto* follower = std::get_if<Follower>(&role)) return follower->leader_epoch;
    return no_epoch;
}

/// Leaders first, then followers; only what is newer than what the broker knows.
/// Source: ReplicaManager.becomeLeaderOrFollower; semantics 4.2.8.
void apply_roles(Broker& broker, const std::vector<MetadataRecord>& records, Turn& turn) {
    for (const bool leaders : {true, false})
        for (const MetadataRecord& record : records) {
            const auto& partition = std::get<PartitionRecord>(record);
            const int position = position_of(broker, partition.partition);
            const bool leads = partition.state.leader == broker.slot;
            if (position < 0 || leads != leaders) continue;
            const Epoch known = epoch_of(replica_at(broker, position).role);
            if (partition.state.leader_epoch > known)
                take_role(broker, position, partition.state, turn);
            else if (partition.state.leader_epoch < known)
                turn.ignore("STALE_CONTROLLER_EPOCH: LeaderAndIsr of an older leader epoch");
        }
}

/// Source: ReplicaManager.maybeUpdateMetadataCache, ZkMetadataCache.updateMetadata.
void apply_metadata(Broker& broker, const std::vector<MetadataRecord>& records, Turn& turn) {
    Memory& memory = broker.memory;
    for (const MetadataRecord& record : records)
        apply(memory.image, record, broker.slot);
    turn.note(fact::MetadataApplied{broker.slot, memory.image.next_offset});
    find_leaders_of_markers(broker, turn);
}

/// 1. A StopReplica is on its way to a broker. 2. The broker restarts, or gets the partition anew. 3. The
/// order arrives: without a leader epoch in it nothing tells that it is old, and the replica stops. Source:
/// ReplicaManager.stopReplicas; KAFKA-9539, KIP-570 (2.6); semantics 9.34.
void stop_replicas(Broker& broker, const std::vector<MetadataRecord>& records, Turn& turn) {
    const bool checks = turn.configuration.broker(broker.slot).dialect.zookeeper.stop_replica_has_epoch;
    for (const MetadataRecord& record : records) {
        const auto& partition = std::get<PartitionRecord>(record);
        const int position = position_of(broker, partition.partition);
        if (position < 0) continue;
        if (checks && partition.state.leader_epoch < epoch_of(replica_at(broker, position).role)) {
            turn.ignore("FENCED_LEADER_EPOCH: StopReplica of an older leader epoch");
            continue;
        }
        unfollow(broker, position, turn);
    }
}

/// Source: KafkaApis.isBrokerEpochStale (KIP-380); controllerEpoch of ReplicaManager.
ErrorCode refusal_of(const Broker& broker, const ControlRequest& request, const Turn& turn) {
    const ZooKeeperMember& member = broker.memory.zookeeper;
    const bool checks = turn.configuration.broker(broker.slot).dialect.zookeeper.broker_epochs;
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
        return respond(broker, connection, ControlResponse{request.kind, refused}, small_answer, turn);
    }
    member.controller_epoch = request.controller_epoch;
    member.ordering = request.controller;
    switch (request.kind) {
    case ControlKind::leader_and_isr:
        apply_roles(broker, records, turn);
        break;
    case ControlKind::update_metadata:
        apply_metadata(broker, records, turn);
        break;
    case ControlKind::stop_replica:
        stop_replicas(broker, records, turn);
        break;
    }
    respond(broker, connection, ControlResponse{request.kind, ErrorCode::none}, small_answer, turn);
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
    happen(broker.memory.zookeeper.controller, std::move(event), around_controller(broker), turn);
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
    if (unclean && !turn.configuration.controller_dialect.zookeeper.elections_by_request)
        return turn.ignore("before 2.4 nobody can ask for an unclean election");
    ControllerEvent event;
    event.kind = ControllerEventKind::elect;
    event.partition = partition;
    event.unclean = unclean;
    ZooKeeperMember& member = broker.memory.zookeeper;
    happen(member.controller, std::move(event), {broker.slot, member.client, broker.memory.image.topics},
           turn);
    parts::send_replies(broker, turn);
}

} // namespace kafka
