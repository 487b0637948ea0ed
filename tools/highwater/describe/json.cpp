#include "tools/highwater/describe/description.hpp"

namespace highwater {

namespace {

using kafka::Json;

template <class Value> Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json();
}
Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json partition_json(const DescribedPartition& partition) {
    Json one = {{"partition", partition.number},  {"leader", or_null(partition.leader)},
                {"replicas", partition.replicas}, {"isr", partition.isr},
                {"elr", partition.elr},           {"last_known_elr", partition.last_known_elr}};
    if (!partition.adding.empty()) one["adding"] = partition.adding;
    if (!partition.removing.empty()) one["removing"] = partition.removing;
    return one;
}

Json topic_json(const DescribedTopic& topic) {
    Json configs = Json::object();
    for (const auto& [name, value] : topic.configs)
        configs[name] = value;
    Json partitions = Json::array();
    for (const DescribedPartition& partition : topic.partitions)
        partitions.push_back(partition_json(partition));
    return {{"topic", topic.name},
            {"topic_id", or_null(topic.topic_id)},
            {"internal", topic.internal},
            {"partition_count", topic.partition_count},
            {"replication_factor", topic.replication_factor},
            {"configs", configs},
            {"partitions", partitions}};
}

Json names_json(const std::vector<TopicPartition>& names) {
    Json list = Json::array();
    for (const TopicPartition& name : names)
        list.push_back({{"topic", name.topic}, {"partition", name.partition}});
    return list;
}

Json member_json(const DescribedMember& member) {
    return {{"consumer_id", member.consumer_id},
            {"host", member.host},
            {"client_id", member.client_id},
            {"group_instance_id", or_null(member.instance_id)},
            {"epoch", or_null(member.epoch)},
            {"assignment", names_json(member.assignment)},
            {"target_assignment", names_json(member.target)}};
}

Json offset_json(const DescribedOffset& offset, const DescribedGroup& group) {
    const DescribedMember* member =
        offset.member < 0 ? nullptr : &group.members[static_cast<std::size_t>(offset.member)];
    return {{"topic", offset.partition.topic},
            {"partition", offset.partition.partition},
            {"current_offset", or_null(offset.current)},
            {"leader_epoch", or_null(offset.leader_epoch)},
            {"log_end_offset", or_null(offset.end)},
            {"lag", or_null(offset.lag())},
            {"consumer_id", member == nullptr ? Json() : Json(member->consumer_id)},
            {"host", member == nullptr ? Json() : Json(member->host)},
            {"client_id", member == nullptr ? Json() : Json(member->client_id)}};
}

Json group_json(const DescribedGroup& group) {
    Json members = Json::array();
    for (const DescribedMember& member : group.members)
        members.push_back(member_json(member));
    Json offsets = Json::array();
    for (const DescribedOffset& offset : group.offsets)
        offsets.push_back(offset_json(offset, group));
    return {{"group", group.name},
            {"answered", group.answered},
            {"exists", group.exists},
            {"coordinator", group.coordinator < 0 ? Json() : Json(group.coordinator)},
            {"type", or_null(group.type)},
            {"state", or_null(group.state)},
            {"assignment_strategy", or_null(group.strategy)},
            {"group_epoch", or_null(group.epoch)},
            {"target_assignment_epoch", or_null(group.target_epoch)},
            {"members", members},
            {"offsets", offsets}};
}

} // namespace

Json json_of(const Description& description) {
    Json topics = Json::array();
    for (const DescribedTopic& topic : description.topics)
        topics.push_back(topic_json(topic));
    Json groups = Json::array();
    for (const DescribedGroup& group : description.groups)
        groups.push_back(group_json(group));
    return {{"format", "highwater.description/1"},
            {"scenario", description.scenario},
            {"seed", description.seed},
            {"release", std::string(kafka::name(description.release))},
            {"time_us", description.time_us},
            {"answered_by", or_null(description.answers)},
            {"topics", topics},
            {"groups", groups},
            {"notes", description.notes}};
}

} // namespace highwater
