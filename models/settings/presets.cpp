#include "models/settings/presets.hpp"

#include <algorithm>

namespace embedded {
extern const char* const settings_clients_tsv;
} // namespace embedded

namespace kafka {

namespace {

struct PresetRow {
    std::string client, scope, setting, value, why;
};

std::vector<PresetRow> preset_rows() {
    std::vector<PresetRow> rows;
    std::string_view rest = embedded::settings_clients_tsv;
    bool header = true;
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (!header) {
            PresetRow row;
            for (std::string* cell : {&row.client, &row.scope, &row.setting, &row.value, &row.why}) {
                const std::size_t end = std::min(line.find('\t'), line.size());
                *cell = line.substr(0, end);
                line.remove_prefix(std::min(line.size(), end + 1));
            }
            rows.push_back(row);
        }
        header = false;
    }
    return rows;
}

} // namespace

std::vector<std::string> client_names() {
    std::vector<std::string> names;
    for (const PresetRow& row : preset_rows())
        if (std::find(names.begin(), names.end(), row.client) == names.end()) names.push_back(row.client);
    return names;
}

std::optional<Release> java_release_of(std::string_view client) {
    if (client.rfind("java-", 0) != 0) return std::nullopt;
    return parse_release(client.substr(5));
}

std::optional<ClientPreset> client_preset(std::string_view client, SettingScope scope, Release release,
                                          const SettingTables& tables) {
    ClientPreset preset{{SettingSource::client_preset, {}}, {}};
    if (java_release_of(client)) return preset; // the tables of settings are its own
    bool known = false;
    for (const PresetRow& row : preset_rows()) {
        if (row.client != client) continue;
        known = true;
        const SettingRow* setting = tables.find(scope, row.setting);
        if (row.scope == name(scope) && setting != nullptr && default_of(*setting, release))
            preset.layer.values.emplace_back(row.setting, row.value);
        if (row.scope == "note" && scope == SettingScope::producer) preset.left_out.push_back(row.why);
    }
    if (!known) return std::nullopt;
    return preset;
}

} // namespace kafka
