#pragma once
// Other client libraries: their defaults as Kafka's Java settings say them.

#include "models/settings/resolve.hpp"

namespace kafka {

/// The defaults of one client library. Source: settings/tables/clients.tsv, one reason per row; read from
/// librdkafka's CONFIGURATION.md, sarama's and franz-go's config.go, kafka-go's writer.go and reader.go,
/// aiokafka's producer.py and consumer.py.
struct ClientPreset {
    Layer layer;                       // SettingSource::client_preset
    std::vector<std::string> left_out; // how the library differs where no setting says it
};

/// Names that a scenario may give as "client", besides "java-RELEASE".
std::vector<std::string> client_names();
/// The release of "java-4.3"; nothing for another library.
std::optional<Release> java_release_of(std::string_view client);
/// Defaults of `client` for producers or consumers, of those settings that `release` has. Nothing for an
/// unknown one.
std::optional<ClientPreset> client_preset(std::string_view client, SettingScope scope, Release release,
                                          const SettingTables& tables);

} // namespace kafka
