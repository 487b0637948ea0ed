#pragma once
// Benchmarks of many seeds on one and two threads.

#include "tests/bench/table.hpp"

namespace bench {

void add_sweep(bool moment);
void tell_sweep(const Figures& figures);

} // namespace bench
