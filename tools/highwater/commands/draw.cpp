#include "tools/highwater/commands/common.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/study/schedule.hpp"

#include <memory>

namespace highwater {

namespace {

struct DrawOptions {
    std::string file;
    std::string seed;
    std::string output;
};

int draw(const DrawOptions& options) {
    std::uint64_t seed = 1;
    std::uint64_t last = 1;
    if (!options.seed.empty() && (!parse_seeds(options.seed, seed, last) || seed != last)) {
        warn("highwater draw: --seed " + options.seed + ": expected a number");
        return bad_input;
    }
    Common common;
    common.quiet = true; // a run of the drawn file tells the same warnings
    const std::optional<Input> input = read_input(options.file, common);
    if (!input) return bad_input;
    if (options.seed.empty()) seed = input->scenario.seed;
    const kafka::Source source = kafka::parse_source(input->text, options.file);
    const kafka::Json drawn = drawn_scenario(source.root, input->scenario, seed);
    return write_result(drawn.dump(2) + "\n", options.output) ? all_fine : bad_input;
}

} // namespace

// No -X and no --preset: they would change what is run without standing in the file. Give them to the run.
void add_draw(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<DrawOptions>();
    CLI::App* command = app.add_subcommand(
        "draw",
        "The scenario with its random faults drawn by a seed: an ordinary file that repeats that run");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command->add_option("--seed", options->seed, "Seed of the draw; else the scenario's, else 1")
        ->type_name("N");
    command->add_option("-o,--output", options->output, "Write to FILE instead of standard output")
        ->type_name("FILE");
    command->callback([options, &exit_code] { exit_code = draw(*options); });
}

} // namespace highwater
