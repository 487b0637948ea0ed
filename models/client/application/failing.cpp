#include "models/client/application/failing.hpp"

#include "sim/choices/choices.hpp"

#include <algorithm>

namespace kafka {

bool attempt_fails(const FailingRecords& which, Value value, std::int32_t failed, sim::SimTime now,
                   std::uint64_t bits) {
    const bool down = std::any_of(which.down.begin(), which.down.end(), [&](const Outage& outage) {
        return outage.from <= now && now < outage.until;
    });
    if (down) return true;
    const bool counted = which.every > 0 && (value.value + 1) % which.every == 0;
    const bool drawn = which.share.num > 0 && sim::happens(bits, which.share);
    return (counted || drawn) && (which.attempts == 0 || failed < which.attempts);
}

FailureReaction reaction_to(const FailurePolicy& policy, std::int32_t failed) {
    const bool retries =
        policy.reaction == FailureReaction::block || policy.reaction == FailureReaction::pause_and_retry;
    const bool used_up = retries && policy.retries >= 0 && failed > policy.retries;
    return used_up ? policy.then : policy.reaction;
}

std::vector<PolledRecords> take_rest(std::vector<PolledRecords>& batch, std::size_t at, std::int32_t record) {
    const PartitionIndex partition = batch[at].partition;
    PolledRecords rest = batch[at];
    rest.base_offset = next(rest.base_offset, record);
    rest.first = next(rest.first, record);
    rest.count -= record;
    std::vector<PolledRecords> taken{rest};
    batch[at].count = record;
    std::vector<PolledRecords> left(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(at));
    if (record > 0) left.push_back(batch[at]);
    for (std::size_t i = at + 1; i < batch.size(); ++i)
        (batch[i].partition == partition ? taken : left).push_back(batch[i]);
    batch = std::move(left);
    return taken;
}

} // namespace kafka
