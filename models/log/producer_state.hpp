#pragma once
// What a log remembers of idempotent producers, so that a retry is not appended twice.

#include "models/dialect/dialect.hpp"
#include "models/log/log.hpp"
#include "models/vocabulary/errors.hpp"

#include <array>
#include <vector>

namespace kafka {

/// Last batches of one producer id. Source: ProducerStateEntry (NUM_BATCHES_TO_RETAIN = 5).
struct ProducerEntry {
    struct Cached {
        std::int32_t sequence_first = 0;
        std::int32_t sequence_last = 0;
        Offset base_offset;
        std::int32_t count = 0;
        bool operator==(const Cached&) const = default;
    };
    ProducerId producer_id;
    std::int16_t producer_epoch = 0;
    std::int32_t cached_count = 0;
    std::array<Cached, 5> cached{}; // oldest first
    bool operator==(const ProducerEntry&) const = default;
};

/// Producer state of one log, by producer id.
/// Source: ProducerStateManager. Leaves out: expiry after producer.id.expiration.ms (1 day), transactions.
struct ProducerStates {
    std::vector<ProducerEntry> entries; // sorted by producer id
    bool operator==(const ProducerStates&) const = default;
};

/// What a leader decides about an idempotent batch before it appends.
struct SequenceCheck {
    ErrorCode error = ErrorCode::none;
    bool duplicate = false;
    Offset base_offset = no_offset; // of the original, when duplicate
    bool operator==(const SequenceCheck&) const = default;
};

/// Source: ProducerAppendInfo.checkProducerEpoch and checkSequence, ProducerStateEntry.findDuplicateBatch;
/// semantics 2.5.
SequenceCheck check_sequence(const ProducerStates& states, const Batch& batch, const Dialect& dialect);
/// Takes an appended batch into account; batches without a producer id are nothing to remember.
void remember(ProducerStates& states, const Batch& batch, const Dialect& dialect);
/// State rebuilt from the log's batches. Source: ProducerStateManager.truncateAndReload,
/// LogLoader.recoverLog.
ProducerStates rebuild(const Log& log, const Dialect& dialect);
/// What a snapshot at a clean shutdown keeps: the last batch of each producer. Source:
/// ProducerStateManager.writeSnapshot.
void keep_last_only(ProducerStates& states);

} // namespace kafka
