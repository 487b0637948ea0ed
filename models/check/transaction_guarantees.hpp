#pragma once
// What transactions promise to readers.

#include "models/check/allowed.hpp"

#include <vector>

namespace kafka {

/// Guarantees of runs with transactional ids, in fixed order; none without. Source: KIP-98, KIP-890;
/// reference/anomalies.md B1: torn-transaction, G1a, and B4.
std::vector<Guarantee> judge_transactions(const Ledger& ledger, const Configuration& configuration);

/// Whether each input record of groups that write results has exactly one.
Guarantee judge_copies(const Ledger& ledger, const Configuration& configuration);

} // namespace kafka
