#include "tools/highwater/verdict/operations.hpp"

#include "tools/highwater/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace highwater {

using kafka::Json;

namespace {

Json time_or_null(const std::optional<sim::SimTime>& time) {
    return time ? Json(time->micros) : Json(nullptr);
}

Json ids_of(const kafka::Configuration& configuration, const kafka::Assignment& replicas) {
    Json ids = Json::array();
    for (const kafka::BrokerSlot slot : replicas)
        ids.push_back(broker_id(configuration, slot));
    return ids;
}

Json steps_of(const Outcome& outcome, const kafka::Operations::Summary& one) {
    Json steps = Json::array();
    for (const kafka::Operations::Step& step : one.steps)
        steps.push_back({{"target", process_name(*outcome.configuration, step.target)},
                         {"stopped_us", step.stopped.micros},
                         {"started_us", time_or_null(step.started)},
                         {"back_us", time_or_null(step.back)}});
    return steps;
}

/// Of a reassignment: the partitions that it has not moved.
Json unfinished_of(const Outcome& outcome, const kafka::Fault& fault) {
    Json names = Json::array();
    for (const auto& [partition, target] : fault.reassigned)
        if (kafka::is_reassigning(outcome.decided[static_cast<std::size_t>(partition.value)]))
            names.push_back(outcome.configuration->partition(partition).name);
    return names;
}

std::string seconds(std::int64_t micros) {
    return fmt::format("{}.{:03} s", micros / 1000000, micros % 1000000 / 1000);
}

} // namespace

bool deletes_topics(const kafka::Configuration& configuration) {
    return std::any_of(
        configuration.faults.begin(), configuration.faults.end(),
        [](const kafka::Fault& fault) { return fault.kind == kafka::FaultKind::delete_topic; });
}

Json operations_of(const Outcome& outcome) {
    Json all = Json::object();
    for (const kafka::Operations::Summary& one : outcome.ledger.operations.all) {
        const kafka::Fault& fault = outcome.configuration->faults[static_cast<std::size_t>(one.fault)];
        Json body = {{"do", kafka::word_of(fault.kind)},
                     {"state", kafka::word_of(one.state)},
                     {"began_us", one.began.micros},
                     {"ended_us", time_or_null(one.ended)},
                     {"took_us", one.ended ? Json((*one.ended - one.began).micros) : Json(nullptr)}};
        if (fault.kind == kafka::FaultKind::roll || !one.steps.empty()) {
            body["restarted"] = one.steps.size();
            body["steps"] = steps_of(outcome, one);
        }
        if (fault.kind == kafka::FaultKind::reassign) body["unfinished"] = unfinished_of(outcome, fault);
        all[fault.name] = std::move(body);
    }
    return all;
}

void add_replicas(Json& partition, const Outcome& outcome, std::size_t index) {
    const kafka::Configuration& configuration = *outcome.configuration;
    const kafka::PartitionState& state = outcome.decided[index];
    partition["replicas"] = ids_of(configuration, kafka::replicas_of(state, configuration.partitions[index]));
    if (kafka::is_reassigning(state)) {
        partition["adding"] = broker_ids(configuration, state.adding);
        partition["removing"] = broker_ids(configuration, state.removing);
    }
    if (state.deleted) partition["deleted"] = true;
}

std::string step_text(const Json& fault) {
    const std::string step = fault["step"].get<std::string>();
    const std::string what = fault["do"].get<std::string>();
    const std::string target = fault["target"].get<std::string>();
    if (step == "stopping") return what + ": stop " + target;
    if (step == "starting") return what + ": start " + target;
    if (step == "back") return what + ": " + target + " is back";
    if (step == "gave_up") return what + ": given up";
    return what + ": " + step;
}

std::string operations_text(const Json& verdict) {
    if (!verdict.contains("operations")) return "";
    std::string out;
    for (const auto& [name, one] : verdict["operations"].items()) {
        const std::string state = one["state"].get<std::string>();
        std::string line = fmt::format("    {} ({}): ", name, one["do"].get<std::string>());
        if (state == "under_way")
            line +=
                fmt::format("not over at the end, after {}", seconds(verdict["end_us"].get<std::int64_t>() -
                                                                     one["began_us"].get<std::int64_t>()));
        else if (state == "over")
            line += fmt::format("over after {}", seconds(one["took_us"].get<std::int64_t>()));
        else if (state == "gave_up")
            line += fmt::format("given up after {}", seconds(one["took_us"].get<std::int64_t>()));
        else
            line += state;
        if (one.contains("restarted")) line += fmt::format(", {} restarted", one["restarted"].get<int>());
        if (one.contains("unfinished"))
            for (const Json& partition : one["unfinished"])
                line += ", unfinished: " + partition.get<std::string>();
        out += line + "\n";
    }
    return out.empty() ? "" : "\n  operations\n" + out;
}

} // namespace highwater
