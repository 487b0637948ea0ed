#pragma once
// What the metadata log says, as a function of its records alone.

#include "models/turn/configuration.hpp"
#include "models/turn/messages.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace kafka {

/// Registration of one broker.
/// Source: BrokerRegistration, ClusterControlManager.
struct BrokerRegistrationState {
    bool registered = false;
    BrokerEpoch epoch = no_broker_epoch; // first offset of the batch that registered this incarnation
    std::uint64_t incarnation = 0;
    std::uint64_t log_directory = 0;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    Offset registration_offset = no_offset; // of the registration record; a broker that read it is caught up
    std::uint32_t offline_directories = 0;  // of its log directories, as bits by number
    bool operator==(const BrokerRegistrationState&) const = default;
};

/// By slot, partition and topic.
struct ControllerImage {
    std::vector<BrokerRegistrationState> registrations;
    std::vector<PartitionState> partitions;
    std::vector<BrokerSet> offline_directories; // by partition: replicas in an unregistered directory
    std::vector<TopicSettings> topics;
    std::vector<std::int32_t> broker_settings; // by slot: "set" fault whose settings it runs with; -1 = none
    std::uint64_t denied = 0;                  // producers that may not write, as bits by index
    std::vector<std::int32_t> throttles;       // "reassign" faults whose throttle is in force
    std::int32_t finalized = -1;               // "finalize" fault whose features are in force
    bool operator==(const ControllerImage&) const = default;
};

/// The image of an empty log.
ControllerImage empty_image(const Configuration& configuration);
void apply(ControllerImage& image, const MetadataRecord& record);
/// Records that make `image` out of an empty one.
std::vector<MetadataRecord> describe(const ControllerImage& image);

/// A voter's copy of the metadata log. What lies before `start` is in the snapshot.
/// Source: KafkaMetadataLog.
struct MetadataLog {
    Offset start{0};
    Epoch start_epoch = no_epoch; // of the record before `start`
    std::vector<MetadataRecord> records;
    std::vector<Epoch> epochs; // of each record; they never fall
    bool operator==(const MetadataLog&) const = default;
};
Offset end_offset(const MetadataLog& log);
Epoch last_epoch(const MetadataLog& log);
/// Epoch of the record before `offset`; no_epoch at the beginning.
Epoch epoch_before(const MetadataLog& log, Offset offset);
void append(MetadataLog& log, const MetadataRecord& record, Epoch epoch);
/// Removes records from `end` on.
void truncate(MetadataLog& log, Offset end);

/// The newest epoch that is not above `epoch`, and where it ends.
/// Source: KafkaMetadataLog.endOffsetForEpoch.
struct MetadataEpochEnd {
    Epoch epoch = no_epoch;
    Offset end{0};
    bool operator==(const MetadataEpochEnd&) const = default;
};
MetadataEpochEnd end_of_epoch(const MetadataLog& log, Epoch epoch);

/// All that is committed before `end`. Source: Snapshots, OffsetAndEpoch.
struct MetadataSnapshot {
    Offset end{0};
    Epoch epoch = no_epoch;
    ControllerImage image;
    bool operator==(const MetadataSnapshot&) const = default;
};

} // namespace kafka
