#pragma once
// Steps of describing that its files share. Not for callers outside this folder.

#include "models/dialect/admin_tools.hpp"
#include "tools/highwater/describe/description.hpp"

namespace highwater::parts {

/// Who asks, and whom: `broker` answers for the cluster.
struct Asked {
    const kafka::Scenario& scenario;
    const kafka::World& world;
    std::uint64_t seed;
    const kafka::Broker* broker = nullptr;
    std::vector<std::string> notes;
    const kafka::Configuration& configuration() const { return *world.configuration; }
};

/// Whether a request to this broker would be answered: its process is up and not paused, and clients may
/// know it.
bool answers(const Asked& asked, kafka::BrokerSlot slot);
/// As the answering broker's metadata says; none when the leader is not among the live brokers.
/// Source: KRaftMetadataCache, MetadataCache: a leader that is not alive is no leader.
kafka::BrokerSlot leader_of(const Asked& asked, kafka::PartitionIndex partition);
TopicPartition name_of(const Asked& asked, kafka::PartitionIndex partition);
/// The leader's high watermark: what ListOffsets answers to a reader of uncommitted records.
std::optional<std::int64_t> end_of(Asked& asked, kafka::PartitionIndex partition);

DescribedGroup group_of(Asked& asked, kafka::GroupIndex index);

/// "%-15s" and its like.
std::string left(const std::string& text, std::size_t width);
/// Says what is the matter with the group; true when its table follows. Source: shouldPrintMemberState.
bool introduces(const DescribedGroup& group, std::size_t rows, const kafka::AdminTools& tools,
                Printed& printed);

} // namespace highwater::parts
