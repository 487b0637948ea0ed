#include "tools/highwater/study/comparison.hpp"

namespace highwater {

namespace {

constexpr std::size_t most_named_seeds = 20;

RunRow row_of(const RunFigures& run) {
    RunRow row;
    row.lost = run.lost > 0;
    for (std::size_t i = 0; i < measure_count; ++i)
        row.measures[i] = run.measure(static_cast<Measure>(i));
    row.quantiles = run.quantiles;
    return row;
}

void add_run(PresetFigures& preset, const RunFigures& run) {
    preset.runs += 1;
    preset.runs_with_loss += run.lost > 0 ? 1 : 0;
    preset.runs_without_leader += run.unavailable > 0 ? 1 : 0;
    add_counts(preset.total, run);
    preset.rows.push_back(row_of(run));
    if (run.lost > 0 && preset.seeds_with_loss.size() < most_named_seeds)
        preset.seeds_with_loss.push_back(run.seed);
    for (const std::string& guarantee : run.violated) {
        Violation& violation = preset.violations[guarantee];
        if (violation.seeds == 0) violation.first_seed = run.seed;
        violation.seeds += 1;
    }
}

} // namespace

void Comparison::add(const std::vector<RunFigures>& of_one_seed) {
    const bool first_lost = of_one_seed[0].lost > 0;
    for (std::size_t i = 0; i < presets.size(); ++i) {
        add_run(presets[i], of_one_seed[i]);
        presets[i].only_this_lost += of_one_seed[i].lost > 0 && !first_lost ? 1 : 0;
        presets[i].only_first_lost += of_one_seed[i].lost == 0 && first_lost ? 1 : 0;
    }
}

bool Comparison::has_violation() const {
    for (const PresetFigures& preset : presets)
        if (!preset.violations.empty()) return true;
    return false;
}

double Comparison::alpha_each() const {
    return 0.05 / static_cast<double>(presets.size() > 1 ? presets.size() - 1 : 1);
}

Differences Comparison::differences(const PresetFigures& one, const PresetFigures& other) const {
    Differences all;
    all.runs = one.runs;
    std::array<std::vector<std::int64_t>, latency_count> latencies;
    for (std::size_t r = 0; r < one.rows.size(); ++r) {
        const RunRow& mine = one.rows[r];
        const RunRow& theirs = other.rows[r];
        all.only_this_lost += mine.lost && !theirs.lost ? 1 : 0;
        all.only_other_lost += !mine.lost && theirs.lost ? 1 : 0;
        for (std::size_t i = 0; i < measure_count; ++i)
            all.measures[i].add(mine.measures[i] - theirs.measures[i]);
        for (std::size_t i = 0; i < latency_count; ++i)
            if (mine.quantiles[i] >= 0 && theirs.quantiles[i] >= 0) // else nothing was measured
                latencies[i].push_back(mine.quantiles[i] - theirs.quantiles[i]);
    }
    for (std::size_t i = 0; i < latency_count; ++i)
        all.latencies[i] = sign_interval(latencies[i]);
    all.lost = until_decided
                   ? anytime_difference(all.only_this_lost, all.only_other_lost, all.runs, alpha_each())
                   : mcnemar_difference(all.only_this_lost, all.only_other_lost, all.runs);
    return all;
}

Decision Comparison::decision(const PresetFigures& preset) const {
    if (preset.runs == 0) return Decision::undecided;
    return until_decided ? decide_any_time(preset.only_this_lost, preset.only_first_lost, preset.runs, bound,
                                           alpha_each())
                         : decide_at_end(preset.only_this_lost, preset.only_first_lost, preset.runs, bound);
}

bool Comparison::is_decided() const {
    for (std::size_t i = 1; i < presets.size(); ++i)
        if (decision(presets[i]) == Decision::undecided) return false;
    return true;
}

namespace {

/// Counts what an interval of a difference says: below zero is better, because all columns are costs.
struct Columns {
    std::vector<std::string> worse;
    bool better = false;
    void add(const std::optional<Interval>& interval, const char* column) {
        if (!interval) return;
        if (interval->low > 0) worse.emplace_back(column);
        better = better || interval->high < 0;
    }
};

} // namespace

std::vector<Beaten> beaten_presets(const Comparison& comparison) {
    std::vector<Beaten> all;
    for (const PresetFigures& one : comparison.presets)
        for (const PresetFigures& other : comparison.presets) {
            if (&one == &other) continue;
            const Differences differences = comparison.differences(one, other);
            Columns columns;
            if (differences.runs > 0) columns.add(differences.lost, "seeds that lost");
            for (std::size_t i = 0; i < measure_count; ++i)
                columns.add(differences.measures[i].interval(), measure_heads[i]);
            for (std::size_t i = 0; i < latency_count; ++i)
                columns.add(differences.latencies[i].interval, latency_heads[i]);
            if (!columns.better && !columns.worse.empty())
                all.push_back({one.name, other.name, columns.worse});
        }
    return all;
}

} // namespace highwater
