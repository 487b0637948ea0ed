#include "tools/highwater/describe/parts.hpp"

#include "models/dialect/admin_tools.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace parts {

using namespace kafka;

bool answers(const Asked& asked, BrokerSlot slot) {
    return is_running(asked.world, slot) && !is_paused(asked.world, slot);
}

BrokerSlot leader_of(const Asked& asked, PartitionIndex partition) {
    const MetadataImage& image = asked.broker->memory.image;
    const BrokerSlot leader = image.partitions[static_cast<std::size_t>(partition.value)].leader;
    return leader != no_slot && alive_brokers(image).has(leader) ? leader : no_slot;
}

TopicPartition name_of(const Asked& asked, PartitionIndex partition) {
    return {asked.configuration().topic_of(partition).name,
            asked.configuration().partition(partition).number};
}

std::optional<std::int64_t> end_of(Asked& asked, PartitionIndex partition) {
    const BrokerSlot leader = leader_of(asked, partition);
    const std::string name = asked.configuration().partition(partition).name;
    if (leader == no_slot) {
        if (!admin_tools_of(asked.configuration().release).passes_leaderless)
            asked.notes.push_back(name +
                                  " has no leader: kafka-consumer-groups of this release waits for one "
                                  "and fails (KAFKA-19435)");
        return std::nullopt;
    }
    const Replica* replica = replica_of(asked.world, leader, partition);
    if (!answers(asked, leader) || replica == nullptr || !std::holds_alternative<Leader>(replica->role)) {
        asked.notes.push_back(fmt::format("the leader of {}, broker {}, does not answer", name,
                                          asked.configuration().broker(leader).id.value));
        return std::nullopt;
    }
    return replica->high_watermark.value;
}

namespace {

std::vector<int> ids(const Asked& asked, const Assignment& assignment, BrokerSet only) {
    std::vector<int> list;
    for (const BrokerSlot slot : assignment)
        if (only.has(slot)) list.push_back(asked.configuration().broker(slot).id.value);
    return list;
}

/// A setting of the first broker, as it is in force there.
std::string broker_setting(const Asked& asked, const std::string& name) {
    for (const EffectiveGroup& group : asked.scenario.effective)
        if (group.title.rfind("broker ", 0) == 0)
            for (const EffectiveSetting& setting : group.settings)
                if (setting.name == name) return setting.value;
    return "";
}

/// What brokers give internal topics when they create them.
/// Source: GroupCoordinatorService.groupMetadataTopicConfigs,
/// TransactionStateManager.transactionTopicConfigs.
void add_internal_configs(const Asked& asked, const TopicConfiguration& topic,
                          std::vector<std::pair<std::string, std::string>>& configs) {
    const bool offsets = topic.purpose == TopicPurpose::consumer_offsets;
    std::vector<std::pair<std::string, std::string>> given{
        {"cleanup.policy", "compact"},
        {"compression.type", offsets ? "producer" : "uncompressed"},
        {"segment.bytes", broker_setting(asked, offsets ? "offsets.topic.segment.bytes"
                                                        : "transaction.state.log.segment.bytes")}};
    if (!offsets) {
        given.emplace_back("unclean.leader.election.enable", "false");
        given.emplace_back("min.insync.replicas", broker_setting(asked, "transaction.state.log.min.isr"));
    }
    for (const auto& [name, value] : given) {
        const std::string& wanted = name;
        std::erase_if(configs, [&](const auto& entry) { return entry.first == wanted; });
        configs.emplace_back(name, value);
    }
}

/// Settings of the topic that are not defaults. Source: DescribeConfigs; KafkaZkClient before 2.2.
/// Leaves out: a value that was set to what it was before, while running.
std::vector<std::pair<std::string, std::string>> configs_of(const Asked& asked, TopicIndex index) {
    const TopicConfiguration& topic = asked.configuration().topic(index);
    const bool effective = admin_tools_of(asked.configuration().release).effective_configs;
    std::vector<std::pair<std::string, std::string>> configs;
    for (const EffectiveGroup& group : asked.scenario.effective) {
        if (group.title != "topic " + topic.name) continue;
        for (const EffectiveSetting& setting : group.settings) {
            const bool from_broker = setting.source == SettingSource::static_broker_config ||
                                     setting.source == SettingSource::dynamic_broker_config;
            if (setting.source == SettingSource::default_config || (from_broker && !effective)) continue;
            configs.emplace_back(setting.name, setting.value);
        }
    }
    const auto changed = [&](const char* name, auto was, auto is, const std::string& text) {
        if (was == is) return;
        std::erase_if(configs, [&](const auto& entry) { return entry.first == name; });
        configs.emplace_back(name, text);
    };
    const TopicSettings& was = topic.settings;
    const TopicSettings& is = asked.broker->memory.image.topics[static_cast<std::size_t>(index.value)];
    changed("min.insync.replicas", was.min_insync_replicas, is.min_insync_replicas,
            std::to_string(is.min_insync_replicas));
    changed("unclean.leader.election.enable", was.unclean_leader_election_enable,
            is.unclean_leader_election_enable, is.unclean_leader_election_enable ? "true" : "false");
    changed("max.message.bytes", was.max_message_bytes, is.max_message_bytes,
            std::to_string(is.max_message_bytes));
    changed("flush.messages", was.flush_messages, is.flush_messages, std::to_string(is.flush_messages));
    changed("flush.ms", was.flush_interval.micros, is.flush_interval.micros,
            std::to_string(is.flush_interval.micros / 1000));
    if (topic.purpose != TopicPurpose::user) add_internal_configs(asked, topic, configs);
    sort_as_hash_map(configs);
    return configs;
}

DescribedTopic topic_of(const Asked& asked, TopicIndex index) {
    const Configuration& configuration = asked.configuration();
    const TopicConfiguration& topic = configuration.topic(index);
    DescribedTopic out;
    out.name = topic.name;
    if (admin_tools_of(configuration.release).topic_ids) out.topic_id = base64_id(asked.seed, topic.name);
    out.internal = topic.purpose != TopicPurpose::user;
    out.partition_count = out.internal ? topic.kafka_partitions : topic.partitions;
    out.replication_factor = topic.replication_factor;
    out.configs = configs_of(asked, index);
    const MetadataImage& image = asked.broker->memory.image;
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
        const PartitionIndex partition = next(topic.partition_first, i);
        const PartitionState& state = image.partitions[static_cast<std::size_t>(partition.value)];
        if (state.deleted) continue;
        const Assignment& assignment = replicas_of(*asked.broker, partition, configuration);
        DescribedPartition one;
        one.number = configuration.partition(partition).number;
        const BrokerSlot leader = leader_of(asked, partition);
        if (leader != no_slot) one.leader = configuration.broker(leader).id.value;
        one.replicas = ids(asked, assignment, assignment.set());
        one.isr = ids(asked, assignment, state.isr);
        one.elr = ids(asked, assignment, state.elr);
        one.last_known_elr = ids(asked, assignment, state.last_known_elr);
        one.adding = ids(asked, assignment, state.adding);
        one.removing = ids(asked, assignment, state.removing);
        one.min_isr = image.topics[static_cast<std::size_t>(index.value)].min_insync_replicas;
        // Source: TopicCommand.getReplicationFactor: new replicas do not count while they are being added.
        if (i == 0 && is_reassigning(state))
            out.replication_factor = static_cast<int>(one.replicas.size() - one.adding.size());
        out.partitions.push_back(std::move(one));
    }
    return out;
}

