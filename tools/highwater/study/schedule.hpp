#pragma once
// The faults that a seed drew from a scenario's weather, to be read and to be used again.

#include "models/scenario/scenario.hpp"

#include <string>

namespace highwater {

/// The drawn faults as a list that stands in a scenario's "faults": the same faults at the same times without
/// weather.
kafka::Json drawn_faults(const kafka::Scenario& scenario, std::uint64_t seed);
/// The scenario with all that `seed` decides about its faults written down: weather, times within ranges,
/// "any broker". `source` is the file that it was read from. Run without another seed it makes the same run,
/// to the byte; its name stays, whatever the file is called.
kafka::Json drawn_scenario(const kafka::Json& source, const kafka::Scenario& scenario, std::uint64_t seed);
/// The same as lines to read; says so when nothing was drawn.
std::string schedule_text(const kafka::Json& faults, std::uint64_t seed);

} // namespace highwater
