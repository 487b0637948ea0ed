#include "tools/highwater/sweep/about.hpp"

#include "sim/core/content_hash.hpp"
#include "tools/highwater/study/circumstances.hpp"
#include "tools/highwater/sweep/row.hpp"

namespace embedded {
extern const char* const build_sources;
} // namespace embedded

namespace highwater {

namespace {

std::string digest_of_settings(const kafka::Scenario& scenario,
                               const std::vector<kafka::Override>& overrides) {
    sim::ContentHash hash;
    hash.add(scenario.preset);
    for (const kafka::Override& one : overrides) {
        hash.add(one.key);
        hash.add(one.value);
    }
    for (const kafka::EffectiveGroup& group : scenario.effective) {
        hash.add(group.title);
        for (const kafka::EffectiveSetting& setting : group.settings) {
            hash.add(setting.name);
            hash.add(setting.value);
        }
    }
    return sim::to_hex(hash.digest());
}

constexpr const char* file_format = "highwater.sweep-file/1";

} // namespace

SweepAbout about_sweep(const kafka::Scenario& scenario, const std::string& text,
                       const std::vector<kafka::Override>& overrides,
                       const std::vector<std::string>& changes) {
    SweepAbout about;
    about.scenario = scenario.name;
    about.release = std::string(name(scenario.configuration->release));
    about.file = scenario.file;
    about.changes = changes;
    about.circumstances = circumstances_of(*scenario.configuration);
    sim::ContentHash hash;
    hash.add(kafka::parse_source(text, scenario.file).root.dump());
    about.scenario_digest = sim::to_hex(hash.digest());
    about.settings_digest = digest_of_settings(scenario, overrides);
    about.build = embedded::build_sources;
    return about;
}

std::string difference(const SweepAbout& mine, const SweepAbout& other) {
    if (mine.scenario_digest != other.scenario_digest)
        return "holds results of another scenario: " + other.scenario +
               (other.scenario == mine.scenario ? ", whose file has changed" : ", not " + mine.scenario);
    if (mine.settings_digest != other.settings_digest) return "holds results under other settings";
    if (mine.build != other.build)
        return "holds results of another build: its sources are " + other.build.substr(0, 12) +
               ", these are " + mine.build.substr(0, 12);
    return "";
}

std::vector<std::pair<std::string, std::string>> fields_of(const SweepAbout& about) {
    return {{"format", file_format},
            {"scenario", about.scenario},
            {"release", about.release},
            {"file", about.file},
            {"changes", lines_of(about.changes)},
            {"circumstances", lines_of(about.circumstances)},
            {"scenario_digest", about.scenario_digest},
            {"settings_digest", about.settings_digest},
            {"build", about.build},
            {"seed_first", std::to_string(about.seed_first)},
            {"seed_last", std::to_string(about.seed_last)}};
}

bool read_fields(const std::vector<std::pair<std::string, std::string>>& fields, SweepAbout& about) {
    bool fine = true;
    const auto get = [&](const char* name) {
        for (const auto& field : fields)
            if (field.first == name) return field.second;
        fine = false;
        return std::string();
    };
    fine = get("format") == file_format;
    about.scenario = get("scenario");
    about.release = get("release");
    about.file = get("file");
    about.changes = names_of(get("changes"));
    about.circumstances = names_of(get("circumstances"));
    about.scenario_digest = get("scenario_digest");
    about.settings_digest = get("settings_digest");
    about.build = get("build");
    const std::string first = get("seed_first");
    const std::string last = get("seed_last");
    if (!fine) return false;
    about.seed_first = std::strtoull(first.c_str(), nullptr, 10);
    about.seed_last = std::strtoull(last.c_str(), nullptr, 10);
    return true;
}

} // namespace highwater
