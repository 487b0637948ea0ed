#pragma once
// What the operating system has written to the platter by itself, fsync or not.

#include "models/log/log.hpp"

namespace kafka {

/// How often the kernel's flusher wakes up. Source: Linux, vm.dirty_writeback_centisecs = 500.
inline constexpr sim::Duration write_back_interval = sim::seconds(5);

/// Notes where the log ends now; what lies below is on the platter once it is `age` old.
void mark_for_write_back(Log& log, sim::SimTime now, sim::Duration age);
/// End of what the kernel has written. Source: Linux, vm.dirty_expire_centisecs = 3000: pages are written
/// when they have been dirty for longer. Leaves out: vm.dirty_background_ratio, which writes earlier when
/// much memory is dirty.
Offset written_back(const Log& log, sim::SimTime now, sim::Duration age);

} // namespace kafka
