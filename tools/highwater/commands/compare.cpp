#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/progress.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/study/circumstances.hpp"
#include "tools/highwater/study/comparison.hpp"
#include "tools/highwater/study/in_order.hpp"
#include "tools/highwater/study/presets.hpp"
#include "tools/highwater/study/schedule.hpp"
#include "tools/highwater/study/variation.hpp"

#include <atomic>
#include <fmt/format.h>
#include <iostream>
#include <memory>

namespace highwater {

namespace {

struct CompareOptions {
    Common common;
    std::string file;
    std::vector<std::string> presets;
    std::vector<std::string> vary;
    std::string seeds;
    std::string bound = "1%";
    std::string until;
    std::string format = "text";
    std::size_t threads = all_cores();
    bool show_faults = false;
};

/// What was asked, once it is known to be right.
struct CompareTask {
    std::vector<kafka::Preset> presets;
    std::vector<Variation> variations;
    std::vector<kafka::Scenario> scenarios; // one for each variation
    std::uint64_t first = 1, last = 1;
    double bound = 0.01;
};

/// The scenario under each variation. False when anything is wrong with any of them.
bool read_under(const CompareOptions& options, const kafka::SettingTables& tables, CompareTask& task) {
    std::string text;
    if (!read_text(options.file, text)) {
        warn(options.file + ": cannot be read");
        return false;
    }
    std::vector<kafka::Override> given;
    if (!read_overrides(options.common, tables, given)) return false;
    std::vector<std::string> told; // what is wrong with the file itself is wrong under every preset
    for (const Variation& variation : task.variations) {
        std::vector<kafka::Override> overrides;
        for (const auto& [key, value] : variation.settings)
            overrides.push_back({key, value});
        overrides.insert(overrides.end(), given.begin(), given.end());
        kafka::ReadResult result = read_scenario(text, options.file, overrides, tables, variation.preset);
        for (const kafka::InputProblem& problem : result.problems) {
            const std::string line = format(problem);
            if (std::find(told.begin(), told.end(), line) != told.end()) continue;
            told.push_back(line);
            warn(line);
        }
        if (result.scenario) task.scenarios.push_back(std::move(*result.scenario));
    }
    if (task.scenarios.size() != task.variations.size()) return false;
    for (std::size_t i = 0; !options.common.quiet && i < task.scenarios.size(); ++i)
        for (const std::string& warning : task.scenarios[i].warnings)
            warn(options.file + ": preset " + task.variations[i].name + ": warning: " + warning);
    return true;
}

/// "0.1%" or "0.001"; nothing when it is neither, or not within (0, 1).
std::optional<double> parse_bound(const std::string& text) {
    std::size_t read = 0;
    double value = 0;
    try {
        value = std::stod(text, &read);
    } catch (const std::exception&) {
        return std::nullopt;
    }
    if (text.substr(read) == "%") value /= 100;
    if (text.substr(read) != "%" && read != text.size()) return std::nullopt;
    if (!(value > 0 && value < 1)) return std::nullopt;
    return value;
}

bool read_seeds(const CompareOptions& options, CompareTask& task) {
    const std::string seeds =
        !options.seeds.empty() ? options.seeds : (options.until.empty() ? "100" : "10000");
    const bool range = seeds.find("..") != std::string::npos;
    if (parse_seeds(range ? seeds : "1.." + seeds, task.first, task.last)) return true;
    warn("highwater compare: --seeds " + seeds +
         ": expected how many, such as 1000, or a range such as 1..1000");
    return false;
}

/// Fills `task` in its place, because variations point into it. False, and all told, when anything is wrong.
bool read_task(const CompareOptions& options, const kafka::SettingTables& tables, CompareTask& task) {
    bool fine = true;
    if (options.presets.empty() && options.vary.empty()) {
        warn("highwater compare: expected --presets, --vary or both");
        fine = false;
    }
    task.presets = find_presets(options.presets, options.common.preset_folders, tables, fine);
    std::string problem;
    task.variations = variations_of(task.presets, options.vary, problem);
    for (const std::string& given : options.common.overrides)
        for (const std::string& varied : options.vary)
            if (problem.empty() && given.substr(0, given.find('=')) == varied.substr(0, varied.find('=')))
                problem = given.substr(0, given.find('=')) + " stands in -X too";
    if (!problem.empty()) warn("highwater compare: --vary: " + problem);
    const auto bound = parse_bound(options.bound);
    if (!bound)
        warn("highwater compare: --bound " + options.bound +
             ": expected a share above 0 and below 1, such as 0.1% or 0.001");
    fine = read_seeds(options, task) && fine && problem.empty() && bound && !task.variations.empty();
    if (!fine || !read_under(options, tables, task)) return false;
    task.bound = *bound;
    return true;
}

Comparison empty_comparison(const CompareTask& task, bool until_decided) {
    Comparison comparison;
    comparison.scenario = task.scenarios.front().name;
    comparison.circumstances = circumstances_of(*task.scenarios.front().configuration);
    comparison.bound = task.bound;
    comparison.until_decided = until_decided;
    comparison.seed_first = task.first;
    for (std::size_t i = 0; i < task.variations.size(); ++i) {
        PresetFigures figures;
        figures.name = task.variations[i].name;
        figures.release = std::string(name(task.scenarios[i].configuration->release));
        figures.settings = task.variations[i].settings;
        figures.warnings = task.scenarios[i].warnings;
        comparison.presets.push_back(std::move(figures));
    }
    return comparison;
}

/// The command that runs one seed of one column again: a preset that was given as a file stays a file.
std::string repeat_of_column(const CompareOptions& options, const Variation& variation, std::uint64_t seed) {
    Common common = options.common;
    if (variation.preset != nullptr) {
        const std::vector<std::string>& words = options.presets;
        const std::string& file = variation.preset->file;
        common.preset =
            std::find(words.begin(), words.end(), file) != words.end() ? file : variation.preset->name;
    }
    for (const auto& [key, value] : variation.settings)
        common.overrides.push_back(key + "=" + value);
    return repeat_command(options.file, seed, common);
}

std::string result_text(const Comparison& comparison, const CompareOptions& options,
                        const kafka::Scenario& scenario, const RepeatCommand& repeat) {
    const bool as_json = options.format == "json";
    kafka::Json json = as_json ? json_of(comparison, repeat) : kafka::Json();
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

/// Runs the seeds in order; with `until_decided` the decision after each of them, and so the last one, is the
/// same for any number of threads: what was begun beyond it is thrown away.
void run_seeds(Comparison& comparison, const CompareOptions& options, const CompareTask& task) {
    const auto seeds = static_cast<std::size_t>(task.last - task.first + 1);
    Progress progress(options.common.quiet, "seeds");
    std::atomic<bool> decided = false;
    in_order<std::vector<RunFigures>>(
        seeds, options.threads,
        [&](std::size_t i) {
            const std::uint64_t seed = task.first + i;
            std::vector<RunFigures> figures;
            for (std::size_t v = 0; v < task.variations.size(); ++v)
                figures.push_back(run_figures(task.scenarios[v], seed,
                                              repeat_of_column(options, task.variations[v], seed)));
            return figures;
        },
        [&](std::size_t i, std::vector<RunFigures>& figures) {
            if (decided) return;
            comparison.add(figures);
            comparison.seed_last = task.first + i;
            if (comparison.until_decided && comparison.is_decided()) decided = true;
            progress.show(i + 1, seeds);
        },
        [&] { return decided.load(); });
    progress.clear();
}

int compare(const CompareOptions& options) {
    const kafka::SettingTables tables;
    CompareTask task;
    if (!read_task(options, tables, task)) return bad_input;
    const auto repeat = [&](const std::string& column, std::uint64_t seed) {
        for (const Variation& variation : task.variations)
            if (variation.name == column) return repeat_of_column(options, variation, seed);
        return std::string();
    };
    Comparison comparison = empty_comparison(task, !options.until.empty());
    run_seeds(comparison, options, task);
    const std::string out = result_text(comparison, options, task.scenarios.front(), repeat);
    if (!write_result(out, options.common.output)) return bad_input;
    if (comparison.has_violation()) return guarantee_failed;
    return comparison.is_decided() ? all_fine : inconclusive;
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
        ->type_name("A,B,...");
    command
        ->add_option(
            "--vary", options->vary,
            "A setting, as -X takes it, and its values; repeatable: every combination is a preset of "
            "its own (--vary acks=1,all --vary min.insync.replicas=1,2)")
        ->allow_extra_args(false)
        ->type_name("KEY=V,V,...");
    add_preset_folders(*command, options->common);
    command
        ->add_option("--seeds", options->seeds,
                     "How many seeds, from 1 on, or a range such as 1..1000; 100 if not given, with "
                     "--until at most 10000")
        ->type_name("N|A..B");
    command
        ->add_option("--until", options->until,
                     "decided: stop as soon as it is known of each preset whether it loses more often than "
                     "the first, or by less than --bound; the error level of 5 % holds whenever that is")
        ->check(CLI::IsMember({"decided"}));
    command
        ->add_option("--bound", options->bound,
                     "Share of seeds below which a difference does not matter, and for which clean seeds are "
                     "counted: 1%, 0.001")
        ->type_name("SHARE");
    add_jobs(*command, options->threads);
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--show-faults", options->show_faults,
                      "Also print the faults that each seed drew from the scenario's weather");
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = compare(*options); });
}

} // namespace highwater
