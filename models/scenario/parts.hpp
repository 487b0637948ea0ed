#pragma once
// Steps of reading a scenario. Not for callers outside this folder.

#include "models/scenario/fields.hpp"
#include "models/scenario/preset.hpp"
#include "models/scenario/scenario.hpp"

namespace kafka::parts {

/// Where a -X override goes, and whether it has hit anything.
struct SortedOverrides {
    struct One {
        Override given;
        bool hit = false;
    };
    std::vector<One> all;

    /// Settings that go to this place of the scope: by their bare name, or addressed as
    /// "producer.NAME.setting".
    ConfigMap for_place(SettingScope scope, const std::string& place, const SettingTables& tables);
    /// A named override of ours ("release", "metadata"), which takes the file's place.
    std::optional<std::string> take(const std::string& key);
};

/// All that reading passes around.
struct Reading {
    Problems& problems;
    const SettingTables& tables;
    SortedOverrides overrides;
    Configuration configuration;
    Scenario scenario;
    Layer server_config; // "config" of the file
    std::string config_pointer;
    const Preset* preset = nullptr;
    bool zookeeper = false;                         // the type of metadata
    std::optional<std::int32_t> first_controller{}; // ZooKeeper: id of the broker
    std::optional<std::string> release_from{};      // where the release was given
    std::int32_t controllers = 1;                   // voters of the KRaft quorum
    bool combined = false;                          // in the processes of brokers
    std::vector<std::string> controller_racks{};    // of separate controllers; empty = none has one
    std::vector<Fault> arrivals{};                  // brokers that are started later
    std::optional<Release> file_release{};          // what the file itself names

