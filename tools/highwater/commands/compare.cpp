#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/progress.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/study/comparison.hpp"
#include "tools/highwater/study/in_order.hpp"
#include "tools/highwater/study/presets.hpp"
#include "tools/highwater/study/schedule.hpp"

#include <fmt/format.h>
#include <iostream>
#include <memory>

namespace highwater {

namespace {

struct CompareOptions {
    Common common;
    std::string file;
    std::vector<std::string> presets;
    std::string seeds = "100";
    std::string format = "text";
    std::size_t threads = 1;
    bool show_faults = false;
};

/// The scenario under each preset; empty when anything is wrong with any of them.
std::vector<kafka::Scenario> read_under(const CompareOptions& options,
                                        const std::vector<kafka::Preset>& presets,
                                        const kafka::SettingTables& tables) {
    std::string text;
    if (!read_text(options.file, text)) {
        warn(options.file + ": cannot be read");
        return {};
    }
    std::vector<kafka::Override> overrides;
    if (!read_overrides(options.common, tables, overrides)) return {};
    std::vector<kafka::Scenario> scenarios;
    std::vector<std::string> told; // what is wrong with the file itself is wrong under every preset
    for (const kafka::Preset& preset : presets) {
        kafka::ReadResult result = read_scenario(text, options.file, overrides, tables, &preset);
        for (const kafka::InputProblem& problem : result.problems) {
            const std::string line = format(problem);
            if (std::find(told.begin(), told.end(), line) != told.end()) continue;
            told.push_back(line);
            warn(line);
        }
        if (result.scenario) scenarios.push_back(std::move(*result.scenario));
    }
    if (scenarios.size() != presets.size()) return {};
    if (!options.common.quiet)
        for (const kafka::Scenario& scenario : scenarios)
            for (const std::string& warning : scenario.warnings)
                warn(scenario.file + ": preset " + scenario.preset + ": warning: " + warning);
    return scenarios;
}

Comparison empty_comparison(const std::vector<kafka::Scenario>& scenarios,
                            const std::vector<kafka::Preset>& presets) {
    Comparison comparison;
    comparison.scenario = scenarios.front().name;
    for (std::size_t i = 0; i < presets.size(); ++i) {
        PresetFigures figures;
        figures.name = presets[i].name;
        figures.release = std::string(name(scenarios[i].configuration->release));
        figures.warnings = scenarios[i].warnings;
        comparison.presets.push_back(std::move(figures));
    }
    return comparison;
}

/// The words of --presets that name this preset again: a file stays a file.
std::string word_for(const std::string& preset, const std::vector<kafka::Preset>& presets,
                     const std::vector<std::string>& words) {
    for (const kafka::Preset& one : presets)
        if (one.name == preset && std::find(words.begin(), words.end(), one.file) != words.end())
            return one.file;
    return preset;
}

std::string result_text(Comparison& comparison, const CompareOptions& options,
                        const kafka::Scenario& scenario,
                        const std::function<std::string(const std::string&, std::uint64_t)>& repeat) {
    const bool as_json = options.format == "json";
    kafka::Json json = as_json ? json_of(comparison) : kafka::Json();
    std::string out =
        as_json ? "" : table_of(comparison, wants_colour(options.common), options.common.verbose, repeat);
    for (std::uint64_t seed = comparison.seed_first; options.show_faults && seed <= comparison.seed_last;
         ++seed) {
        const kafka::Json faults = drawn_faults(scenario, seed);
        if (as_json)
            json["drawn_faults"][std::to_string(seed)] = faults;
        else
            out += "\n" + schedule_text(faults, seed);
    }
    return as_json ? json.dump(2) + "\n" : out;
}

int compare(const CompareOptions& options) {
    const kafka::SettingTables tables;
    bool fine = true;
    const std::vector<kafka::Preset> presets =
        find_presets(options.presets, options.common.preset_folders, tables, fine);
    std::uint64_t first = 1;
    std::uint64_t last = 1;
    const bool range = options.seeds.find("..") != std::string::npos;
    if (!parse_seeds(range ? options.seeds : "1.." + options.seeds, first, last)) {
        warn("highwater compare: --seeds " + options.seeds +
             ": expected how many, such as 1000, or a range such as 1..1000");
        fine = false;
    }
    if (!fine || presets.empty()) return bad_input;
    const std::vector<kafka::Scenario> scenarios = read_under(options, presets, tables);
    if (scenarios.empty()) return bad_input;
    const auto repeat = [&](const std::string& preset, std::uint64_t seed) {
        Common common = options.common;
        common.preset = word_for(preset, presets, options.presets);
        return repeat_command(options.file, seed, common);
    };
    Comparison comparison = empty_comparison(scenarios, presets);
    comparison.seed_first = first;
    comparison.seed_last = last;
    const auto seeds = static_cast<std::size_t>(last - first + 1);
    Progress progress(options.common.quiet, "seeds");
    in_order<std::vector<RunFigures>>(
        seeds, options.threads,
        [&](std::size_t i) {
            const std::uint64_t seed = first + i;
            std::vector<RunFigures> figures;
            for (const kafka::Scenario& scenario : scenarios)
                figures.push_back(figures_of(run_once(scenario, seed, repeat(scenario.preset, seed), {})));
            return figures;
        },
        [&](std::size_t i, std::vector<RunFigures>& figures) {
            comparison.add(figures);
            progress.show(i + 1, seeds);
        });
    progress.clear();
    const std::string out = result_text(comparison, options, scenarios.front(), repeat);
    if (!write_result(out, options.common.output)) return bad_input;
    return comparison.has_violation() ? guarantee_failed : all_fine;
}

} // namespace

void add_compare(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App* command =
        app.add_subcommand("compare", "Presets side by side under the same seeds, with intervals");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command
        ->add_option("--presets", options->presets,
                     "Presets by name or file, with commas between them; all = every one that is known. The "
                     "others are compared with the first")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->required()
        ->type_name("A,B,...");
    add_preset_folders(*command, options->common);
    command->add_option("--seeds", options->seeds, "How many seeds, from 1 on, or a range such as 1..1000")
        ->type_name("N|A..B");
    command->add_option("-j,--jobs", options->threads, "Threads; the result is the same for any number")
        ->check(CLI::Range(std::size_t{1}, std::size_t{256}))
        ->type_name("N");
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--show-faults", options->show_faults,
                      "Also print the faults that each seed drew from the scenario's weather");
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = compare(*options); });
}

} // namespace highwater
