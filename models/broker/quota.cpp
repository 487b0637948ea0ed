#include "models/broker/quota.hpp"

#include <algorithm>

namespace kafka {

namespace {

constexpr sim::Duration window = sim::seconds(1);
constexpr std::int64_t most_samples = 11;

/// Samples of before the last eleven windows say nothing any more. Source: SampledStat.purgeObsoleteSamples.
bool is_obsolete(const ReplicationQuota::Sample& sample, sim::SimTime now) {
    return now - sample.since >= window * most_samples;
}

} // namespace

void record(ReplicationQuota& quota, std::int64_t bytes, sim::SimTime now) {
    std::erase_if(quota.samples, [&](const auto& sample) { return is_obsolete(sample, now); });
    const bool fresh = quota.samples.empty() || now - quota.samples.back().since >= window;
    if (fresh) quota.samples.push_back({now, 0});
    quota.samples.back().bytes += bytes;
}

/// The rate is what was recorded over the time since the oldest sample began, at least one window.
bool is_exceeded(const ReplicationQuota& quota, std::int64_t rate, sim::SimTime now) {
    std::int64_t bytes = 0;
    sim::SimTime oldest = now;
    for (const ReplicationQuota::Sample& sample : quota.samples) {
        if (is_obsolete(sample, now)) continue;
        bytes += sample.bytes;
        oldest = std::min(oldest, sample.since);
    }
    const std::int64_t millis = std::max(now - oldest, window).micros / 1000;
    return bytes * 1000 > rate * millis;
}

} // namespace kafka
