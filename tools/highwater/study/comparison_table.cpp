#include "tools/highwater/study/comparison.hpp"

#include "tools/highwater/study/words.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

std::string plus(const std::string& text) { return text.starts_with("-") ? text : "+" + text; }

std::string measure_text(Measure measure, double value) {
    switch (measure) {
    case Measure::lost:
    case Measure::duplicated:
    case Measure::reordered:
    case Measure::refused:
    case Measure::skipped:
    case Measure::reread:
        return rate_text(value);
    case Measure::write_unavailable:
    case Measure::read_unavailable:
        return length_text(value);
    case Measure::replicated_bytes:
    case Measure::stored_bytes:
        return bytes_text(value);
    }
    return "";
}

std::string losing_text(const Comparison& comparison, const PresetFigures& preset) {
    return comparison.until_decided ? proportion_text(preset.runs_with_loss, preset.runs,
                                                      anytime_proportion(preset.runs_with_loss, preset.runs,
                                                                         comparison.alpha_each()))
                                    : proportion_text(preset.runs_with_loss, preset.runs);
}

/// What was lost, what readers saw, what it cost: a table for each, with a row for each preset.
std::string figures_tables(const Comparison& comparison, bool colour) {
    std::vector<Row> losses{{"preset", "seeds that lost acknowledged records",
                             fmt::format("more clean seeds for at most {}", percent_text(comparison.bound))}};
    std::vector<Row> records{{"of a million sent", "", "lost/M", "duplicated/M", "reordered/M", "refused/M",
                              "skipped/M", "re-read/M"}};
    std::vector<Row> costs{{"price", "", "no writes", "no reads", "ack p50", "ack p99", "end to end p50",
                            "end to end p99", "between brokers", "stored"}};
    for (const PresetFigures& preset : comparison.presets) {
        const RunFigures& total = preset.total;
        const auto runs = static_cast<double>(preset.runs);
        const auto mean = [&](Measure measure) {
            return measure_text(measure, total.measure(measure) / runs);
        };
        const auto rate = [&](Measure measure) { return rate_text(total.measure(measure)); };
        losses.push_back(
            {preset.name, losing_text(comparison, preset),
             std::to_string(clean_runs_needed(preset.runs_with_loss, preset.runs, comparison.bound))});
        records.push_back({preset.name, "", rate(Measure::lost), rate(Measure::duplicated),
                           rate(Measure::reordered), rate(Measure::refused), rate(Measure::skipped),
                           rate(Measure::reread)});
        costs.push_back(
            {preset.name, "", mean(Measure::write_unavailable), mean(Measure::read_unavailable),
             latency_text(total.latencies.quantile(500)), latency_text(total.latencies.quantile(990)),
             latency_text(total.end_to_end.quantile(500)), latency_text(total.end_to_end.quantile(990)),
             mean(Measure::replicated_bytes), mean(Measure::stored_bytes)});
    }
    return aligned(losses, colour) + "\n" + aligned(records, colour) + "\n" + aligned(costs, colour);
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

std::vector<Row> difference_rows(const Comparison& comparison, const PresetFigures& preset) {
    const Differences differences = comparison.differences(preset, comparison.presets.front());
    const std::int64_t gained = differences.only_this_lost - differences.only_other_lost;
    std::vector<Row> rows;
    rows.push_back({preset.name, "difference", "95 % interval", ""});
    rows.push_back(difference_row("seeds that lost",
                                  static_cast<double>(gained) / static_cast<double>(differences.runs),
                                  differences.lost, percent_text));
    for (std::size_t i = 0; i < measure_count; ++i)
        rows.push_back(difference_row(
            measure_heads[i], differences.measures[i].mean(), differences.measures[i].interval(),
            [&](double value) { return measure_text(static_cast<Measure>(i), value); }));
    for (std::size_t i = 0; i < latency_count; ++i)
        if (preset.total.end_to_end.total() > 0 || i < static_cast<std::size_t>(Latency::end_to_end_p50))
            rows.push_back(difference_row(latency_heads[i], differences.latencies[i].median,
                                          differences.latencies[i].interval, length_text));
    return rows;
}

/// What the seeds say about which loses more often, or that they say too little.
std::string decisions_text(const Comparison& comparison) {
    const std::string& first = comparison.presets.front().name;
    const std::string bound = percent_text(comparison.bound);
    std::string out;
    for (std::size_t i = 1; i < comparison.presets.size(); ++i) {
        const PresetFigures& preset = comparison.presets[i];
        switch (comparison.decision(preset)) {
        case Decision::more:
            out += fmt::format("{} loses in more seeds than {}\n", preset.name, first);
            break;
        case Decision::fewer:
            out += fmt::format("{} loses in fewer seeds than {}\n", preset.name, first);
            break;
        case Decision::same:
            out += fmt::format("{} and {}: shares of seeds that lose differ by less than {}\n", preset.name,
                               first, bound);
            break;
        case Decision::undecided:
            out +=
                fmt::format("INCONCLUSIVE: {} seeds do not tell whether {} loses in more seeds than {}, or "
                            "differs by less than {}\n",
                            preset.runs, preset.name, first, bound);
            break;
        }
    }
    if (comparison.until_decided)
        out += fmt::format(
            "  {} after {} seeds. Any of these words is wrong with a probability of 5 % at most, whenever "
            "one "
            "stops (mixture martingale, Ville);\n  the intervals of seeds that lost allow for that, the "
            "other intervals do not.\n",
            comparison.is_decided() ? "Decided" : "Not decided", comparison.presets.front().runs);
    return out;
}

std::string pareto_text(const Comparison& comparison) {
    std::string out = "\nWorth choosing (nothing beats them: better in one column, not worse in any):";
    const std::vector<Beaten> all = beaten_presets(comparison);
    for (const PresetFigures& preset : comparison.presets)
        if (std::none_of(all.begin(), all.end(),
                         [&](const Beaten& one) { return one.preset == preset.name; }))
            out += " " + preset.name + ",";
    out.back() = '\n';
    for (const Beaten& one : all) {
        out += fmt::format("  {} is beaten by {}: worse in", one.preset, one.by);
        for (const std::string& column : one.worse)
            out += " " + column + ",";
        out.pop_back();
        out += "; better in nothing\n";
    }
    return out;
}

/// What a reader must know beside the numbers: violations, runs that could not be counted, how to repeat.
std::string remarks(const Comparison& comparison, bool colour, bool verbose, const RepeatCommand& repeat) {
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

std::string table_of(const Comparison& comparison, bool colour, bool verbose, const RepeatCommand& repeat) {
    std::string out = fmt::format("{}: {} presets, the same seeds {} to {}\n", comparison.scenario,
                                  comparison.presets.size(), comparison.seed_first, comparison.seed_last);
    for (const std::string& circumstance : comparison.circumstances)
        out += "  " + circumstance + "\n";
    out += "\n" + figures_tables(comparison, colour);
    out +=
        "\n  Intervals: 95 %, exact (Clopper-Pearson). /M: of a million records sent. no writes, no reads: "
        "mean "
        "time of a partition in a run.\n  ack: over all records of all seeds, to 0.8 %; end to end: from "
        "send() to the reader's hands, of acknowledged records.\n  between brokers, stored: mean bytes of a "
        "run.\n";
    if (comparison.presets.size() > 1)
        out += fmt::format("\nDifference from {}, seed by seed (~: not significant by the paired test)\n",
                           comparison.presets.front().name);
    for (std::size_t i = 1; i < comparison.presets.size(); ++i)
        out += "\n" + aligned(difference_rows(comparison, comparison.presets[i]), colour);
    if (comparison.presets.size() > 1) {
        out += fmt::format("\n  seeds that lost: {}. ack, end to end: median of the seeds' differences, sign "
                           "test. The others: mean, Student's t.\n",
                           comparison.until_decided ? "mixture martingale" : "McNemar, exact");
        out += "\n" + decisions_text(comparison) + pareto_text(comparison);
    }
    const std::string more = remarks(comparison, colour, verbose, repeat);
    return out + (more.empty() ? "" : "\n" + more);
}

} // namespace highwater
