#include "tools/highwater/suite/json.hpp"

namespace highwater {

namespace {

using kafka::Json;

Json failure_of(const CheckSummary& summary) {
    const Check& check = summary.example;
    Json seeds = Json::array();
    for (const std::uint64_t seed : summary.failed_seeds)
        seeds.push_back(std::to_string(seed));
    Json one = {
        {"kind", word(check.kind)}, {"what", check.name}, {"wanted", check.wanted}, {"got", check.got}};
    if (!check.because.empty()) one["because"] = check.because;
    if (!check.pointer.empty()) one["pointer"] = check.pointer;
    one["failures"] = summary.failures;
    one["seeds"] = std::move(seeds);
    one["repeat"] = summary.repeat;
    return one;
}

Json scenario_of(const ScenarioResult& result) {
    Json one = {{"file", result.file},    {"scenario", result.name}, {"result", word(result.state)},
                {"seeds", result.seeds},  {"runs", Json::array()},   {"failures", Json::array()},
                {"errors", result.errors}};
    if (!result.release.empty()) one["release"] = result.release;
    for (const RunSummary& run : result.runs)
        one["runs"].push_back({{"seed", std::to_string(run.seed)},
                               {"passed", run.passed},
                               {"fingerprint", run.fingerprint},
                               {"events", std::to_string(run.events)}});
    for (const CheckSummary& summary : result.checks)
        if (summary.failures > 0) one["failures"].push_back(failure_of(summary));
    if (!result.golden_written.empty()) one["golden_written"] = result.golden_written;
    return one;
}

} // namespace

Json json_of(const SuiteResult& result) {
    Json all = {{"format", "highwater.test/1"}};
    std::map<TestState, std::size_t> counts;
    std::size_t runs = 0;
    for (const ScenarioResult& one : result.scenarios) {
        ++counts[one.state];
        runs += one.runs.size();
    }
    Json summary = {{"scenarios", result.scenarios.size()}, {"runs", runs}};
    for (const TestState state : {TestState::passed, TestState::failed, TestState::not_reproducible,
                                  TestState::bad_input, TestState::bug})
        summary[word(state)] = counts[state];
    all["summary"] = std::move(summary);
    all["scenarios"] = Json::array();
    for (const ScenarioResult& one : result.scenarios)
        all["scenarios"].push_back(scenario_of(one));
    all["passed_over"] = Json::array();
    for (const PassedOver& one : result.passed_over)
        all["passed_over"].push_back({{"file", one.file}, {"why", one.why}});
    return all;
}

} // namespace highwater
