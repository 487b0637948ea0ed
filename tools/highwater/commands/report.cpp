#include "tools/highwater/commands/common.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/report/report.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <charconv>
#include <fmt/format.h>
#include <memory>

namespace embedded {
extern const char* const schema_verdict_schema_json;
extern const char* const schema_comparison_schema_json;
extern const char* const schema_explanation_schema_json;
} // namespace embedded

namespace highwater {

namespace {

using kafka::Json;

struct ReportOptions {
    Common common;
    std::string file;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> records;
};

/// A run that a page shows: the file, the seed, and the options that changed the scenario.
struct Asked {
    std::string file;
    std::optional<std::uint64_t> seed; // else the scenario's own
    Common common;
};

Json empty_report(const char* kind) {
    return {{"format", "highwater.report/1"}, {"version", HIGHWATER_VERSION}, {"kind", kind}};
}

/// Runs, and fills in what a page shows of it. False, and told on standard error, when it cannot.
bool show_run(const Asked& asked, const std::vector<std::string>& records, Json& data, std::string& title,
              int& exit_code) {
    const std::optional<Input> input = read_input(asked.file, asked.common);
    if (!input) return false;
    Trace trace;
    Watch watch;
    watch.trace = &trace;
    const std::uint64_t seed = asked.seed.value_or(input->scenario.seed);
    const Outcome outcome =
        run_once(input->scenario, seed, repeat_command(asked.file, seed, asked.common), watch);
    std::vector<ChosenRecord> chosen;
    for (const std::string& name : records) {
        const auto record = find_record(*outcome.configuration, name);
        if (!record) {
            warn("highwater report: --record " + name +
                 ": expected a record as verdicts name it, such as shop:17");
            return false;
        }
        chosen.push_back(*record);
    }
    std::vector<std::string> problems;
    data["verdict"] = verdict_of(outcome, problems);
    for (const std::string& problem : problems)
        warn(asked.file + ": " + problem);
    if (!problems.empty()) return false;
    data["story"] = input->scenario.story;
    data["run"] = picture_of(outcome, trace.entries(), chosen);
    title = fmt::format("{}, seed {}", outcome.scenario.name, seed);
    if (!all_held(data["verdict"], !is_changed(asked.common))) exit_code = guarantee_failed;
    return true;
}

/// The words of a command as a POSIX shell would take them apart; only quotes and backslashes count.
std::vector<std::string> shell_words(const std::string& command) {
    std::vector<std::string> words;
    bool open = false;
    char quote = 0;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
            if (!open) words.emplace_back();
            open = true;
        } else if (quote == 0 && c == ' ') {
            open = false;
        } else {
            if (!open) words.emplace_back();
            open = true;
            words.back() += quote == 0 && c == '\\' && i + 1 < command.size() ? command[++i] : c;
        }
    }
    return words;
}

/// The run that a verdict's "repeat" names; nothing when it is not a command of ours.
std::optional<Asked> asked_by(const std::string& repeat) {
    std::vector<std::string> words = shell_words(repeat);
    if (words.size() < 3 || words[0] != "highwater" || words[1] != "run") return std::nullopt;
    Asked asked;
    CLI::App command;
    std::string seed = "1";
    command.add_option("FILE", asked.file)->required();
    command.add_option("--seed", seed);
    add_preset(command, asked.common);
    add_common(command, asked.common);
    try {
        command.parse(std::vector<std::string>(words.rbegin(), words.rend() - 2));
    } catch (const CLI::ParseError&) {
        return std::nullopt;
    }
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (!parse_seeds(seed, first, last) || last != first) return std::nullopt;
    asked.seed = first;
    return asked;
}

/// Runs what a result's "repeat" names, when its scenario is at hand. Exit code `inconclusive` when it is
/// not.
int show_again(const ReportOptions& options, const std::string& repeat,
               const std::vector<std::string>& records, Json& data, std::string& title) {
    std::optional<Asked> asked = asked_by(repeat);
    std::string text;
    if (asked && asked->file != "-" && read_text(asked->file, text)) {
        asked->common.quiet = true;
        int ignored = all_fine; // what was violated was told when the result was made
        return show_run(*asked, records, data, title, ignored) ? all_fine : bad_input;
    }
    if (!options.records.empty()) {
        warn("highwater report: --record needs the run, and the file of \"" + repeat + "\" cannot be read");
        return bad_input;
    }
    warn(options.file + ": the scenario of \"" + repeat +
         "\" cannot be read from here: the report shows the result alone, without lanes, clients and "
         "biographies");
    data["notices"] = {"Made from the result alone: the scenario was not at hand, so there are no lanes of "
                       "logs, no clients, no series and no biographies."};
    return inconclusive;
}

