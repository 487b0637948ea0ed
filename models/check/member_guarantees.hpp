#pragma once
// What members of groups were promised about polls, assignments and commits.

#include "models/check/allowed.hpp"

#include <vector>

namespace kafka {

/// Of all groups together, in fixed order. `resets_happen`: logs were cut below what was read, or positions
/// were lost, so that members begin elsewhere.
std::vector<Guarantee> judge_members(const Ledger& ledger, bool resets_happen,
                                     const Configuration& configuration);

} // namespace kafka
