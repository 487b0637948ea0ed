// What the leader of a classic group computes for all members.

#include "models/client/consumer/member.hpp"
#include "models/group/assignors.hpp"

namespace kafka::parts {

std::vector<SyncGroupContent::Entry> assigned_by_leader(AssignorKind kind, const JoinGroupAnswer& answer,
                                                        const MetadataView& metadata,
                                                        const Configuration& configuration) {
    const auto known = [&](PartitionIndex partition) { return is_known(metadata, partition); };
    return assign(kind, answer.members, existing_topics(configuration, known)).entries;
}

std::int32_t subscribed_partitions(const Reader& self, const Turn& turn) {
    std::int32_t count = 0;
    for (const TopicIndex topic : configured(self, turn).topics)
        count += known_partitions(self.metadata, turn.configuration.topic(topic));
    return count;
}

} // namespace kafka::parts
