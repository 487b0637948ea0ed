#pragma once
// What must hold in every generated case, and how one is run.

#include "models/dialect/dialect.hpp"
#include "tests/properties/generator.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <functional>

namespace properties {

/// A scenario that was read, and kept alive beside its outcome.
struct Ran {
    std::optional<kafka::Scenario> scenario;
    std::optional<highwater::Outcome> outcome;
    std::vector<std::string> broken; // laws that did not hold; first what the reader or an assertion said
};

/// Runs a scenario; `change` may edit the configuration that was read.
Ran run_case(const kafka::Json& scenario, std::uint64_t seed, const kafka::SettingTables& tables,
             const std::function<void(kafka::Configuration&)>& change = {});

/// The laws that the outcome breaks, by name.
std::vector<std::string> broken_laws(const highwater::Outcome& outcome, bool strict);

} // namespace properties
