#pragma once
// From what a scenario gives to the value that is in force, and where it comes from.

#include "models/settings/settings.hpp"
#include "models/settings/table.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kafka {

/// Names and raw values, in file order.
using ConfigMap = std::vector<std::pair<std::string, std::string>>;

/// Where a value comes from, strongest last. Source: ConfigEntry.ConfigSource; CLIENT_CONFIG and OVERRIDE are
/// ours, and so are PRESET (a preset file stands above the scenario's own settings and below -X) and
/// CLIENT_PRESET (the default of another client library).
enum class SettingSource : std::uint8_t {
    default_config,
    client_preset,
    static_broker_config,
    dynamic_broker_config,
    dynamic_topic_config,
    client_config,
    preset,
    override_x,
};
std::string_view name(SettingSource source);

/// Values of one source.
struct Layer {
    SettingSource source{};
    ConfigMap values;
};

struct SettingProblem {
    std::string name;
    SettingSource source{};
    std::string message; // "expected ..., got ..." or "unknown setting; did you mean ..."
};

struct EffectiveSetting {
    std::string name;
    std::string value;
    SettingSource source{};
    bool modelled = false;
    std::vector<std::pair<SettingSource, std::string>>
        synonyms; // every source that has a value, strongest first
};

template <class Settings> struct Resolved {
    Settings settings;
    std::vector<EffectiveSetting> effective; // every setting that the release has, by name
    std::vector<SettingProblem> problems;    // all of them
    std::vector<std::string> warnings;
};

/// Layers are given strongest first. Errors are problems, never exceptions.
/// Source: ProducerConfig, ConsumerConfig, LogConfig, KafkaConfig of each release; ServerTopicConfigSynonyms.
Resolved<ProducerSettings> resolve_producer(const SettingTables& tables, Release release,
                                            std::span<const Layer> layers);
Resolved<ConsumerSettings> resolve_consumer(const SettingTables& tables, Release release,
                                            std::span<const Layer> layers);
/// `broker_layers` supply what the topic does not say, through the broker's synonyms.
Resolved<TopicSettings> resolve_topic(const SettingTables& tables, Release release,
                                      std::span<const Layer> layers, std::span<const Layer> broker_layers);
Resolved<BrokerSettings> resolve_broker(const SettingTables& tables, Release release,
                                        std::span<const Layer> layers);

/// One line as `kafka-configs --describe --all` prints it.
std::string describe(const EffectiveSetting& setting);

} // namespace kafka
