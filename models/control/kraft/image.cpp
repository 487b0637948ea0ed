#include "models/control/kraft/image.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>

namespace kafka {

namespace {

std::size_t place(BrokerSlot broker) { return static_cast<std::size_t>(broker.value); }

struct ApplyRecord {
    ControllerImage& to;
    void operator()(const NoOpRecord&) const {}
    void operator()(const AdminNodeRecord&) const {} // of ZooKeeper alone
    void operator()(const BrokerConfigRecord& record) const {
        to.broker_settings[place(record.broker)] = record.fault;
    }
    void operator()(const AccessControlRecord& record) const {
        const std::uint64_t bit = std::uint64_t{1} << record.producer.value;
        to.denied = record.denied ? to.denied | bit : to.denied & ~bit;
    }
    /// Replicas are taken to live in the directory that their broker registers with.
    void operator()(const BrokerRecord& record) const {
        to.registrations[place(record.broker)] = {true,
                                                  record.epoch,
                                                  record.incarnation,
                                                  record.log_directory,
                                                  record.fenced,
                                                  record.in_controlled_shutdown,
                                                  record.registration_offset,
                                                  record.offline_directories};
        if (record.event != BrokerEvent::registered) return;
        for (BrokerSet& offline : to.offline_directories)
            offline.remove(record.broker);
    }
    void operator()(const PartitionRecord& record) const {
        const auto at = static_cast<std::size_t>(record.partition.value);
        to.partitions[at] = record.state;
        to.offline_directories[at] = record.offline_directories;
    }
    void operator()(const ThrottleRecord& record) const {
        std::erase(to.throttles, record.fault);
        if (!record.removed) to.throttles.push_back(record.fault);
    }
    void operator()(const FeatureRecord& record) const { to.finalized = record.fault; }
    void operator()(const UnregisterBrokerRecord& record) const {
        to.registrations[place(record.broker)] = BrokerRegistrationState{};
    }
    void operator()(const TopicConfigRecord& record) const {
        to.topics[static_cast<std::size_t>(record.topic.value)] = record.settings;
    }
};

} // namespace

ControllerImage empty_image(const Configuration& configuration) {
    ControllerImage image;
    image.registrations.resize(configuration.brokers.size());
    image.broker_settings.resize(configuration.brokers.size(), -1);
    image.partitions.resize(configuration.partitions.size());
    for (std::size_t i = 0; i < image.partitions.size(); ++i)
        if (configuration.partitions[i].created_later) image.partitions[i] = not_yet_created();
    image.offline_directories.resize(configuration.partitions.size());
    for (const TopicConfiguration& topic : configuration.topics)
        image.topics.push_back(topic.settings);
    return image;
}

void apply(ControllerImage& image, const MetadataRecord& record) { std::visit(ApplyRecord{image}, record); }

std::vector<MetadataRecord> describe(const ControllerImage& image) {
    std::vector<MetadataRecord> records;
    for (std::size_t i = 0; i < image.registrations.size(); ++i) {
        const BrokerRegistrationState& broker = image.registrations[i];
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        if (broker.registered)
            records.emplace_back(BrokerRecord{slot, broker.epoch, broker.fenced,
                                              broker.in_controlled_shutdown, broker.incarnation,
                                              broker.log_directory, broker.registration_offset,
                                              BrokerEvent::registered, broker.offline_directories});
        if (image.broker_settings[i] >= 0)
            records.emplace_back(BrokerConfigRecord{slot, image.broker_settings[i]});
    }
    for (std::size_t i = 0; i < image.topics.size(); ++i)
        records.emplace_back(TopicConfigRecord{TopicIndex{static_cast<std::int32_t>(i)}, image.topics[i]});
    for (std::size_t i = 0; i < image.partitions.size(); ++i) {
        if (!exists(image.partitions[i]) && !image.partitions[i].deleted) continue;
        records.emplace_back(PartitionRecord{PartitionIndex{static_cast<std::int32_t>(i)},
                                             image.partitions[i], image.offline_directories[i],
                                             ChangeCause::created, false});
    }
    for (std::int32_t i = 0; i < 64; ++i)
        if (((image.denied >> i) & 1U) != 0)
            records.emplace_back(AccessControlRecord{ProducerIndex{i}, true});
    for (const std::int32_t fault : image.throttles)
        records.emplace_back(ThrottleRecord{fault, false});
    if (image.finalized >= 0) records.emplace_back(FeatureRecord{image.finalized});
    return records;
}

Offset end_offset(const MetadataLog& log) {
    return next(log.start, static_cast<std::int64_t>(log.records.size()));
}

Epoch last_epoch(const MetadataLog& log) { return log.epochs.empty() ? log.start_epoch : log.epochs.back(); }

Epoch epoch_before(const MetadataLog& log, Offset offset) {
    SIM_ASSERT(offset >= log.start && offset <= end_offset(log), "the offset lies in the log");
    const std::int64_t at = distance(log.start, offset);
    return at == 0 ? log.start_epoch : log.epochs[static_cast<std::size_t>(at - 1)];
}

void append(MetadataLog& log, const MetadataRecord& record, Epoch epoch) {
    SIM_ASSERT(log.epochs.empty() || log.epochs.back() <= epoch, "epochs of a log never fall");
    log.records.push_back(record);
    log.epochs.push_back(epoch);
}

void truncate(MetadataLog& log, Offset end) {
    SIM_ASSERT(end >= log.start, "a snapshot is not truncated");
    const auto left = static_cast<std::size_t>(distance(log.start, end));
    if (left >= log.records.size()) return;
    log.records.erase(log.records.begin() + static_cast<std::ptrdiff_t>(left), log.records.end());
    log.epochs.resize(left);
}

MetadataEpochEnd end_of_epoch(const MetadataLog& log, Epoch epoch) {
    const auto above = std::upper_bound(log.epochs.begin(), log.epochs.end(), epoch);
    if (above == log.epochs.begin()) return {std::min(log.start_epoch, epoch), log.start};
    return {*(above - 1), next(log.start, above - log.epochs.begin())};
}

} // namespace kafka
