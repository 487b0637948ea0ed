#include "tools/highwater/commands/common.hpp"
#include "tools/highwater/commands/interrupt.hpp"
#include "tools/highwater/commands/progress.hpp"

#include "tools/highwater/study/in_order.hpp"
#include "tools/highwater/sweep/shard.hpp"
#include "tools/highwater/sweep/summary.hpp"

#include <fmt/format.h>
#include <iostream>
#include <memory>

namespace highwater {

namespace {

struct SweepOptions {
    Common common;
    std::string file;
    std::string seeds = "100";
    std::string shard;
    std::string format = "text";
    std::size_t threads = all_cores();
    bool rows = false;
};

/// What was asked, once it is known to be right.
struct SweepTask {
    std::uint64_t first = 1, last = 1;
    Shard shard;
    bool takes(std::uint64_t place) const { return shard.takes(place); }
};

std::optional<SweepTask> task_of(const SweepOptions& options) {
    SweepTask task;
    const bool range = options.seeds.find("..") != std::string::npos;
    if (!parse_seeds(range ? options.seeds : "1.." + options.seeds, task.first, task.last) ||
        task.last > 9223372036854775806U) {
        warn("highwater sweep: --seeds " + options.seeds +
             ": expected how many, such as 1000, or a range such as 1..1000");
        return std::nullopt;
    }
    if (options.shard.empty()) return task;
    std::string problem;
    const auto shard = parse_shard(options.shard, from_environment, problem);
    if (!shard) {
        warn("highwater sweep: --shard " + options.shard + ": " + problem);
        return std::nullopt;
    }
    task.shard = *shard;
    return task;
}

/// Streams what is in the file: head, rows when asked, and sums.
bool tell(const SweepFile& file, const SweepSummary& summary, const std::string& format, bool rows,
          bool colour, const std::function<bool(std::uint64_t)>& takes) {
    const auto each_row = [&](const std::function<void(const SweepRow&)>& visit) {
        file.each(summary.first, summary.last, [&](const SweepRow& row) {
            if (takes(row.seed - summary.first)) visit(row);
        });
    };
    if (format == "json") {
        std::string text = json_of(summary).dump(2);
        if (rows) {
            text.resize(text.rfind('\n'));
            std::cout << text << ",\n  \"results\": [";
            const char* between = "\n    ";
            each_row([&](const SweepRow& row) {
                std::cout << between << json_of(row).dump();
                between = ",\n    ";
            });
            text = "\n  ]\n}";
        }
        std::cout << text << "\n";
    } else {
        if (rows) {
            std::cout << rows_head();
            each_row([](const SweepRow& row) { std::cout << row_text(row); });
            std::cout << "\n";
        }
        std::cout << text_of(summary, colour);
    }
    std::cout << std::flush;
    return static_cast<bool>(std::cout);
}

int exit_code_of(const SweepSummary& summary) {
    if (!summary.violated.empty()) return guarantee_failed;
    return summary.complete() ? all_fine : inconclusive;
}

/// Runs the seeds that the file does not have yet.
void run_missing(SweepFile& file, const SweepOptions& options, const Input& input, const SweepTask& task,
                 const Interrupt& interrupt) {
    const auto takes = [&](std::uint64_t place) { return task.takes(place); };
    const std::vector<std::uint64_t> missing = file.missing(task.first, task.last, takes);
    const bool asks = !is_changed(options.common);
    Progress progress(options.common.quiet, "seeds");
    const std::size_t told = in_order<SweepRow>(
        missing.size(), options.threads,
        [&](std::size_t i) {
            const std::string repeat = repeat_command(options.file, missing[i], options.common);
            return row_of(run_once(input.scenario, missing[i], repeat, {}), asks);
        },
        [&](std::size_t i, SweepRow& row) {
            file.add(row);
            progress.show(i + 1, missing.size());
        },
        [&] { return interrupt.came(); });
    progress.clear();
    file.commit();
    if (told < missing.size())
        warn(fmt::format(
            "highwater sweep: interrupted: {} of {} seeds were run{}", told, missing.size(),
            options.common.output.empty() ? "" : "; the same command goes on from " + options.common.output));
}

int sweep(const SweepOptions& options) {
    const auto task = task_of(options);
    const auto input = read_input(options.file, options.common);
    if (!task || !input) return bad_input;
    const auto takes = [&](std::uint64_t place) { return task->takes(place); };
    SweepAbout about =
        about_sweep(input->scenario, input->text, input->overrides, changes_of(options.common));
    about.seed_first = task->first;
    about.seed_last = task->last;
    const Interrupt interrupt; // before there is a file: who sees the file may interrupt what writes it
    SweepFile file(for_shard(options.common.output, task->shard), SweepFile::Purpose::write);
    const auto before = file.about();
    const std::string other = before ? difference(about, *before) : "";
    if (!other.empty()) {
        warn(options.common.output + ": " + other + "; give another file with -o, or remove this one");
        return bad_input;
    }
    file.set_about(about);
    run_missing(file, options, *input, *task, interrupt);
    file.finish();
    const SweepSummary summary = summarise(file, about, task->first, task->last, takes);
    Common plain = options.common;
    plain.output.clear(); // the table goes to standard output
    if (!tell(file, summary, options.format, options.rows, wants_colour(plain), takes)) return bad_input;
    return exit_code_of(summary);
}

struct MergeOptions {
    std::vector<std::string> files;
    std::string output;
    std::string format = "text";
    std::string colour = "auto";
    bool rows = false;
};

/// Adds the rows of one file. False when a seed has two different results.
bool add_file(SweepFile& all, const std::string& name, const SweepFile& part, const SweepAbout& about) {
    bool same = true;
    part.each(0, 9223372036854775806U, [&](const SweepRow& row) {
        const auto known = all.row(row.seed);
        if (!known) return all.add(row);
        if (*known == row) return;
        if (same)
            warn(fmt::format("{}: seed {} is not what another file says of it: fingerprints {} and {}\n  {}",
                             name, row.seed, row.fingerprint, known->fingerprint,
                             repeat_of(about, row.seed)));
        same = false;
    });
    return same;
}

int merge(const MergeOptions& options) {
    std::vector<SweepFile> parts;
    std::optional<SweepAbout> about;
    for (const std::string& name : options.files) {
        parts.emplace_back(name, SweepFile::Purpose::read);
        const auto one = parts.back().about();
        const std::string other = !one    ? "holds no results"
                                  : about ? difference(*about, *one)
                                          : std::string();
        if (!other.empty()) {
            warn(name + ": " + other);
            return bad_input;
        }
        if (!about) about = one;
        about->seed_first = std::min(about->seed_first, one->seed_first);
        about->seed_last = std::max(about->seed_last, one->seed_last);
    }
    SweepFile all(options.output, SweepFile::Purpose::write);
    const auto before = all.about();
    const std::string other = before ? difference(*about, *before) : "";
    if (!other.empty()) {
        warn(options.output + ": " + other + "; give another file with -o, or remove this one");
        return bad_input;
    }
    all.set_about(*about);
    bool same = true;
    for (std::size_t i = 0; i < parts.size(); ++i)
        same = add_file(all, options.files[i], parts[i], *about) && same;
    all.finish();
    const auto takes = [](std::uint64_t) { return true; };
    about = all.about();
    const SweepSummary summary = summarise(all, *about, about->seed_first, about->seed_last, takes);
    Common common;
    common.colour = options.colour;
    if (!tell(all, summary, options.format, options.rows, wants_colour(common), takes)) return bad_input;
    return same ? exit_code_of(summary) : not_reproducible;
}

/// A wrong file is bad input, whoever finds it.
template <class Options> int guarded(int (*command)(const Options&), const Options& options) {
    try {
        return command(options);
    } catch (const SweepFileError& error) {
        warn(error.message);
        return bad_input;
    }
}

} // namespace

void add_sweep(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = app.add_subcommand("sweep", "One scenario under many seeds, kept in a file");
    command->add_option("FILE", options->file, "Scenario file; - is standard input")->required();
    command->add_option("--seeds", options->seeds, "How many seeds, from 1 on, or a range such as 1..1000")
        ->type_name("N|A..B");
    add_jobs(*command, options->threads);
    command
        ->add_option(
            "--shard", options->shard,
            "Only part I of N of the seeds, from 1; auto: as Slurm, Kubernetes or Open MPI number this "
            "process; auto/N where they do not say how many there are")
        ->type_name("I/N|auto");
    command->add_flag("--rows", options->rows, "Also a line for each seed");
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    add_preset(*command, options->common);
    add_common(
        *command, options->common,
        "Keep results in FILE (SQLite), and go on from what it holds; {shard} in its name is the number "
        "of the shard");
    command->callback([options, &exit_code] { exit_code = guarded(sweep, *options); });
}

void add_merge(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<MergeOptions>();
    CLI::App* command = app.add_subcommand("merge", "Put files of results of one sweep together");
    command->add_option("FILE", options->files, "Files that highwater sweep wrote")->required();
    command->add_option("-o,--output", options->output, "Keep all results in FILE (SQLite)")
        ->type_name("FILE");
    command->add_flag("--rows", options->rows, "Also a line for each seed");
    command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    command->add_option("--color", options->colour, "auto, always or never; NO_COLOR is respected")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([options, &exit_code] { exit_code = guarded(merge, *options); });
}

} // namespace highwater
