#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/progress.hpp"

#include "tools/highwater/names.hpp"
#include "tools/highwater/study/schedule.hpp"
#include "tools/highwater/verdict/outcome.hpp"
#include "tools/highwater/verdict/text.hpp"

#include <fmt/format.h>
#include <iostream>
#include <memory>

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
    bool show_faults = false;
};

/// How far one run is, in words.
std::string far(const kafka::World& world) {
    return fmt::format("{} events, {} simulated", count_text(static_cast<std::int64_t>(world.events)),
                       time_text(world.kernel.now.micros));
}

/// Runs everything, then writes: when one input is bad, nothing is written.
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
    const std::size_t runs = scenarios.size() * static_cast<std::size_t>(last - first + 1);
    if (!options.trace.empty() && runs != 1) {
        warn("highwater run: --trace goes with one file and one seed");
        return bad_input;
    }
    if (options.as == "verifiable" && runs != 1) {
        warn("highwater run: --as verifiable goes with one file and one seed");
        return bad_input;
    }
    if (options.as == "verifiable")
        return run_verifiable(scenarios, options.seeds.empty() ? scenarios.front().seed : first,
                              options.client, options.common);
    Progress progress(options.common.quiet, "runs");
    std::string out;
    std::string trace_text;
    int exit_code = all_fine;
    std::size_t done = 0;
    for (const kafka::Scenario& scenario : scenarios) {
        if (!options.common.quiet)
            for (const std::string& warning : scenario.warnings)
                warn(scenario.file + ": warning: " + warning);
        if (options.seeds.empty()) first = last = scenario.seed;
        for (std::uint64_t seed = first; seed <= last; ++seed) {
            Trace trace;
            Watch watch;
            if (!options.trace.empty()) watch.trace = &trace;
            watch.progress = [&](const kafka::World& world) { progress.show(done, runs, far(world)); };
            const std::string repeat = repeat_command(scenario.file, seed, options.common);
            const Outcome outcome = run_once(scenario, seed, repeat, watch);
            std::vector<std::string> problems;
            kafka::Json verdict = verdict_of(outcome, problems);
            for (const std::string& problem : problems)
                warn(scenario.file + ": " + problem);
            if (!problems.empty()) return bad_input;
            // With -X, --preset or files of settings it is another scenario: expectations are shown, not
            // judged.
            if (!all_held(verdict, !is_changed(options.common))) exit_code = guarantee_failed;
            const kafka::Json drawn = options.show_faults ? drawn_faults(scenario, seed) : kafka::Json();
            if (options.show_faults) verdict["drawn_faults"] = drawn;
            if (options.format == "json")
                out += runs == 1 ? verdict.dump(2) + "\n" : verdict.dump() + "\n";
            else
                out += (out.empty() ? "" : "\n") +
                       text_of(verdict, scenario.story, wants_colour(options.common)) +
                       (options.show_faults ? "\n" + schedule_text(drawn, seed) : "");
            if (options.common.verbose)
                for (const auto& [reason, count] : outcome.ledger.ignored)
                    warn(fmt::format("ignored {} times: {}", count, reason));
            if (!options.trace.empty()) trace_text = trace.render(*outcome.configuration);
            progress.show(++done, runs);
        }
    }
    progress.clear();
    if (!options.trace.empty() && !write_result(trace_text, options.trace)) return bad_input;
    if (options.trace != "-" && !write_result(out, options.common.output)) return bad_input;
    return exit_code;
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
    add_preset(*command, options->common);
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = run_scenarios(*options); });
}

} // namespace highwater
