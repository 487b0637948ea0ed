#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/progress.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/suite/annotations.hpp"
#include "tools/highwater/suite/json.hpp"
#include "tools/highwater/suite/junit.hpp"
#include "tools/highwater/suite/suite.hpp"
#include "tools/highwater/suite/text.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <memory>

namespace highwater {

namespace {

struct TestOptions {
    Common common;
    std::vector<std::string> paths;
    std::string filter;
    std::uint64_t seeds = 0;
    std::size_t threads = all_cores();
    std::string format = "text";
    std::string junit;
    std::string annotations = "auto";
    bool update = false;
    bool verify_determinism = false;
};

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

/// What cannot be asked for, in words; empty when all is well.
std::string refusal(const TestOptions& options) {
    if (options.update && is_set("CI"))
        return "--update is refused while CI is set: nobody would look at the difference";
    if (options.update && is_changed(options.common))
        return "--update does not go with other settings: the golden trace is that of the file as it stands";
    return "";
}

bool find(const TestOptions& options, Findings& findings) {
    findings = find_scenarios(options.paths);
    for (const std::string& problem : findings.problems)
        warn(problem);
    if (options.common.verbose)
        for (const PassedOver& one : findings.passed_over)
            warn(fmt::format("{}: passed over, {}", one.file, one.why));
    if (!findings.problems.empty()) return false;
    if (!findings.files.empty()) return true;
    warn(fmt::format("highwater test: no scenario there ({} files passed over; -v names them)",
                     findings.passed_over.size()));
    return false;
}

/// The results that are asked for beside the lines of text.
bool write_results(const TestOptions& options, const SuiteResult& result, const std::string& lines) {
    const std::string text = options.format == "json" ? json_of(result).dump(2) + "\n" : lines;
    const bool streamed = options.format == "text" && options.common.output.empty();
    if (!streamed && !write_result(text, options.common.output)) return false;
    return options.junit.empty() || write_result(junit_of(result), options.junit);
}

int test(const TestOptions& options) {
    const std::string refused = refusal(options);
    if (!refused.empty()) {
        warn("highwater test: " + refused);
        return bad_input;
    }
    SuiteOptions suite;
    const kafka::SettingTables tables;
    if (!read_overrides(options.common, tables, suite.overrides)) return bad_input;
    suite.changes = changes_of(options.common);
    suite.filter = options.filter;
    if (options.seeds > 0) suite.seeds = options.seeds;
    suite.threads = options.threads;
    suite.update = options.update;
    suite.verify_determinism = options.verify_determinism;
    Findings findings;
    if (!find(options, findings)) return bad_input;

    // Text goes out as it comes; with -o and as JSON it goes out at the end.
    const bool text_on_output = options.format == "text" && options.common.output.empty();
    const bool json_on_output = options.format == "json" && !text_on_output && options.common.output.empty();
    const bool annotate =
        options.annotations == "github" || (options.annotations == "auto" && is_set("GITHUB_ACTIONS"));
    Progress progress(options.common.quiet, "runs");
    const bool colour = wants_colour(options.common);
    std::string lines;
    const auto say = [&](const std::string& text) {
        lines += text;
        if (text_on_output) std::cout << text << std::flush;
    };
    SuiteListener listener;
    listener.progress = [&](std::size_t done, std::size_t total) { progress.show(done, total); };
    listener.finished = [&](const ScenarioResult& result) {
        progress.clear();
        const bool told = !options.common.quiet || result.state != TestState::passed;
        if (told) say(text_of(result, colour));
        if (annotate) (json_on_output ? std::cerr : std::cout) << github_annotations(result) << std::flush;
    };
    const SuiteResult result = run_suite(findings, suite, listener);
    progress.clear();
    if (result.scenarios.empty()) {
        warn("highwater test: --filter " + options.filter + " hits no scenario");
        return bad_input;
    }
    say(summary_of(result));
    if (!write_results(options, result, lines)) return bad_input;
    return exit_code_of(result);
}

} // namespace

void add_test(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<TestOptions>();
    CLI::App* command = app.add_subcommand(
        "test",
        "Run every scenario below the paths, over the seeds it names: do the expectations still hold?");
    command
        ->add_option(
            "PATH", options->paths,
            "Scenario files, and folders to search for *.json. Files whose \"format\" names something "
            "else (presets) and files with \"experiment\" and without \"topics\" (measurements) are "
            "passed over; -v names them")
        ->required();
    command->add_option("--filter", options->filter,
                        "Only scenarios with this in their name or path; a glob when it has * ? or [");
    command->add_option("--seeds", options->seeds, "Seeds 1..N for every scenario, instead of its \"seeds\"")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10000000}));
    add_jobs(*command, options->threads);
    command->add_option("--format", options->format, "text, or json (highwater.test/1, without times)")
        ->check(CLI::IsMember({"text", "json"}));
    command
        ->add_option("--junit", options->junit,
                     "Also write JUnit XML to FILE: a testsuite for each scenario file, a testcase for each "
                     "expectation and guarantee")
        ->type_name("FILE");
    command
        ->add_option("--annotations", options->annotations,
                     "github: a line ::error for each failure; auto: when GITHUB_ACTIONS is set")
        ->check(CLI::IsMember({"auto", "github", "none"}));
    command->add_flag("--update", options->update,
                      "Write golden traces (NAME.trace beside NAME.json, compared under seed 1): those that "
                      "exist, and one for each file named itself. Refused when CI is set");
    command->add_flag(
        "--verify-determinism", options->verify_determinism,
        "Run each again, with and without observers; exit 4 names the first event that differs");
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = test(*options); });
}

} // namespace highwater
