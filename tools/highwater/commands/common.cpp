#include "tools/highwater/commands/common.hpp"

#include "models/settings/properties.hpp"
#include "tools/highwater/files.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/study/presets.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <thread>
#include <unistd.h>

namespace highwater {

void add_common(CLI::App& command, Common& common, const char* output) {
    command
        .add_option("-X", common.overrides,
                    "Override one setting: key=value, repeatable (-X acks=all, -X "
                    "topic.orders.min.insync.replicas=2, -X release=3.9)")
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
    const auto config = [&](const char* option, std::vector<std::string>& files, const char* what) {
        command
            .add_option(
                option, files,
                std::string("Settings of every ") + what +
                    " from a .properties FILE: stronger than the scenario's, weaker than -X; what is not "
                    "modelled is passed over with one warning")
            ->allow_extra_args(false)
            ->type_name("FILE");
    };
    config("--producer-config", common.config_files.producer, "producer");
    config("--consumer-config", common.config_files.consumer, "consumer");
    config("--topic-config", common.config_files.topic, "topic");
    config("--broker-config", common.config_files.broker, "broker (server.properties)");
    command.add_option("-o,--output", common.output, output)->type_name("FILE");
    command.add_option("--color", common.colour, "auto, always or never; NO_COLOR is respected")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command.add_flag("-q,--quiet", common.quiet, "No progress and no warnings");
    command.add_flag("-v,--verbose", common.verbose, "More detail");
}

std::size_t all_cores() { return std::max<std::size_t>(1, std::thread::hardware_concurrency()); }

void add_jobs(CLI::App& command, std::size_t& threads) {
    command
        .add_option("-j,--jobs", threads,
                    "Threads, else one for each core; the result is the same for any number")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1024}))
        ->type_name("N");
}

void add_preset_folders(CLI::App& command, Common& common) {
    command
        .add_option("--preset-dir", common.preset_folders,
                    "Folder with presets of your own, repeatable; their names win over the program's")
        ->allow_extra_args(false)
        ->type_name("DIR");
}

void add_preset(CLI::App& command, Common& common) {
    command
        .add_option("--preset", common.preset,
                    "Lay a preset over the scenario: a name such as max-reliability, or a file")
        ->type_name("NAME");
    add_preset_folders(command, common);
}

std::vector<std::string> changes_of(const Common& common) {
    std::vector<std::string> changes;
    const auto add = [&](const char* option, const std::vector<std::string>& values) {
        for (const std::string& value : values) {
            changes.emplace_back(option);
            changes.push_back(value);
        }
    };
    add("--producer-config", common.config_files.producer);
    add("--consumer-config", common.config_files.consumer);
    add("--topic-config", common.config_files.topic);
    add("--broker-config", common.config_files.broker);
    add("--preset-dir", common.preset_folders);
    if (!common.preset.empty()) add("--preset", {common.preset});
    add("-X", common.overrides);
    return changes;
}

bool is_changed(const Common& common) {
    return !common.overrides.empty() || !common.preset.empty() || !common.config_files.producer.empty() ||
           !common.config_files.consumer.empty() || !common.config_files.topic.empty() ||
           !common.config_files.broker.empty();
}

bool wants_colour(const Common& common) {
    if (common.colour != "auto") return common.colour == "always";
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal != nullptr && std::string(terminal) == "dumb";
    return common.output.empty() && isatty(STDOUT_FILENO) != 0 && !dumb &&
           (no_colour == nullptr || *no_colour == '\0');
}

void warn(const std::string& text) { std::cerr << text << "\n"; }

namespace {

bool parse_overrides(const Common& common, std::vector<kafka::Override>& overrides) {
    bool fine = true;
    for (const std::string& given : common.overrides) {
        const std::size_t equals = given.find('=');
        if (equals == std::string::npos || equals == 0) {
            warn("highwater: -X " + given + ": expected key=value");
            fine = false;
            continue;
        }
        overrides.push_back({given.substr(0, equals), given.substr(equals + 1)});
    }
    return fine;
}

} // namespace

bool parse_seeds(const std::string& text, std::uint64_t& first, std::uint64_t& last) {
    const std::size_t dots = text.find("..");
    const auto number = [](const std::string& digits, std::uint64_t& value) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
    };
    if (dots == std::string::npos) {
        if (!number(text, first)) return false;
        last = first;
        return true;
    }
    return number(text.substr(0, dots), first) && number(text.substr(dots + 2), last) && first <= last &&
           last - first < 10000000;
}

std::string repeat_command(const std::string& file, std::uint64_t seed, const Common& common) {
    return repeat_command(file, seed, changes_of(common));
}

