#pragma once
// Benchmarks of the event queue.

#include "tests/bench/table.hpp"

namespace bench {

/// Whether all queues give events in one order, by hash, for both kinds of work and all sizes.
bool queues_agree();
void add_queues();
void tell_queues(const Figures& figures);

} // namespace bench
