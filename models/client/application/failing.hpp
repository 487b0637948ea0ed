#pragma once
// Records that fail: which ones, what the code does about them, and what it keeps until it tries again.

#include "models/vocabulary/application.hpp"
#include "models/vocabulary/batch.hpp"

#include <vector>

namespace kafka {

/// Consecutive records of one partition that a poll returned.
struct PolledRecords {
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    Epoch leader_epoch;
    bool operator==(const PolledRecords&) const = default;
};

/// Records of a paused partition that wait in the application's memory: the one that failed comes first.
struct HeldRecords {
    PartitionIndex partition;
    std::vector<PolledRecords> records;
    std::int32_t attempts = 0; // at the first one, that failed
    sim::SimTime retry_at;
    bool operator==(const HeldRecords&) const = default;
};

/// What the thread that polls knows of failures. It dies with the process.
struct Failing {
    std::int32_t attempts = 0;  // at the record under way, that failed
    sim::SimTime retry_at;      // while it sleeps
    FailureReaction reaction{}; // while it forwards: to which topic
    bool handed_over = false;   // the record that it forwards is in the producer
    std::vector<HeldRecords> held;
    PartitionIndex retried{-1}; // whose held records are the present batch; -1 = of none
    bool halted = false;        // the process ends by itself
    bool operator==(const Failing&) const = default;
};

/// Whether an attempt at the record fails now. `failed` attempts of this process went before; `bits` is the
/// draw of the record. Pure.
bool attempt_fails(const FailingRecords& which, Value value, std::int32_t failed, sim::SimTime now,
                   std::uint64_t bits);
/// What follows the `failed`-th attempt that failed. Pure.
FailureReaction reaction_to(const FailurePolicy& policy, std::int32_t failed);
/// Takes the record at `record` of piece `at`, and all behind it of the same partition, out of the batch.
std::vector<PolledRecords> take_rest(std::vector<PolledRecords>& batch, std::size_t at, std::int32_t record);

} // namespace kafka
