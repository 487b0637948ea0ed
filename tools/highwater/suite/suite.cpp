#include "tools/highwater/suite/suite.hpp"

#include "tools/highwater/files.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/study/in_order.hpp"
#include "tools/highwater/suite/golden.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fnmatch.h>

namespace highwater {

namespace {

/// A scenario that waits for its runs; without `scenario` it cannot be run.
struct Planned {
    std::optional<kafka::Scenario> scenario;
    CaseOptions first; // of the first seed, which is compared with the golden trace
    CaseOptions others;
    ScenarioResult result;
};

constexpr std::uint64_t most_seeds = 10000000;

std::string stem(const std::string& file) { return std::filesystem::path(file).stem().generic_string(); }

void plan_golden(Planned& planned, const FoundFile& found, const SuiteOptions& options) {
    if (found.file == "-" || !options.overrides.empty()) return; // with -X it is another scenario
    std::string golden;
    const bool exists = read_text(golden_file(found.file), golden);
    if (!options.update && exists) planned.first.golden = std::move(golden);
    // A new golden trace is made for a file that was named, not for whatever lies in a folder.
    planned.first.tells_golden = options.update && (exists || found.named);
}

Planned plan(const FoundFile& found, const SuiteOptions& options, const kafka::SettingTables& tables) {
    Planned planned;
    planned.result.file = found.file;
    planned.result.name = stem(found.file);
    kafka::ReadResult read = read_scenario(found.text, found.file, options.overrides, tables);
    for (const kafka::InputProblem& problem : read.problems)
        planned.result.errors.push_back(format(problem));
    planned.result.problems = std::move(read.problems);
    if (!read.scenario) {
        planned.result.state = TestState::bad_input;
        return planned;
    }
    planned.result.name = read.scenario->name;
    planned.result.seed_first = read.scenario->seed;
    planned.result.seeds = options.seeds.value_or(static_cast<std::uint64_t>(read.scenario->seeds));
    if (planned.result.seeds > most_seeds) {
        planned.result.seeds = 0;
        planned.result.state = TestState::bad_input;
        planned.result.errors.push_back(found.file + ": more than ten million seeds");
        return planned;
    }
    for (CaseOptions* one : {&planned.first, &planned.others}) {
        one->reproduces = options.verify_determinism;
        one->changes = options.changes;
        one->disturbance = options.disturbance;
    }
    plan_golden(planned, found, options);
    planned.scenario = std::move(read.scenario);
    return planned;
}

/// Both sides of a pair are tested, unless the command line says which release it is about.
std::vector<Planned> plan_sides(const FoundFile& found, const SuiteOptions& options,
                                const kafka::SettingTables& tables) {
    std::vector<Planned> sides;
    sides.push_back(plan(found, options, tables));
    const bool chosen = std::any_of(options.overrides.begin(), options.overrides.end(),
                                    [](const kafka::Override& given) { return given.key == "release"; });
    if (chosen || !sides.front().scenario || !sides.front().scenario->pair) return sides;
    const std::string release{name(sides.front().scenario->pair->fixed)};
    SuiteOptions other = options;
    other.overrides.push_back({"release", release});
    other.changes.insert(other.changes.end(), {"-X", "release=" + release});
    sides.push_back(plan(found, other, tables));
    sides.back().result.name += " under " + release;
    sides.back().result.release = release;
    return sides;
}

void worsen(TestState& state, TestState other) { state = std::max(state, other); }

/// The command that shows this failure once more.
std::string repeat_of(const ScenarioResult& result, const RunResult& run, const Check& check) {
    if (check.kind == Check::Kind::golden) return "highwater test " + quoted(result.file);
    if (check.kind == Check::Kind::determinism)
        return fmt::format("highwater test {} --seeds {} --verify-determinism", quoted(result.file),
                           run.seed - result.seed_first + 1);
    return run.repeat;
}

void add_check(ScenarioResult& result, const RunResult& run, std::size_t number, const Check& check) {
    if (result.checks.size() <= number) {
        result.checks.push_back({check, {}, 0, ""});
        if (check.state != Check::State::failed) return;
    }
    CheckSummary& summary = result.checks[number];
    if (check.state == Check::State::failed) {
        if (summary.failures == 0) {
            summary.example = check;
            summary.repeat = repeat_of(result, run, check);
        }
        summary.failures += 1;
        if (summary.failed_seeds.size() < 10) summary.failed_seeds.push_back(run.seed);
    } else if (summary.failures == 0 && check.state == Check::State::allowed) {
        summary.example = check; // under one seed at least
    }
}

/// The number that a check has in its scenario: golden and determinism do not come with every run.
std::size_t number_of(const ScenarioResult& result, const std::vector<Check>& checks, std::size_t i) {
    const Check::Kind kind = checks[i].kind;
    if (kind == Check::Kind::expectation || kind == Check::Kind::guarantee) return i;
    for (std::size_t at = 0; at < result.checks.size(); ++at)
        if (result.checks[at].example.kind == kind) return at;
    return result.checks.size();
}

void add_run(Planned& planned, RunResult& run) {
    ScenarioResult& result = planned.result;
    result.took += run.took;
    bool passed = run.bug.empty() && run.bad_input.empty();
    if (!run.bug.empty()) {
        worsen(result.state, TestState::bug);
        result.errors.push_back("a bug in the simulator: " + run.bug);
    }
    if (!run.bad_input.empty() && result.state != TestState::bad_input) { // the same under every seed
        worsen(result.state, TestState::bad_input);
        result.errors.push_back(result.file + ": " + run.bad_input);
    }
    for (std::size_t i = 0; i < run.checks.size() && run.bad_input.empty(); ++i) {
        const Check& check = run.checks[i];
        add_check(result, run, number_of(result, run.checks, i), check);
        if (check.state != Check::State::failed) continue;
        passed = false;
        worsen(result.state,
               check.kind == Check::Kind::determinism ? TestState::not_reproducible : TestState::failed);
    }
    result.runs.push_back({run.seed, run.fingerprint, run.events, passed});
    if (!planned.first.tells_golden || run.seed != result.seed_first || !run.bug.empty()) return;
    const std::string file = golden_file(result.file);
    std::string before;
    if (read_text(file, before) && before == run.golden) return;
    if (write_text(file, run.golden)) {
        result.golden_written = file;
        return;
    }
    worsen(result.state, TestState::bad_input);
    result.errors.push_back(file + ": cannot be written");
}

} // namespace

bool matches(const std::string& filter, const std::string& name, const std::string& file) {
    if (filter.empty()) return true;
    if (filter.find_first_of("*?[") == std::string::npos)
        return name.find(filter) != std::string::npos || file.find(filter) != std::string::npos;
    return fnmatch(filter.c_str(), name.c_str(), 0) == 0 || fnmatch(filter.c_str(), file.c_str(), 0) == 0;
}

SuiteResult run_suite(const Findings& findings, const SuiteOptions& options, const SuiteListener& listener) {
    const kafka::SettingTables tables;
    std::vector<Planned> all;
    for (const FoundFile& found : findings.files) {
        for (Planned& planned : plan_sides(found, options, tables))
            if (matches(options.filter, planned.result.name, found.file)) all.push_back(std::move(planned));
    }
    SuiteResult suite;
    suite.passed_over = findings.passed_over;
    std::vector<std::uint64_t> starts; // number of the first run of each scenario
    std::uint64_t runs = 0;
    for (const Planned& planned : all) {
        starts.push_back(runs);
        if (planned.scenario) runs += planned.result.seeds;
    }
    std::size_t next = 0; // the first that is not told yet
    const auto tell_until = [&](std::size_t end) {
        for (; next < end; ++next) {
            suite.scenarios.push_back(std::move(all[next].result));
            if (listener.finished) listener.finished(suite.scenarios.back());
        }
    };
    const auto scenario_of = [&](std::size_t run) {
        const auto after = std::upper_bound(starts.begin(), starts.end(), run);
        return static_cast<std::size_t>(after - starts.begin()) - 1;
    };
    in_order<RunResult>(
        runs, options.threads,
        [&](std::size_t run) {
            const Planned& planned = all[scenario_of(run)];
            const std::uint64_t number = run - starts[scenario_of(run)];
            return run_case(*planned.scenario, planned.result.seed_first + number,
                            number == 0 ? planned.first : planned.others);
        },
        [&](std::size_t run, RunResult& result) {
            const std::size_t at = scenario_of(run);
            tell_until(at);
            add_run(all[at], result);
            if (run + 1 == starts[at] + all[at].result.seeds) tell_until(at + 1);
            if (listener.progress) listener.progress(run + 1, runs);
        });
    tell_until(all.size());
    return suite;
}

int exit_code_of(const SuiteResult& result) {
    TestState worst = TestState::passed;
    for (const ScenarioResult& one : result.scenarios)
        worsen(worst, one.state);
    switch (worst) {
    case TestState::passed:
        return 0;
    case TestState::failed:
        return 1;
    case TestState::not_reproducible:
        return 4;
    case TestState::bad_input:
        return 2;
    case TestState::bug:
        return 70;
    }
    return 70;
}

} // namespace highwater
