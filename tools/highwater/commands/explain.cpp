#include "tools/highwater/commands/common.hpp"

#include "tools/highwater/explain/explanation.hpp"
#include "tools/highwater/study/presets.hpp"

#include <iostream>
#include <memory>
#include <unistd.h>

namespace highwater {

namespace {

struct ExplainOptions {
    Common common;
    std::string file;
    std::string seed; // else the scenario's own
    std::string record;
    std::string format = "text";
    std::size_t threads = all_cores();
};

int explain_record(const ExplainOptions& options) {
    std::uint64_t seed = 1;
    std::uint64_t last = 1;
    if (!options.seed.empty() && (!parse_seeds(options.seed, seed, last) || last != seed)) {
        warn("highwater explain: --seed " + options.seed + ": expected one number, such as 7");
        return bad_input;
    }
    const auto input = read_input(options.file, options.common);
    if (!input) return bad_input;
    if (options.seed.empty()) seed = input->scenario.seed;
    const kafka::SettingTables tables;
    bool fine = true;
    std::vector<kafka::Preset> presets;
    if (!options.common.preset.empty())
        presets = find_presets({options.common.preset}, options.common.preset_folders, tables, fine);
    Inquiry inquiry;
    inquiry.text = input->text;
    inquiry.file = options.file;
    inquiry.overrides = input->overrides;
    inquiry.preset = presets.empty() ? nullptr : &presets.front();
    inquiry.seed = seed;
    inquiry.repeat = repeat_command(options.file, seed, options.common);
    inquiry.record = options.record;
    inquiry.threads = options.threads;
    const bool shows = !options.common.quiet && isatty(STDERR_FILENO) != 0;
    if (shows) inquiry.progress = [](const char* what) { std::cerr << "\r\033[K" << what << std::flush; };
    std::string problem;
    const Explanation explanation = explain(inquiry, input->scenario, tables, problem);
    if (shows) std::cerr << "\r\033[K" << std::flush;
    if (!problem.empty()) {
        warn("highwater explain: --record " + options.record + ": " + problem);
        return bad_input;
    }
    const std::string out = options.format == "json" ? json_of(explanation).dump(2) + "\n"
                                                     : text_of(explanation, wants_colour(options.common));
    return write_result(out, options.common.output) ? all_fine : bad_input;
}

} // namespace

void add_explain(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* command = app.add_subcommand(
        "explain", "Why a record was lost, duplicated or skipped, and which setting would have saved it");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command->add_option("--seed", options->seed, "Seed of the run; else the scenario's, else 1")
        ->type_name("N");
    command
        ->add_option("--record", options->record,
                     "shop:17, the 18th record of producer shop (shop/2:17: of those to partition 2), or "
                     "orders-0:17, the "
                     "record at offset 17; else the first that was lost, duplicated, skipped or processed "
                     "twice")
        ->type_name("RECORD");
    add_jobs(*command, options->threads);
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    add_preset(*command, options->common);
    add_common(*command, options->common);
    command->callback([options, &exit_code] { exit_code = explain_record(*options); });
}

} // namespace highwater
