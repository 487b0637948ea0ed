// Topics that are compacted: which keys the records of each stream have.

#include "models/client/producer/producer.hpp"
#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

bool change_cleanup(const std::string& setting, const TopicSettings& given, TopicSettings& after) {
    if (setting == "cleanup.policy") {
        after.cleanup_compact = given.cleanup_compact;
        after.cleanup_delete = given.cleanup_delete;
    } else if (setting == "min.cleanable.dirty.ratio") {
        after.min_cleanable_ppm = given.min_cleanable_ppm;
    } else if (setting == "min.compaction.lag.ms") {
        after.min_compaction_lag = given.min_compaction_lag;
    } else if (setting == "max.compaction.lag.ms") {
        after.max_compaction_lag = given.max_compaction_lag;
    } else if (setting == "delete.retention.ms") {
        after.delete_retention = given.delete_retention;
    } else {
        return false;
    }
    return true;
}

namespace {

/// The topic is compacted from the start, or once a fault has set its policy.
bool is_ever_compacted(TopicIndex topic, const Configuration& configuration) {
    if (configuration.topic(topic).purpose != TopicPurpose::user) return false;
    if (configuration.topic(topic).settings.cleanup_compact) return true;
    for (const Fault& fault : configuration.faults)
        for (const auto& [changed, settings] : fault.topic_settings)
            if (changed == topic && settings.cleanup_compact) return true;
    return false;
}

StreamKeys keys_of(const ProducerConfiguration& producer, const PartitionConfiguration& partition,
                   std::int32_t partitions) {
    StreamKeys keys;
    keys.first = producer.first_key;
    keys.count = producer.keys;
    keys.tombstone_every = producer.tombstone_every;
    for (std::int32_t i = 0; i < producer.keys; ++i) {
        const std::int32_t key = producer.first_key + i;
        const bool here = partitions == 1 ||
                          partition_of_key(key, producer.settings.key_hash, partitions) == partition.number;
        if (here) keys.cycle.push_back(key);
    }
    return keys;
}

/// What would part a stream's values from their keys.
void check_keys(const ProducerConfiguration& producer, std::size_t at, Reading& reading) {
    const Configuration& configuration = reading.configuration;
    const TopicConfiguration& topic = configuration.topic(producer.topic);
    if (producer.keys == 0) return;
    const std::string pointer = "/producers/" + std::to_string(at);
    if (producer.settings.partitioner_ignore_keys && topic.partitions > 1)
        reading.problems.add(pointer + "/config",
                             "a partitioner that ignores keys is not modelled with a compacted topic of "
                             "several partitions; expected one partition, or a partitioner that uses keys");
    for (std::int32_t i = 0; i < topic.partitions; ++i)
        if (configuration.partition(next(topic.partition_first, i)).created_later) {
            reading.problems.add(pointer + "/topic",
                                 "partitions that are added to a compacted topic while a producer with keys "
                                 "writes to it are not modelled; expected all of them from the start");
            return;
        }
}

} // namespace

void settle_compaction(Reading& reading) {
    Configuration& configuration = reading.configuration;
    std::vector<bool> compacted(configuration.topics.size(), false);
    for (std::size_t i = 0; i < compacted.size(); ++i) {
        const TopicIndex topic{static_cast<std::int32_t>(i)};
        compacted[i] = is_ever_compacted(topic, configuration);
        if (!compacted[i]) continue;
        configuration.topics[i].settings.keeps_segments = true;
        configuration.compacts = true;
    }
    if (!configuration.compacts) {
        for (std::size_t i = 0; i < configuration.producers.size(); ++i)
            if (configuration.producers[i].tombstone_every > 0)
                reading.warn("producer " + configuration.producers[i].name +
                             ": tombstones delete nothing where no topic is compacted (cleanup.policy)");
        return;
    }
    for (std::size_t i = 0; i < configuration.producers.size(); ++i)
        if (compacted[static_cast<std::size_t>(configuration.producers[i].topic.value)])
            check_keys(configuration.producers[i], i, reading);
    for (const StreamConfiguration& stream : configuration.streams) {
        const PartitionConfiguration& partition = configuration.partition(stream.partition);
        const bool known = stream.producer != no_producer &&
                           configuration.producer(stream.producer).topic == partition.topic &&
                           compacted[static_cast<std::size_t>(partition.topic.value)];
        configuration.keys.push_back(known ? keys_of(configuration.producer(stream.producer), partition,
                                                     configuration.topic(partition.topic).partitions)
                                           : StreamKeys{});
    }
}

} // namespace kafka::parts
