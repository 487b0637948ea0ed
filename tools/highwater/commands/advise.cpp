#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/interrupt.hpp"

#include "tools/highwater/advise/advice.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/study/circumstances.hpp"
#include "tools/highwater/study/presets.hpp"

#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace highwater {

namespace {

struct AdviseOptions {
    Common common;
    std::string file;
    std::vector<std::string> requirements;
    std::vector<std::string> presets{"balanced", "max-reliability", "fast", "strimzi", "msk-advice"};
    std::string under;
    std::uint64_t seeds = 300;
    std::uint64_t search = 20;
    std::string format = "text";
    std::size_t threads = all_cores();
};

/// The command that shows the scenario under the answer; without the failure that --under adds.
std::string command_of(const AdviseOptions& options, const Candidate& candidate) {
    Common common = options.common;
    if (candidate.preset != nullptr) common.preset = candidate.preset->name;
    std::vector<std::string> stronger;
    for (const Change& change : candidate.changes)
        stronger.push_back(change.text());
    common.overrides.insert(common.overrides.begin(), stronger.begin(), stronger.end());
    return repeat_command(options.file, 1, common);
}

int print(const AdviseOptions& options, const Answer& answer) {
    const std::string out = options.format == "json" ? json_of(answer).dump(2) + "\n"
                                                     : text_of(answer, wants_colour(options.common));
    if (!write_result(out, options.common.output)) return bad_input;
    if (answer.advice->interrupted) return inconclusive;
    return answer.advice->found ? all_fine : guarantee_failed;
}

int advise_on(const AdviseOptions& options) {
    std::string problem;
    Wish wish;
    wish.requirements = read_requirements(options.requirements, problem);
    if (!problem.empty()) warn("highwater advise: --require " + problem);
    const auto input = read_input(options.file, options.common);
    const kafka::SettingTables tables;
    bool fine = problem.empty() && input;
    const std::vector<kafka::Preset> presets =
        find_presets(options.presets, options.common.preset_folders, tables, fine);
    if (!fine) return bad_input;
    const kafka::Configuration& configuration = *input->scenario.configuration;
    const Hardship hardship = hardship_of(options.under, configuration, problem);
    if (!problem.empty()) {
        warn("highwater advise: --under " + options.under + ": " + problem);
        return bad_input;
    }
    wish.verify = options.seeds;
    wish.search = options.search;
    wish.threads = options.threads;
    const bool shows = !options.common.quiet && isatty(STDERR_FILENO) != 0;
    if (shows) wish.progress = [](const std::string& what) { std::cerr << "\r\033[K" << what << std::flush; };
    const Interrupt interrupt;
    wish.stop = [&] { return interrupt.came(); };
    Asks asks;
    for (const Requirement& requirement : wish.requirements) {
        asks.latency = asks.latency || !is_of_each_run(requirement.kind);
        asks.availability = asks.availability || requirement.kind == RequirementKind::max_unavailable ||
                            requirement.kind == RequirementKind::no_refusals;
    }
    const std::vector<Candidate> candidates =
        candidates_for(input->text, options.file, input->overrides, presets, hardship, asks, tables);
    const Advice advice = advise(candidates, wish);
    if (shows) std::cerr << "\r\033[K" << std::flush;
    Answer answer;
    answer.scenario = input->scenario.name;
    answer.file = options.file;
    answer.circumstances = circumstances_of(configuration);
    answer.hardship = &hardship;
    answer.candidates = &candidates;
    answer.wish = &wish;
    answer.advice = &advice;
    if (advice.found) answer.command = command_of(options, candidates[advice.candidate]);
    return print(options, answer);
}

} // namespace

void add_advise(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<AdviseOptions>();
    CLI::App* command =
        app.add_subcommand("advise", "From requirements to the cheapest settings that meet them");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command
        ->add_option("--require", options->requirements,
                     "What has to hold, with commas between: no-loss, no-duplicates, in-order, no-refusals, "
                     "max-unavailable=10s, p50=, p99=50ms, end-to-end-p99=")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->required()
        ->type_name("R,R,...");
    command
        ->add_option(
            "--under", options->under,
            "Besides the scenario's own faults: one-zone, the power loss of one rack, or one-broker, once "
            "in every run")
        ->check(CLI::IsMember({"one-zone", "one-broker"}));
    command
        ->add_option("--presets", options->presets, "Presets that are tried besides combinations of settings")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("A,B,...");
    add_preset_folders(*command, options->common);
    command
        ->add_option("--seeds", options->seeds, "Seeds under which the answer has to hold, after the search")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10000000}))
        ->type_name("N");
    command->add_option("--search", options->search, "Seeds under which candidates are dismissed")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100000}))
        ->type_name("N");
    add_jobs(*command, options->threads);
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = advise_on(*options); });
}

} // namespace highwater
