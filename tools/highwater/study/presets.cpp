#include "tools/highwater/study/presets.hpp"

#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/files.hpp"
#include "tools/highwater/study/embedded.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

namespace highwater {

namespace {

/// Where a preset may be had, by name.
struct Place {
    std::string file;
    const char* text = nullptr; // null: it stands on disk
};
using Places = std::map<std::string, Place>;

std::string without_json(const std::string& file) { return file.substr(0, file.rfind(".json")); }

bool add_folder(Places& places, const std::string& folder) {
    std::error_code error;
    std::filesystem::directory_iterator at(folder, error);
    if (error) {
        warn("highwater: --preset-dir " + folder + ": cannot be read");
        return false;
    }
    for (const auto& entry : at)
        if (entry.path().extension() == ".json")
            places.insert_or_assign(without_json(entry.path().filename().string()),
                                    Place{entry.path().string(), nullptr});
    return true;
}

/// Most careful first, then by name: the first is what the others are compared with.
std::vector<std::string> all_names(const Places& places) {
    std::vector<std::string> names{"max-reliability", "balanced", "fast"};
    for (const auto& [name, place] : places)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
}

bool is_path(const std::string& word) {
    return word.find('/') != std::string::npos || (word.size() > 5 && word.ends_with(".json"));
}

bool add_preset(const std::string& name, const Place& place, const kafka::SettingTables& tables,
                std::vector<kafka::Preset>& presets) {
    std::string text;
    if (place.text != nullptr) {
        text = place.text;
    } else if (!read_text(place.file, text)) {
        warn(place.file + ": cannot be read");
        return false;
    }
    kafka::PresetResult result = kafka::read_preset(text, place.file, tables);
    for (const kafka::InputProblem& problem : result.problems)
        warn(format(problem));
    if (!result.preset) return false;
    if (result.preset->name != name) {
        warn(place.file + ": /name: expected \"" + name + "\", as the file is called, got \"" +
             result.preset->name + "\"");
        return false;
    }
    for (const kafka::Preset& other : presets) {
        if (other.name != name) continue;
        warn("highwater: preset " + name + " is asked for twice");
        return false;
    }
    presets.push_back(std::move(*result.preset));
    return true;
}

} // namespace

std::vector<kafka::Preset> find_presets(const std::vector<std::string>& words,
                                        const std::vector<std::string>& folders,
                                        const kafka::SettingTables& tables, bool& fine) {
    Places places;
    for (const embedded::Text* one = embedded::preset_all; one->name != nullptr; ++one)
        places[without_json(one->name)] = {"scenarios/presets/" + std::string(one->name), *one->text};
    for (const std::string& folder : folders)
        fine = add_folder(places, folder) && fine;
    std::vector<kafka::Preset> presets;
    for (const std::string& word : words) {
        std::vector<std::string> names{word};
        if (word == "all") names = all_names(places);
        for (const std::string& name : names) {
            if (is_path(name)) {
                fine = add_preset(without_json(std::filesystem::path(name).filename().string()),
                                  {name, nullptr}, tables, presets) &&
                       fine;
                continue;
            }
            const auto found = places.find(name);
            if (found == places.end()) {
                const auto near = kafka::nearest(name, all_names(places));
                warn("highwater: no such preset: \"" + name + "\"" +
                     (near ? "; did you mean \"" + *near + "\"?" : "; \"all\" names them all"));
                fine = false;
                continue;
            }
            fine = add_preset(name, found->second, tables, presets) && fine;
        }
    }
    return presets;
}

} // namespace highwater
