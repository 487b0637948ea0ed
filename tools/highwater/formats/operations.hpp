#pragma once
// What the clients asked and learned, as operations with a beginning and an end: Jepsen's view of a run.

#include "tools/highwater/trace/trace.hpp"

#include <map>
#include <string>
#include <vector>

namespace highwater {

struct SentRecord {
    std::int32_t key;    // the partition, as History::keys has it
    std::int64_t value;  // unique within its key
    std::int64_t offset; // -1: nobody told it
};
struct PolledRecord {
    std::int32_t key;
    std::int64_t offset;
    std::int64_t value;
};

/// Shape: a process has one operation at a time; one whose end is "info" is not used again.
struct Operation {
    std::string f;             // send, txn, poll, assign, crash
    const char* type = "info"; // ok, fail: it certainly did not happen, info: nobody knows
    std::int32_t process = -1;
    sim::SimTime invoked, completed;
    std::size_t entry_invoked = 0, entry_completed = 0; // places in the trace
    std::vector<SentRecord> sends;
    std::vector<PolledRecord> polled;
    std::vector<std::int32_t> keys; // of assign
    std::string error;
};

struct History {
    std::map<std::int32_t, std::string> keys;      // partitions that clients used
    std::map<std::int32_t, std::string> processes; // whose operations they are
    std::vector<Operation> operations;
};

/// A send is the records that were decided together, invoked when the first of them was handed over; those of
/// a transaction are one txn. `fail` only when no request ever carried the records, or when the transaction
/// was aborted. A poll is what one call returned; its invocation is told at the same instant, for no fact
/// tells it. Consumers have one process until they crash; a producer has as many as it had operations under
/// way at once. Records that the application hands over again are sent again, under the same value.
History history_of(std::span<const TraceEntry> entries, const kafka::Configuration& configuration);

} // namespace highwater
