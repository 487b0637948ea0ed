#pragma once
// What a test found out: about one check, one run, one scenario, all of them.

#include "models/scenario/problems.hpp"
#include "tools/highwater/suite/finding.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace highwater {

/// Something that a run has to show.
struct Check {
    enum class Kind : std::uint8_t { expectation, guarantee, golden, determinism };
    enum class State : std::uint8_t { passed, allowed, not_applicable, failed };
    Kind kind{};
    State state = State::passed;
    std::string name; // path of an expectation, name of a guarantee, file of a golden trace
    std::string wanted;
    std::string got;
    std::string because; // why a guarantee is broken; may have several lines
    std::string pointer; // of an expectation, into the scenario file
};
/// "expectation", "guarantee", "golden trace", "determinism".
const char* word(Check::Kind kind);

/// One scenario under one seed.
struct RunResult {
    std::uint64_t seed = 1;
    std::string fingerprint;
    std::uint64_t events = 0;
    std::string repeat; // the command that repeats it
    std::vector<Check> checks;
    std::string golden;    // the golden trace as it is now, when somebody asked for it
    std::string bad_input; // expectations whose path names nothing
    std::string bug;       // an assertion of the simulator
    std::chrono::microseconds took{};
};

/// The same check over all seeds. Shape: `example` is the first failure, when there is one.
struct CheckSummary {
    Check example;
    std::vector<std::uint64_t> failed_seeds; // the first ten
    std::uint64_t failures = 0;
    std::string repeat; // of the first failure
};

/// What is kept of one run.
struct RunSummary {
    std::uint64_t seed = 1;
    std::string fingerprint;
    std::uint64_t events = 0;
    bool passed = true;
};

enum class TestState : std::uint8_t { passed, failed, not_reproducible, bad_input, bug };
/// "passed", "failed", "not_reproducible", "bad_input", "bug".
const char* word(TestState state);

/// One scenario file over its seeds.
struct ScenarioResult {
    std::string file;
    std::string name;
    std::uint64_t seed_first = 1;
    std::uint64_t seeds = 0; // that were to run, from the first on
    std::vector<RunSummary> runs;
    std::vector<CheckSummary> checks;          // in the order in which the first run has them
    std::vector<std::string> errors;           // problems of the input, assertions of the simulator
    std::vector<kafka::InputProblem> problems; // those of `errors` that have a place in the file
    std::string golden_written;                // file that --update wrote
    std::string release;                       // of the fixed side of a pair; empty = as the file says
    TestState state = TestState::passed;
    std::chrono::microseconds took{};
};

/// Everything. Shape: the same for any number of threads, but for the times.
struct SuiteResult {
    std::vector<ScenarioResult> scenarios;
    std::vector<PassedOver> passed_over;
};

/// Line of a pointer of a scenario file, 0 when it has none.
int line_of(const std::string& file, const std::string& pointer);

} // namespace highwater
