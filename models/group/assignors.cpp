#include "models/group/assignors.hpp"

#include "models/group/sticky.hpp"

#include <algorithm>

namespace kafka {

namespace {

using Member = JoinGroupAnswer::Member;

bool subscribes(const Member& member, TopicIndex topic) {
    const std::vector<TopicIndex>& topics = member.subscription.topics;
    return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

/// Source: AbstractPartitionAssignor.MemberInfo.compareTo. Leaves out: instances sort by index, not by text.
bool sorts_before(const Member& left, const Member& right) {
    const bool left_static = left.instance != no_instance;
    const bool right_static = right.instance != no_instance;
    if (left_static && right_static) return left.instance < right.instance;
    if (left_static != right_static) return left_static;
    return left.member < right.member;
}

/// Positions of the members in their order of sorting.
std::vector<std::size_t> sorted(std::span<const Member> members) {
    std::vector<std::size_t> order(members.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return sorts_before(members[left], members[right]);
    });
    return order;
}

/// Each topic for itself: consecutive partitions, the first members get one more.
Assignments range(std::span<const Member> members, std::span<const TopicPartitions> topics) {
    Assignments result(members.size());
    for (const TopicPartitions& topic : topics) {
        std::vector<std::size_t> readers;
        for (const std::size_t member : sorted(members))
            if (subscribes(members[member], topic.topic)) readers.push_back(member);
        const auto count = static_cast<std::int32_t>(readers.size());
        PartitionIndex next_one = topic.first;
        for (std::int32_t i = 0; i < count; ++i) {
            const std::int32_t share = topic.count / count + (i < topic.count % count ? 1 : 0);
            for (std::int32_t n = 0; n < share; ++n) {
                result[readers[static_cast<std::size_t>(i)]].push_back(next_one);
                next_one = next(next_one);
            }
        }
    }
    return result;
}

/// All partitions of all topics, dealt out in a circle; who does not subscribe is passed over.
Assignments round_robin(std::span<const Member> members, std::span<const TopicPartitions> topics) {
    Assignments result(members.size());
    const std::vector<std::size_t> order = sorted(members);
    std::size_t turn = 0;
    for (const TopicPartitions& topic : topics) {
        const bool wanted = std::any_of(members.begin(), members.end(), [&](const Member& member) {
            return subscribes(member, topic.topic);
        });
        for (std::int32_t n = 0; wanted && n < topic.count; ++n) {
            while (!subscribes(members[order[turn % order.size()]], topic.topic))
                ++turn;
            result[order[turn++ % order.size()]].push_back(next(topic.first, n));
        }
    }
    return result;
}

Assignments by_kind(AssignorKind kind, std::span<const Member> members,
                    std::span<const TopicPartitions> topics) {
    switch (kind) {
    case AssignorKind::range:
        return range(members, topics);
    case AssignorKind::round_robin:
        return round_robin(members, topics);
    case AssignorKind::sticky:
    case AssignorKind::uniform:
        return sticky(members, topics, false);
    case AssignorKind::cooperative_sticky:
        return sticky(members, topics, true);
    }
    return {};
}

} // namespace

std::vector<TopicPartitions> topics_by_name(const Configuration& configuration) {
    std::vector<TopicPartitions> topics;
    for (std::size_t i = 0; i < configuration.topics.size(); ++i) {
        const TopicConfiguration& topic = configuration.topics[i];
        if (topic.purpose == TopicPurpose::user)
            topics.push_back(
                {TopicIndex{static_cast<std::int32_t>(i)}, topic.partition_first, topic.partitions});
    }
    std::sort(topics.begin(), topics.end(), [&](const TopicPartitions& left, const TopicPartitions& right) {
        return configuration.topic(left.topic).name < configuration.topic(right.topic).name;
    });
    return topics;
}

SyncGroupContent assign(AssignorKind kind, std::span<const Member> members,
                        std::span<const TopicPartitions> topics) {
    const Assignments all = by_kind(kind, members, topics);
    SyncGroupContent content;
    for (std::size_t i = 0; i < members.size(); ++i)
        for (const PartitionIndex partition : all[i])
            content.entries.push_back({members[i].member, partition});
    return content;
}

} // namespace kafka
