#pragma once
// From what was found to what a user was promised.

#include "models/check/allowed.hpp"
#include "models/check/readings.hpp"

namespace kafka {

/// Guarantees of the run, in fixed order.
std::vector<Guarantee> judge(const Ledger& ledger, const Readings& readings, const Invariants& invariants,
                             const Configuration& configuration);

} // namespace kafka
