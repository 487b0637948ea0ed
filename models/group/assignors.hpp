#pragma once
// Who reads what: assignors of groups as pure functions. In the classic protocol the leader runs one on the
// client, with KIP-848 the coordinator does.

#include "models/turn/configuration.hpp"
#include "models/turn/messages/group.hpp"

#include <span>
#include <vector>

namespace kafka {

/// A topic with its consecutive partitions.
struct TopicPartitions {
    TopicIndex topic;
    PartitionIndex first;
    std::int32_t count = 0;
    bool operator==(const TopicPartitions&) const = default;
};

/// All user topics in order of name, as assignors take them.
std::vector<TopicPartitions> topics_by_name(const Configuration& configuration);
/// The same, as far as their partitions have been created: `exists(PartitionIndex)`, in order of number.
template <class Exists>
std::vector<TopicPartitions> existing_topics(const Configuration& configuration, Exists exists) {
    std::vector<TopicPartitions> topics = topics_by_name(configuration);
    for (TopicPartitions& topic : topics) {
        const std::int32_t most = topic.count;
        topic.count = 0;
        while (topic.count < most && exists(next(topic.first, topic.count)))
            ++topic.count;
    }
    return topics;
}

/// The assignment of `members` over `topics`.
/// Shape: topics in order of name; members in any order, the result is the same; entries stand by member in
/// the order given, partitions in the order in which they were assigned. Only topics that a member subscribes
/// to are assigned; `subscription.owned` counts for the sticky ones.
/// Source: RangeAssignor, RoundRobinAssignor, AbstractStickyAssignor (the constrained form),
/// CooperativeStickyAssignor (KIP-429): partitions that change hands are left out until they are given up.
/// UniformAssignor (KIP-848) is the sticky one here. Members sort as MemberInfo does: static ones first.
/// Leaves out: racks (KIP-881); where members subscribe to different topics, the moves of the general sticky
/// form: what remains is given to who has least, then single partitions move while that balances.
SyncGroupContent assign(AssignorKind kind, std::span<const JoinGroupAnswer::Member> members,
                        std::span<const TopicPartitions> topics);

} // namespace kafka
