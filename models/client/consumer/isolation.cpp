#include "models/client/consumer/isolation.hpp"

#include <algorithm>

namespace kafka {

std::vector<bool> passed_over(const FetchAnswer::Entry& entry, const FetchAnswer& answer,
                              IsolationLevel isolation) {
    std::vector<bool> hidden(entry.batch_count, false);
    std::vector<ProducerId> aborted; // those whose open transaction is aborted
    std::uint32_t next_aborted = 0;
    for (std::uint32_t i = 0; i < entry.batch_count; ++i) {
        const Batch& batch = answer.batches[entry.batch_first + i];
        while (isolation == IsolationLevel::read_committed && next_aborted < entry.aborted_count) {
            const AbortedTransaction& one = answer.aborted[entry.aborted_first + next_aborted];
            if (one.first_offset >= end_offset(batch)) break;
            aborted.push_back(one.producer_id);
            next_aborted += 1;
        }
        if (is_control(batch)) {
            hidden[i] = true;
            if (batch.control == ControlType::abort) std::erase(aborted, batch.producer_id);
        } else if (!has_records(batch)) {
            hidden[i] = true;
        } else if (batch.is_transactional) {
            hidden[i] = std::find(aborted.begin(), aborted.end(), batch.producer_id) != aborted.end();
        }
    }
    return hidden;
}

} // namespace kafka
