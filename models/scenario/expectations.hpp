#pragma once
// Comparing a verdict with what a scenario expects of it.

#include "models/scenario/scenario.hpp"

namespace kafka {

/// How one expectation fared. Shape: `problem` is set when the path names nothing in the verdict.
struct ExpectationResult {
    std::string that;
    std::string wanted;
    Json got;
    bool held = false;
    std::string problem;
};

/// Whatever the verdict reports, a scenario can expect: `that` is a path of its keys with dots between them;
/// keys may contain dots themselves, the longest that fits is taken.
ExpectationResult evaluate(const Expectation& expectation, const Json& verdict);

} // namespace kafka
