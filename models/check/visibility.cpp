#include "models/check/visibility.hpp"

#include <algorithm>
#include <map>

namespace kafka {

std::vector<BatchFate> fates_of(const Log& log, Offset end) {
    std::vector<BatchFate> fates;
    std::map<ProducerId, std::vector<std::size_t>> open; // batches that wait for a marker
    for (std::size_t i = 0; i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        if (end_offset(batch) > end) break;
        if (is_control(batch)) {
            const bool commits = batch.control == ControlType::commit;
            for (const std::size_t at : open[batch.producer_id])
                fates[at] = commits ? BatchFate::committed : BatchFate::aborted;
            open[batch.producer_id].clear();
            fates.push_back(BatchFate::control);
        } else if (!has_records(batch)) {
            fates.push_back(BatchFate::control);
        } else if (batch.is_transactional) {
            open[batch.producer_id].push_back(i);
            fates.push_back(BatchFate::open);
        } else {
            fates.push_back(BatchFate::committed);
        }
    }
    return fates;
}

Offset readable_end(const Replica& replica, IsolationLevel isolation) {
    return isolation == IsolationLevel::read_committed
               ? last_stable_offset(replica.producers.transactions, replica.high_watermark)
               : replica.high_watermark;
}

namespace {

bool is_aborted(const LogTransactions& known, const Batch& batch) {
    return std::any_of(known.aborted.begin(), known.aborted.end(), [&](const LogTransactions::Ended& one) {
        return one.producer_id == batch.producer_id && one.first_offset <= batch.base_offset &&
               batch.base_offset < one.marker;
    });
}

} // namespace

std::int64_t visible_records(const Log& log, const Replica& replica, Offset from, Offset to,
                             IsolationLevel isolation) {
    const LogTransactions& known = replica.producers.transactions;
    if (!known.any && log.cleaning.gaps_end == Offset{0})
        return std::max<std::int64_t>(0, distance(from, to));
    std::int64_t count = 0;
    for (std::size_t i = log.batches.empty() ? 0 : batch_index(log, from); i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        if (batch.base_offset >= to) break;
        if (!has_records(batch)) continue;
        const bool hidden =
            isolation == IsolationLevel::read_committed && batch.is_transactional && is_aborted(known, batch);
        if (hidden) continue;
        count += std::max<std::int64_t>(
            0, distance(std::max(from, batch.base_offset), std::min(to, end_offset(batch))));
    }
    return count;
}

Batch served_part(Batch batch, Offset log_start) {
    const std::int64_t below =
        std::clamp<std::int64_t>(distance(batch.base_offset, log_start), 0, batch.count);
    batch.base_offset = next(batch.base_offset, below);
    batch.value_first = next(batch.value_first, below);
    batch.count -= static_cast<std::int32_t>(below);
    return batch;
}

IsolationLevel isolation_of(const ConsumerConfiguration& consumer) {
    return consumer.settings.member.isolation_level;
}

} // namespace kafka
