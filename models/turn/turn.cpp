#include "models/turn/turn.hpp"

namespace kafka {

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
    if (const auto* m = std::get_if<AssignReplicasToDirsRequest>(&mail))
        slabs.directories.release(m->content);
}

} // namespace kafka