/// A verdict has no facts: the run is made again, and must be the same.
int show_verdict(const ReportOptions& options, const Json& verdict, Json& data, std::string& title) {
    const std::string fingerprint = verdict.value("fingerprint", "");
    const std::string repeat = verdict.value("repeat", "");
    const int code = show_again(options, repeat, options.records, data, title);
    if (code == inconclusive) {
        data["verdict"] = verdict;
        title = fmt::format("{}, seed {}", verdict.value("scenario", ""), verdict.value("seed", ""));
        return all_fine;
    }
    if (code != all_fine || data["verdict"]["fingerprint"] == fingerprint) return code;
    warn(fmt::format(
        "{}: the run of \"{}\" has the fingerprint {} today, not {}: another file or another build",
        options.file, repeat, data["verdict"]["fingerprint"].get<std::string>(), fingerprint));
    return not_reproducible;
}

/// An explanation is of a run, and of one record in it.
int show_explanation(const ReportOptions& options, const Json& explanation, Json& data, std::string& title) {
    std::vector<std::string> records = options.records;
    const Json record = explanation.value("record", Json(nullptr));
    if (record.is_object() && record.contains("name")) records.insert(records.begin(), record["name"]);
    data["explanation"] = explanation;
    const int code = show_again(options, explanation.value("repeat", ""), records, data, title);
    if (code != inconclusive) return code;
    data["kind"] = "explanation";
    title = fmt::format("{}, seed {}", explanation.value("scenario", ""), explanation.value("seed", ""));
    return all_fine;
}

/// What a result lacks of what its schema demands; told on standard error.
bool is_whole(const std::string& file, const Json& result, const char* schema) {
    bool whole = true;
    const Json demanded = Json::parse(schema)["required"];
    for (const Json& key : demanded) {
        if (result.contains(key.get<std::string>())) continue;
        warn(file + ": /" + key.get<std::string>() + ": missing; is this all that was written?");
        whole = false;
    }
    return whole;
}

int report(const ReportOptions& options) {
    std::string text;
    if (options.file != "-" && !read_text(options.file, text)) {
        warn(options.file + ": cannot be read");
        return bad_input;
    }
    const Json result = Json::parse(text, nullptr, false, true);
    const bool is_result = result.is_object() && result.contains("format") && result["format"].is_string();
    const std::string format = is_result ? result["format"].get<std::string>() : "";
    std::string title;
    int exit_code = all_fine;
    Json data;
    if (format.empty()) {
        data = empty_report("run");
        const Asked asked{options.file, options.seed, options.common};
        if (!show_run(asked, options.records, data, title, exit_code)) return bad_input;
    } else if (options.seed || is_changed(options.common)) {
        warn("highwater report: --seed, -X, --preset and files of settings go with a scenario file; " +
             options.file + " is a result");
        return bad_input;
    } else if (format == "highwater.verdict/1") {
        if (!is_whole(options.file, result, embedded::schema_verdict_schema_json)) return bad_input;
        data = empty_report("run");
        exit_code = show_verdict(options, result, data, title);
        if (exit_code != all_fine) return exit_code;
    } else if (format == "highwater.explanation/1") {
        if (!is_whole(options.file, result, embedded::schema_explanation_schema_json)) return bad_input;
        data = empty_report("run");
        exit_code = show_explanation(options, result, data, title);
        if (exit_code != all_fine) return exit_code;
    } else if (format == "highwater.comparison/1" && options.records.empty()) {
        if (!is_whole(options.file, result, embedded::schema_comparison_schema_json)) return bad_input;
        data = empty_report("comparison");
        data["comparison"] = result;
        title = "Comparison: " + result.value("scenario", "");
    } else {
        warn(fmt::format("{}: /format: expected highwater.verdict/1, highwater.comparison/1, "
                         "highwater.explanation/1 or a scenario, got \"{}\"",
                         options.file, format));
        return bad_input;
    }
    return write_result(page_of(data, title), options.common.output) ? exit_code : bad_input;
}

} // namespace

void add_report(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ReportOptions>();
    CLI::App* command = app.add_subcommand(
        "report", "One HTML file that opens anywhere: of a scenario that is run, a verdict, or a comparison");
    command
        ->add_option(
            "RESULT", options->file,
            "Scenario file, or what run --format json or compare --format json wrote; - is a scenario on "
            "standard input")
        ->required();
    command->add_option("--seed", options->seed, "Seed, when a scenario is run; else the scenario's, else 1");
    command
        ->add_option(
            "--record", options->records,
            "Also tell the life of this record, such as shop:17; repeatable. Lost records are told anyway")
        ->allow_extra_args(false)
        ->type_name("NAME");
    add_preset(*command, options->common);
    add_common(*command, options->common);
    command->callback([options, &exit_code] {
        try {
            exit_code = report(*options);
        } catch (const Json::exception& problem) { // a member of another type than its schema says
            warn(options->file + ": not what its format says: " + problem.what());
            exit_code = bad_input;
        }
    });
}

} // namespace highwater
