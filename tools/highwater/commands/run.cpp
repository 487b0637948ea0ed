#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/progress.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/study/in_order.hpp"
#include "tools/highwater/study/schedule.hpp"
#include "tools/highwater/verdict/outcome.hpp"
#include "tools/highwater/verdict/text.hpp"

#include <atomic>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <utility>

namespace highwater {

namespace {

struct RunOptions {
    Common common;
    std::vector<std::string> files;
    std::string seeds; // empty = the scenario's own
    std::string format = "text";
    std::string trace;
    std::string as = "verdict";
    std::string client;
    std::size_t threads = all_cores();
    bool show_faults = false;
};

/// How far one run is, in words.
std::string far(const kafka::World& world) {
    return fmt::format("{} events, {} simulated", count_text(static_cast<std::int64_t>(world.events)),
                       time_text(world.kernel.now.micros));
}

/// What is written of one run.
struct Told {
    std::string text;
    std::string trace;
    std::vector<std::string> problems; // of the scenario's expectations
    std::vector<std::string> ignored;  // for -v
    bool held = true;
};

Told tell(const kafka::Scenario& scenario, std::uint64_t seed, const RunOptions& options, bool alone,
          const std::function<void(const kafka::World&)>& progress) {
    Trace trace;
    Watch watch;
    if (!options.trace.empty()) watch.trace = &trace;
    watch.progress = progress;
    const std::string repeat = repeat_command(scenario.file, seed, options.common);
    const Outcome outcome = run_once(scenario, seed, repeat, watch);
    Told told;
    kafka::Json verdict = verdict_of(outcome, told.problems);
    // With -X, --preset or files of settings it is another scenario: expectations are shown, not judged.
    told.held = all_held(verdict, !is_changed(options.common));
    const kafka::Json drawn = options.show_faults ? drawn_faults(scenario, seed) : kafka::Json();
    if (options.show_faults) verdict["drawn_faults"] = drawn;
    if (options.format == "json")
        told.text = (alone ? verdict.dump(2) : verdict.dump()) + "\n";
    else
        told.text = text_of(verdict, scenario.story, wants_colour(options.common)) +
                    (options.show_faults ? "\n" + schedule_text(drawn, seed) : "");
    for (const auto& [reason, count] : outcome.ledger.ignored)
        told.ignored.push_back(fmt::format("ignored {} times: {}", count, reason));
    if (!options.trace.empty()) told.trace = trace.render(*outcome.configuration);
    return told;
}

struct PlannedRun {
    const kafka::Scenario* scenario = nullptr;
    std::uint64_t seed = 1;
};

std::vector<PlannedRun> plan(const std::vector<kafka::Scenario>& scenarios, const RunOptions& options,
                             std::uint64_t first, std::uint64_t last) {
    std::vector<PlannedRun> runs;
    for (const kafka::Scenario& scenario : scenarios) {
        if (options.seeds.empty()) first = last = scenario.seed;
        for (std::uint64_t seed = first; seed <= last; ++seed)
            runs.push_back({&scenario, seed});
    }
    return runs;
}

/// A trace, or verifiable's lines, are those of one run.
bool takes_one_run(const RunOptions& options) {
    for (const auto& [option, given] : {std::pair{"--trace", !options.trace.empty()},
                                        std::pair{"--as verifiable", options.as == "verifiable"}}) {
        if (!given) continue;
        warn(fmt::format("highwater run: {} goes with one file and one seed", option));
        return true;
    }
    return false;
}

/// Runs everything, then writes: when one input is bad, nothing is written.
int run_all(const std::vector<kafka::Scenario>& scenarios, const std::vector<PlannedRun>& runs,
            const RunOptions& options) {
    const bool alone = runs.size() == 1;
    if (!options.common.quiet)
        for (const kafka::Scenario& scenario : scenarios)
            for (const std::string& warning : scenario.warnings)
                warn(scenario.file + ": warning: " + warning);
    Progress progress(options.common.quiet, "runs");
    std::function<void(const kafka::World&)> show_far;
    if (alone) show_far = [&](const kafka::World& world) { progress.show(0, 1, far(world)); };
    std::string out;
    std::string trace;
    std::atomic<bool> bad = false; // asked by all threads
    bool held = true;
    const auto work = [&](std::size_t i) {
        return tell(*runs[i].scenario, runs[i].seed, options, alone, show_far);
    };
    const auto take = [&](std::size_t i, Told& told) {
        if (bad) return;
        for (const std::string& problem : told.problems)
            warn(runs[i].scenario->file + ": " + problem);
        bad = !told.problems.empty();
        held = held && told.held;
        out += (out.empty() || options.format == "json" ? "" : "\n") + told.text;
        trace += told.trace;
        if (options.common.verbose)
            for (const std::string& line : told.ignored)
                warn(line);
        progress.show(i + 1, runs.size());
    };
    in_order<Told>(runs.size(), alone ? 1 : options.threads, work, take, [&] { return bad.load(); });
    progress.clear();
    if (bad) return bad_input;
    if (!options.trace.empty() && !write_result(trace, options.trace)) return bad_input;
    if (options.trace != "-" && !write_result(out, options.common.output)) return bad_input;
    return held ? all_fine : guarantee_failed;
}

int run_scenarios(const RunOptions& options) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (!options.seeds.empty() && !parse_seeds(options.seeds, first, last)) {
        warn("highwater run: --seed " + options.seeds + ": expected a number or a range such as 1..200");
        return bad_input;
    }
    bool fine = true;
    const std::vector<kafka::Scenario> scenarios = read_all(options.files, options.common, fine);
    if (!fine) return bad_input;
    const std::vector<PlannedRun> runs = plan(scenarios, options, first, last);
    if (runs.size() != 1 && takes_one_run(options)) return bad_input;
    if (options.as == "verifiable")
        return run_verifiable(scenarios, runs.front().seed, options.client, options.common);
    return run_all(scenarios, runs, options);
}

} // namespace

void add_run(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("run", "Run scenario files: what happened to every record");
    command->add_option("FILE", options->files, "Scenario files; - is standard input")->required();
    command
        ->add_option("--seed", options->seeds, "Seed, or a range such as 1..200; else the scenario's, else 1")
        ->type_name("N|A..B");
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    command
        ->add_option("--as", options->as,
                     "verdict, or verifiable: the lines of kafka-verifiable-producer and "
                     "kafka-verifiable-consumer (with -v also each record that is read)")
        ->check(CLI::IsMember({"verdict", "verifiable"}));
    command->add_option("--client", options->client,
                        "With --as verifiable: only this producer or consumer, such as shop or billing/1");
    command->add_flag("--show-faults", options->show_faults,
                      "Also print the faults that the seed drew from the scenario's weather; with --format "
                      "json as a list for a scenario's \"faults\"");
    command
        ->add_option("--trace", options->trace,
                     "Write every fact as a line of JSON to FILE; - is standard output")
        ->type_name("FILE");
    add_jobs(*command, options->threads);
    add_preset(*command, options->common);
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = run_scenarios(*options); });
}

} // namespace highwater
