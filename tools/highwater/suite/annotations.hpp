#pragma once
// Failures as annotations that GitHub shows beside the lines of the scenario files.

#include "tools/highwater/suite/result.hpp"

namespace highwater {

/// "::error file=...,line=...,title=...::message", one line for each check that failed and each error.
/// Leaves out: GitHub shows about ten of a kind for each step; more are written all the same.
/// Source: GitHub's workflow commands; `%`, CR and LF are escaped, in properties also `:` and `,`.
std::string github_annotations(const ScenarioResult& result);

} // namespace highwater
