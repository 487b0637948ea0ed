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

std::int32_t last_sequence(const ProducerEntry& entry) {
    if (entry.cached_count == 0) return -1; // only a marker
    return entry.cached[static_cast<std::size_t>(entry.cached_count - 1)].sequence_last;
}

/// Source: ProducerAppendInfo.appendEndTxnMarker.
void remember_marker(ProducerStates& states, const Batch& marker) {
    ProducerEntry& entry = find_or_add(states, marker);
    if (entry.producer_epoch != marker.producer_epoch) entry.cached_count = 0;
    entry.producer_epoch = marker.producer_epoch;
    entry.coordinator_epoch = Epoch{static_cast<std::int32_t>(marker.value_first.value)};
    entry.transaction_first = no_offset;
    end_transaction(states.transactions, marker.producer_id, marker.base_offset, marker.control);
}

void forget_verification(ProducerStates& states, ProducerId id) {
    std::erase_if(states.verifications, [&](const VerificationState& one) { return one.producer_id == id; });
}

const VerificationState* verification_of(const ProducerStates& states, ProducerId id) {
    for (const VerificationState& one : states.verifications)
        if (one.producer_id == id) return &one;
    return nullptr;
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
    if (batch.producer_epoch < entry->producer_epoch) {
        if (dialect.broken == BrokenRule::old_epochs_not_fenced) return {};
        return {ErrorCode::invalid_producer_epoch, false, no_offset};
    }
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
    if (batch.base_sequence == after(last_sequence(*entry)) ||
        dialect.broken == BrokenRule::sequences_not_checked)
        return {};
    return {ErrorCode::out_of_order_sequence_number, false, no_offset};
}

SequenceCheck check_batch(const ProducerStates& states, const Batch& batch, const Dialect& dialect,
                          const TransactionCheck& check) {
    const SequenceCheck result = check_sequence(states, batch, dialect);
    if (batch.producer_id == no_producer_id || result.duplicate) return result;
    const ProducerEntry* entry = find(states, batch.producer_id);
    const bool open =
        has_open_transaction(states, batch.producer_id, epoch_asked_for(batch.producer_epoch, dialect));
    const VerificationState* verification = verification_of(states, batch.producer_id);
    const bool fenced = result.error == ErrorCode::invalid_producer_epoch;
    if (fenced && dialect.transaction.epoch_comes_before_guard) return result;
    const std::uint32_t guard = verification == nullptr ? 0 : verification->guard;
    if (batch.is_transactional && !open && check.verification_required &&
        (guard == 0 || guard != check.guard))
        return {ErrorCode::invalid_txn_state, false, no_offset};
    if (fenced) return result;
    const bool new_epoch = entry == nullptr || entry->producer_epoch != batch.producer_epoch;
    const bool too_high = verification != nullptr && batch.base_sequence > verification->lowest_sequence;
    if (too_high || (check.begins_at_zero && new_epoch && batch.base_sequence != 0))
        return {ErrorCode::out_of_order_sequence_number, false, no_offset};
    const bool any_open = has_open_transaction(states, batch.producer_id, any_epoch);
    if (result.error == ErrorCode::none && any_open && !batch.is_transactional)
        return {ErrorCode::invalid_txn_state, false, no_offset};
    return result;
}

ErrorCode check_marker(const ProducerStates& states, const Batch& marker, bool bumps_epoch) {
    const ProducerEntry* entry = find(states, marker.producer_id);
    if (entry == nullptr) return ErrorCode::none;
    const bool same = marker.producer_epoch == entry->producer_epoch;
    const bool repeated = same && entry->transaction_first == no_offset;
    const bool last = same && marker.producer_epoch == 32767; // no higher one exists
    if (marker.producer_epoch < entry->producer_epoch || (bumps_epoch && same && !repeated && !last))
        return ErrorCode::invalid_producer_epoch;
    return Epoch{static_cast<std::int32_t>(marker.value_first.value)} < entry->coordinator_epoch
               ? ErrorCode::transaction_coordinator_fenced
               : ErrorCode::none;
}

