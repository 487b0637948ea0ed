#include "models/turn/turn.hpp"

namespace kafka {

namespace {

void release_group(Slabs& slabs, const Mail& mail) {
    if (const auto* m = std::get_if<JoinGroupRequest>(&mail)) slabs.join_group.release(m->content);
    if (const auto* m = std::get_if<JoinGroupResponse>(&mail)) slabs.join_group_answer.release(m->content);
    if (const auto* m = std::get_if<SyncGroupRequest>(&mail)) slabs.sync_group.release(m->content);
    if (const auto* m = std::get_if<SyncGroupResponse>(&mail)) slabs.partitions.release(m->content);
    if (const auto* m = std::get_if<ConsumerGroupHeartbeatRequest>(&mail)) slabs.member.release(m->content);
    if (const auto* m = std::get_if<ConsumerGroupHeartbeatResponse>(&mail))
        slabs.partitions.release(m->content);
    if (const auto* m = std::get_if<OffsetCommitRequest>(&mail)) slabs.offsets.release(m->content);
    if (const auto* m = std::get_if<OffsetCommitResponse>(&mail)) slabs.partition_errors.release(m->content);
    if (const auto* m = std::get_if<OffsetFetchRequest>(&mail)) slabs.partitions.release(m->content);
    if (const auto* m = std::get_if<OffsetFetchResponse>(&mail))
        slabs.offset_fetch_answer.release(m->content);
}

void release_transaction(Slabs& slabs, const Mail& mail) {
    if (const auto* m = std::get_if<AddPartitionsToTxnRequest>(&mail)) slabs.partitions.release(m->content);
    if (const auto* m = std::get_if<AddPartitionsToTxnResponse>(&mail))
        slabs.partition_errors.release(m->content);
    if (const auto* m = std::get_if<TxnOffsetCommitRequest>(&mail)) slabs.offsets.release(m->content);
    if (const auto* m = std::get_if<TxnOffsetCommitResponse>(&mail))
        slabs.partition_errors.release(m->content);
    if (const auto* m = std::get_if<WriteTxnMarkersRequest>(&mail)) slabs.markers.release(m->content);
    if (const auto* m = std::get_if<WriteTxnMarkersResponse>(&mail)) slabs.markers_answer.release(m->content);
}

void release_zookeeper(Slabs& slabs, const Mail& mail) {
    if (const auto* m = std::get_if<ZooKeeperRequest>(&mail); m != nullptr && has_content(*m))
        slabs.metadata_records.release(m->content);
    if (const auto* m = std::get_if<ZooKeeperResponse>(&mail); m != nullptr && has_content(*m)) {
        if (m->call == ZooKeeperCall::read)
            slabs.metadata_records.release(m->content);
        else
            slabs.alter_partition_answer.release(m->content);
    }
    if (const auto* m = std::get_if<ControlRequest>(&mail)) slabs.metadata_records.release(m->content);
    if (const auto* m = std::get_if<ControlResponse>(&mail); m != nullptr && m->some_failed)
        slabs.alter_partition_answer.release(m->content);
}

} // namespace

void Turn::release_content(Slabs& slabs, const Mail& mail) {
    if (const auto* m = std::get_if<ProduceRequest>(&mail)) slabs.produce.release(m->content);
    if (const auto* m = std::get_if<ProduceResponse>(&mail)) slabs.produce_answer.release(m->content);
    if (const auto* m = std::get_if<MetadataResponse>(&mail)) slabs.metadata_answer.release(m->content);
    if (const auto* m = std::get_if<FetchRequest>(&mail)) slabs.fetch.release(m->content);
    if (const auto* m = std::get_if<FetchResponse>(&mail)) slabs.fetch_answer.release(m->content);
    if (const auto* m = std::get_if<AlterPartitionRequest>(&mail)) slabs.alter_partition.release(m->content);
    if (const auto* m = std::get_if<AlterPartitionResponse>(&mail))
        if (m->error == ErrorCode::none) slabs.alter_partition_answer.release(m->content);
    if (const auto* m = std::get_if<MetadataFetchResponse>(&mail))
        if (m->error == ErrorCode::none) slabs.metadata_records.release(m->content);
    if (const auto* m = std::get_if<AssignReplicasToDirsRequest>(&mail)) slabs.partitions.release(m->content);
    release_group(slabs, mail);
    release_transaction(slabs, mail);
    release_zookeeper(slabs, mail);
}

} // namespace kafka
