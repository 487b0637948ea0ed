#pragma once
// All scenarios over all their seeds.

#include "tools/highwater/suite/case.hpp"

#include <cstddef>
#include <functional>

namespace highwater {

struct SuiteOptions {
    std::string filter;                 // empty = all
    std::optional<std::uint64_t> seeds; // instead of what the files say
    std::size_t threads = 1;
    bool update = false;             // write golden traces
    bool verify_determinism = false; // run each again, with and without observers
    std::vector<kafka::Override> overrides;
    std::vector<std::string> changes; // the options that gave them, as typed
    Disturbance disturbance;          // for tests
};

/// What to tell while it goes on; both on the calling thread, scenarios in order.
struct SuiteListener {
    std::function<void(const ScenarioResult&)> finished;
    std::function<void(std::size_t done, std::size_t total)> progress;
};

/// Whether a scenario is meant by --filter: a glob when it has one of * ? [, else a part of the name or path.
bool matches(const std::string& filter, const std::string& name, const std::string& file);

/// Reads, runs, compares. A scenario that cannot be read is a result of its own.
SuiteResult run_suite(const Findings& findings, const SuiteOptions& options, const SuiteListener& listener);

/// The worst of all: a bug, then bad input, then a run that does not repeat, then a failure (interface.md).
int exit_code_of(const SuiteResult& result);

} // namespace highwater
