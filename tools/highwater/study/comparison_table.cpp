#include "tools/highwater/study/comparison.hpp"

#include "tools/highwater/study/words.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

std::string plus(const std::string& text) { return text.starts_with("-") ? text : "+" + text; }

Row figures_row(const PresetFigures& preset) {
    const RunFigures& total = preset.total;
    const auto runs = static_cast<double>(preset.runs);
    return {preset.name,
            proportion_text(preset.runs_with_loss, preset.runs),
            rate_text(total.measure(Measure::lost)),
            rate_text(total.measure(Measure::duplicated)),
            rate_text(total.measure(Measure::reordered)),
            rate_text(total.measure(Measure::refused)),
            length_text(total.measure(Measure::write_unavailable) / runs),
            latency_text(total.latencies.quantile(500)),
            latency_text(total.latencies.quantile(990)),
            bytes_text(total.measure(Measure::replicated_bytes) / runs)};
}

Row difference_row(const std::string& what, double estimate, const std::optional<Interval>& interval,
                   const std::function<std::string(double)>& text) {
    Row row{what, plus(text(estimate)), "", ""};
    if (!interval) {
        row[2] = "too few seeds";
        return row;
    }
    row[2] = plus(text(interval->low)) + " to " + plus(text(interval->high));
    if (interval->includes_zero()) row[3] = "~";
    return row;
}

std::string points_text(double share) { return fmt::format("{:.2f} %", share * 100); }

std::vector<Row> difference_rows(PresetFigures& preset) {
    const std::int64_t gained = preset.only_this_lost - preset.only_first_lost;
    const auto at = [&](Measure measure) -> const PairedMean& {
        return preset.differences[static_cast<std::size_t>(measure)];
    };
    std::vector<Row> rows;
    rows.push_back({preset.name, "difference", "95 % interval", ""});
    rows.push_back(difference_row(
        "seeds that lost", static_cast<double>(gained) / static_cast<double>(preset.runs),
        mcnemar_difference(preset.only_this_lost, preset.only_first_lost, preset.runs), points_text));
    const std::pair<const char*, Measure> rates[] = {{"lost/M", Measure::lost},
                                                     {"duplicated/M", Measure::duplicated},
                                                     {"reordered/M", Measure::reordered},
                                                     {"refused/M", Measure::refused}};
    for (const auto& [what, measure] : rates)
        rows.push_back(difference_row(what, at(measure).mean(), at(measure).interval(), rate_text));
    rows.push_back(difference_row("no writes", at(Measure::write_unavailable).mean(),
                                  at(Measure::write_unavailable).interval(), length_text));
    const MedianInterval p50 = sign_interval(preset.p50_differences);
    const MedianInterval p99 = sign_interval(preset.p99_differences);
    rows.push_back(difference_row("ack p50", p50.median, p50.interval, length_text));
    rows.push_back(difference_row("ack p99", p99.median, p99.interval, length_text));
    rows.push_back(difference_row("between brokers", at(Measure::replicated_bytes).mean(),
                                  at(Measure::replicated_bytes).interval(), bytes_text));
    return rows;
}

/// What a reader must know beside the numbers: violations, runs that could not be counted, how to repeat.
std::string remarks(const Comparison& comparison, bool colour, bool verbose,
                    const std::function<std::string(const std::string&, std::uint64_t)>& repeat) {
    std::string out;
    for (const PresetFigures& preset : comparison.presets) {
        for (const auto& [guarantee, violation] : preset.violations)
            out += paint(colour, "31",
                         fmt::format("VIOLATED under {}: {} in {} of {} seeds", preset.name, guarantee,
                                     violation.seeds, preset.runs)) +
                   "\n  " + repeat(preset.name, violation.first_seed) + "\n";
        if (preset.runs_without_leader > 0)
            out += fmt::format("{}: {} of {} seeds ended with a partition without a leader; its acknowledged "
                               "records are not counted as lost\n",
                               preset.name, preset.runs_without_leader, preset.runs);
    }
    for (const PresetFigures& preset : comparison.presets) {
        if (preset.seeds_with_loss.empty()) continue;
        out += fmt::format("a loss under {}: {}\n", preset.name,
                           repeat(preset.name, preset.seeds_with_loss.front()));
        if (!verbose) continue;
        out += "  seeds that lost, the first twenty:";
        for (const std::uint64_t seed : preset.seeds_with_loss)
            out += " " + std::to_string(seed);
        out += "\n";
    }
    return out;
}

} // namespace

std::string table_of(Comparison& comparison, bool colour, bool verbose,
                     const std::function<std::string(const std::string&, std::uint64_t)>& repeat) {
    std::string out = fmt::format("{}: {} presets, the same seeds {} to {}\n\n", comparison.scenario,
                                  comparison.presets.size(), comparison.seed_first, comparison.seed_last);
    std::vector<Row> rows{{"preset", "seeds that lost acknowledged records", "lost/M", "duplicated/M",
                           "reordered/M", "refused/M", "no writes", "ack p50", "ack p99", "between brokers"}};
    for (const PresetFigures& preset : comparison.presets)
        rows.push_back(figures_row(preset));
    out += aligned(rows, colour);
    out +=
        "\n  Intervals: 95 %, exact (Clopper-Pearson). /M: of a million records sent. no writes: mean time "
        "of "
        "a partition in a run.\n  ack: over all records of all seeds, to 0.8 %. between brokers: mean bytes "
        "of a run.\n";
    if (comparison.presets.size() > 1)
        out += fmt::format("\nDifference from {}, seed by seed (~: the interval includes zero)\n",
                           comparison.presets.front().name);
    for (std::size_t i = 1; i < comparison.presets.size(); ++i)
        out += "\n" + aligned(difference_rows(comparison.presets[i]), colour);
    if (comparison.presets.size() > 1)
        out += "\n  seeds that lost: McNemar, exact. ack: median of the seeds' differences, sign test. The "
               "others: mean, Student's t.\n";
    const std::string more = remarks(comparison, colour, verbose, repeat);
    return out + (more.empty() ? "" : "\n" + more);
}

} // namespace highwater
