#include "tools/highwater/study/intervals.hpp"
#include "tools/highwater/sweep/summary.hpp"

namespace highwater {

namespace {

using kafka::Json;

Json outcome_json(const OutcomeTotal& total, const SweepSummary& summary) {
    const Interval interval = summary.done == 0 ? Interval{0, 1} : clopper_pearson(total.seeds, summary.done);
    Json worst = Json::array();
    for (const auto& [count, seed] : total.worst)
        worst.push_back(
            {{"seed", std::to_string(seed)}, {"records", count}, {"repeat", repeat_of(summary.about, seed)}});
    const auto sent = static_cast<double>(summary.total(Count::sent));
    return {{"seeds", total.seeds},
            {"of", summary.done},
            {"interval", Json::array({interval.low, interval.high})},
            {"records", total.records},
            {"per_million_sent", sent == 0 ? 0.0 : static_cast<double>(total.records) * 1e6 / sent},
            {"worst", worst}};
}

Json unheld_json(const std::map<std::string, Unheld>& all, const SweepAbout& about) {
    Json json = Json::object();
    for (const auto& [name, unheld] : all)
        json[name] = {{"seeds", unheld.seeds},
                      {"first_seed", std::to_string(unheld.first_seed)},
                      {"repeat", repeat_of(about, unheld.first_seed)}};
    return json;
}

Json quantile_json(const Histogram& seeds, std::int64_t thousandths) {
    const std::int64_t value = seeds.quantile(thousandths);
    return value < 0 ? Json(nullptr) : Json(value);
}

Json mean_json(const SweepSummary& summary, Count count) {
    const std::int64_t partitions = summary.total(Count::partitions);
    return partitions == 0
               ? Json(nullptr)
               : Json(static_cast<double>(summary.total(count)) / static_cast<double>(partitions));
}

} // namespace

Json json_of(const SweepSummary& summary) {
    Json outcomes = Json::object();
    for (std::size_t i = 0; i < outcome_kind_count; ++i)
        outcomes[count_names[static_cast<std::size_t>(outcome_kinds[i].count)]] =
            outcome_json(summary.outcomes[i], summary);
    Json totals = Json::object();
    for (const Count count : {Count::events, Count::sent, Count::acknowledged, Count::unknown,
                              Count::replicated_bytes, Count::unclean_elections})
        totals[count_names[static_cast<std::size_t>(count)]] = summary.total(count);
    return {
        {"format", "highwater.sweep/1"},
        {"scenario", summary.about.scenario},
        {"release", summary.about.release},
        {"circumstances", summary.about.circumstances},
        {"seeds",
         {{"first", std::to_string(summary.first)},
          {"last", std::to_string(summary.last)},
          {"wanted", summary.wanted},
          {"done", summary.done}}},
        {"complete", summary.complete()},
        {"digest", summary.digest},
        {"build", summary.about.build},
        {"confidence_percent", 95},
        {"totals", totals},
        {"outcomes", outcomes},
        {"write_unavailable_us", mean_json(summary, Count::write_unavailable_us)},
        {"read_unavailable_us", mean_json(summary, Count::read_unavailable_us)},
        {"ack_latency_us",
         {{"p50_of_median_seed", quantile_json(summary.ack_p50, 500)},
          {"p99_of_median_seed", quantile_json(summary.ack_p99, 500)},
          {"p99_of_worst_seed", summary.ack_p99.total() == 0 ? Json(nullptr) : Json(summary.ack_p99.max())}}},
        {"violated", unheld_json(summary.violated, summary.about)},
        {"expectations_unmet", unheld_json(summary.unmet, summary.about)}};
}

Json json_of(const SweepRow& row) {
    Json json = {{"seed", std::to_string(row.seed)}, {"fingerprint", row.fingerprint}};
    for (std::size_t i = 0; i < count_count; ++i)
        json[count_names[i]] = row.counts[i];
    json["violated"] = row.violated;
    json["expectations_unmet"] = row.unmet;
    return json;
}

} // namespace highwater
