#pragma once
// Between brokers and the controller.

#include "models/settings/settings.hpp"
#include "models/turn/configuration.hpp"
#include "models/turn/messages/words.hpp"
#include "models/vocabulary/facts.hpp"

#include <array>
#include <variant>

namespace kafka {

struct AlterPartitionContent {
    struct Entry {
        PartitionIndex partition;
        Epoch leader_epoch;
        PartitionEpoch partition_epoch;
        BrokerSet new_isr;
        std::array<BrokerEpoch, Assignment::capacity>
            epochs{}; // of new_isr's members in slot order; -1 = not given
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const AlterPartitionContent&) const = default;
};
struct AlterPartitionAnswer {
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        BrokerSlot leader = no_slot;
        Epoch leader_epoch;
        PartitionEpoch partition_epoch;
        BrokerSet isr;
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const AlterPartitionAnswer&) const = default;
};

/// State of one partition as the metadata log gives it. Source: PartitionRegistration.
struct PartitionState {
    BrokerSlot leader = no_slot;
    Epoch leader_epoch{0};
    PartitionEpoch partition_epoch{0};
    BrokerSet isr;
    BrokerSet elr;
    BrokerSet last_known_elr;
    bool recovering = false; // leaderRecoveryState
    bool deleted = false;    // with its topic
    Assignment replicas;     // with those that are being added or removed; none = as configured
    BrokerSet adding;
    BrokerSet removing;
    bool operator==(const PartitionState&) const = default;
};
/// The replicas of a partition now. Shape: `configured` lives as long as the answer is used.
inline const Assignment& replicas_of(const PartitionState& state, const PartitionConfiguration& configured) {
    return state.replicas.count > 0 ? state.replicas : configured.assignment;
}
inline bool is_reassigning(const PartitionState& state) {
    return !state.adding.empty() || !state.removing.empty();
}
/// A partition that CreatePartitions will add later has no record yet, and this state.
inline PartitionState not_yet_created() {
    PartitionState state;
    state.leader_epoch = no_epoch;
    return state;
}
inline bool exists(const PartitionState& state) { return state.leader_epoch != no_epoch; }

/// One record of the metadata log. Source: metadata/src/main/resources/common/metadata of Kafka, by name.
struct NoOpRecord {
    bool operator==(const NoOpRecord&) const = default;
};
struct BrokerRecord { // RegisterBrokerRecord and BrokerRegistrationChangeRecord: the complete state
    BrokerSlot broker;
    BrokerEpoch epoch;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::uint64_t incarnation = 0;
    std::uint64_t log_directory = 0;
    Offset registration_offset = no_offset; // of its RegisterBrokerRecord
    BrokerEvent event{};                    // registered: a RegisterBrokerRecord
    std::uint32_t offline_directories = 0;  // of its log directories, as bits by number (KIP-858)
    bool operator==(const BrokerRecord&) const = default;
};
struct PartitionRecord { // PartitionRecord and PartitionChangeRecord: the complete state, and why
    PartitionIndex partition;
    PartitionState state;
    BrokerSet offline_directories; // replicas in a directory that their broker has not registered
    ChangeCause cause{};
    bool unclean = false;
    bool operator==(const PartitionRecord&) const = default;
};
struct TopicConfigRecord {
    TopicIndex topic;
    TopicSettings settings;
    bool operator==(const TopicConfigRecord&) const = default;
};
struct BrokerConfigRecord { // settings after fault `fault` ("set") for this broker
    BrokerSlot broker;
    std::int32_t fault = -1;
    bool operator==(const BrokerConfigRecord&) const = default;
};
/// AccessControlEntryRecord: WRITE on every topic, for the principal of a producer.
struct AccessControlRecord {
    ProducerIndex producer;
    bool denied = false;
    bool operator==(const AccessControlRecord&) const = default;
};
/// The throttle of a "reassign" fault: what kafka-reassign-partitions --throttle writes as settings of topics
/// and brokers (leader.replication.throttled.replicas and .rate, follower...).
struct ThrottleRecord {
    std::int32_t fault = -1;
    bool removed = false;
    bool operator==(const ThrottleRecord&) const = default;
};
struct FeatureRecord { // FeatureLevelRecords of a "finalize" fault
    std::int32_t fault = -1;
    bool operator==(const FeatureRecord&) const = default;
};
struct UnregisterBrokerRecord {
    BrokerSlot broker;
    bool operator==(const UnregisterBrokerRecord&) const = default;
};
/// An entry under /admin, or of /log_dir_event_notification, in ZooKeeper.
struct AdminNodeRecord {
    enum class Kind : std::uint8_t { reassign, delete_topic, elect_preferred, directory_failed } kind{};
    PartitionIndex partition{-1}; // reassign, elect_preferred
    TopicIndex topic{-1};         // delete_topic
    BrokerSlot broker = no_slot;  // directory_failed: whose
    Assignment target{};          // reassign
    bool operator==(const AdminNodeRecord&) const = default;
};
using MetadataRecord =
    std::variant<NoOpRecord, BrokerRecord, PartitionRecord, TopicConfigRecord, BrokerConfigRecord,
                 AccessControlRecord, ThrottleRecord, FeatureRecord, UnregisterBrokerRecord, AdminNodeRecord>;

