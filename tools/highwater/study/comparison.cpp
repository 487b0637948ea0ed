#include "tools/highwater/study/comparison.hpp"

namespace highwater {

namespace {

constexpr std::size_t most_named_seeds = 20;

double per_million(std::int64_t count, std::int64_t sent) {
    return sent == 0 ? 0 : static_cast<double>(count) * 1000000 / static_cast<double>(sent);
}

void add_counts(RunFigures& total, const RunFigures& run) {
    total.sent += run.sent;
    total.acknowledged += run.acknowledged;
    total.failed += run.failed;
    total.unknown += run.unknown;
    total.lost += run.lost;
    total.unavailable += run.unavailable;
    total.duplicated += run.duplicated;
    total.reordered += run.reordered;
    total.write_unavailable += run.write_unavailable;
    total.replicated_bytes += run.replicated_bytes;
    total.events += run.events;
    total.partitions = run.partitions;
    total.latencies.add(run.latencies);
}

void add_run(PresetFigures& preset, const RunFigures& run) {
    preset.runs += 1;
    preset.runs_with_loss += run.lost > 0 ? 1 : 0;
    preset.runs_without_leader += run.unavailable > 0 ? 1 : 0;
    add_counts(preset.total, run);
    if (run.lost > 0 && preset.seeds_with_loss.size() < most_named_seeds)
        preset.seeds_with_loss.push_back(run.seed);
    for (const std::string& guarantee : run.violated) {
        Violation& violation = preset.violations[guarantee];
        if (violation.seeds == 0) violation.first_seed = run.seed;
        violation.seeds += 1;
    }
}

void add_difference(PresetFigures& preset, const RunFigures& run, const RunFigures& first) {
    preset.only_this_lost += run.lost > 0 && first.lost == 0 ? 1 : 0;
    preset.only_first_lost += run.lost == 0 && first.lost > 0 ? 1 : 0;
    for (std::size_t i = 0; i < measure_count; ++i) {
        const auto measure = static_cast<Measure>(i);
        preset.differences[i].add(run.measure(measure) - first.measure(measure));
    }
    if (run.p50 < 0 || first.p50 < 0) return; // nothing was acknowledged
    preset.p50_differences.push_back(run.p50 - first.p50);
    preset.p99_differences.push_back(run.p99 - first.p99);
}

} // namespace

double RunFigures::measure(Measure wanted) const {
    switch (wanted) {
    case Measure::lost:
        return per_million(lost, sent);
    case Measure::duplicated:
        return per_million(duplicated, sent);
    case Measure::reordered:
        return per_million(reordered, sent);
    case Measure::refused:
        return per_million(failed, sent);
    case Measure::write_unavailable:
        return static_cast<double>(write_unavailable) / static_cast<double>(partitions);
    case Measure::replicated_bytes:
        return static_cast<double>(replicated_bytes);
    }
    return 0;
}

RunFigures figures_of(const Outcome& outcome) {
    RunFigures run;
    run.seed = outcome.seed;
    run.events = outcome.events;
    for (const kafka::StreamSummary& stream : outcome.ledger.streams) {
        run.sent += stream.sent;
        run.acknowledged += stream.acknowledged;
        run.failed += stream.failed;
        run.unknown += stream.unknown;
        run.lost += stream.lost;
        run.unavailable += stream.unavailable;
        run.duplicated += stream.duplicated;
        run.reordered += stream.reordered;
    }
    run.partitions = 0;
    for (std::size_t i = 0; i < outcome.ledger.partitions.size(); ++i) {
        if (outcome.configuration->is_internal(kafka::PartitionIndex{static_cast<std::int32_t>(i)})) continue;
        run.write_unavailable += outcome.ledger.partitions[i].write_unavailable.total.micros;
        run.partitions += 1;
    }
    run.replicated_bytes = outcome.ledger.replicated_bytes;
    std::map<std::int64_t, std::int64_t> exact;
    for (const kafka::ProducerSummary& producer : outcome.ledger.producers)
        for (const auto& [micros, count] : producer.latencies) {
            exact[micros] += count;
            run.latencies.add(micros, count);
        }
    run.p50 = exact_quantile(exact, 500);
    run.p99 = exact_quantile(exact, 990);
    for (const kafka::Guarantee& guarantee : outcome.guarantees)
        if (guarantee.state == kafka::GuaranteeState::violated) run.violated.push_back(guarantee.name);
    return run;
}

void Comparison::add(const std::vector<RunFigures>& of_one_seed) {
    for (std::size_t i = 0; i < presets.size(); ++i) {
        add_run(presets[i], of_one_seed[i]);
        if (i > 0) add_difference(presets[i], of_one_seed[i], of_one_seed[0]);
    }
}

bool Comparison::has_violation() const {
    for (const PresetFigures& preset : presets)
        if (!preset.violations.empty()) return true;
    return false;
}

} // namespace highwater
