#include "tools/highwater/advise/requirements.hpp"

#include "models/scenario/fields.hpp"
#include "tools/highwater/study/words.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

struct Known {
    const char* word;
    RequirementKind kind;
    bool has_limit;
};
constexpr Known known_requirements[] = {
    {"no-loss", RequirementKind::no_loss, false},
    {"no-duplicates", RequirementKind::no_duplicates, false},
    {"in-order", RequirementKind::in_order, false},
    {"no-refusals", RequirementKind::no_refusals, false},
    {"max-unavailable", RequirementKind::max_unavailable, true},
    {"p50", RequirementKind::p50, true},
    {"p99", RequirementKind::p99, true},
    {"end-to-end-p99", RequirementKind::end_to_end_p99, true},
};

std::string all_words() {
    std::string words;
    for (const Known& known : known_requirements)
        words += std::string(words.empty() ? "" : ", ") + known.word + (known.has_limit ? "=TIME" : "");
    return words;
}

std::string read_one(const std::string& word, Requirement& requirement) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    for (const Known& known : known_requirements) {
        if (name != known.word) continue;
        requirement.kind = known.kind;
        requirement.text = word;
        if (!known.has_limit)
            return equals == std::string::npos ? "" : "\"" + word + "\": " + name + " takes no value";
        const auto limit =
            equals == std::string::npos ? std::nullopt : kafka::parse_duration(word.substr(equals + 1));
        if (!limit || limit->micros <= 0)
            return "\"" + word + "\": expected " + name + "=TIME, such as " + name + "=10s or 50ms";
        requirement.limit = *limit;
        return "";
    }
    return "\"" + word + "\": expected one of " + all_words();
}

std::int64_t quantile_of(RequirementKind kind, const RunFigures& run) {
    if (kind == RequirementKind::p50) return run.latencies.quantile(500);
    return kind == RequirementKind::p99 ? run.latencies.quantile(990) : run.end_to_end.quantile(990);
}

} // namespace

std::vector<Requirement> read_requirements(const std::vector<std::string>& words, std::string& problem) {
    std::vector<Requirement> all;
    for (const std::string& word : words) {
        Requirement requirement;
        problem = read_one(word, requirement);
        for (const Requirement& other : all)
            if (problem.empty() && other.kind == requirement.kind)
                problem = "\"" + word + "\" is asked twice";
        if (!problem.empty()) return {};
        all.push_back(std::move(requirement));
    }
    if (all.empty()) problem = "expected one of " + all_words();
    return all;
}

bool is_of_each_run(RequirementKind kind) {
    return kind != RequirementKind::p50 && kind != RequirementKind::p99 &&
           kind != RequirementKind::end_to_end_p99;
}

bool meets(const Requirement& requirement, const RunFigures& run, bool effects_are_idempotent) {
    switch (requirement.kind) {
    case RequirementKind::no_loss:
        return run.lost == 0 && run.skipped == 0 && run.unavailable == 0;
    case RequirementKind::no_duplicates:
        return run.duplicated == 0 && (effects_are_idempotent || run.processed_again == 0);
    case RequirementKind::in_order:
        return run.reordered == 0;
    case RequirementKind::no_refusals:
        return run.failed == 0;
    case RequirementKind::max_unavailable:
        return run.longest_unavailable <= requirement.limit.micros;
    case RequirementKind::p50:
    case RequirementKind::p99:
    case RequirementKind::end_to_end_p99: {
        const std::int64_t quantile = quantile_of(requirement.kind, run);
        return quantile >= 0 && quantile <= requirement.limit.micros;
    }
    }
    return false;
}

std::string seen_text(const Requirement& requirement, const RunFigures& run) {
    switch (requirement.kind) {
    case RequirementKind::no_loss:
        return fmt::format("{} lost, {} skipped{}", run.lost, run.skipped,
                           run.unavailable > 0 ? fmt::format(", {} nobody can be asked for", run.unavailable)
                                               : "");
    case RequirementKind::no_duplicates:
        return fmt::format("{} duplicated, {} processed again", run.duplicated, run.processed_again);
    case RequirementKind::in_order:
        return fmt::format("{} reordered", run.reordered);
    case RequirementKind::no_refusals:
        return fmt::format("{} refused", run.failed);
    case RequirementKind::max_unavailable:
        return "no writes for " + length_text(static_cast<double>(run.longest_unavailable));
    case RequirementKind::p50:
    case RequirementKind::p99:
    case RequirementKind::end_to_end_p99:
        return latency_text(quantile_of(requirement.kind, run));
    }
    return "";
}

} // namespace highwater