struct MetadataRecords {
    std::vector<MetadataRecord> records;
    std::vector<Epoch> epochs; // of each record
    void clear() {
        records.clear();
        epochs.clear();
    }
    bool operator==(const MetadataRecords&) const = default;
};

struct BrokerRegistrationRequest {
    BrokerSlot broker;
    std::uint64_t incarnation = 0;
    BrokerEpoch previous_epoch = no_broker_epoch;
    std::uint64_t log_directory = 0;
    std::uint32_t offline_directories = 0; // as bits by number
    bool operator==(const BrokerRegistrationRequest&) const = default;
};
struct BrokerRegistrationResponse {
    ErrorCode error{};
    BrokerEpoch epoch = no_broker_epoch;
    bool operator==(const BrokerRegistrationResponse&) const = default;
};
struct BrokerHeartbeatRequest {
    BrokerSlot broker;
    BrokerEpoch epoch;
    Offset metadata_offset;
    bool want_fence = false;
    bool want_shut_down = false;
    std::uint32_t offline_directories = 0; // as bits by number
    bool operator==(const BrokerHeartbeatRequest&) const = default;
};
struct BrokerHeartbeatResponse {
    ErrorCode error{};
    bool caught_up = false;
    bool fenced = false;
    bool should_shut_down = false;
    bool operator==(const BrokerHeartbeatResponse&) const = default;
};
struct AlterPartitionRequest {
    BrokerSlot broker;
    BrokerEpoch epoch;
    SlabHandle content;
    bool operator==(const AlterPartitionRequest&) const = default;
};
struct AlterPartitionResponse {
    ErrorCode error{};
    SlabHandle content; // content only without a top-level error
    bool operator==(const AlterPartitionResponse&) const = default;
};
/// Raft Fetch of an observer (a broker), or of a voter: the next offset it wants, the high watermark it
/// knows.
struct MetadataFetchRequest {
    BrokerSlot broker;
    Offset fetch_offset;
    Offset high_watermark;
    Voter voter = no_voter;
    Epoch current_epoch = no_epoch;      // of the quorum, as the sender knows it
    Epoch last_fetched_epoch = no_epoch; // of its last record
    Correlation correlation = 0;
    bool operator==(const MetadataFetchRequest&) const = default;
};
/// Records [fetch_offset, fetch_offset + n); high_watermark bounds what may be applied. `diverging_end` set:
/// the fetcher first cuts its log. `snapshot`: the records describe all that is committed before
/// fetch_offset.
struct MetadataFetchResponse {
    ErrorCode error{};
    bool snapshot = false;
    Correlation correlation = 0;
    Voter leader = no_voter; // as the sender knows it
    Epoch epoch = no_epoch;
    Offset fetch_offset;
    Offset high_watermark;
    Epoch diverging_epoch = no_epoch;
    SlabHandle content;
    Offset diverging_end = no_offset;
    bool operator==(const MetadataFetchResponse&) const = default;
};
struct AssignReplicasToDirsRequest { // "these replicas of mine live in this directory"
    BrokerSlot broker;
    std::uint64_t log_directory = 0;
    SlabHandle content;
    bool operator==(const AssignReplicasToDirsRequest&) const = default;
};
struct AssignReplicasToDirsResponse {
    ErrorCode error{};
    bool operator==(const AssignReplicasToDirsResponse&) const = default;
};

} // namespace kafka
