#include "tools/highwater/explain/explanation.hpp"

namespace highwater {

namespace {

using kafka::Json;

Json step_json(const Step& step) {
    return {{"time_us", step.time.micros},
            {"until_us", step.until.micros},
            {"times", step.times},
            {"event", std::to_string(step.event)},
            {"kind", step.kind},
            {"what", step.what},
            {"rule", step.rule.empty() ? Json(nullptr) : Json(step.rule)},
            {"broker", step.broker < 0 ? Json(nullptr) : Json(step.broker)},
            {"offset", step.offset < 0 ? Json(nullptr) : Json(step.offset)}};
}

Json fate_json(const Fate& fate) {
    return {{"sent", fate.sent},
            {"acknowledged", fate.acknowledged},
            {"failed", fate.failed},
            {"has_leader", fate.has_leader},
            {"copies", fate.copies},
            {"skipped", fate.skipped},
            {"processed_twice", fate.processed_twice}};
}

Json micros(std::int64_t value) { return value < 0 ? Json(nullptr) : Json(value); }

/// What a run cost, and what else went wrong in it.
Json price_json(const RunFigures& run) {
    const auto quantile = [&](Latency which) {
        return micros(run.quantiles[static_cast<std::size_t>(which)]);
    };
    return {{"ack_latency_us", {{"p50", quantile(Latency::ack_p50)}, {"p99", quantile(Latency::ack_p99)}}},
            {"end_to_end_latency_us",
             {{"p50", quantile(Latency::end_to_end_p50)}, {"p99", quantile(Latency::end_to_end_p99)}}},
            {"write_unavailable_us", run.measure(Measure::write_unavailable)},
            {"read_unavailable_us", run.measure(Measure::read_unavailable)},
            {"replicated_bytes", run.replicated_bytes},
            {"records",
             {{"sent", run.sent},
              {"acknowledged", run.acknowledged},
              {"failed", run.failed},
              {"unknown", run.unknown},
              {"lost", run.lost},
              {"unavailable", run.unavailable},
              {"duplicated", run.duplicated},
              {"reordered", run.reordered},
              {"skipped", run.skipped},
              {"processed_again", run.processed_again}}}};
}

Json counterfactual_json(const Counterfactual& one) {
    Json changes = Json::object();
    for (const Change& change : one.changes)
        changes[change.key] = change.value;
    return {{"changes", changes},
            {"outcome", name(one.rescue)},
            {"fate", fate_json(one.fate)},
            {"run", price_json(one.figures)}};
}

Json list_json(const std::vector<Counterfactual>& all) {
    Json list = Json::array();
    for (const Counterfactual& one : all)
        list.push_back(counterfactual_json(one));
    return list;
}

Json point_json(const Explanation& all) {
    const TurningPoint& point = all.point;
    if (!point.found) return nullptr;
    const Step& step = all.steps[point.step];
    return {{"step", point.step},
            {"time_us", step.time.micros},
            {"event", std::to_string(step.event)},
            {"from_the_start", point.from_the_start},
            {"continuations", point.continuations},
            {"saved_at_the_step_before", point.saved_before},
            {"forks", point.forks}};
}

Json record_json(const Explanation& all) {
    Json steps = Json::array();
    for (const Step& step : all.steps)
        steps.push_back(step_json(step));
    return {{"name", all.name},
            {"partition", all.partition},
            {"mishap", name(all.mishap)},
            {"companions", all.companions},
            {"fate", fate_json(all.fate)},
            {"biography", steps}};
}

} // namespace

kafka::Json json_of(const Explanation& all) {
    Json json = {{"format", "highwater.explanation/1"},
                 {"scenario", all.scenario},
                 {"seed", std::to_string(all.seed)},
                 {"release", all.release},
                 {"repeat", all.repeat},
                 {"note", all.note.empty() ? Json(nullptr) : Json(all.note)},
                 {"record", all.found ? record_json(all) : Json(nullptr)},
                 {"point_of_no_return", point_json(all)},
                 {"layer", all.blame.layer.empty()
                               ? Json(nullptr)
                               : Json({{"name", all.blame.layer}, {"why", all.blame.why}})},
                 {"run", price_json(all.figures)}};
    json["counterfactuals"] = {{"singles", list_json(all.counterfactuals.singles)},
                               {"pairs", list_json(all.counterfactuals.pairs)},
                               {"without_effect", all.counterfactuals.without_effect},
                               {"impossible", all.counterfactuals.impossible}};
    return json;
}

} // namespace highwater
