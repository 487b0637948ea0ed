#include "tools/highwater/commands/common.hpp"

#include "models/scenario/fields.hpp"
#include "tools/highwater/formats/formats.hpp"
#include "tools/highwater/names.hpp"
#include "tools/highwater/trace/read.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sstream>

namespace highwater {

namespace {

struct TraceOptions {
    Common common;
    std::string file;
    std::optional<std::uint64_t> seed; // else the scenario's own
    Extract extract;
    std::string from, until;
    std::string format = "text";
};

std::string view(const std::string& format, const Extract& extract, std::span<const TraceEntry> entries,
                 const kafka::Configuration& names) {
    if (format == "perfetto") return perfetto_of(entries, names, extract);
    if (format == "shiviz") return shiviz_of(entries, names, extract);
    if (format == "edn") return edn_of(entries, names, extract);
    std::string out;
    for (const TraceEntry& entry : entries) {
        if (!extract.has_time(entry.time)) continue;
        const std::string line = render({&entry, 1}, names);
        const LineText text = line_text(line);
        if (!extract.has(text)) continue;
        if (format == "json")
            out += line;
        else
            out += fmt::format("{:>14}  {:21}  {}\n", time_text(entry.time.micros), text.fact, text.members);
    }
    return out;
}

bool read_time(const char* option, const std::string& text, std::int64_t& micros) {
    if (text.empty()) return true;
    const auto parsed = kafka::parse_duration(text);
    if (parsed) micros = parsed->micros;
    if (!parsed)
        warn(fmt::format("highwater trace: {} {}: expected a duration such as \"1500ms\"", option, text));
    return parsed.has_value();
}

int show_trace(const TraceOptions& options) {
    Extract extract = options.extract;
    if (!read_time("--from", options.from, extract.from) ||
        !read_time("--until", options.until, extract.until))
        return bad_input;
    if (!extract.facts.empty() && (options.format == "perfetto" || options.format == "edn")) {
        warn("highwater trace: --fact goes with --format text, json and shiviz: " + options.format +
             " is drawn from several facts together");
        return bad_input;
    }
    std::string out;
    if (options.file.ends_with(".jsonl") || options.file.ends_with(".trace")) {
        std::ifstream in(options.file, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        if (!in) {
            warn(options.file + ": cannot be read");
            return bad_input;
        }
        const ReadTrace read = read_trace(text.str());
        for (const TraceProblem& problem : read.problems)
            warn(fmt::format("{}:{}: {}{}{}", options.file, problem.line, problem.pointer,
                             problem.pointer.empty() ? "" : ": ", problem.message));
        if (!read.problems.empty()) return bad_input;
        out = view(options.format, extract, read.entries, read.names);
    } else {
        bool fine = true;
        const std::vector<kafka::Scenario> scenarios = read_all({options.file}, options.common, fine);
        if (!fine) return bad_input;
        Trace trace;
        Watch watch;
        watch.trace = &trace;
        const Outcome outcome = run_once(scenarios.front(), options.seed.value_or(scenarios.front().seed),
                                         "highwater trace " + options.file, watch);
        out = view(options.format, extract, trace.entries(), *outcome.configuration);
    }
    return write_result(out, options.common.output) ? all_fine : bad_input;
}

} // namespace

void add_trace(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<TraceOptions>();
    CLI::App* command = app.add_subcommand(
        "trace",
        "Events of a run, one a line: from a written trace (.jsonl, .trace), or of a scenario that is run");
    command->add_option("FILE", options->file, "Trace or scenario file")->required();
    command->add_option("--seed", options->seed, "Seed, when a scenario is run; else the scenario's, else 1");
    command
        ->add_option("--fact", options->extract.facts,
                     "Only these facts, such as PartitionChanged; repeatable")
        ->allow_extra_args(false)
        ->type_name("NAME");
    command
        ->add_option("--partition", options->extract.partitions,
                     "Only facts of these partitions, such as orders-0")
        ->allow_extra_args(false)
        ->type_name("NAME");
    command->add_option("--from", options->from, "Not before this time, such as 5s")->type_name("TIME");
    command->add_option("--until", options->until, "Not after this time")->type_name("TIME");
    command
        ->add_option(
            "--format", options->format,
            "text; json: the lines as they are in a trace; perfetto: for ui.perfetto.dev; shiviz: with "
            "vector clocks; edn: the clients' history as jepsen.tests.kafka reads it")
        ->check(CLI::IsMember({"text", "json", "perfetto", "shiviz", "edn"}));
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = show_trace(*options); });
}

} // namespace highwater