namespace {

/// Settings of a .properties file as overrides of every place of the scope. Real files hold much that no
/// model acts on (listeners, log.dirs, ssl.*): that is passed over, with one warning.
bool add_config_file(const std::string& file, kafka::SettingScope scope, const kafka::SettingTables& tables,
                     bool quiet, std::vector<kafka::Override>& overrides) {
    std::string text;
    if (!read_text(file, text)) {
        warn(file + ": cannot be read");
        return false;
    }
    const kafka::PropertiesFile parsed = kafka::parse_properties(text);
    for (const kafka::PropertiesProblem& problem : parsed.problems)
        warn(file + ":" + std::to_string(problem.line) + ": " + problem.message);
    std::string passed_over;
    std::size_t count = 0;
    for (const auto& [key, value] : parsed.values) {
        const kafka::SettingRow* row = tables.find(scope, key);
        if (row != nullptr && row->modelled) {
            overrides.push_back({std::string(name(scope)) + ".*." + key, value});
            continue;
        }
        if (++count <= 5) passed_over += (count == 1 ? " " : ", ") + key;
    }
    if (count > 0 && !quiet)
        warn(file + ": warning: " + std::to_string(count) +
             " settings are not modelled and change nothing:" + passed_over + (count > 5 ? ", ..." : ""));
    return parsed.problems.empty();
}

bool add_config_files(const Common& common, const kafka::SettingTables& tables,
                      std::vector<kafka::Override>& overrides) {
    bool fine = true;
    const std::pair<const std::vector<std::string>*, kafka::SettingScope> scopes[] = {
        {&common.config_files.producer, kafka::SettingScope::producer},
        {&common.config_files.consumer, kafka::SettingScope::consumer},
        {&common.config_files.topic, kafka::SettingScope::topic},
        {&common.config_files.broker, kafka::SettingScope::broker}};
    for (const auto& scope : scopes)
        for (auto file = scope.first->rbegin(); file != scope.first->rend(); ++file) // the last file wins
            fine = add_config_file(*file, scope.second, tables, common.quiet, overrides) && fine;
    return fine;
}

} // namespace

bool read_overrides(const Common& common, const kafka::SettingTables& tables,
                    std::vector<kafka::Override>& overrides) {
    const bool parsed = parse_overrides(common, overrides);
    return add_config_files(common, tables, overrides) && parsed;
}

std::vector<kafka::Scenario> read_all(const std::vector<std::string>& files, const Common& common,
                                      bool& fine) {
    std::vector<kafka::Scenario> scenarios;
    std::vector<kafka::Override> overrides;
    const kafka::SettingTables tables;
    fine = read_overrides(common, tables, overrides);
    std::vector<kafka::Preset> presets;
    if (!common.preset.empty()) presets = find_presets({common.preset}, common.preset_folders, tables, fine);
    for (const std::string& file : files) {
        std::string text;
        if (!read_text(file, text)) {
            warn(file + ": cannot be read");
            fine = false;
            continue;
        }
        kafka::ReadResult result =
            read_scenario(text, file, overrides, tables, presets.empty() ? nullptr : &presets.front());
        for (const kafka::InputProblem& problem : result.problems)
            warn(format(problem));
        if (result.scenario)
            scenarios.push_back(std::move(*result.scenario));
        else
            fine = false;
    }
    return scenarios;
}

std::optional<Input> read_input(const std::string& file, const Common& common) {
    const kafka::SettingTables tables;
    std::vector<kafka::Override> overrides;
    bool fine = read_overrides(common, tables, overrides);
    std::vector<kafka::Preset> presets;
    if (!common.preset.empty()) presets = find_presets({common.preset}, common.preset_folders, tables, fine);
    std::string text;
    if (!read_text(file, text)) {
        warn(file + ": cannot be read");
        return std::nullopt;
    }
    kafka::ReadResult result =
        read_scenario(text, file, overrides, tables, presets.empty() ? nullptr : &presets.front());
    for (const kafka::InputProblem& problem : result.problems)
        warn(format(problem));
    if (!fine || !result.scenario) return std::nullopt;
    if (!common.quiet)
        for (const std::string& warning : result.scenario->warnings)
            warn(file + ": warning: " + warning);
    return Input{std::move(text), std::move(overrides), std::move(*result.scenario)};
}

bool write_result(const std::string& text, const std::string& output) {
    if (output.empty() || output == "-") {
        std::cout << text << std::flush;
        return static_cast<bool>(std::cout);
    }
    const bool written = write_text(output, text);
    if (!written) warn(output + ": cannot be written");
    return written;
}

} // namespace highwater
