#include "models/log/producer_state.hpp"

#include <algorithm>

namespace kafka {

namespace {

const ProducerEntry* find(const ProducerStates& states, ProducerId id) {
    const auto at = std::lower_bound(
        states.entries.begin(), states.entries.end(), id,
        [](const ProducerEntry& entry, ProducerId wanted) { return entry.producer_id < wanted; });
    return at != states.entries.end() && at->producer_id == id ? &*at : nullptr;
}

ProducerEntry& find_or_add(ProducerStates& states, const Batch& batch) {
    auto at = std::lower_bound(
        states.entries.begin(), states.entries.end(), batch.producer_id,
        [](const ProducerEntry& entry, ProducerId wanted) { return entry.producer_id < wanted; });
    if (at == states.entries.end() || at->producer_id != batch.producer_id) {
        ProducerEntry entry;
        entry.producer_id = batch.producer_id;
        entry.producer_epoch = batch.producer_epoch;
        at = states.entries.insert(at, entry);
    }
    return *at;
}

/// Sequences wrap from the greatest integer to 0. Source: DefaultRecordBatch.incrementSequence.
std::int32_t after(std::int32_t sequence) { return sequence == 2147483647 ? 0 : sequence + 1; }

} // namespace

SequenceCheck check_sequence(const ProducerStates& states, const Batch& batch, const Dialect& dialect) {
    if (batch.producer_id == no_producer_id || !dialect.producers_carry_state) return {};
    const ProducerEntry* entry = find(states, batch.producer_id);
    if (entry == nullptr) {
        // KIP-360 (2.5): without state any sequence is accepted, the root of late duplicates.
        if (dialect.unknown_producer == UnknownProducerRule::accept_any || batch.base_sequence == 0)
            return {};
        return {ErrorCode::unknown_producer_id, false, no_offset};
    }
    if (batch.producer_epoch < entry->producer_epoch)
        return {ErrorCode::invalid_producer_epoch, false, no_offset};
    if (batch.producer_epoch > entry->producer_epoch) {
        if (batch.base_sequence == 0) return {};
        return {ErrorCode::out_of_order_sequence_number, false, no_offset};
    }
    for (std::int32_t i = 0; i < entry->cached_count; ++i) {
        const ProducerEntry::Cached& cached = entry->cached[static_cast<std::size_t>(i)];
        const bool same =
            cached.sequence_first == batch.base_sequence && cached.sequence_last == sequence_last(batch);
        if (same && dialect.broken == BrokenRule::duplicates_not_detected) return {};
        if (same) return {ErrorCode::none, true, cached.base_offset};
    }
    const std::int32_t last = entry->cached[static_cast<std::size_t>(entry->cached_count - 1)].sequence_last;
    if (batch.base_sequence == after(last) || dialect.broken == BrokenRule::sequences_not_checked) return {};
    return {ErrorCode::out_of_order_sequence_number, false, no_offset};
}

void remember(ProducerStates& states, const Batch& batch, const Dialect& dialect) {
    if (batch.producer_id == no_producer_id || !dialect.producers_carry_state) return;
    ProducerEntry& entry = find_or_add(states, batch);
    if (batch.producer_epoch > entry.producer_epoch) {
        entry.producer_epoch = batch.producer_epoch;
        entry.cached_count = 0;
    }
    if (entry.cached_count == dialect.cached_batches) {
        std::move(entry.cached.begin() + 1, entry.cached.begin() + entry.cached_count, entry.cached.begin());
        entry.cached_count -= 1;
    }
    entry.cached[static_cast<std::size_t>(entry.cached_count++)] = {batch.base_sequence, sequence_last(batch),
                                                                    batch.base_offset, batch.count};
}

ProducerStates rebuild(const Log& log, const Dialect& dialect) {
    ProducerStates states;
    for (std::size_t i = 0; i < log.batches.size(); ++i)
        remember(states, log.batches[i], dialect);
    return states;
}

void keep_last_only(ProducerStates& states) {
    for (ProducerEntry& entry : states.entries) {
        if (entry.cached_count == 0) continue;
        entry.cached[0] = entry.cached[static_cast<std::size_t>(entry.cached_count - 1)];
        entry.cached_count = 1;
        std::fill(entry.cached.begin() + 1, entry.cached.end(), ProducerEntry::Cached{});
    }
}

} // namespace kafka
