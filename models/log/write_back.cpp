#include "models/log/write_back.hpp"

#include <algorithm>

namespace kafka {

void mark_for_write_back(Log& log, sim::SimTime now, sim::Duration age) {
    log.dirty.push_back({now, log.log_end_offset});
    while (log.dirty.size() > 1 && log.dirty[1].time + age <= now)
        log.dirty.erase(log.dirty.begin());
}

Offset written_back(const Log& log, sim::SimTime now, sim::Duration age) {
    Offset end{0};
    for (const DirtyMark& one : log.dirty)
        if (one.time + age <= now) end = one.end;
    return std::min(end, log.log_end_offset);
}

} // namespace kafka
