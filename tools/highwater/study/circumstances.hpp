#pragma once
// What a scenario puts its cluster through, in words: numbers mean nothing without it.

#include "models/turn/configuration.hpp"

#include <string>
#include <vector>

namespace highwater {

/// A line for each slow link, each fault of the script and each family of weather; "no faults" when there is
/// neither.
std::vector<std::string> circumstances_of(const kafka::Configuration& configuration);

} // namespace highwater