/// The first broker that answers and that its own metadata shows as alive.
const Broker* broker_that_answers(const Asked& asked) {
    for (const Broker& broker : asked.world.brokers)
        if (answers(asked, broker.slot) && alive_brokers(broker.memory.image).has(broker.slot))
            return &broker;
    return nullptr;
}

} // namespace
} // namespace parts

kafka::World world_at(const kafka::Scenario& scenario, std::uint64_t seed, sim::SimTime at) {
    kafka::World world = kafka::make_world(scenario.configuration, seed);
    world.kernel.observed = false;
    while (!world.finished && !world.kernel.queue.empty() && world.kernel.queue.next_time() <= at)
        kafka::step(world);
    return world;
}

Description describe(const kafka::Scenario& scenario, const kafka::World& world, std::uint64_t seed,
                     sim::SimTime at) {
    Description out;
    out.scenario = scenario.name;
    out.seed = std::to_string(seed);
    out.release = world.configuration->release;
    out.time_us = at.micros;
    parts::Asked asked{scenario, world, seed, nullptr, {}};
    asked.broker = parts::broker_that_answers(asked);
    if (asked.broker == nullptr) {
        out.notes.push_back("no broker answers");
        return out;
    }
    out.answers = asked.configuration().broker(asked.broker->slot).id.value;
    for (std::size_t i = 0; i < asked.configuration().topics.size(); ++i) {
        const kafka::PartitionIndex first = asked.configuration().topics[i].partition_first;
        if (asked.broker->memory.image.partitions[static_cast<std::size_t>(first.value)].deleted) continue;
        out.topics.push_back(parts::topic_of(asked, kafka::TopicIndex{static_cast<std::int32_t>(i)}));
    }
    for (std::size_t i = 0; i < asked.configuration().groups.size(); ++i)
        out.groups.push_back(parts::group_of(asked, kafka::GroupIndex{static_cast<std::int32_t>(i)}));
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    std::sort(out.topics.begin(), out.topics.end(), by_name);
    std::sort(out.groups.begin(), out.groups.end(), by_name);
    out.notes = std::move(asked.notes);
    std::sort(out.notes.begin(), out.notes.end());
    out.notes.erase(std::unique(out.notes.begin(), out.notes.end()), out.notes.end());
    return out;
}

} // namespace highwater