bool is_fenced(const ProducerStates& states, ProducerId producer_id, std::int16_t producer_epoch) {
    const ProducerEntry* entry = find(states, producer_id);
    return entry != nullptr && producer_epoch < entry->producer_epoch;
}

bool is_verified(const ProducerStates& states, ProducerId producer_id, std::int16_t producer_epoch,
                 std::uint32_t guard) {
    const VerificationState* verification = verification_of(states, producer_id);
    return has_open_transaction(states, producer_id, producer_epoch) ||
           (verification != nullptr && verification->guard == guard);
}

bool has_open_transaction(const ProducerStates& states, ProducerId producer_id, std::int16_t producer_epoch) {
    const ProducerEntry* entry = find(states, producer_id);
    return entry != nullptr && entry->transaction_first != no_offset &&
           (producer_epoch == any_epoch || producer_epoch == entry->producer_epoch);
}

std::uint32_t start_verification(ProducerStates& states, const Batch& batch, std::uint32_t fresh_guard,
                                 const Dialect& dialect) {
    if (has_open_transaction(states, batch.producer_id, epoch_asked_for(batch.producer_epoch, dialect)))
        return 0;
    for (VerificationState& one : states.verifications) {
        if (one.producer_id != batch.producer_id) continue;
        if (batch.producer_epoch > one.producer_epoch ||
            (batch.producer_epoch == one.producer_epoch && batch.base_sequence < one.lowest_sequence))
            one.lowest_sequence = batch.base_sequence;
        one.producer_epoch = std::max(one.producer_epoch, batch.producer_epoch);
        return one.guard;
    }
    states.verifications.push_back(
        {batch.producer_id, fresh_guard, batch.base_sequence, batch.producer_epoch});
    return fresh_guard;
}

void remember(ProducerStates& states, const Batch& batch, const Dialect& dialect) {
    if (batch.producer_id == no_producer_id || !dialect.producers_carry_state) return;
    if (batch.is_transactional) forget_verification(states, batch.producer_id);
    if (is_control(batch)) return remember_marker(states, batch);
    ProducerEntry& entry = find_or_add(states, batch);
    if (batch.is_transactional && entry.transaction_first == no_offset) {
        entry.transaction_first = batch.base_offset;
        begin_transaction(states.transactions, batch.producer_id, batch.base_offset);
    }
    if (batch.producer_epoch > entry.producer_epoch) {
        entry.producer_epoch = batch.producer_epoch;
        entry.cached_count = 0;
    }
    if (batch.base_sequence < 0) return; // offsets of a transaction have none
    if (entry.cached_count == dialect.cached_batches) {
        std::move(entry.cached.begin() + 1, entry.cached.begin() + entry.cached_count, entry.cached.begin());
        entry.cached_count -= 1;
    }
    entry.cached[static_cast<std::size_t>(entry.cached_count++)] = {batch.base_sequence, sequence_last(batch),
                                                                    batch.base_offset, batch.count};
}

void forget_below(ProducerStates& states, Offset log_start) {
    const auto has_nothing = [&](const ProducerEntry& entry) {
        if (entry.cached_count == 0) return true; // only a marker
        const ProducerEntry::Cached& last = entry.cached[static_cast<std::size_t>(entry.cached_count - 1)];
        return next(last.base_offset, last.count) <= log_start;
    };
    for (const ProducerEntry& entry : states.entries)
        if (has_nothing(entry))
            std::erase_if(states.transactions.open, [&](const LogTransactions::Open& open) {
                return open.producer_id == entry.producer_id;
            });
    std::erase_if(states.entries, has_nothing);
}

ProducerStates rebuild(const Log& log, const Dialect& dialect) {
    ProducerStates states;
    for (std::size_t i = 0; i < log.batches.size(); ++i)
        remember(states, log.batches[i], dialect);
    return states;
}

void keep_last_only(ProducerStates& states) {
    states.verifications.clear();
    for (ProducerEntry& entry : states.entries) {
        if (entry.cached_count == 0) continue;
        entry.cached[0] = entry.cached[static_cast<std::size_t>(entry.cached_count - 1)];
        entry.cached_count = 1;
        std::fill(entry.cached.begin() + 1, entry.cached.end(), ProducerEntry::Cached{});
    }
}

} // namespace kafka
