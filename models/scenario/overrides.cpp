#include "models/scenario/parts.hpp"

#include <algorithm>
#include <iterator>

namespace kafka::parts {

ConfigMap SortedOverrides::for_place(SettingScope scope, const std::string& place,
                                     const SettingTables& tables) {
    ConfigMap map;
    const std::string prefix = std::string(name(scope)) + "." + place + ".";
    const std::string everywhere = std::string(name(scope)) + ".*."; // every producer, every topic, ...
    for (One& one : all) {
        if (one.given.key.rfind(prefix + "application.", 0) == 0) continue; // not a setting
        if (one.given.key.rfind(everywhere, 0) == 0) {
            one.hit = true;
            map.emplace_back(one.given.key.substr(everywhere.size()), one.given.value);
        } else if (one.given.key.rfind(prefix, 0) == 0) {
            const std::string setting = one.given.key.substr(prefix.size());
            one.hit = true; // a setting that does not exist is reported by whoever resolves it
            map.emplace_back(setting, one.given.value);
        } else if (tables.find(scope, one.given.key) != nullptr) {
            one.hit = true;
            map.emplace_back(one.given.key, one.given.value);
        }
    }
    return map;
}

std::optional<std::string> SortedOverrides::take(const std::string& key) {
    std::optional<std::string> value;
    for (One& one : all) {
        if (one.given.key != key) continue;
        one.hit = true;
        value = one.given.value;
    }
    return value;
}

void Reading::warn(const std::string& warning) {
    for (const std::string& known : scenario.warnings)
        if (known == warning) return;
    scenario.warnings.push_back(warning);
}

Layer Reading::preset_layer(SettingScope scope) const {
    return {SettingSource::preset, preset == nullptr ? ConfigMap{} : preset->of(scope)};
}

ConfigMap Reading::own_config(Fields& fields, const std::string& key) const {
    ConfigMap map = fields.config(key);
    const auto names_somebody = [](const std::string& setting) {
        constexpr const char* names[] = {"broker.rack", "client.rack", "group.id", "group.instance.id",
                                         "transactional.id"};
        return std::find(std::begin(names), std::end(names), setting) != std::end(names);
    };
    if (preset != nullptr && preset->replaces_all)
        std::erase_if(map, [&](const auto& setting) { return !names_somebody(setting.first); });
    return map;
}

void Reading::add_preset_problem(const std::string& preset_pointer, const std::string& message) {
    problems.add_elsewhere({preset->file, preset->line_of(preset_pointer), preset_pointer, message});
}

namespace {

/// The part of a preset that a place of the scenario takes its settings from.
SettingScope scope_at(const std::string& pointer) {
    if (pointer.rfind("/producers", 0) == 0) return SettingScope::producer;
    if (pointer.rfind("/consumers", 0) == 0) return SettingScope::consumer;
    return pointer.rfind("/topics", 0) == 0 ? SettingScope::topic : SettingScope::broker;
}

} // namespace

void Reading::report(const std::vector<SettingProblem>& found, const std::string& pointer) {
    const std::string under = preset == nullptr ? "" : " (under preset " + preset->name + ")";
    for (const SettingProblem& problem : found) {
        if (problem.source == SettingSource::override_x) {
            problems.add_override(problem.name, problem.message + under);
        } else if (problem.source == SettingSource::preset) {
            const bool conflict = problem.message.rfind("the idempotent producer", 0) == 0 &&
                                  !preset->names(SettingScope::producer, "enable.idempotence");
            add_preset_problem("/" + std::string(name(scope_at(pointer))) + "/" + problem.name,
                               problem.message +
                                   (conflict ? "; the scenario asks for enable.idempotence, so a preset that "
                                               "names " +
                                                   problem.name + " must name enable.idempotence too"
                                             : ""));
        } else if (problem.source == SettingSource::static_broker_config && !config_pointer.empty()) {
            problems.add(config_pointer + "/" + problem.name, problem.message + under);
        } else {
            problems.add(pointer + "/" + problem.name, problem.message + under);
        }
    }
}

} // namespace kafka::parts
