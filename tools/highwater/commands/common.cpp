#include "tools/highwater/commands/common.hpp"

#include "tools/highwater/files.hpp"

#include <cstdlib>
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

std::vector<kafka::Scenario> read_all(const std::vector<std::string>& files, const Common& common,
                                      bool& fine) {
    std::vector<kafka::Scenario> scenarios;
    std::vector<kafka::Override> overrides;
    fine = parse_overrides(common, overrides);
    const kafka::SettingTables tables;
    for (const std::string& file : files) {
        std::string text;
        if (!read_text(file, text)) {
            warn(file + ": cannot be read");
            fine = false;
            continue;
        }
        kafka::ReadResult result = read_scenario(text, file, overrides, tables);
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
