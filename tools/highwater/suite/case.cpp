#include "tools/highwater/suite/case.hpp"

#include "sim/core/assert.hpp"
#include "tools/highwater/names.hpp"
#include "tools/highwater/repeat.hpp"
#include "tools/highwater/suite/golden.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <fmt/format.h>

namespace highwater {

namespace {

using kafka::Json;

void add_expectations(RunResult& result, const Outcome& outcome, const Json& verdict) {
    const auto& asked = outcome.scenario.expectations;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const Json& told = verdict["expectations"][i];
        Check check{Check::Kind::expectation, Check::State::passed, asked[i].that, "", "", "", ""};
        check.pointer = asked[i].pointer;
        check.wanted = told["wanted"].get<std::string>();
        check.got = told["got"].dump();
        if (!told["held"].get<bool>()) check.state = Check::State::failed;
        result.checks.push_back(std::move(check));
    }
}

/// Which invariants were broken, how often, and how it was the first time.
std::string broken_invariants(const Outcome& outcome) {
    std::string text;
    for (const auto& [name, count] : outcome.invariants.counts()) {
        if (count == 0) continue;
        text += fmt::format("{}invariant {}: broken {} times", text.empty() ? "" : "\n", name, count);
        for (const kafka::Finding& finding : outcome.invariants.findings()) {
            if (finding.name != name) continue;
            text += fmt::format(", first at {}: {}", time_text(finding.time.micros), finding.text);
            break;
        }
    }
    return text;
}

void add_guarantees(RunResult& result, const Outcome& outcome) {
    for (const kafka::Guarantee& guarantee : outcome.guarantees) {
        Check check{Check::Kind::guarantee, Check::State::passed, guarantee.name, "", "", "", ""};
        check.wanted = "held, or allowed by the configuration";
        check.got = std::string(name(guarantee.state));
        check.because = guarantee.because;
        if (guarantee.state == kafka::GuaranteeState::allowed) check.state = Check::State::allowed;
        if (guarantee.state == kafka::GuaranteeState::not_applicable)
            check.state = Check::State::not_applicable;
        if (guarantee.state == kafka::GuaranteeState::violated) {
            check.state = Check::State::failed;
            if (guarantee.name == std::string("replication_protocol"))
                check.because = broken_invariants(outcome);
        }
        result.checks.push_back(std::move(check));
    }
}

Check determinism_check(const std::optional<NotReproduced>& found) {
    Check check{Check::Kind::determinism, Check::State::passed, "repeats", "", "", "", ""};
    if (!found) return check;
    check.state = Check::State::failed;
    check.wanted = found->difference.one;
    check.got = found->difference.other;
    check.because = fmt::format("run {}, event {} at {} ({} us) is the first that differs", found->which,
                                found->difference.event, time_text(found->difference.time.micros),
                                found->difference.time.micros);
    return check;
}

void run_into(RunResult& result, const kafka::Scenario& scenario, const CaseOptions& options) {
    Recorded first;
    Watch watch;
    const bool traced = options.golden || options.tells_golden || options.reproduces;
    if (traced) watch.trace = &first.trace;
    const Outcome outcome = run_once(scenario, result.seed, result.repeat, watch);
    std::vector<std::string> problems;
    const Json verdict = verdict_of(outcome, problems);
    for (const std::string& problem : problems)
        result.bad_input += (result.bad_input.empty() ? "" : "\n") + problem;
    result.fingerprint = outcome.fingerprint;
    result.events = outcome.events;
    add_expectations(result, outcome, verdict);
    add_guarantees(result, outcome);
    if (options.golden || options.tells_golden)
        result.golden = golden_text(first.trace, *outcome.configuration, verdict);
    if (options.golden)
        result.checks.push_back(compare_golden(golden_file(scenario.file), *options.golden, result.golden));
    if (!options.reproduces) return;
    first.state = outcome.state;
    first.events = outcome.events;
    first.end = outcome.end;
    result.checks.push_back(determinism_check(reproduce(scenario, result.seed, first, options.disturbance)));
}

} // namespace

RunResult run_case(const kafka::Scenario& scenario, std::uint64_t seed, const CaseOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    RunResult result;
    result.seed = seed;
    result.repeat = repeat_command(scenario.file, seed, options.changes);
    try {
        run_into(result, scenario, options);
    } catch (const sim::AssertionFailure& failure) {
        result.bug = failure.what();
    }
    result.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    return result;
}

} // namespace highwater
