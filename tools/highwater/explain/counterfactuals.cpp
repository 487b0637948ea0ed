#include "tools/highwater/explain/counterfactuals.hpp"

#include "tools/highwater/explain/price_and_fates.hpp"
#include "tools/highwater/study/in_order.hpp"

#include <algorithm>

namespace highwater {

Rescue rescue_of(const Fate& fate, Mishap mishap, std::int64_t others) {
    if (!fate.sent) return Rescue::never_sent;
    if (fate.has(mishap)) return Rescue::not_saved;
    if (fate.worst() != Mishap::none) return Rescue::otherwise;
    if (fate.acknowledged && !fate.has_leader) return Rescue::undecided;
    if (fate.acknowledged) return others == 0 ? Rescue::saved : Rescue::spared;
    return fate.failed ? Rescue::told : Rescue::undecided;
}

std::string text_with_drawn_faults(const std::string& text, const kafka::Json& drawn) {
    kafka::Json scenario = kafka::Json::parse(text, nullptr, true, true);
    if (!scenario.contains("weather")) return text;
    scenario.erase("weather");
    kafka::Json faults = scenario.contains("faults") ? scenario["faults"] : kafka::Json::array();
    for (const kafka::Json& fault : drawn)
        faults.push_back(fault);
    scenario["faults"] = faults;
    return scenario.dump(1);
}

namespace {

/// Ids of the scenario's brokers, in its order. Source: models/scenario/cluster.cpp: three where it does not
/// say.
std::vector<kafka::Json> broker_ids_of(const kafka::Json& scenario) {
    std::vector<kafka::Json> ids;
    if (scenario.contains("brokers") && scenario["brokers"].is_array()) {
        for (const kafka::Json& broker : scenario["brokers"])
            if (broker.contains("id")) ids.push_back(broker["id"]);
        return ids;
    }
    const int count =
        scenario.contains("brokers") && scenario["brokers"].is_number() ? scenario["brokers"].get<int>() : 3;
    for (int id = 1; id <= count; ++id)
        ids.emplace_back(id);
    return ids;
}

/// An assignment has its own number of replicas: it gets more of them, behind those that it has.
bool lengthen_assignments(kafka::Json& scenario, std::size_t factor) {
    bool changed = false;
    if (!scenario.contains("topics")) return false;
    const std::vector<kafka::Json> ids = broker_ids_of(scenario);
    for (kafka::Json& topic : scenario["topics"]) {
        if (!topic.contains("assignment")) continue;
        for (kafka::Json& replicas : topic["assignment"])
            for (const kafka::Json& id : ids) {
                if (replicas.size() >= factor ||
                    std::find(replicas.begin(), replicas.end(), id) != replicas.end())
                    continue;
                replicas.push_back(id);
                changed = true;
            }
    }
    return changed;
}

bool change_set_faults(kafka::Json& scenario, const Change& change) {
    bool changed = false;
    if (!scenario.contains("faults")) return false;
    for (kafka::Json& fault : scenario["faults"]) {
        if (!fault.contains("do") || fault["do"] != "set" || !fault.contains("config")) continue;
        if (!fault["config"].contains(change.key)) continue;
        fault["config"][change.key] = change.value;
        changed = true;
    }
    return changed;
}

} // namespace

std::string text_with_changes(const std::string& text, const std::vector<Change>& changes) {
    kafka::Json scenario = kafka::Json::parse(text, nullptr, true, true);
    bool changed = false;
    for (const Change& change : changes) {
        changed = change_set_faults(scenario, change) || changed;
        if (change.key == "replication.factor")
            changed =
                lengthen_assignments(scenario, static_cast<std::size_t>(std::stoi(change.value))) || changed;
    }
    return changed ? scenario.dump(1) : text;
}

std::optional<Counterfactual> run_under(const Question& question, const std::vector<Change>& changes,
                                        const kafka::SettingTables& tables) {
    std::vector<kafka::Override> overrides;
    for (const Change& change : changes)
        overrides.push_back({change.key, change.value});
    overrides.insert(overrides.end(), question.overrides.begin(), question.overrides.end());
    const kafka::ReadResult read = read_scenario(text_with_changes(question.text, changes), question.file,
                                                 overrides, tables, question.preset);
    if (!read.scenario) return std::nullopt;
    const kafka::Configuration& configuration = *read.scenario->configuration;
    PriceAndFates both(configuration);
    Watch watch;
    watch.other = &both;
    const Outcome outcome = run_once(*read.scenario, question.seed, question.file, watch);
    Counterfactual result;
    result.changes = changes;
    result.figures = figures_of(outcome, both.costs);
    result.fingerprint = outcome.fingerprint;
    const kafka::ProducerIndex producer = configuration.stream(question.record.stream).producer;
    const auto record = both.fates.at_ordinal(producer, question.ordinal);
    if (record) result.fate = both.fates.of(*record);
    result.rescue = rescue_of(result.fate, question.mishap, both.fates.count(question.mishap));
    return result;
}

namespace {

/// Runs each list of changes; keeps the order, and counts what has no effect or cannot be.
std::vector<Counterfactual> run_all(const Question& question, const std::vector<std::vector<Change>>& lists,
                                    const kafka::SettingTables& tables, Counterfactuals& all) {
    std::vector<Counterfactual> kept;
    in_order<std::optional<Counterfactual>>(
        lists.size(), question.threads, [&](std::size_t i) { return run_under(question, lists[i], tables); },
        [&](std::size_t, std::optional<Counterfactual>& result) {
            if (!result)
                all.impossible += 1;
            else if (result->fingerprint == question.fingerprint && result->rescue == Rescue::not_saved)
                all.without_effect += 1;
            else
                kept.push_back(std::move(*result));
        });
    return kept;
}

} // namespace

Counterfactuals counterfactuals_of(const Question& question, const kafka::Configuration& configuration,
                                   const kafka::SettingTables& tables) {
    Counterfactuals all;
    const std::vector<Change> changes = changes_for(configuration);
    std::vector<std::vector<Change>> lists;
    for (const Change& change : changes)
        lists.push_back({change});
    all.singles = run_all(question, lists, tables, all);
    const auto saves = [](const Counterfactual& one) { return one.rescue == Rescue::saved; };
    if (std::any_of(all.singles.begin(), all.singles.end(), saves)) return all;
    lists.clear();
    for (std::size_t a = 0; a < changes.size(); ++a)
        for (std::size_t b = a + 1; b < changes.size(); ++b)
            if (changes[a].key != changes[b].key) lists.push_back({changes[a], changes[b]});
    Counterfactuals of_pairs; // its counts would hide those of the single changes
    all.pairs = run_all(question, lists, tables, of_pairs);
    return all;
}

} // namespace highwater
