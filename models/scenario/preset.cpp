#include "models/scenario/preset.hpp"

#include "models/scenario/fields.hpp"

#include <algorithm>

namespace kafka {

const ConfigMap& Preset::of(SettingScope scope) const {
    switch (scope) {
    case SettingScope::producer:
        return producer;
    case SettingScope::consumer:
        return consumer;
    case SettingScope::topic:
        return topic;
    case SettingScope::broker:
        return broker;
    }
    return producer;
}

namespace {

constexpr SettingScope scopes[] = {SettingScope::producer, SettingScope::consumer, SettingScope::topic,
                                   SettingScope::broker};

/// Settings that no release has under this scope are unknown; the others are checked where they exist.
ConfigMap known_settings(const ConfigMap& given, SettingScope scope, const std::string& pointer,
                         const std::optional<Release>& release, const SettingTables& tables,
                         Problems& problems) {
    ConfigMap checked;
    for (const auto& setting : given) {
        const SettingRow* row = tables.find(scope, setting.first);
        if (row == nullptr) {
            std::vector<std::string> candidates;
            for (const SettingRow& one : tables.rows(scope))
                candidates.push_back(one.name);
            if (scope == SettingScope::topic) candidates.emplace_back("replication.factor");
            problems.add(pointer + "/" + setting.first, "unknown " + std::string(name(scope)) + " setting" +
                                                            did_you_mean(setting.first, candidates));
        } else if (release || default_of(*row, newest_release)) {
            checked.push_back(
                setting); // else only releases before the newest have it: checked when it is used
        }
    }
    return checked;
}

std::vector<SettingProblem> problems_of(SettingScope scope, const Layer& layer, Release release,
                                        const SettingTables& tables) {
    const Layer layers[] = {layer};
    switch (scope) {
    case SettingScope::producer:
        return resolve_producer(tables, release, layers).problems;
    case SettingScope::consumer:
        return resolve_consumer(tables, release, layers).problems;
    case SettingScope::topic:
        return resolve_topic(tables, release, layers, {}).problems;
    case SettingScope::broker:
        return resolve_broker(tables, release, layers).problems;
    }
    return {};
}

void take_replication_factor(Preset& preset, const std::string& pointer, Problems& problems) {
    const auto at = std::find_if(preset.topic.begin(), preset.topic.end(),
                                 [](const auto& one) { return one.first == "replication.factor"; });
    if (at == preset.topic.end()) return;
    const bool number = at->second.size() == 1 && at->second[0] >= '1' && at->second[0] <= '8';
    if (number)
        preset.replication_factor = at->second[0] - '0';
    else
        problems.add(pointer, "expected 1 to 8, got \"" + at->second + "\"");
    preset.topic.erase(at);
}

void read_head(Fields& top, Preset& preset, Problems& problems) {
    top.get("$schema");
    const std::string format = top.text("format").value_or("");
    if (format != "highwater.preset/1")
        problems.add(top.at("format"), "expected \"highwater.preset/1\", got \"" + format + "\"");
    preset.name = top.text("name").value_or("");
    const bool plain = !preset.name.empty() && preset.name.find_first_of(",/ \t\n'\"") == std::string::npos;
    if (!plain)
        problems.add(top.at("name"), "expected a name without blanks, commas, slashes and quotes, got \"" +
                                         preset.name + "\"");
    preset.story = top.text("story").value_or("");
    preset.source = top.text("source").value_or("");
    if (const auto release = top.text("release")) {
        preset.release = parse_release(*release);
        if (!preset.release)
            problems.add(top.at("release"), "expected a Kafka release such as \"" +
                                                std::string(name(newest_release)) + "\", got \"" + *release +
                                                "\"");
    }
    if (const auto replaces = top.word("replaces", {"named", "all"}))
        preset.replaces_all = *replaces == "all";
}

} // namespace

bool Preset::names(SettingScope scope, const std::string& setting) const {
    const ConfigMap& map = of(scope);
    return std::any_of(map.begin(), map.end(), [&](const auto& one) { return one.first == setting; });
}

int Preset::line_of(const std::string& pointer) const {
    const auto found = lines.find(pointer);
    return found == lines.end() ? 1 : found->second;
}

PresetResult read_preset(std::string_view text, const std::string& file, const SettingTables& tables) {
    PresetResult result;
    Source source = parse_source(text, file);
    if (source.root.is_null() || source.root.is_discarded()) {
        result.problems = std::move(source.problems);
        return result;
    }
    Problems problems(source);
    Preset preset;
    preset.file = file;
    Fields top(source.root, "", problems);
    if (source.root.is_object()) read_head(top, preset, problems);
    preset.producer = top.config("producer");
    preset.consumer = top.config("consumer");
    preset.topic = top.config("topic");
    preset.broker = top.config("broker");
    if (source.root.is_object()) top.finish();
    take_replication_factor(preset, "/topic/replication.factor", problems);
    for (const SettingScope scope : scopes) {
        const std::string pointer = "/" + std::string(name(scope));
        const Layer layer{SettingSource::preset,
                          known_settings(preset.of(scope), scope, pointer, preset.release, tables, problems)};
        for (const SettingProblem& problem :
             problems_of(scope, layer, preset.release.value_or(newest_release), tables))
            problems.add(pointer + "/" + problem.name, problem.message);
    }
    preset.lines = source.lines;
    result.problems = std::move(source.problems);
    if (result.problems.empty()) result.preset = std::move(preset);
    return result;
}

} // namespace kafka
