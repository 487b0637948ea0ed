#include "tools/highwater/commands/common.hpp"

#include "sim/core/assert.hpp"

#include <algorithm>
#include <iostream>

namespace highwater {

namespace {

/// The subcommand or option nearest to what was typed.
std::string suggestion(const CLI::App& app, const std::vector<std::string>& arguments) {
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands({}))
        commands.push_back(command->get_name());
    if (arguments.empty()) return "";
    const auto chosen = std::find(commands.begin(), commands.end(), arguments.front());
    if (chosen == commands.end() && arguments.front().rfind("-", 0) != 0) {
        const auto near = kafka::nearest(arguments.front(), commands);
        return near ? "; did you mean \"" + *near + "\"?" : "";
    }
    if (chosen == commands.end()) return "";
    std::vector<std::string> options;
    for (const CLI::Option* option : app.get_subcommand(*chosen)->get_options())
        for (const std::string& name : option->get_lnames())
            options.push_back("--" + name);
    for (const std::string& argument : arguments) {
        const std::string word = argument.substr(0, argument.find('='));
        if (word.rfind("--", 0) != 0 || std::find(options.begin(), options.end(), word) != options.end())
            continue;
        const auto near = kafka::nearest(word, options);
        if (near) return "; did you mean \"" + *near + "\"?";
    }
    return "";
}

} // namespace

int run_command(const std::vector<std::string>& arguments) {
    CLI::App app{"Highwater: will this lose my data, and why? A deterministic simulator of Kafka clusters.",
                 "highwater"};
    app.set_version_flag("--version", "highwater " HIGHWATER_VERSION);
    app.require_subcommand(1);
    int exit_code = all_fine;
    add_run(app, exit_code);
    add_test(app, exit_code);
    add_sweep(app, exit_code);
    add_merge(app, exit_code);
    add_compare(app, exit_code);
    add_explain(app, exit_code);
    add_advise(app, exit_code);
    add_draw(app, exit_code);
    add_show(app, exit_code);
    add_describe(app, exit_code);
    add_trace(app, exit_code);
    add_report(app, exit_code);
    add_schema(app, exit_code);
    try {
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        app.parse(reversed);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        std::cerr << "highwater: " << error.what() << suggestion(app, arguments) << "\n"
                  << "Run with --help for more information.\n";
        return bad_input;
    } catch (const sim::AssertionFailure& failure) {
        std::cerr << "highwater: a bug in the simulator: " << failure.what() << "\n";
        return simulator_bug;
    }
    return exit_code;
}

} // namespace highwater
