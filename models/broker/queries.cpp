#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

namespace kafka::parts {

namespace {

/// Leader epoch of a deleted partition in metadata answers: UNKNOWN_TOPIC_OR_PARTITION. Clients take it for a
/// partition without a leader and ask again and again.
/// Leaves out: auto.create.topics.enable, which would create the topic again for a producer that asks.
constexpr Epoch gone{2147483647};

} // namespace

/// Source: KafkaApis.handleTopicMetadataRequest: any broker answers from its own cache; semantics 4.11.
void handle(Broker& broker, sim::ConnectionId connection, const MetadataRequest& request, Turn& turn) {
    const sim::SlabHandle handle = turn.slabs().metadata_answer.acquire();
    MetadataAnswer& answer = turn.slabs().metadata_answer.open(handle);
    const MetadataImage& image = broker.memory.image;
    answer.alive = alive_brokers(image);
    for (std::size_t i = 0; i < image.partitions.size(); ++i) {
        const PartitionState& state = image.partitions[i];
        if (state.deleted)
            answer.partitions.push_back({PartitionIndex{static_cast<std::int32_t>(i)}, no_slot, gone});
        if (!exists(state)) continue;
        const bool listed = state.leader != no_slot && answer.alive.has(state.leader);
        answer.partitions.push_back({PartitionIndex{static_cast<std::int32_t>(i)},
                                     listed ? state.leader : no_slot, state.leader_epoch});
    }
    const auto bytes =
        static_cast<std::int32_t>(100 + 40 * image.partitions.size() + 30 * image.brokers.size());
    respond(broker, connection, MetadataResponse{request.correlation, handle}, bytes, turn);
}

/// Gives the next id of this broker's block. Source: TransactionCoordinator.handleInitProducerId without an
/// id. Leaves out: AllocateProducerIds; each incarnation has a block of its own instead.
void handle(Broker& broker, sim::ConnectionId connection, const InitProducerIdRequest& request, Turn& turn) {
    SIM_ASSERT(request.transactional_id == no_transactional_id,
               "a coordinator answers for transactional ids");
    // KIP-679: whoever may write to some topic may have an id; before, that was a permission of its own.
    const bool needs_write = dialect_of(broker, turn.configuration).producer_id_needs_write;
    if (needs_write && !may_write(broker.memory.image, request.producer))
        return respond(broker, connection,
                       InitProducerIdResponse{request.correlation, ErrorCode::cluster_authorization_failed,
                                              no_producer_id, 0},
                       50, turn);
    const std::int64_t block = static_cast<std::int64_t>(broker.starts) * 64 + broker.slot.value;
    const ProducerId id{block * 1000 + broker.memory.producer_ids_given++};
    respond(broker, connection, InitProducerIdResponse{request.correlation, ErrorCode::none, id, 0}, 50,
            turn);
}

/// Source: ReplicaManager.fetchOffset, Partition.fetchOffsetForTimestamp; semantics 1.10, 3.6.
void handle(Broker& broker, sim::ConnectionId connection, const ListOffsetsRequest& request, Turn& turn) {
    ListOffsetsResponse response{request.correlation, request.partition, ErrorCode::none, no_offset,
                                 request.earliest};
    response.error = check_leadership(broker, request.partition, request.current_leader_epoch, turn);
    if (response.error == ErrorCode::none) {
        const int position = position_of(broker, request.partition);
        const Log& log = log_at(broker, position);
        const Replica& replica = replica_at(broker, position);
        const bool follower = request.replica != no_slot;
        const Leader& leader = std::get<Leader>(replica.role);
        const bool committed = request.isolation == IsolationLevel::read_committed;
        const Offset readable =
            committed ? last_stable_offset(replica.producers.transactions, replica.high_watermark)
                      : replica.high_watermark;
        response.offset = request.earliest ? log.log_start_offset : follower ? log.log_end_offset : readable;
        // KIP-207: a new leader whose high watermark has not reached its own epoch does not know the latest
        // offset.
        if (!request.earliest && !follower && replica.high_watermark < leader.epoch_start_offset)
            response.error = ErrorCode::offset_not_available;
    }
    respond(broker, connection, response, 60, turn);
}

/// Source: Partition.lastOffsetForLeaderEpoch; semantics 3.5, 3.7, 7.3.
void handle(Broker& broker, sim::ConnectionId connection, const OffsetsForLeaderEpochRequest& request,
            Turn& turn) {
    OffsetsForLeaderEpochResponse response{request.correlation, request.partition, ErrorCode::none, no_epoch,
                                           no_offset};
    response.error = check_leadership(broker, request.partition, request.current_leader_epoch, turn);
    if (response.error == ErrorCode::none) {
        const Log& log = log_at(broker, position_of(broker, request.partition));
        const EpochEnd end = end_offset_for(log.epochs, request.epoch, log.log_end_offset);
        response.epoch = end.epoch;
        response.end_offset = end.end;
    }
    respond(broker, connection, response, 70, turn);
}

} // namespace kafka::parts