    /// What the preset says for this scope, as a layer; empty without a preset.
    Layer preset_layer(SettingScope scope) const;
    /// The file's own settings under `key`. A preset that replaces all sets them aside, except names: racks,
    /// groups, members and transactional ids.
    ConfigMap own_config(Fields& fields, const std::string& key) const;
    void add_preset_problem(const std::string& preset_pointer, const std::string& message);
    void warn(const std::string& warning);
    /// Notes problems of settings at the pointer of the config that gave them.
    void report(const std::vector<SettingProblem>& found, const std::string& pointer);
};

std::optional<Release> read_release(Fields& fields, Reading& reading, const std::string& key);
void read_cluster(Fields& top, Reading& reading); // release, metadata, config, brokers, network
void read_topics(Fields& top, Reading& reading);
void read_producers(Fields& top, Reading& reading);
void read_consumers(Fields& top, Reading& reading);
void read_internal_topics(Reading& reading); // after clients: theirs come behind all other topics
/// What the file says of an application, with every -X application.KEY and -X SCOPE.NAME.application.KEY
/// whose KEY is one of `keys`.
Json with_application_overrides(SortedOverrides& overrides, const Json* given, const std::string& scope,
                                const std::string& place, const std::vector<std::string>& keys);
std::vector<std::string> producer_application_keys();
/// Keys of an application that sends in transactions; after the producer's settings are settled.
std::vector<std::string> transaction_key_names();
void read_transacting(Fields& fields, ProducerConfiguration& producer, Reading& reading);
void read_producer_application(Fields& producer_fields, ProducerConfiguration& producer, Reading& reading);
std::vector<std::string> consumer_application_keys();
/// `output` becomes the producer of its process, as one member has it, when the code writes.
void read_consumer_application(Fields& consumer_fields, ConsumerConfiguration& consumer,
                               std::optional<ProducerConfiguration>& output, Reading& reading);
void check_member(const ConsumerConfiguration& consumer, const std::string& pointer, Reading& reading);
void add_members(ConsumerConfiguration consumer, std::int32_t members,
                 const std::optional<ProducerConfiguration>& output, Reading& reading);
/// Which records fail, and what the code does then.
void read_failing(Fields& fields, ConsumerConfiguration& consumer, Reading& reading);
/// "output" of an application, or the producer that forwards records that failed. `consumer_fields` are those
/// of the consumer.
void read_output(Fields& application_fields, Fields& consumer_fields, ConsumerConfiguration& consumer,
                 std::optional<ProducerConfiguration>& output, Reading& reading);
/// Puts a producer into the configuration, with its streams.
ProducerIndex add_producer(ProducerConfiguration producer, Configuration& configuration);
/// Merges what -X, the preset, the producer itself and its client library say.
void settle_producer(ProducerConfiguration& producer, const ConfigMap& own, const Layer& client,
                     const std::string& config_pointer, Reading& reading);
Layer read_client(Fields& fields, SettingScope scope, Release& release, Reading& reading);
InstanceIndex instance_of(const ConsumerConfiguration& consumer, const Configuration& configuration);
void read_links(Fields& top, Reading& reading);
void read_arrivals(Reading& reading);
void read_faults(Fields& top, Reading& reading);
/// What roll and reassign have of their own as families of weather.
void read_drawn_operation(Fields& fields, WeatherFamily& family, Reading& reading);
void read_weather(Fields& top, Reading& reading);
void read_heal(Fields& top, Reading& reading);
std::vector<Expectation> read_expectations(Fields& fields, Reading& reading); // the list "expect"
/// "fixed": the other side of a pair. After the expectations, which it replaces where the fixed release runs.
void read_fixed(Fields& top, Reading& reading);
/// Refuses what would not end, or not fit into memory.
void check_limits(Reading& reading);

/// Latencies between racks.
void read_zones(Fields& top, Reading& reading);
/// What gc, starve, clock and swizzle have of their own, and whom they can mean.
void read_machine_fault(Fields& fields, Fault& fault, Reading& reading);
/// What a fault of a disk has of its own, and whom it can mean.
void read_disk_fault(Fields& fields, Fault& fault, Reading& reading);
/// How many log directories the broker has: as its key says, or as log.dirs lists them.
void settle_directories(BrokerConfiguration& broker, std::optional<std::int64_t> given, bool listed,
                        const std::string& pointer, Reading& reading);
/// What roll, reassign, delete_topic, unregister and finalize have of their own, and whom they can mean.
void read_operation(Fields& fields, Fault& fault, Reading& reading);
/// "consumer billing" of a roll is each of its members; false when it has but one, or is none.
bool read_members(const std::string& text, Fault& fault, const Reading& reading);
/// After all faults: what brokers do in each mixture of releases.
void settle_upgrades(Reading& reading);
/// "partition" and "offset" of corrupt.
void read_corruption(Fields& fields, Fault& fault, Reading& reading);
/// "before" of delete_records.
void read_deletion(Fields& fields, Fault& fault, Reading& reading);
/// A "set" of what the cleaner asks of a topic; false when `setting` is none of that.
bool change_cleanup(const std::string& setting, const TopicSettings& given, TopicSettings& after);
/// Which keys the records of each stream have, where a topic is compacted or will be; after the faults.
void settle_compaction(Reading& reading);
/// Whether logs keep account of their files, and whether any log start may move; when all is read.
void settle_log_starts(Configuration& configuration);
/// "jitter", "loss" and "close_delay" of a slow link.
void read_trouble(Fields& fields, Fault& fault);
/// A fault spec of Trogdor, known by its "class"; it may become several faults.
void read_trogdor(Fields& fields, Reading& reading);
/// "direction", "how", "listener", "latency", "bandwidth" and so on of a fault between hosts.
void read_link(Fields& fields, Fault& fault, Reading& reading);
/// Notes targets that this kind of fault cannot mean.
void check_targets(Fields& fields, const Fault& fault, Reading& reading);

/// "leader of orders-0"; notes a problem and gives nothing when it names nothing.
std::optional<Target> read_target(const std::string& text, const std::string& pointer, Reading& reading);
std::optional<PartitionIndex> find_partition(const std::string& name, const Configuration& configuration);
std::optional<TopicIndex> find_topic(const std::string& name, const Configuration& configuration);
std::optional<BrokerSlot> find_broker(const std::string& id, const Configuration& configuration);

/// How many brokers the cluster begins with.
int brokers_at_start(const Configuration& configuration);
/// Kafka's own placement, on them.
std::vector<Assignment> placed(const Reading& reading, int partitions, int replication_factor);

std::vector<Layer> broker_layers(Reading& reading, const BrokerConfiguration& broker, const ConfigMap& own);

} // namespace kafka::parts
