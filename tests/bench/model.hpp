#pragma once
// Benchmarks of the whole model: a busy cluster, what watching it costs, and copies of it.

#include "tests/bench/table.hpp"

namespace bench {

/// `moment`: small inputs.
void add_models(bool moment);
void tell_models(const Figures& figures);

} // namespace bench
