#pragma once
// A batch describes its records; no record exists on its own.

#include "models/vocabulary/ids.hpp"
#include "sim/core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kafka {

/// When a record was made, or appended, in milliseconds since the run began; before it when it is negative.
/// Five bytes, so that 17 years either way fit into a batch; what lies beyond stands at that bound.
/// Source: record batch v2: maxTimestamp.
class Timestamp {
  public:
    constexpr Timestamp() = default;
    explicit constexpr Timestamp(std::int64_t millis) {
        constexpr std::int64_t most = (std::int64_t{1} << 39) - 1;
        const std::int64_t bounded = millis > most ? most : millis < -most ? -most : millis;
        const auto bits = static_cast<std::uint64_t>(bounded);
        for (std::size_t i = 0; i < bytes_.size(); ++i)
            bytes_[i] = static_cast<std::uint8_t>((bits >> (8 * i)) & 0xffU);
    }
    constexpr std::int64_t millis() const {
        std::uint64_t bits = (bytes_.back() & 0x80U) != 0 ? ~std::uint64_t{0} << 40 : 0;
        for (std::size_t i = 0; i < bytes_.size(); ++i)
            bits |= std::uint64_t{bytes_[i]} << (8 * i);
        return static_cast<std::int64_t>(bits);
    }
    template <class Visit> constexpr void for_each_part(Visit&& visit) const { visit(millis()); }
    constexpr bool operator==(const Timestamp&) const = default;

  private:
    std::array<std::uint8_t, 5> bytes_{};
};

/// A time as batches carry it: whole milliseconds, rounded down.
constexpr Timestamp timestamp_of(sim::SimTime time) {
    const std::int64_t millis = time.micros / 1000;
    return Timestamp{time.micros < 0 && time.micros % 1000 != 0 ? millis - 1 : millis};
}

/// What a control batch says. Source: ControlRecordType.
enum class ControlType : std::uint8_t { none, abort, commit };

/// What the cleaner has left of a batch. A piece is a run of records that it has kept; an emptied batch has
/// no record, no stream, and its `count` is that of its offsets: it keeps the last sequence of its producer,
/// or the end of what was cleaned. Source: MemoryRecords.filterTo, BatchRetention.RETAIN_EMPTY.
enum class Remains : std::uint8_t { whole, piece, emptied };

/// A record batch as logs, requests and ledgers carry it: `count` records of one stream with consecutive
/// values from `value_first`, at consecutive offsets from `base_offset`. Source: record batch v2 (magic 2).
/// A control batch has one record, no stream (no_stream), and the coordinator's epoch as its value.
/// Leaves out: headers; keys are those of the stream (keys.hpp); compression is a size.
struct Batch {
    Offset base_offset = no_offset; // given by the leader
    Value value_first;              // of `stream`
    StreamIndex stream;
    std::int32_t count = 0;        // records
    std::int32_t bytes = 0;        // on the wire and on disk
    Epoch leader_epoch = no_epoch; // given by the leader
    ProducerId producer_id = no_producer_id;
    std::int32_t base_sequence = -1; // -1 without idempotence
    std::int16_t producer_epoch = -1;
    bool is_transactional = false;
    ControlType control : 2 = ControlType::none; // these two share a byte: a batch is a cache line
    Remains remains : 2 = Remains::whole;
    std::uint8_t resend = 0;       // how often the application had handed these records over before
    std::uint8_t life = 0;         // of the process that handed them over, counted from 0
    bool corrupt = false;          // as it was read: its bytes do not fit its CRC
    Timestamp max_timestamp;       // greatest create time of its records, or when they were appended
    std::uint64_t prefix_hash = 0; // of the log up to and including this batch, given on append
    bool operator==(const Batch&) const = default;
};

constexpr Offset end_offset(const Batch& batch) { return next(batch.base_offset, batch.count); }
constexpr Value value_end(const Batch& batch) { return next(batch.value_first, batch.count); }
constexpr std::int32_t sequence_last(const Batch& batch) { return batch.base_sequence + batch.count - 1; }

constexpr bool is_control(const Batch& batch) { return batch.control != ControlType::none; }
/// Whether applications get anything of it: neither a marker nor an emptied batch.
constexpr bool has_records(const Batch& batch) {
    return !is_control(batch) && batch.remains != Remains::emptied;
}

/// Bytes of an ABORT or COMMIT marker as a batch of its own: 61 of the batch, 7 of the record's frame, a key
/// of 4 and a value of 6. Source: EndTransactionMarker, ControlRecordType, DefaultRecord.
inline constexpr std::int32_t marker_batch_bytes = 78;
/// A marker before it is appended: the leader gives offset and epoch. Source:
/// MemoryRecords.withEndTransactionMarker.
constexpr Batch marker_batch(ControlType outcome, ProducerId producer_id, std::int16_t producer_epoch,
                             Epoch coordinator_epoch) {
    Batch batch;
    batch.value_first = Value{coordinator_epoch.value};
    batch.stream = no_stream;
    batch.count = 1;
    batch.bytes = marker_batch_bytes;
    batch.producer_id = producer_id;
    batch.producer_epoch = producer_epoch;
    batch.is_transactional = true;
    batch.control = outcome;
    return batch;
}

/// Bytes that a record adds to its value of about 100 bytes: length, attributes, time and offset deltas,
/// sizes. Source: DefaultRecord.sizeInBytes; reference/real R21: 148 records of 100 bytes fill batch.size
/// 16384.
inline constexpr std::int64_t record_overhead = 10;

static_assert(sizeof(Batch) == 64);

/// Bytes of a batch of `count` records of `record_bytes` each.
/// Source: DefaultRecordBatch.RECORD_BATCH_OVERHEAD = 61.
constexpr std::int32_t batch_bytes(std::int64_t count, std::int64_t record_bytes) {
    return static_cast<std::int32_t>(61 + count * (record_bytes + record_overhead));
}

} // namespace kafka
