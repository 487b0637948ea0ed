#include "tools/highwater/commands/common.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/study/presets.hpp"

#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

namespace highwater {

void add_common(CLI::App& command, Common& common) {
    command
        .add_option("-X", common.overrides,
                    "Override one setting: key=value, repeatable (-X acks=all, -X "
                    "topic.orders.min.insync.replicas=2, -X release=3.9)")
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
    command.add_option("-o,--output", common.output, "Write the result to FILE instead of standard output")
        ->type_name("FILE");
    command.add_option("--color", common.colour, "auto, always or never; NO_COLOR is respected")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command.add_flag("-q,--quiet", common.quiet, "No progress and no warnings");
    command.add_flag("-v,--verbose", common.verbose, "More detail");
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

bool is_changed(const Common& common) { return !common.overrides.empty() || !common.preset.empty(); }

bool wants_colour(const Common& common) {
    if (common.colour != "auto") return common.colour == "always";
    const char* no_colour = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal != nullptr && std::string(terminal) == "dumb";
    return common.output.empty() && isatty(STDOUT_FILENO) != 0 && !dumb &&
           (no_colour == nullptr || *no_colour == '\0');
}

void warn(const std::string& text) { std::cerr << text << "\n"; }

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
    std::string command = repeat_command(file, seed, common.overrides);
    for (const std::string& folder : common.preset_folders)
        command += " --preset-dir " + quoted(folder);
    if (!common.preset.empty()) command += " --preset " + quoted(common.preset);
    return command;
}

std::vector<kafka::Scenario> read_all(const std::vector<std::string>& files, const Common& common,
                                      bool& fine) {
    std::vector<kafka::Scenario> scenarios;
    std::vector<kafka::Override> overrides;
    fine = parse_overrides(common, overrides);
    const kafka::SettingTables tables;
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
