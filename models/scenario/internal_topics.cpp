// __consumer_offsets and __transaction_state of the groups and transactional ids that the scenario uses.

#include "models/scenario/parts.hpp"

#include <algorithm>
#include <string_view>

namespace kafka::parts {

namespace {

/// Source: java.lang.String.hashCode; Utils.abs (Integer.MIN_VALUE gives 0); GroupCoordinatorService and
/// TransactionStateManager.partitionFor. Shape: ASCII names; others would hash by UTF-16 units.
std::int32_t partition_for(std::string_view name, std::int32_t partitions) {
    std::uint32_t hash = 0;
    for (const char letter : name)
        hash = hash * 31 + static_cast<unsigned char>(letter);
    const auto as_java = static_cast<std::int32_t>(hash);
    const std::int32_t positive = as_java == INT32_MIN ? 0 : std::abs(as_java);
    return positive % partitions;
}

struct Wanted {
    const char* name;
    TopicPurpose purpose;
    const char* factor_setting;
    std::int32_t partitions;
    std::int32_t replication_factor;
    TopicSettings settings;
    std::vector<CoordinatedConfiguration>* owners;
};

/// Kafka before 0.11 silently took min(factor, live brokers); since then it refuses to create the topic, and
/// groups find no coordinator until enough brokers are there (AutoTopicCreationManager, KafkaApis).
/// A scenario starts healthy, so the factor is capped here, with a warning.
std::int32_t factor_of(const Wanted& wanted, Reading& reading) {
    const auto brokers = static_cast<std::int32_t>(brokers_at_start(reading.configuration));
    const std::int32_t most = std::min<std::int32_t>(brokers, Assignment::capacity);
    if (wanted.replication_factor <= most) return wanted.replication_factor;
    reading.warn(std::string(wanted.factor_setting) + " = " + std::to_string(wanted.replication_factor) +
                 " is above the number of brokers: Kafka would not create " + wanted.name +
                 " and no client would find a coordinator; " + std::to_string(most) + " is used instead");
    return most;
}

void add(const Wanted& wanted, Reading& reading) {
    if (wanted.owners->empty()) return;
    Configuration& configuration = reading.configuration;
    std::vector<std::int32_t> numbers;
    constexpr std::int32_t most_partitions = 10000; // all of them are placed
    if (wanted.partitions > most_partitions)
        reading.problems.add(reading.config_pointer, std::string(wanted.name) + ": at most " +
                                                         std::to_string(most_partitions) + " partitions");
    // What is below its range, or no broker at all, has been told where it stands.
    const bool usable = wanted.partitions >= 1 && wanted.partitions <= most_partitions &&
                        wanted.replication_factor >= 1 && !configuration.brokers.empty();
    if (!usable) return;
    for (const CoordinatedConfiguration& owner : *wanted.owners)
        numbers.push_back(partition_for(owner.name, wanted.partitions));
    std::vector<std::int32_t> used = numbers;
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    const TopicIndex index{static_cast<std::int32_t>(configuration.topics.size())};
    TopicConfiguration topic;
    topic.name = wanted.name;
    topic.partition_first = PartitionIndex{static_cast<std::int32_t>(configuration.partitions.size())};
    topic.partitions = static_cast<std::int32_t>(used.size());
    topic.purpose = wanted.purpose;
    topic.kafka_partitions = wanted.partitions;
    topic.replication_factor = factor_of(wanted, reading);
    topic.settings = wanted.settings;
    // All of Kafka's partitions are placed, then those in use are taken.
    const std::vector<Assignment> all = placed(reading, wanted.partitions, topic.replication_factor);
    for (const std::int32_t number : used) {
        const PartitionIndex partition{static_cast<std::int32_t>(configuration.partitions.size())};
        const StreamIndex stream{static_cast<std::int32_t>(configuration.streams.size())};
        configuration.partitions.push_back({index, number, topic.name + "-" + std::to_string(number),
                                            all[static_cast<std::size_t>(number)], stream});
        configuration.streams.push_back({no_producer, partition});
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (numbers[i] == number) (*wanted.owners)[i].partition = partition;
    }
    configuration.topics.push_back(std::move(topic));
}

/// Topic settings that the broker's configuration gives to an internal topic.
TopicSettings inherited(Reading& reading, const char* title) {
    const Layer layers[] = {reading.preset_layer(SettingScope::broker), reading.server_config};
    Resolved<TopicSettings> resolved =
        resolve_topic(reading.tables, reading.configuration.release, {}, layers);
    TopicSettings settings = resolved.settings;
    reading.scenario.effective.push_back({std::string("topic ") + title, std::move(resolved.effective)});
    return settings;
}

} // namespace

void read_internal_topics(Reading& reading) {
    Configuration& configuration = reading.configuration;
    configuration.internal_stream_first =
        StreamIndex{static_cast<std::int32_t>(configuration.streams.size())};
    const BrokerSettings& broker = configuration.controller_settings;
    if (!configuration.groups.empty())
        add({"__consumer_offsets", TopicPurpose::consumer_offsets, "offsets.topic.replication.factor",
             broker.group.offsets_partitions, broker.group.offsets_replication_factor,
             inherited(reading, "__consumer_offsets"), &configuration.groups},
            reading);
    if (!configuration.transactional_ids.empty()) {
        TopicSettings settings = inherited(reading, "__transaction_state");
        // Source: TransactionStateManager.transactionTopicConfigs.
        settings.min_insync_replicas = broker.transaction.state_min_isr;
        settings.unclean_leader_election_enable = false;
        add({"__transaction_state", TopicPurpose::transaction_state,
             "transaction.state.log.replication.factor", broker.transaction.state_partitions,
             broker.transaction.state_replication_factor, settings, &configuration.transactional_ids},
            reading);
    }
}

} // namespace kafka::parts
