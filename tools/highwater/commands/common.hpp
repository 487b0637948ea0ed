#pragma once
// What all commands share: reading inputs, overrides, output, colour, exit codes.

#include "models/scenario/scenario.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace highwater {

enum ExitCode : int {
    all_fine = 0,
    guarantee_failed = 1,
    bad_input = 2,
    inconclusive = 3,
    not_reproducible = 4,
    simulator_bug = 70
};

/// Options of every command.
struct Common {
    std::vector<std::string> overrides; // -X
    /// .properties files by the scope they are for: stronger than the scenario, weaker than -X.
    struct ConfigFiles {
        std::vector<std::string> producer, consumer, topic, broker;
    } config_files;
    std::string output;                      // -o; empty = standard output
    std::string preset;                      // --preset, where the command takes one; empty = none
    std::vector<std::string> preset_folders; // --preset-dir
    std::string colour = "auto";
    bool quiet = false;
    bool verbose = false;
};
/// `output` says what -o is for.
void add_common(CLI::App& command, Common& common,
                const char* output = "Write the result to FILE instead of standard output");
/// -j, for commands whose result is the same for any number of threads.
void add_jobs(CLI::App& command, std::size_t& threads);
/// How many threads this machine runs at once; at least 1.
std::size_t all_cores();
void add_preset(CLI::App& command, Common& common);
void add_preset_folders(CLI::App& command, Common& common);
/// The options that change the scenario, as they were typed: "--producer-config", "FILE", "-X", "key=value".
std::vector<std::string> changes_of(const Common& common);
bool wants_colour(const Common& common);
/// Whether -X, --preset or files of settings make the file another scenario: its expectations are shown then,
/// not judged.
bool is_changed(const Common& common);

/// "7" or "1..200". False when it is neither, or more than ten million seeds.
bool parse_seeds(const std::string& text, std::uint64_t& first, std::uint64_t& last);
/// The command that runs this file and seed again, with the same overrides and preset.
std::string repeat_command(const std::string& file, std::uint64_t seed, const Common& common);

/// The -X options and the files of settings, strongest first. False, and told on standard error, when one is
/// wrong.
bool read_overrides(const Common& common, const kafka::SettingTables& tables,
                    std::vector<kafka::Override>& overrides);
/// Reads files ("-" = standard input); all problems of all files go to standard error. Nothing when there are
/// any.
std::vector<kafka::Scenario> read_all(const std::vector<std::string>& files, const Common& common,
                                      bool& fine);
/// One scenario with what it was read from.
struct Input {
    std::string text;
    std::vector<kafka::Override> overrides; // strongest first
    kafka::Scenario scenario;
};
/// Reads one file with the options that change it; its warnings go to standard error unless quiet. Nothing,
/// and all problems told, when it is wrong.
std::optional<Input> read_input(const std::string& file, const Common& common);
/// Writes to -o or standard output. False when that fails.
bool write_result(const std::string& text, const std::string& output);
void warn(const std::string& text);

int run_command(const std::vector<std::string>& arguments);

/// One run as Kafka's verifiable clients would print it; `client` chooses one of them by name. Says why not
/// on standard error when it cannot.
int run_verifiable(const std::vector<kafka::Scenario>& scenarios, std::uint64_t seed,
                   const std::string& client, const Common& common);

void add_run(CLI::App& app, int& exit_code);
void add_test(CLI::App& app, int& exit_code);
void add_compare(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_advise(CLI::App& app, int& exit_code);
void add_sweep(CLI::App& app, int& exit_code);
void add_merge(CLI::App& app, int& exit_code);
void add_draw(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_describe(CLI::App& app, int& exit_code);
void add_trace(CLI::App& app, int& exit_code);
void add_report(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);

} // namespace highwater
