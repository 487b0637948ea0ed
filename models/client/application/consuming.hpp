#pragma once
// Where the thread that polls stands: inside poll(), processing, inside commitSync(), inside close().

#include "models/client/application/failing.hpp"
#include "models/turn/messages.hpp"
#include "models/vocabulary/application.hpp"
#include "models/vocabulary/facts.hpp"

#include <vector>

namespace kafka {

enum class ConsumingStage : std::uint8_t {
    polling,
    preparing_auto_commit, // inside poll(): onJoinPrepare waits for the automatic commit
    preparing_listener,    // inside poll(): onPartitionsRevoked waits for its commitSync
    processing,            // a record
    committing_ahead,      // commitSync before the batch or record
    committing_record,     // commitSync after a record
    committing_batch,      // commitSync after the batch
    closing_auto_commit,
    closing_listener,
    leaving,
    ended,
    sending_result,   // inside send(), or waiting for its result
    flushing,         // inside flush(), before a commit
    preparing_flush,  // inside poll(): onPartitionsRevoked flushes before it commits
    closing_flush,    // the same inside close()
    closing_producer, // close() of the producer, after that of the consumer
    waiting_to_retry, // sleeps with a record that failed in its hands
    forwarding,       // inside send(), with a record that failed
    sending_offsets,  // inside sendOffsetsToTransaction()
    committing_transaction,
    aborting_transaction,
};

/// A commit that the thread waits for. Source: ConsumerCoordinator.commitOffsetsSync.
struct AwaitedCommit {
    std::vector<OffsetContent::Entry> offsets;
    CommitCause cause{};
    sim::SimTime deadline;
    sim::SimTime not_before;
    Correlation correlation = 0; // 0 = not under way
    bool done = true;
    ErrorCode error{};
    bool operator==(const AwaitedCommit&) const = default;
};

/// Results of consecutive records, in the memory of the application and not yet in its store.
struct UnwrittenState {
    PartitionIndex partition;
    Offset from, to;
    bool operator==(const UnwrittenState&) const = default;
};

/// The polling thread of an application; all of it dies with its process.
/// Leaves out: worker threads.
struct Consuming {
    ConsumingStage stage = ConsumingStage::polling;
    std::vector<PolledRecords> batch;
    std::size_t at = 0;      // piece of the batch
    std::int32_t record = 0; // within the piece
    std::int32_t taking = 1; // records under way
    bool ahead = false;      // this record is committed before it is processed
    sim::SimTime busy_until; // processing
    std::int64_t batches = 0;
    std::int64_t records = 0;                   // taken by this process
    std::vector<OffsetContent::Entry> progress; // next offset after what was processed, by partition
    AwaitedCommit awaited;
    std::int32_t unsent = 0;                       // results of what was processed, not yet taken by send()
    std::int64_t failures_known = 0;               // of the producer's, that the code has dealt with
    std::vector<OffsetContent::Entry> after_flush; // what it commits then
    ConsumingStage next = ConsumingStage::polling; // and where it waits for that
    Failing failing;
    std::vector<UnwrittenState> unwritten;
    std::vector<OffsetContent::Entry> stored; // with StateStore::together: what the store held last
    MemberId member = no_member;                   // as groupMetadata() gives it
    Generation generation = no_generation;
    bool stop_requested = false;
    sim::SimTime close_deadline = sim::SimTime::never();
    bool operator==(const Consuming&) const = default;
};

/// Whether this batch is one that the code commits, at the moment `when`. Pure.
bool commits_batch(const Consuming& thread, const ConsumerApplication& application, CommitStyle when);
/// Notes that the record before `next_offset` was processed.
void advance_progress(Consuming& thread, PartitionIndex partition, Offset next_offset, Epoch leader_epoch);
/// What an explicit commit names: processed offsets, off by one with CommittedOffsets::last_processed.
std::vector<OffsetContent::Entry> offsets_to_commit(const Consuming& thread, CommittedOffsets what);
/// Time that the next record takes; `drawn` is a sample of the table when the time varies. Pure.
sim::Duration processing_time(const Consuming& thread, const ConsumerApplication& application,
                              sim::Duration drawn);
bool is_inside_poll(ConsumingStage stage);

} // namespace kafka
