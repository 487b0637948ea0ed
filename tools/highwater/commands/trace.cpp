#include "tools/highwater/commands/common.hpp"

#include "models/scenario/fields.hpp"
#include "tools/highwater/names.hpp"
#include "tools/highwater/trace/read.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sstream>

namespace highwater {

namespace {

struct TraceOptions {
    Common common;
    std::string file;
    std::uint64_t seed = 1;
    std::vector<std::string> facts, partitions;
    std::string from, until;
    std::string format = "text";
};

/// Members after time, event and fact, as key=value.
std::string members_of(const std::string& line, std::string& fact, std::string& partition) {
    std::string text;
    const auto object = nlohmann::ordered_json::parse(line, nullptr, false);
    if (object.is_discarded()) return line;
    for (const auto& item : object.items()) {
        const std::string value =
            item.value().is_string() ? item.value().get<std::string>() : item.value().dump();
        if (item.key() == "fact")
            fact = value;
        else if (item.key() == "partition")
            partition = value;
        if (item.key() == "time_us" || item.key() == "fact") continue;
        if (item.key() == "event" && item.value().is_number()) continue;
        text += (text.empty() ? "" : "  ") + item.key() + "=" + value;
    }
    return text;
}

bool wanted(const std::vector<std::string>& words, const std::string& word) {
    return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

std::string view(const TraceOptions& options, std::span<const TraceEntry> entries,
                 const kafka::Configuration& names, std::int64_t from, std::int64_t until) {
    std::string out;
    for (const TraceEntry& entry : entries) {
        if (entry.time.micros < from || entry.time.micros > until) continue;
        const std::string line = render({&entry, 1}, names);
        std::string fact;
        std::string partition;
        const std::string members = members_of(line, fact, partition);
        if (!wanted(options.facts, fact) || !wanted(options.partitions, partition)) continue;
        if (options.format == "json")
            out += line;
        else
            out += fmt::format("{:>14}  {:21}  {}\n", time_text(entry.time.micros), fact, members);
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
    std::int64_t from = 0;
    std::int64_t until = 9223372036854775807;
    if (!read_time("--from", options.from, from) || !read_time("--until", options.until, until))
        return bad_input;
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
        out = view(options, read.entries, read.names, from, until);
    } else {
        bool fine = true;
        const std::vector<kafka::Scenario> scenarios = read_all({options.file}, options.common, fine);
        if (!fine) return bad_input;
        Trace trace;
        Watch watch;
        watch.trace = &trace;
        run_once(scenarios.front(), options.seed, "highwater trace " + options.file, watch);
        out = view(options, trace.entries(), *scenarios.front().configuration, from, until);
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
    command->add_option("--seed", options->seed, "Seed, when a scenario is run");
    command->add_option("--fact", options->facts, "Only these facts, such as PartitionChanged; repeatable")
        ->allow_extra_args(false)
        ->type_name("NAME");
    command
        ->add_option("--partition", options->partitions, "Only facts of these partitions, such as orders-0")
        ->allow_extra_args(false)
        ->type_name("NAME");
    command->add_option("--from", options->from, "Not before this time, such as 5s")->type_name("TIME");
    command->add_option("--until", options->until, "Not after this time")->type_name("TIME");
    command->add_option("--format", options->format, "text, or json: the lines as they are in a trace")
        ->check(CLI::IsMember({"text", "json"}));
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = show_trace(*options); });
}

} // namespace highwater
