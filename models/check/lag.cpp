#include "models/check/lag.hpp"

#include <algorithm>

namespace kafka {

LagHistory::LagHistory(const Configuration& configuration)
    : groups(configuration.groups.size()), configuration_(configuration),
      high_watermarks_(configuration.partitions.size(), 0),
      committed_(configuration.groups.size() * configuration.partitions.size(), 0),
      reads_(configuration.groups.size() * configuration.partitions.size(), false),
      states_(configuration.groups.size()) {
    for (LagSummary& summary : groups)
        summary.width = sim::milliseconds(100);
    for (const ConsumerConfiguration& consumer : configuration.consumers)
        for (std::size_t p = 0; p < configuration.partitions.size(); ++p) {
            const bool reads = std::find(consumer.topics.begin(), consumer.topics.end(),
                                         configuration.partitions[p].topic) != consumer.topics.end();
            if (consumer.group != no_group && reads)
                reads_[static_cast<std::size_t>(consumer.group.value) * configuration.partitions.size() + p] =
                    true;
        }
}

/// Takes into account that the lag was `lag` all the time from `from` to `to`.
void LagHistory::record(LagSummary& summary, std::int64_t lag, sim::SimTime from, sim::SimTime to) {
    for (std::size_t i = 0; i < lag_thresholds.size(); ++i)
        if (lag > lag_thresholds[i]) summary.above[i] = summary.above[i] + (to - from);
    while (to.micros / summary.width.micros >= static_cast<std::int64_t>(most_points)) {
        for (std::size_t i = 0; i < (summary.series.size() + 1) / 2; ++i)
            summary.series[i] = std::max(summary.series[2 * i],
                                         2 * i + 1 < summary.series.size() ? summary.series[2 * i + 1] : 0);
        summary.series.resize((summary.series.size() + 1) / 2);
        summary.width = summary.width * 2;
    }
    const auto first = static_cast<std::size_t>(from.micros / summary.width.micros);
    const auto last = static_cast<std::size_t>(to.micros / summary.width.micros);
    if (summary.series.size() <= last) summary.series.resize(last + 1, 0);
    for (std::size_t i = first; i <= last; ++i)
        summary.series[i] = std::max(summary.series[i], lag);
}

void LagHistory::move(sim::SimTime time, std::size_t group, std::int64_t change) {
    if (change == 0) return;
    State& state = states_[group];
    record(groups[group], state.now, state.since, time);
    state.now += change;
    state.since = time;
    if (state.now <= groups[group].most) return;
    groups[group].most = state.now;
    groups[group].most_at = time;
}

void LagHistory::on(sim::SimTime time, const Fact& fact) {
    const std::size_t partitions = configuration_.partitions.size();
    if (const auto* moved = std::get_if<fact::HighWatermarkMoved>(&fact)) {
        if (!moved->as_leader) return;
        const auto p = static_cast<std::size_t>(moved->partition.value);
        const std::int64_t before = high_watermarks_[p];
        const std::int64_t after = moved->high_watermark.value;
        high_watermarks_[p] = after;
        for (std::size_t g = 0; g < groups.size(); ++g) {
            const std::int64_t committed = committed_[g * partitions + p];
            if (!reads_[g * partitions + p]) continue;
            move(time, g,
                 std::max<std::int64_t>(0, after - committed) -
                     std::max<std::int64_t>(0, before - committed));
        }
    } else if (const auto* committed = std::get_if<fact::OffsetCommitted>(&fact)) {
        if (committed->error != ErrorCode::none) return;
        const auto g = static_cast<std::size_t>(committed->group.value);
        const auto p = static_cast<std::size_t>(committed->partition.value);
        std::int64_t& known = committed_[g * partitions + p];
        const std::int64_t before = std::max<std::int64_t>(0, high_watermarks_[p] - known);
        known = committed->offset.value;
        const std::int64_t after = std::max<std::int64_t>(0, high_watermarks_[p] - known);
        if (reads_[g * partitions + p]) move(time, g, after - before);
    }
}

void LagHistory::at_end(sim::SimTime end) {
    for (std::size_t g = 0; g < groups.size(); ++g)
        record(groups[g], states_[g].now, states_[g].since, end);
}

} // namespace kafka
