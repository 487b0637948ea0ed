#include "tools/highwater/advise/advice.hpp"

namespace highwater {

namespace {

using kafka::Json;

Json changes_json(const Candidate& candidate) {
    Json changes = Json::object();
    for (const Change& change : candidate.changes)
        changes[change.key] = change.value;
    return changes;
}

Json candidate_json(const Candidate& candidate) {
    return {{"name", candidate.name},
            {"preset", candidate.preset == nullptr ? Json(nullptr) : Json(candidate.preset->name)},
            {"changes", changes_json(candidate)}};
}

/// How each requirement came out of a trial.
Json requirements_json(const Wish& wish, const Trial& trial) {
    Json list = Json::array();
    for (std::size_t i = 0; i < wish.requirements.size(); ++i) {
        const Requirement& requirement = wish.requirements[i];
        Json one = {{"require", requirement.text}, {"broken", trial.broken[i]}, {"of", trial.runs}};
        if (is_of_each_run(requirement.kind)) {
            const Interval interval = clopper_pearson(trial.broken[i], std::max<std::int64_t>(1, trial.runs));
            one["share_at_most"] = interval.high;
        }
        one["seen"] = trial.broken[i] > 0 ? trial.seen[i] : seen_text(requirement, trial.total);
        one["first_seed"] = trial.broken[i] > 0 ? Json(std::to_string(trial.broken_by[i])) : Json(nullptr);
        list.push_back(one);
    }
    return list;
}

} // namespace

kafka::Json json_of(const Answer& answer) {
    const Advice& advice = *answer.advice;
    const Wish& wish = *answer.wish;
    const std::vector<Candidate>& candidates = *answer.candidates;
    Json required = Json::array();
    for (const Requirement& requirement : wish.requirements)
        required.push_back(requirement.text);
    Json tried = Json::array();
    for (const Tried& one : advice.tried) {
        Json entry = candidate_json(candidates[one.candidate]);
        entry["verified"] = one.verified;
        entry["requirements"] = requirements_json(wish, one.trial);
        tried.push_back(entry);
    }
    Json in_the_way = Json::array();
    for (const auto& [requirement, candidate] : advice.in_the_way)
        in_the_way.push_back({{"require", wish.requirements[requirement].text},
                              {"without_it", candidate_json(candidates[candidate])}});
    Json never = Json::array();
    for (const std::size_t requirement : advice.never_met)
        never.push_back(wish.requirements[requirement].text);
    Json json = {
        {"format", "highwater.advice/1"},
        {"scenario", answer.scenario},
        {"circumstances", answer.circumstances},
        {"under", answer.hardship->word.empty() ? Json(nullptr) : Json(answer.hardship->word)},
        {"take_turns", answer.hardship->word.empty() ? Json::array() : Json(answer.hardship->targets)},
        {"required", required},
        {"found", advice.found},
        {"interrupted", advice.interrupted},
        {"candidates", candidates.size()},
        {"search_seeds", wish.search}};
    json["answer"] = nullptr;
    if (advice.found) {
        json["answer"] = candidate_json(candidates[advice.candidate]);
        json["answer"]["command"] = answer.command;
        json["answer"]["seeds"] = {{"first", std::to_string(advice.verification.first)},
                                   {"count", advice.verification.runs}};
        json["answer"]["requirements"] = requirements_json(wish, advice.verification);
        json["answer"]["comparison"] = json_of(advice.comparison);
    }
    json["in_the_way"] = in_the_way;
    json["never_met"] = never;
    json["dismissed"] = tried;
    return json;
}

} // namespace highwater
