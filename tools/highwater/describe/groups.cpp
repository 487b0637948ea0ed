// What DescribeGroups, ConsumerGroupDescribe, OffsetFetch and ListOffsets would answer.

#include "tools/highwater/describe/parts.hpp"

#include "models/dialect/admin_tools.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater::parts {

namespace {

using namespace kafka;

const char* word_of(GroupState state) {
    switch (state) {
    case GroupState::empty:
        return "Empty";
    case GroupState::preparing_rebalance:
        return "PreparingRebalance";
    case GroupState::completing_rebalance:
        return "CompletingRebalance";
    case GroupState::stable:
        return "Stable";
    case GroupState::dead:
        return "Dead";
    case GroupState::assigning:
        return "Assigning";
    case GroupState::reconciling:
        return "Reconciling";
    }
    return "Unknown";
}

const char* word_of(AssignorKind kind) {
    switch (kind) {
    case AssignorKind::range:
        return "range";
    case AssignorKind::round_robin:
        return "roundrobin";
    case AssignorKind::sticky:
        return "sticky";
    case AssignorKind::cooperative_sticky:
        return "cooperative-sticky";
    case AssignorKind::uniform:
        return "uniform";
    }
    return "";
}

std::vector<TopicPartition> named(const Asked& asked, const std::vector<PartitionIndex>& partitions) {
    std::vector<TopicPartition> names;
    for (const PartitionIndex partition : partitions)
        names.push_back(name_of(asked, partition));
    std::sort(names.begin(), names.end());
    return names;
}

/// Value of a setting of this consumer's entry; empty when it is not set.
std::string setting_of(const Asked& asked, const ConsumerConfiguration& consumer, const std::string& name) {
    for (const EffectiveGroup& group : asked.scenario.effective)
        if (group.title == "consumer " + base_name(consumer))
            for (const EffectiveSetting& setting : group.settings)
                if (setting.name == name && setting.source != SettingSource::default_config)
                    return setting.value;
    return "";
}

/// Source: ConsumerConfig.maybeOverrideClientId. Each member is a process of its own: its number is 1.
std::string client_id_of(const Asked& asked, const ConsumerConfiguration& consumer,
                         const std::string& instance) {
    const std::string given = setting_of(asked, consumer, "client.id");
    if (!given.empty()) return given;
    const std::string group = asked.configuration().group(consumer.group).name;
    if (!admin_tools_of(consumer.release).client_id_names_group) return "consumer-1";
    return "consumer-" + group + "-" + (instance.empty() ? "1" : instance);
}

DescribedMember member_of(const Asked& asked, ConsumerIndex index, InstanceIndex instance) {
    const ConsumerConfiguration& consumer = asked.configuration().consumer(index);
    DescribedMember member;
    if (instance != no_instance) member.instance_id = consumer.settings.member.instance_id;
    member.client_id = client_id_of(asked, consumer, member.instance_id);
    const std::uint32_t process = Addresses::consumer(asked.configuration(), index).value;
    member.host = fmt::format("/10.0.{}.{}", process / 256, process % 256);
    return member;
}

/// Only a stable group tells its protocol and assignment. Source: GroupMetadataManager.describeGroups,
/// ClassicGroupMember.describeNoMetadata; GroupMetadata.summary before 4.0.
void read_classic(const Asked& asked, const ClassicGroup& group, DescribedGroup& out) {
    const bool stable = group.state == GroupState::stable;
    out.type = "classic";
    out.state = word_of(group.state);
    if (stable) out.strategy = word_of(group.protocol);
    for (const ClassicMember& one : group.members) {
        DescribedMember member = member_of(asked, one.consumer, one.instance);
        const std::string prefix = member.instance_id.empty() ? member.client_id : member.instance_id;
        member.consumer_id = prefix + "-" + uuid_of(static_cast<std::uint64_t>(one.id.value));
        if (stable) member.assignment = named(asked, one.assignment);
        out.members.push_back(std::move(member));
    }
}

/// Source: ConsumerGroup.asDescribedGroup.
void read_consumer(const Asked& asked, const ConsumerGroup& group, AssignorKind assignor,
                   DescribedGroup& out) {
    out.type = "consumer";
    out.state = word_of(group.state);
    out.strategy = word_of(assignor);
    out.epoch = group.epoch.value;
    out.target_epoch = group.assignment_epoch.value;
    for (const ConsumerMember& one : group.members) {
        DescribedMember member = member_of(asked, one.consumer, one.instance);
        member.consumer_id = base64_id(static_cast<std::uint64_t>(one.id.value), "member");
        member.assignment = named(asked, one.assigned);
        member.target = named(asked, one.target);
        member.epoch = one.epoch.value;
        out.members.push_back(std::move(member));
    }
}

DescribedOffset row(Asked& asked, const Group& group, PartitionIndex partition, int member) {
    DescribedOffset offset;
    offset.partition = name_of(asked, partition);
    offset.member = member;
    for (const CommittedOffset& committed : group.offsets)
        if (committed.partition == partition) {
            offset.current = committed.offset.value;
            if (committed.leader_epoch != no_epoch) offset.leader_epoch = committed.leader_epoch.value;
        }
    offset.end = end_of(asked, partition);
    return offset;
}

PartitionIndex index_of(const Asked& asked, const TopicPartition& name) {
    for (const TopicConfiguration& topic : asked.configuration().topics)
        if (topic.name == name.topic) return next(topic.partition_first, name.partition);
    return PartitionIndex{-1};
}

/// Members with the most partitions first, then what nobody has been assigned. Source: collectGroupsOffsets.
void read_offsets(Asked& asked, const Group& group, DescribedGroup& out) {
    std::vector<std::size_t> order(out.members.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return out.members[a].assignment.size() > out.members[b].assignment.size();
    });
    std::vector<TopicPartition> assigned;
    for (const std::size_t i : order)
        for (const TopicPartition& name : out.members[i].assignment) {
            out.offsets.push_back(row(asked, group, index_of(asked, name), static_cast<int>(i)));
            assigned.push_back(name);
        }
    std::vector<DescribedOffset> rest;
    for (const CommittedOffset& committed : group.offsets)
        if (std::find(assigned.begin(), assigned.end(), name_of(asked, committed.partition)) ==
            assigned.end())
            rest.push_back(row(asked, group, committed.partition, -1));
    std::sort(rest.begin(), rest.end(),
              [](const DescribedOffset& a, const DescribedOffset& b) { return a.partition < b.partition; });
    out.offsets.insert(out.offsets.end(), rest.begin(), rest.end());
}

