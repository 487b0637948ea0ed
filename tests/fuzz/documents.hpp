#pragma once
// Scenario files that are nearly right: valid ones, changed by key.

#include "models/scenario/source.hpp"
#include "tests/properties/chooser.hpp"

namespace fuzz {

/// Every shipped scenario, by path below the sources.
std::vector<std::pair<std::string, kafka::Json>> shipped_scenarios();

/// One to four changes somewhere in the document: a member goes, comes, gets another's value, another type,
/// or a value at the edge of what numbers, durations and names may be.
kafka::Json changed(kafka::Json document, properties::Chooser& choose);

} // namespace fuzz
