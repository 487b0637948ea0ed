#pragma once
// The fingerprint of a run: equal fingerprints, equal runs.

#include "models/cluster/world.hpp"

#include <string>

namespace highwater {

/// 32 hexadecimal digits: the hash over all facts of the run in order, then over an outline of the final
/// world.
std::string fingerprint_of(kafka::FactHash facts, const kafka::World& final_world);

} // namespace highwater
