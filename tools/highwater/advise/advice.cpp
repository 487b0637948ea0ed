#include "tools/highwater/advise/advice.hpp"

#include "tools/highwater/study/in_order.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>

namespace highwater {

namespace {

const kafka::Scenario& scenario_for(const Candidate& candidate, std::uint64_t seed) {
    return candidate.scenarios[static_cast<std::size_t>((seed - 1) % candidate.scenarios.size())];
}

void add_to_trial(Trial& trial, const std::vector<Requirement>& requirements, const Candidate& candidate,
                  const RunFigures& run) {
    trial.runs += 1;
    add_counts(trial.total, run);
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        if (!is_of_each_run(requirements[i].kind) ||
            meets(requirements[i], run, candidate.effects_are_idempotent))
            continue;
        if (trial.broken[i] == 0) {
            trial.broken_by[i] = run.seed;
            trial.seen[i] = seen_text(requirements[i], run);
        }
        trial.broken[i] += 1;
    }
    for (const std::string& guarantee : run.violated)
        if (std::find(trial.violated.begin(), trial.violated.end(), guarantee) == trial.violated.end())
            trial.violated.push_back(guarantee);
}

/// Runs seeds in order; with `ends_early` no further than the first that breaks a requirement.
Trial run_trial(const Candidate& candidate, const Wish& wish, std::uint64_t first, std::uint64_t count,
                bool ends_early) {
    Trial trial;
    trial.first = first;
    trial.broken.assign(wish.requirements.size(), 0);
    trial.broken_by.assign(wish.requirements.size(), 0);
    trial.seen.resize(wish.requirements.size());
    std::atomic<bool> over = false;
    in_order<RunFigures>(
        static_cast<std::size_t>(count), wish.threads,
        [&](std::size_t i) {
            return run_figures(scenario_for(candidate, first + i), first + i, candidate.name);
        },
        [&](std::size_t, RunFigures& run) {
            if (over) return;
            add_to_trial(trial, wish.requirements, candidate, run);
            const bool broken = std::any_of(trial.broken.begin(), trial.broken.end(),
                                            [](std::int64_t runs) { return runs > 0; });
            if (ends_early && broken) over = true;
        },
        [&] { return over.load() || (wish.stop && wish.stop()); });
    // What is asked of all records is known when all of them were seen.
    for (std::size_t i = 0; i < wish.requirements.size(); ++i) {
        const Requirement& requirement = wish.requirements[i];
        if (is_of_each_run(requirement.kind) || meets(requirement, trial.total, true)) continue;
        if (over) continue;
        trial.broken[i] = trial.runs;
        trial.broken_by[i] = first;
        trial.seen[i] = seen_text(requirement, trial.total);
    }
    return trial;
}

bool stopped(const Wish& wish) { return wish.stop && wish.stop(); }

/// The scenario as it is beside the answer, over the same seeds.
Comparison prices(const Candidate& own, const Candidate& answer, const Wish& wish, std::uint64_t first) {
    Comparison comparison;
    comparison.scenario = answer.scenarios.front().name;
    comparison.seed_first = first;
    comparison.seed_last = first + wish.verify - 1;
    for (const Candidate* candidate : {&own, &answer}) {
        PresetFigures figures;
        figures.name = candidate->name;
        figures.release = std::string(name(candidate->scenarios.front().configuration->release));
        comparison.presets.push_back(std::move(figures));
    }
    in_order<std::vector<RunFigures>>(
        static_cast<std::size_t>(wish.verify), wish.threads,
        [&](std::size_t i) {
            const std::uint64_t seed = first + i;
            return std::vector<RunFigures>{run_figures(scenario_for(own, seed), seed, own.name),
                                           run_figures(scenario_for(answer, seed), seed, answer.name)};
        },
        [&](std::size_t, std::vector<RunFigures>& runs) { comparison.add(runs); }, wish.stop);
    return comparison;
}

/// Which requirement keeps everybody out. Every candidate runs all seeds of the search once more, because
/// the search stopped at the first seed that broke anything.
void find_what_is_in_the_way(Advice& advice, const std::vector<Candidate>& candidates, const Wish& wish) {
    const std::size_t count = wish.requirements.size();
    std::vector<bool> met(count, false);
    std::vector<std::ptrdiff_t> without(count, -1);
    for (std::size_t c = 0; c < candidates.size() && !stopped(wish); ++c) {
        if (wish.progress)
            wish.progress(fmt::format("what is in the way: {} of {}", c + 1, candidates.size()));
        const Trial trial = run_trial(candidates[c], wish, 1, wish.search, false);
        std::vector<std::size_t> broken;
        for (std::size_t i = 0; i < count; ++i) {
            if (trial.broken[i] > 0) broken.push_back(i);
            met[i] = met[i] || trial.broken[i] == 0;
        }
        if (broken.size() == 1 && without[broken.front()] < 0)
            without[broken.front()] = static_cast<std::ptrdiff_t>(c);
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (met[i] && without[i] >= 0)
            advice.in_the_way.emplace_back(i, static_cast<std::size_t>(without[i]));
        if (!met[i]) advice.never_met.push_back(i);
    }
}

} // namespace

bool Trial::fine(const std::vector<Requirement>& requirements, bool effects_are_idempotent) const {
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        if (broken[i] > 0) return false;
        if (!is_of_each_run(requirements[i].kind) && !meets(requirements[i], total, effects_are_idempotent))
            return false;
    }
    return violated.empty();
}

Advice advise(const std::vector<Candidate>& candidates, const Wish& wish) {
    Advice advice;
    std::uint64_t fresh = wish.search + 1;
    for (std::size_t c = 0; c < candidates.size(); ++c) {
        const Candidate& candidate = candidates[c];
        if (wish.progress)
            wish.progress(fmt::format("{} of {}: {}", c + 1, candidates.size(), candidate.name));
        Trial search = run_trial(candidate, wish, 1, wish.search, true);
        if (stopped(wish)) break;
        if (!search.fine(wish.requirements, candidate.effects_are_idempotent)) {
            advice.tried.push_back({c, false, std::move(search)});
            continue;
        }
        Trial verification = run_trial(candidate, wish, fresh, wish.verify, true);
        if (stopped(wish)) break;
        const std::uint64_t first = fresh;
        fresh += wish.verify;
        if (!verification.fine(wish.requirements, candidate.effects_are_idempotent)) {
            advice.tried.push_back({c, true, std::move(verification)});
            continue;
        }
        advice.found = true;
        advice.candidate = c;
        advice.verification = std::move(verification);
        const auto own = std::find_if(candidates.begin(), candidates.end(), [](const Candidate& one) {
            return one.preset == nullptr && one.changes.empty();
        });
        if (wish.progress) wish.progress("what it costs");
        if (own != candidates.end()) advice.comparison = prices(*own, candidate, wish, first);
        return advice;
    }
    advice.interrupted = stopped(wish);
    if (!advice.interrupted) find_what_is_in_the_way(advice, candidates, wish);
    return advice;
}

} // namespace highwater
