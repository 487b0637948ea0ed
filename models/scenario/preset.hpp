#pragma once
// A preset: settings under one name, to be laid over any scenario.

#include "models/scenario/problems.hpp"
#include "models/settings/resolve.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kafka {

/// A preset file, read. Its settings stand above the scenario's own and below -X.
struct Preset {
    std::string file;
    std::string name;
    std::string story;
    std::string source;
    std::optional<Release> release;
    bool replaces_all = false; // the scenario's own settings are set aside, so that defaults hold
    ConfigMap producer, consumer, topic, broker;
    std::optional<int> replication_factor; // "topic" may name it beside Kafka's topic settings
    std::map<std::string, int> lines;      // by JSON pointer

    const ConfigMap& of(SettingScope scope) const;
    bool names(SettingScope scope, const std::string& setting) const;
    int line_of(const std::string& pointer) const;
};

struct PresetResult {
    std::optional<Preset> preset; // only without problems
    std::vector<InputProblem> problems;
};

/// Reads a preset file. Settings are checked by name, type and bounds under the preset's release, or the
/// newest one that knows them. All problems at once; nothing is thrown.
PresetResult read_preset(std::string_view text, const std::string& file, const SettingTables& tables);

} // namespace kafka
