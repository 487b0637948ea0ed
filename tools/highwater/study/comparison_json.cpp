#include "tools/highwater/study/comparison.hpp"

namespace highwater {

namespace {

using kafka::Json;

Json bounds(const Interval& interval) { return Json::array({interval.low, interval.high}); }

/// Shape: "interval" and "includes_zero" are null when there are too few runs for one.
Json difference(double estimate, const std::optional<Interval>& interval, const char* method) {
    return {{"estimate", estimate},
            {"interval", interval ? bounds(*interval) : Json(nullptr)},
            {"includes_zero", interval ? Json(interval->includes_zero()) : Json(nullptr)},
            {"method", method}};
}

Json of_median(std::vector<std::int64_t>& differences) {
    const MedianInterval median = sign_interval(differences);
    return difference(median.median, median.interval, "sign_test");
}

Json differences_of(PresetFigures& preset) {
    constexpr const char* names[measure_count] = {"lost_per_million",      "duplicated_per_million",
                                                  "reordered_per_million", "refused_per_million",
                                                  "write_unavailable_us",  "replicated_bytes"};
    const std::int64_t gained = preset.only_this_lost - preset.only_first_lost;
    Json all = {{"seeds_with_loss",
                 difference(static_cast<double>(gained) / static_cast<double>(preset.runs),
                            mcnemar_difference(preset.only_this_lost, preset.only_first_lost, preset.runs),
                            "mcnemar")}};
    all["seeds_with_loss"]["p"] = mcnemar_p(preset.only_this_lost, preset.only_first_lost);
    all["seeds_with_loss"]["only_this"] = preset.only_this_lost;
    all["seeds_with_loss"]["only_reference"] = preset.only_first_lost;
    for (std::size_t i = 0; i < measure_count; ++i)
        all[names[i]] =
            difference(preset.differences[i].mean(), preset.differences[i].interval(), "student_t");
    all["ack_latency_p50_us"] = of_median(preset.p50_differences);
    all["ack_latency_p99_us"] = of_median(preset.p99_differences);
    return all;
}

Json quantile_or_null(const Histogram& latencies, std::int64_t thousandths) {
    const std::int64_t value = latencies.quantile(thousandths);
    return value < 0 ? Json(nullptr) : Json(value);
}

Json per_million(const RunFigures& total) {
    return {{"lost", total.measure(Measure::lost)},
            {"duplicated", total.measure(Measure::duplicated)},
            {"reordered", total.measure(Measure::reordered)},
            {"refused", total.measure(Measure::refused)}};
}

Json preset_json(PresetFigures& preset, bool is_first) {
    const RunFigures& total = preset.total;
    const auto runs = static_cast<double>(preset.runs);
    Json lost_seeds = Json::array();
    for (const std::uint64_t seed : preset.seeds_with_loss)
        lost_seeds.push_back(std::to_string(seed));
    Json violated = Json::object();
    for (const auto& [name, violation] : preset.violations)
        violated[name] = {{"seeds", violation.seeds}, {"first_seed", std::to_string(violation.first_seed)}};
    return {{"name", preset.name},
            {"release", preset.release},
            {"seeds_with_loss",
             {{"count", preset.runs_with_loss},
              {"of", preset.runs},
              {"interval", bounds(clopper_pearson(preset.runs_with_loss, preset.runs))},
              {"first", lost_seeds}}},
            {"seeds_without_leader_at_end", preset.runs_without_leader},
            {"records",
             {{"sent", total.sent},
              {"acknowledged", total.acknowledged},
              {"failed", total.failed},
              {"unknown", total.unknown},
              {"lost", total.lost},
              {"unavailable", total.unavailable},
              {"duplicated", total.duplicated},
              {"reordered", total.reordered}}},
            {"per_million_sent", per_million(total)},
            {"write_unavailable_us", total.measure(Measure::write_unavailable) / runs},
            {"ack_latency_us",
             {{"p50", quantile_or_null(total.latencies, 500)},
              {"p99", quantile_or_null(total.latencies, 990)},
              {"max", total.latencies.total() == 0 ? Json(nullptr) : Json(total.latencies.max())}}},
            {"replicated_bytes", total.measure(Measure::replicated_bytes) / runs},
            {"violated", violated},
            {"warnings", preset.warnings},
            {"difference", is_first ? Json(nullptr) : differences_of(preset)}};
}

} // namespace

kafka::Json json_of(Comparison& comparison) {
    Json presets = Json::array();
    for (std::size_t i = 0; i < comparison.presets.size(); ++i)
        presets.push_back(preset_json(comparison.presets[i], i == 0));
    return {
        {"format", "highwater.comparison/1"},
        {"scenario", comparison.scenario},
        {"seeds",
         {{"first", std::to_string(comparison.seed_first)}, {"last", std::to_string(comparison.seed_last)}}},
        {"confidence_percent", 95},
        {"reference", comparison.presets.front().name},
        {"presets", presets}};
}

} // namespace highwater
