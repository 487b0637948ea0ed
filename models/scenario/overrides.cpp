#include "models/scenario/parts.hpp"

namespace kafka::parts {

ConfigMap SortedOverrides::for_place(SettingScope scope, const std::string& place,
                                     const SettingTables& tables) {
    ConfigMap map;
    const std::string prefix = std::string(name(scope)) + "." + place + ".";
    for (One& one : all) {
        if (one.given.key.rfind(prefix, 0) == 0) {
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

void Reading::report(const std::vector<SettingProblem>& found, const std::string& pointer) {
    for (const SettingProblem& problem : found) {
        if (problem.source == SettingSource::override_x)
            problems.add_override(problem.name, problem.message);
        else if (problem.source == SettingSource::static_broker_config && !config_pointer.empty())
            problems.add(config_pointer + "/" + problem.name, problem.message);
        else
            problems.add(pointer + "/" + problem.name, problem.message);
    }
}

} // namespace kafka::parts
