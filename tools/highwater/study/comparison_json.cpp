#include "tools/highwater/study/comparison.hpp"

#include <algorithm>

namespace highwater {

namespace {

using kafka::Json;

Json bounds(const Interval& interval) { return Json::array({interval.low, interval.high}); }

/// Shape: "interval", "includes_zero" and "significant" are null when there are too few runs for one.
Json difference(double estimate, const std::optional<Interval>& interval, const char* method) {
    return {{"estimate", estimate},
            {"interval", interval ? bounds(*interval) : Json(nullptr)},
            {"includes_zero", interval ? Json(interval->includes_zero()) : Json(nullptr)},
            {"significant", interval ? Json(!interval->includes_zero()) : Json(nullptr)},
            {"method", method}};
}

Json differences_of(const Comparison& comparison, const PresetFigures& preset) {
    const Differences differences = comparison.differences(preset, comparison.presets.front());
    const std::int64_t gained = differences.only_this_lost - differences.only_other_lost;
    Json all = {{"seeds_with_loss",
                 difference(static_cast<double>(gained) / static_cast<double>(differences.runs),
                            differences.lost, comparison.until_decided ? "mixture_martingale" : "mcnemar")}};
    Json& lost = all["seeds_with_loss"];
    lost["p"] = mcnemar_p(differences.only_this_lost, differences.only_other_lost);
    lost["only_this"] = differences.only_this_lost;
    lost["only_reference"] = differences.only_other_lost;
    lost["decision"] = name(comparison.decision(preset));
    for (std::size_t i = 0; i < measure_count; ++i)
        all[measure_names[i]] =
            difference(differences.measures[i].mean(), differences.measures[i].interval(), "student_t");
    for (std::size_t i = 0; i < latency_count; ++i)
        all[latency_names[i]] =
            difference(differences.latencies[i].median, differences.latencies[i].interval, "sign_test");
    return all;
}

Json quantile_or_null(const Histogram& latencies, std::int64_t thousandths) {
    const std::int64_t value = latencies.quantile(thousandths);
    return value < 0 ? Json(nullptr) : Json(value);
}

Json quantiles(const Histogram& latencies) {
    return {{"p50", quantile_or_null(latencies, 500)},
            {"p99", quantile_or_null(latencies, 990)},
            {"max", latencies.total() == 0 ? Json(nullptr) : Json(latencies.max())}};
}

Json rates(const RunFigures& total) {
    return {
        {"lost", total.measure(Measure::lost)},           {"duplicated", total.measure(Measure::duplicated)},
        {"reordered", total.measure(Measure::reordered)}, {"refused", total.measure(Measure::refused)},
        {"skipped", total.measure(Measure::skipped)},     {"reread", total.measure(Measure::reread)}};
}

Json losses(const Comparison& comparison, const PresetFigures& preset) {
    Json seeds = Json::array();
    for (const std::uint64_t seed : preset.seeds_with_loss)
        seeds.push_back(std::to_string(seed));
    const Interval interval =
        comparison.until_decided
            ? anytime_proportion(preset.runs_with_loss, preset.runs, comparison.alpha_each())
            : clopper_pearson(preset.runs_with_loss, preset.runs);
    return {{"count", preset.runs_with_loss},
            {"of", preset.runs},
            {"interval", bounds(interval)},
            {"clean_seeds_needed", clean_runs_needed(preset.runs_with_loss, preset.runs, comparison.bound)},
            {"first", seeds}};
}

/// The seeds of the greatest values, greatest first, of equal ones the lower seed; zeros are no bad seeds.
Json worst_seeds(const Comparison& comparison, std::vector<std::pair<double, std::uint64_t>> values) {
    constexpr std::size_t most = 5;
    std::erase_if(values, [](const auto& one) { return one.first <= 0; });
    std::stable_sort(values.begin(), values.end(),
                     [](const auto& left, const auto& right) { return left.first > right.first; });
    Json all = Json::array();
    for (std::size_t i = 0; i < std::min(most, values.size()); ++i)
        all.push_back(
            {{"seed", std::to_string(comparison.seed_first + values[i].second)}, {"value", values[i].first}});
    return all;
}

Json worst_of(const Comparison& comparison, const PresetFigures& preset) {
    Json all = Json::object();
    const auto add = [&](const char* column, const std::function<double(const RunRow&)>& value) {
        std::vector<std::pair<double, std::uint64_t>> values;
        for (std::size_t i = 0; i < preset.rows.size(); ++i)
            values.emplace_back(value(preset.rows[i]), i);
        all[column] = worst_seeds(comparison, std::move(values));
    };
    for (std::size_t m = 0; m < measure_count; ++m)
        add(measure_names[m], [m](const RunRow& row) { return row.measures[m]; });
    for (std::size_t q = 0; q < latency_count; ++q)
        add(latency_names[q], [q](const RunRow& row) { return static_cast<double>(row.quantiles[q]); });
    return all;
}

/// The command of any seed: "{seed}" stands where it goes.
std::string repeat_of_any(const PresetFigures& preset, const RepeatCommand& repeat) {
    const std::string mark = " --seed 0";
    std::string command = repeat(preset.name, 0);
    const std::size_t at = command.find(mark);
    return at == std::string::npos ? command : command.replace(at, mark.size(), " --seed {seed}");
}

Json preset_json(const Comparison& comparison, const PresetFigures& preset, bool is_first,
                 const RepeatCommand& repeat) {
    const RunFigures& total = preset.total;
    const auto runs = static_cast<double>(preset.runs);
    Json violated = Json::object();
    for (const auto& [name, violation] : preset.violations)
        violated[name] = {{"seeds", violation.seeds}, {"first_seed", std::to_string(violation.first_seed)}};
    Json settings = Json::object();
    for (const auto& [key, value] : preset.settings)
        settings[key] = value;
    Json json{{"name", preset.name},
              {"release", preset.release},
              {"settings", settings},
              {"seeds_with_loss", losses(comparison, preset)},
              {"seeds_without_leader_at_end", preset.runs_without_leader},
              {"records",
               {{"sent", total.sent},
                {"acknowledged", total.acknowledged},
                {"failed", total.failed},
                {"unknown", total.unknown},
                {"lost", total.lost},
                {"unavailable", total.unavailable},
                {"duplicated", total.duplicated},
                {"reordered", total.reordered},
                {"skipped", total.skipped},
                {"reread", total.reread}}},
              {"per_million_sent", rates(total)},
              {"write_unavailable_us", total.measure(Measure::write_unavailable) / runs},
              {"read_unavailable_us", total.measure(Measure::read_unavailable) / runs},
              {"ack_latency_us", quantiles(total.latencies)},
              {"end_to_end_latency_us", quantiles(total.end_to_end)},
              {"replicated_bytes", total.measure(Measure::replicated_bytes) / runs},
              {"stored_bytes", total.measure(Measure::stored_bytes) / runs},
              {"violated", violated},
              {"warnings", preset.warnings},
              {"worst", worst_of(comparison, preset)},
              {"difference", is_first ? Json(nullptr) : differences_of(comparison, preset)}};
    if (repeat) json["repeat"] = repeat_of_any(preset, repeat);
    return json;
}

Json pareto(const Comparison& comparison) {
    Json beaten = Json::array();
    Json front = Json::array();
    const std::vector<Beaten> all = beaten_presets(comparison);
    for (const Beaten& one : all)
        beaten.push_back({{"preset", one.preset}, {"by", one.by}, {"worse_in", one.worse}});
    for (const PresetFigures& preset : comparison.presets)
        if (std::none_of(all.begin(), all.end(),
                         [&](const Beaten& one) { return one.preset == preset.name; }))
            front.push_back(preset.name);
    return {{"front", front}, {"beaten", beaten}};
}

} // namespace

kafka::Json json_of(const Comparison& comparison, const RepeatCommand& repeat) {
    Json presets = Json::array();
    for (std::size_t i = 0; i < comparison.presets.size(); ++i)
        presets.push_back(preset_json(comparison, comparison.presets[i], i == 0, repeat));
    return {
        {"format", "highwater.comparison/1"},
        {"scenario", comparison.scenario},
        {"circumstances", comparison.circumstances},
        {"seeds",
         {{"first", std::to_string(comparison.seed_first)}, {"last", std::to_string(comparison.seed_last)}}},
        {"confidence_percent", 95},
        {"reference", comparison.presets.front().name},
        {"bound", comparison.bound},
        {"stop", comparison.until_decided ? Json({{"rule", "mixture_martingale"},
                                                  {"error_level", 0.05},
                                                  {"error_level_each", comparison.alpha_each()}})
                                          : Json(nullptr)},
        {"conclusive", comparison.is_decided()},
        {"presets", presets},
        {"pareto", pareto(comparison)}};
}

} // namespace highwater
