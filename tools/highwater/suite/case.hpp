#pragma once
// One scenario under one seed, and everything that it has to show.

#include "tools/highwater/suite/reproducing.hpp"
#include "tools/highwater/suite/result.hpp"

namespace highwater {

/// What to look at besides expectations and guarantees.
struct CaseOptions {
    std::optional<std::string> golden; // text of the golden trace to compare with
    bool tells_golden = false;         // return the golden trace of now
    bool reproduces = false;           // --verify-determinism
    std::vector<std::string> changes;  // options that made it another scenario, for the command that repeats
    Disturbance disturbance;           // for tests
};

/// Runs it. An assertion of the simulator becomes `bug`; nothing is written anywhere.
RunResult run_case(const kafka::Scenario& scenario, std::uint64_t seed, const CaseOptions& options);

} // namespace highwater
