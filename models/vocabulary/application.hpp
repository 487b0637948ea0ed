#pragma once
// What the user's own code does around a client, as the scenario asks for it.

#include "models/vocabulary/failing.hpp"
#include "models/vocabulary/ids.hpp"
#include "sim/choices/choices.hpp"
#include "sim/core/time.hpp"

#include <cstdint>

namespace kafka {

/// How the code hands records to the producer, and so what it learns of their fate.
enum class SendStyle : std::uint8_t {
    callback,        // send(record, callback): goes on at once, is told later
    sync,            // send(record).get(): one record at a time, is told before the next
    fire_and_forget, // send(record): nobody looks at the future; only what send() throws is seen
};

/// What the code does about a record that failed.
enum class ErrorReaction : std::uint8_t {
    log,
    drop, // an empty handler
    alert,
    dead_letter, // another topic, by the same producer
    halt,        // sends nothing more
    retry,       // hands the same record over again, on top of the producer's own retries
    unseen,      // fire-and-forget: there is no code that could react
};
inline constexpr int error_reaction_count = 7;

/// What a restarted process does about records that it had handed over and was never told about.
enum class RestartStyle : std::uint8_t {
    go_on,  // continues with the rest of its load
    resend, // hands them over again first, as from an outbox or a replayed source
};

/// What the code does once its load is over.
enum class CloseStyle : std::uint8_t {
    stay_open,
    flush, // close(timeout): waits, then whatever is unfinished fails
    exit,  // the process ends without close(): the buffer dies with it
};

/// What the code does with the records of a transaction that an error has aborted.
enum class AbortReaction : std::uint8_t { retry, skip, halt };
/// What it does when its producer is of no use any more: another one has its transactional.id, or the like.
enum class FatalReaction : std::uint8_t {
    halt,         // closes it and sends nothing more
    new_producer, // makes another one with the same transactional.id, which fences whoever has it now
};

/// Code that sends in transactions, with transactional.id.
struct ProducerTransacting {
    std::int64_t records = 100;   // of each transaction
    std::int64_t abort_every = 0; // every n-th transaction of a process is aborted by intention; 0 = none
    sim::Duration commit_after;   // what else it does between its last record and the end
    AbortReaction on_abort = AbortReaction::retry;
    FatalReaction on_fatal = FatalReaction::halt;
};

/// The code around one producer.
struct ProducerApplication {
    SendStyle send = SendStyle::callback;
    ErrorReaction on_error = ErrorReaction::log;
    ErrorReaction then = ErrorReaction::log; // when its own retries are used up
    std::int32_t retries = 3;                // with `retry`
    sim::Duration retry_after;
    TopicIndex dead_letter{-1}; // -1 = none
    RestartStyle restart = RestartStyle::go_on;
    CloseStyle close = CloseStyle::stay_open;
    sim::Duration close_timeout{9223372036854775807};
    ProducerTransacting transacting;
};

// --- around a consumer ---

/// When the code commits. `automatic` leaves it to enable.auto.commit, as does `never` without it.
enum class CommitStyle : std::uint8_t { automatic, before_processing, after_processing, never };
/// What the code commits: commitSync() without arguments, or a map of its own.
enum class CommittedOffsets : std::uint8_t {
    position,       // of all that the last poll returned, processed or not
    processed,      // the offset after the last processed record
    last_processed, // the bug: the offset of the last processed record itself
};
enum class RevokeStyle : std::uint8_t { nothing, commit }; // onPartitionsRevoked
enum class ShutdownStyle : std::uint8_t { close, exit };   // on SIGTERM: close(), or dies at once

/// When the code looks at the fate of the results that it handed to the producer of its process.
enum class ResultWait : std::uint8_t {
    each_record,   // send().get() before the next record
    before_commit, // flush() before it commits
    never,         // fire and forget
};
/// What the code does when it learns that a result failed. `halt`: the process ends, nothing is committed.
enum class ResultFailure : std::uint8_t { halt, log };
/// The partition of a result: as the producer's partitioner has it, or the number of the input's partition.
enum class ResultPartition : std::uint8_t { any, same };

/// A producer that lives in the process of a consumer and takes what its code makes of each record.
struct ConsumerOutput {
    ProducerIndex producer{-1}; // -1 = none
    TopicIndex topic{-1};       // of results; -1 = the code makes none
    ResultWait wait = ResultWait::before_commit;
    ResultFailure on_failure = ResultFailure::halt;
    ResultPartition partition = ResultPartition::any;
    bool transactional = false;         // its producer has a transactional.id
    bool offsets_in_transaction = true; // sendOffsetsToTransaction; else commitSync behind the transaction
    bool group_metadata = true;         // goes along with them (KIP-447)
};

/// Where code that aggregates over records keeps its results: a database that never fails, outside of Kafka.
enum class StateStore : std::uint8_t {
    none,
    apart,    // the results alone; offsets are committed to Kafka
    together, // results and offset in one transaction of the database; seek() on assignment
};

/// The code around one consumer: poll, process one record after the other, poll again.
struct ConsumerApplication {
    CommitStyle commit = CommitStyle::never;
    bool commit_each_record = false;
    std::int32_t commit_every = 1; // batches, when not each record
    bool commit_waits = true;      // commitSync, else commitAsync
    CommittedOffsets offsets = CommittedOffsets::position;
    RevokeStyle on_revoke = RevokeStyle::nothing;
    ShutdownStyle shutdown = ShutdownStyle::close;
    bool process_time_varies = false;
    sim::LatencyTable process_time{sim::Duration{0}, sim::Duration{0}, sim::Duration{0}}; // each record
    std::int64_t spike_every = 0; // every n-th record that the process takes needs `spike` more; 0 = none
    sim::Duration spike;
    bool idempotent_sink = false; // a record processed twice has no effect the second time
    ConsumerOutput output;
    FailingRecords fails;
    FailurePolicy on_failure;
    StateStore state = StateStore::none;
    bool state_each_record = false; // written after each record, else after each batch
};

} // namespace kafka
