#include "tools/highwater/commands/common.hpp"

#include <iostream>
#include <memory>

namespace embedded {
extern const char* const schema_verdict_schema_json;
extern const char* const schema_test_schema_json;
extern const char* const schema_comparison_schema_json;
extern const char* const schema_explanation_schema_json;
extern const char* const schema_advice_schema_json;
extern const char* const schema_preset_schema_json;
extern const char* const schema_sweep_schema_json;
extern const char* const schema_description_schema_json;
} // namespace embedded

namespace highwater {

namespace {

struct ShowOptions {
    Common common;
    std::string file;
    bool modelled = false;
    std::string format = "text";
};

int show(const ShowOptions& options) {
    bool fine = true;
    const std::vector<kafka::Scenario> scenarios = read_all({options.file}, options.common, fine);
    if (!fine) return bad_input;
    std::string out;
    kafka::Json all = kafka::Json::object();
    for (const kafka::EffectiveGroup& group : scenarios.front().effective) {
        out += "All configs for " + group.title + " are:\n"; // the words of kafka-configs --describe --all
        for (const kafka::EffectiveSetting& setting : group.settings) {
            if (options.modelled && !setting.modelled) continue;
            out += describe(setting) + "\n";
            all[group.title][setting.name] = {{"value", setting.value},
                                              {"source", std::string(name(setting.source))},
                                              {"modelled", setting.modelled}};
        }
    }
    return write_result(options.format == "json" ? all.dump(2) + "\n" : out, options.common.output)
               ? all_fine
               : bad_input;
}

} // namespace

void add_show(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ShowOptions>();
    CLI::App* command = app.add_subcommand(
        "show", "Effective settings, each with its source, as kafka-configs --describe --all prints them");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command->add_flag("--modelled", options->modelled, "Only settings that the simulator acts on");
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    add_preset(*command, options->common);
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = show(*options); });
}

void add_schema(CLI::App& app, int& exit_code) {
    auto which = std::make_shared<std::string>("scenario");
    CLI::App* command =
        app.add_subcommand("schema", "Print the JSON Schema (draft-07) of what is read and written");
    command
        ->add_option("WHICH", *which,
                     "scenario, preset, verdict, sweep, comparison, explanation, advice, description or test")
        ->check(CLI::IsMember({"scenario", "preset", "verdict", "sweep", "comparison", "explanation",
                               "advice", "description", "test"}));
    command->callback([which, &exit_code] {
        if (*which == "scenario") std::cout << kafka::scenario_schema();
        if (*which == "preset") std::cout << embedded::schema_preset_schema_json;
        if (*which == "verdict") std::cout << embedded::schema_verdict_schema_json;
        if (*which == "sweep") std::cout << embedded::schema_sweep_schema_json;
        if (*which == "comparison") std::cout << embedded::schema_comparison_schema_json;
        if (*which == "explanation") std::cout << embedded::schema_explanation_schema_json;
        if (*which == "advice") std::cout << embedded::schema_advice_schema_json;
        if (*which == "description") std::cout << embedded::schema_description_schema_json;
        if (*which == "test") std::cout << embedded::schema_test_schema_json;
        exit_code = all_fine;
    });
}

} // namespace highwater
