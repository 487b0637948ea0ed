#include "models/broker/parts.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

BrokerSet eligible_brokers(const MetadataImage& image) {
    BrokerSet set;
    for (std::size_t i = 0; i < image.brokers.size(); ++i)
        if (!image.brokers[i].fenced && !image.brokers[i].in_controlled_shutdown)
            set.add(BrokerSlot{static_cast<std::int32_t>(i)});
    return set;
}

BrokerSet alive_brokers(const MetadataImage& image) {
    BrokerSet set;
    for (std::size_t i = 0; i < image.brokers.size(); ++i)
        if (!image.brokers[i].fenced) set.add(BrokerSlot{static_cast<std::int32_t>(i)});
    return set;
}

void apply(MetadataImage& image, const MetadataRecord& record, BrokerSlot self) {
    image.next_offset = next(image.next_offset);
    if (const auto* broker = std::get_if<BrokerRecord>(&record)) {
        const auto at = static_cast<std::size_t>(broker->broker.value);
        image.brokers[at] = {broker->epoch, broker->fenced, broker->in_controlled_shutdown};
        image.epochs[at] = broker->epoch;
    } else if (const auto* partition = std::get_if<PartitionRecord>(&record)) {
        image.partitions[static_cast<std::size_t>(partition->partition.value)] = partition->state;
    } else if (const auto* topic = std::get_if<TopicConfigRecord>(&record)) {
        image.topics[static_cast<std::size_t>(topic->topic.value)] = topic->settings;
    } else if (const auto* config = std::get_if<BrokerConfigRecord>(&record)) {
        if (config->broker == self) image.settings_fault = config->fault;
    } else if (const auto* access = std::get_if<AccessControlRecord>(&record)) {
        const std::uint64_t bit = std::uint64_t{1} << access->producer.value;
        image.denied = access->denied ? image.denied | bit : image.denied & ~bit;
    } else if (const auto* throttle = std::get_if<ThrottleRecord>(&record)) {
        std::erase(image.throttles, throttle->fault);
        if (!throttle->removed) image.throttles.push_back(throttle->fault);
    } else if (const auto* feature = std::get_if<FeatureRecord>(&record)) {
        image.finalized = feature->fault;
    } else if (const auto* gone = std::get_if<UnregisterBrokerRecord>(&record)) {
        image.brokers[static_cast<std::size_t>(gone->broker.value)] = MetadataImage::BrokerView{};
        image.epochs[static_cast<std::size_t>(gone->broker.value)] = no_broker_epoch;
    }
}

bool may_write(const MetadataImage& image, ProducerIndex producer) {
    return ((image.denied >> producer.value) & 1U) == 0;
}

const BrokerSettings& settings_of(const Broker& broker, const Configuration& configuration) {
    const std::int32_t fault = broker.memory.image.settings_fault;
    if (fault >= 0) {
        for (const auto& [slot, settings] :
             configuration.faults[static_cast<std::size_t>(fault)].broker_settings)
            if (slot == broker.slot) return settings;
    }
    if (broker.upgraded_by >= 0) {
        for (const auto& [slot, settings] :
             configuration.faults[static_cast<std::size_t>(broker.upgraded_by)].broker_settings)
            if (slot == broker.slot) return settings;
    }
    return configuration.broker(broker.slot).settings;
}

const Assignment& replicas_of(const Broker& broker, PartitionIndex partition,
                              const Configuration& configuration) {
    return replicas_of(broker.memory.image.partitions[static_cast<std::size_t>(partition.value)],
                       configuration.partition(partition));
}

int position_of(const Broker& broker, PartitionIndex partition) {
    // A broker that hosts every partition has each at its own number.
    const auto number = static_cast<std::size_t>(partition.value);
    if (number < broker.hosted.size() && broker.hosted[number] == partition) return partition.value;
    const auto at = std::lower_bound(broker.hosted.begin(), broker.hosted.end(), partition);
    return at != broker.hosted.end() && *at == partition ? static_cast<int>(at - broker.hosted.begin()) : -1;
}

Broker make_broker(const Configuration& configuration, BrokerSlot slot) {
    Broker broker;
    broker.slot = slot;
    for (std::size_t i = 0; i < configuration.partitions.size(); ++i)
        if ((configuration.partitions[i].assignment.set() | configuration.partitions[i].later_replicas)
                .has(slot))
            broker.hosted.push_back(PartitionIndex{static_cast<std::int32_t>(i)});
    for (const PartitionIndex partition : broker.hosted)
        broker.disk.logs.push_back(parts::empty_log(partition, configuration));
    broker.disk.directory = static_cast<std::uint64_t>(slot.value) + 1;
    return broker;
}

namespace parts {

ErrorCode why_no_replica(const Broker& broker, PartitionIndex partition, const Configuration& configuration) {
    const PartitionState& state = broker.memory.image.partitions[static_cast<std::size_t>(partition.value)];
    if (state.deleted) return ErrorCode::unknown_topic_or_partition;
    const PartitionConfiguration& configured = configuration.partition(partition);
    if (configured.later_replicas.empty()) return ErrorCode::none; // who hosts it has it
    return replicas_of(state, configured).set().has(broker.slot) ? ErrorCode::none
                                                                 : ErrorCode::not_leader_or_follower;
}

LeaderView view_of(const Broker& broker, PartitionIndex partition, const Turn& turn) {
    const MetadataImage& image = broker.memory.image;
    const PartitionConfiguration& configured = turn.configuration.partition(partition);
    return LeaderView{replicas_of(broker, partition, turn.configuration),
                      broker.slot,
                      dialect_of(broker, turn.configuration),
                      settings_of(broker, turn.configuration),
                      image.topics[static_cast<std::size_t>(configured.topic.value)],
                      eligible_brokers(image),
                      image.epochs,
                      turn.wall_time()};
}

Replica& replica_at(Broker& broker, int position) {
    SIM_ASSERT(position >= 0, "the broker hosts this partition");
    return broker.memory.replicas[static_cast<std::size_t>(position)];
}

Log& log_at(Broker& broker, int position) {
    SIM_ASSERT(position >= 0, "the broker hosts this partition");
    return broker.disk.logs[static_cast<std::size_t>(position)];
}

} // namespace parts

} // namespace kafka
