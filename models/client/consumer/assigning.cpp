// What the leader of a classic group computes for all members.

#include "models/client/consumer/member.hpp"

#include <algorithm>
#include <tuple>

namespace kafka::parts {

/// Source: RangeAssignor: for each topic a contiguous run of partitions, the first ones get one more; members
/// in order, static ones first. Leaves out: the other assignors, which come with models/group/assignors.
std::vector<SyncGroupContent::Entry> assigned_by_leader(AssignorKind kind, const JoinGroupAnswer& answer,
                                                        const Configuration& configuration) {
    SIM_ASSERT(kind == AssignorKind::range, "only range is modelled on the client yet");
    std::vector<JoinGroupAnswer::Member> members = answer.members;
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.instance == no_instance, a.instance, a.member) <
               std::tuple(b.instance == no_instance, b.instance, b.member);
    });
    std::vector<SyncGroupContent::Entry> entries;
    for (std::size_t t = 0; t < configuration.topics.size(); ++t) {
        const TopicIndex topic{static_cast<std::int32_t>(t)};
        std::vector<MemberId> takers;
        for (const JoinGroupAnswer::Member& member : members) {
            const std::vector<TopicIndex>& topics = member.subscription.topics;
            if (std::find(topics.begin(), topics.end(), topic) != topics.end())
                takers.push_back(member.member);
        }
        const auto count = static_cast<std::int32_t>(takers.size());
        std::int32_t at = 0;
        for (std::int32_t i = 0; i < count; ++i) {
            const std::int32_t partitions = configuration.topic(topic).partitions;
            const std::int32_t share = partitions / count + (i < partitions % count ? 1 : 0);
            for (std::int32_t end = at + share; at < end; ++at)
                entries.push_back({takers[static_cast<std::size_t>(i)],
                                   next(configuration.topic(topic).partition_first, at)});
        }
    }
    return entries;
}

} // namespace kafka::parts
