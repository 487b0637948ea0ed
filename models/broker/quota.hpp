#pragma once
// How much throttled replication traffic a broker has had lately.

#include "sim/core/time.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

/// Source: ReplicationQuotaManager, SimpleRate, SampledStat: samples of a second
/// (replication.quota.window.size.seconds), at most eleven (replication.quota.window.num).
/// Leaves out: other values of both settings; deletion of an idle sensor (an hour).
struct ReplicationQuota {
    struct Sample {
        sim::SimTime since;
        std::int64_t bytes = 0;
        bool operator==(const Sample&) const = default;
    };
    std::vector<Sample> samples; // in order of time
    bool operator==(const ReplicationQuota&) const = default;
};

void record(ReplicationQuota& quota, std::int64_t bytes, sim::SimTime now);
/// Whether more than `rate` bytes per second have been recorded.
bool is_exceeded(const ReplicationQuota& quota, std::int64_t rate, sim::SimTime now);

} // namespace kafka
