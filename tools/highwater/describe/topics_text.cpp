#include "tools/highwater/describe/parts.hpp"

#include "models/dialect/admin_tools.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

std::string listed(const std::vector<int>& ids) { return fmt::format("{}", fmt::join(ids, ",")); }

std::string topic_line(const DescribedTopic& topic, const kafka::AdminTools& tools) {
    const char* colon = tools.spaces_after_colons ? ": " : ":";
    std::string line = fmt::format("Topic{}{}", colon, topic.name);
    if (!topic.topic_id.empty()) line += "\tTopicId: " + topic.topic_id;
    line += fmt::format("\tPartitionCount{}{}\tReplicationFactor{}{}\tConfigs{}", colon,
                        topic.partition_count, colon, topic.replication_factor, colon);
    for (std::size_t i = 0; i < topic.configs.size(); ++i)
        line += (i == 0 ? "" : ",") + topic.configs[i].first + "=" + topic.configs[i].second;
    return line + "\n";
}

std::string partition_line(const DescribedTopic& topic, const DescribedPartition& partition,
                           const kafka::AdminTools& tools) {
    const std::string nobody = tools.says_no_leader ? "none" : "-1";
    std::string line =
        fmt::format("\tTopic: {}\tPartition: {}\tLeader: {}\tReplicas: {}\tIsr: {}", topic.name,
                    partition.number, partition.leader ? std::to_string(*partition.leader) : nobody,
                    listed(partition.replicas), listed(partition.isr));
    if (!partition.adding.empty() || !partition.removing.empty())
        line += fmt::format("\tAdding Replicas: {}\tRemoving Replicas: {}", listed(partition.adding),
                            listed(partition.removing));
    if (tools.eligible_replicas)
        line += fmt::format("\tElr: {}\tLastKnownElr: {}", listed(partition.elr),
                            listed(partition.last_known_elr));
    return line + "\n";
}

/// Source: TopicCommand.PartitionDescription. A leader that is not alive is none here already.
bool passes(TopicFilter filter, const DescribedPartition& partition) {
    const auto isr = static_cast<int>(partition.isr.size());
    switch (filter) {
    case TopicFilter::all:
        return true;
    case TopicFilter::under_replicated:
        return isr < static_cast<int>(partition.replicas.size() - partition.adding.size());
    case TopicFilter::unavailable:
        return !partition.leader;
    case TopicFilter::under_min_isr:
        return !partition.leader || isr < partition.min_isr;
    case TopicFilter::at_min_isr:
        return isr == partition.min_isr;
    }
    return true;
}

} // namespace

Printed print_topics(const Description& description, TopicFilter filter) {
    const kafka::AdminTools tools = kafka::admin_tools_of(description.release);
    Printed printed;
    if (!description.answers) {
        printed.out = "Error while executing topic command : Timed out waiting for a node assignment. Call: "
                      "listTopics\n";
        return printed;
    }
    for (const DescribedTopic& topic : description.topics) {
        if (filter == TopicFilter::all) printed.out += topic_line(topic, tools);
        for (const DescribedPartition& partition : topic.partitions)
            if (passes(filter, partition)) printed.out += partition_line(topic, partition, tools);
    }
    return printed;
}

} // namespace highwater