const Group* find_group(const GroupCoordinator& coordinator, GroupIndex index) {
    for (const Group& group : coordinator.groups)
        if (group.index == index) return &group;
    return nullptr;
}

bool has_loaded(const Broker& broker, PartitionIndex partition) {
    for (const CoordinatedPartition& one : broker.memory.coordination.partitions)
        if (one.partition == partition) return one.loaded;
    return false;
}

} // namespace

DescribedGroup group_of(Asked& asked, GroupIndex index) {
    const CoordinatedConfiguration& given = asked.configuration().group(index);
    DescribedGroup out;
    out.name = given.name;
    const BrokerSlot slot = leader_of(asked, given.partition);
    if (slot == no_slot) {
        asked.notes.push_back("group " + out.name + " has no coordinator: " +
                              asked.configuration().partition(given.partition).name + " has no leader");
        return out;
    }
    out.coordinator = asked.configuration().broker(slot).id.value;
    const Broker& broker = asked.world.brokers[static_cast<std::size_t>(slot.value)];
    if (!answers(asked, slot) || !has_loaded(broker, given.partition)) {
        asked.notes.push_back(fmt::format("the coordinator of group {}, broker {}, does not answer", out.name,
                                          out.coordinator));
        return out;
    }
    out.answered = true;
    const Group* group = find_group(broker.memory.coordination.groups, index);
    out.exists = group != nullptr;
    if (group == nullptr) return out;
    if (group->protocol == GroupProtocol::classic)
        read_classic(asked, group->classic, out);
    else
        read_consumer(
            asked, group->consumer,
            preferred_assignor(group->consumer,
                               asked.configuration().broker(slot).settings.group.consumer_assignors),
            out);
    read_offsets(asked, *group, out);
    return out;
}

} // namespace highwater::parts
