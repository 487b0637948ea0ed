#pragma once
// What happened, in words that observers share. Models note facts; ledgers, checkers and traces read them.

#include "models/vocabulary/application.hpp"
#include "models/vocabulary/batch.hpp"
#include "models/vocabulary/consumption_facts.hpp"
#include "models/vocabulary/disk_facts.hpp"
#include "models/vocabulary/errors.hpp"
#include "models/vocabulary/groups.hpp"
#include "models/vocabulary/ids.hpp"
#include "models/vocabulary/operation_facts.hpp"
#include "models/vocabulary/quorum_facts.hpp"
#include "models/vocabulary/transaction_facts.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <variant>

namespace kafka {

/// Why batches left a replica's log.
enum class RemovalCause : std::uint8_t {
    truncation_on_becoming_follower, // to the high watermark or by epoch before the first fetch
    truncation_on_divergence,        // the leader's fetch answer named a diverging epoch (KIP-595)
    truncation_out_of_range,         // the leader's end lies before the follower's
    power_loss,                      // unflushed tail gone with the page cache
    disk_wiped,
    replica_removed, // by a reassignment: the broker deletes its copy
    topic_deleted,
    corruption, // recovery found a batch that is not whole: it goes, and all behind it
    compaction, // by the cleaner; facts say so with RecordsCompacted, the word is for ledgers
};

/// Why the controller changed a partition.
enum class ChangeCause : std::uint8_t {
    created,
    isr_shrink,
    isr_expand,
    broker_fenced,
    broker_unfenced,
    controlled_shutdown,
    unclean_shutdown,
    log_directory_offline,
    elected_preferred,
    elected_unclean,
    elected_by_request,
    reassignment_began,
    reassignment_completed,
    reassignment_cancelled,
    topic_deleted,
    broker_unregistered,
};

namespace fact {

// --- clients ---
struct RecordsSent { // the application handed records to send(); values [first, first + count)
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
};
struct ProduceSent { // one batch in one produce request; attempt 0 is the first
    ProducerIndex producer;
    BrokerSlot broker;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    std::int32_t attempt = 0;
    std::int32_t base_sequence = -1;
    std::int16_t producer_epoch = -1;
};
struct RecordsAcknowledged { // the application was told "ok"; offset is -1 with acks=0
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    Offset base_offset = no_offset;
    sim::SimTime created;      // of the first record of the batch
    sim::SimTime created_last; // of the last; those between came at even distances
};
struct RecordsFailed { // the application was told an exception; the records may be in the log all the same
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    SendFailure failure{};
};
struct RecordsResent { // the application hands over again what it had handed over before
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    std::uint8_t resend = 0;
    std::uint8_t life = 0;
};
struct ApplicationReacted { // to a failure that it was told
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    ErrorReaction reaction{};
    SendFailure failure{};
    bool thrown = false; // by send() itself
};
struct SendBlocked { // the thread is inside send()
    ProducerIndex producer;
    bool for_metadata = false; // else for memory of the buffer
};
struct SendUnblocked {
    ProducerIndex producer;
    sim::Duration waited;
    bool gave_up = false; // max.block.ms was over
};
enum class ProducerEnd : std::uint8_t { closed, closed_by_force, exited, crashed };
struct ProducerEnded { // counts of records whose fate the application will never hear
    ProducerIndex producer;
    ProducerEnd end{};
    std::int64_t unsent = 0;    // in the buffer, in no request
    std::int64_t in_flight = 0; // in requests
};
struct ProduceRetried {
    ProducerIndex producer;
    StreamIndex stream;
    Value first;
    ErrorCode error{};
};
struct ProducerEpochBumped {
    ProducerIndex producer;
    std::int16_t producer_epoch = 0;
};
struct ClientMetadataUpdated {
    ProducerIndex producer;
    PartitionIndex partition;
    BrokerSlot leader;
    Epoch leader_epoch;
};
struct Delivered { // a consumer handed these records to the application
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    Epoch leader_epoch;
    BrokerSlot from;
};
enum class PositionCause : std::uint8_t {
    start,
    reset_earliest,
    reset_latest,
    truncation_detected,
    no_reset_policy,
    committed, // the group's committed offset
    stored,    // seek() to the offset that the application keeps beside its results
};
struct ConsumerPositioned {
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset offset;
    PositionCause cause{};
};

// --- replicas ---
struct BatchAppended {
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    Epoch leader_epoch;
    bool as_leader = false;
};
struct BatchRemoved { // one per batch that left the log
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    Epoch leader_epoch;
    RemovalCause cause{};
};
struct LogTruncated { // summary after the BatchRemoved facts; from = old end, to = new end
    BrokerSlot broker;
    PartitionIndex partition;
    Offset from;
    Offset to;
    RemovalCause cause{};
    Epoch leader_epoch; // of the replica's role at that time
};
struct DuplicateDetected { // idempotence: answered with the original offset, nothing appended
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
};
struct ProduceAnswered { // decided by the broker for one batch; in_sync = maximal ISR it knew at that moment
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    ErrorCode error{};
    std::int8_t acks = 0;
    BrokerSet in_sync;
};
struct HighWatermarkMoved {
    BrokerSlot broker;
    PartitionIndex partition;
    Offset high_watermark;
    Epoch leader_epoch;
    bool as_leader = false;
};
struct BecameLeader {
    BrokerSlot broker;
    PartitionIndex partition;
    Epoch leader_epoch;
    PartitionEpoch partition_epoch;
    BrokerSet isr;
    Offset high_watermark;
    Offset log_end_offset;
};
struct BecameFollower {
    BrokerSlot broker;
    PartitionIndex partition;
    Epoch leader_epoch;
    BrokerSlot leader;
    Offset high_watermark;
    Offset log_end_offset;
};
struct IsrProposed { // AlterPartition sent
    BrokerSlot broker;
    PartitionIndex partition;
    Epoch leader_epoch;
    BrokerSet isr;
    BrokerSet proposed;
};
struct FetchServed { // only noted when something was read or an error given; follower = -1 for a consumer
    BrokerSlot broker;
    PartitionIndex partition;
    BrokerSlot follower;
    Offset fetch_offset;
    Offset end;
    Offset high_watermark;
    ErrorCode error{};
};

// --- control plane ---
struct PartitionChanged { // committed by the controller
    PartitionIndex partition;
    BrokerSlot leader;
    Epoch leader_epoch;
    PartitionEpoch partition_epoch;
    BrokerSet isr;
    BrokerSet elr;
    BrokerSet last_known_elr;
    ChangeCause cause{};
    bool unclean = false;
};
enum class BrokerEvent : std::uint8_t {
    registered,
    unfenced,
    fenced,
    in_controlled_shutdown,
    started,
    stopped,
    crashed,
    paused,
    resumed,
    power_lost,
    disk_wiped,
    shutdown_granted,
    registration_refused,
    directory_failed, // the controller knows that a log directory of it is offline
    unregistered,
};
struct BrokerChanged {
    BrokerSlot broker;
    BrokerEvent event{};
    BrokerEpoch broker_epoch;
};
struct MetadataApplied {
    BrokerSlot broker;
    Offset offset;
};
struct ConfigChanged {
    std::int32_t fault = 0;
};

// --- faults ---
struct FaultHappened { // target: what the role meant at that moment; -1 where none
    std::int32_t fault = 0;
    BrokerSlot broker;
    PartitionIndex partition;
    bool undone = false;
};
struct FaultMissed {
    std::int32_t fault = 0;
}; // its target named nobody at that moment

// --- groups: at the coordinator ---
struct CoordinatorLoaded { // the broker serves the internal partition's groups or transactional ids from now
                           // on
    BrokerSlot broker;
    PartitionIndex partition;
    Epoch leader_epoch;
    Offset log_end_offset;
};
struct CoordinatorResigned {
    BrokerSlot broker;
    PartitionIndex partition;
    Epoch leader_epoch;
};
struct CoordinatorAppended { // an append of a coordinator is decided: committed, or the error
    BrokerSlot broker;
    PartitionIndex partition;
    Offset base_offset;
    std::int32_t count = 0;
    CoordinatorKind kind{};
    ErrorCode error{};
};
struct GroupChanged { // generation: of the classic protocol, or the group epoch
    BrokerSlot broker;
    GroupIndex group;
    GroupState state{};
    Generation generation;
    std::int32_t members = 0;
};
struct MemberJoined {
    BrokerSlot broker;
    GroupIndex group;
    ConsumerIndex consumer;
    MemberId member;
    Generation generation;
};
enum class LeaveCause : std::uint8_t {
    left,
    session_expired,
    rebalance_timed_out,
    replaced_by_instance, // a static member came back with a new id
    fenced,
};
struct MemberLeft {
    BrokerSlot broker;
    GroupIndex group;
    ConsumerIndex consumer;
    MemberId member;
    LeaveCause cause{};
};
struct OffsetCommitted { // decided by the coordinator; record = its place in the log, in_sync = maximal ISR
                         // then
    BrokerSlot broker;
    GroupIndex group;
    ConsumerIndex consumer; // -1 = a producer's transaction
    PartitionIndex partition;
    Offset offset;
    Offset record = no_offset;
    Generation generation;
    ErrorCode error{};
    BrokerSet in_sync;
};
enum class ForgetCause : std::uint8_t { retention, topic_deleted };
struct OffsetForgotten { // a committed offset that the coordinator has deleted; one for each partition
    BrokerSlot broker;
    GroupIndex group;
    PartitionIndex partition;
    Offset offset;
    ForgetCause cause{};
};

// --- groups: at the member ---
struct PartitionAssigned { // one for each partition of onPartitionsAssigned
    ConsumerIndex consumer;
    PartitionIndex partition;
    Generation generation;
};
struct PartitionRevoked { // onPartitionsRevoked, or onPartitionsLost
    ConsumerIndex consumer;
    PartitionIndex partition;
    Generation generation;
    bool lost = false;
};
enum class CommitCause : std::uint8_t { synchronous, asynchronous, automatic, on_revoke, on_close };
struct CommitSent { // offset: the next record to read
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset offset;
    CommitCause cause{};
};
struct CommitAnswered { // the application or the auto-commit learned it
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset offset;
    ErrorCode error{};
    CommitCause cause{};
};

// --- the application around a client ---
struct Polled { // poll() returned; what it returned stands in Delivered
    ConsumerIndex consumer;
    std::int32_t records = 0;
};
struct ProcessingBegan { // values [first, first + count) of one stream at consecutive offsets
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
};
enum class ProcessingOutcome : std::uint8_t { done, failed, dead_letter, retry_topic, skipped };
struct ProcessingEnded {
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset base_offset;
    StreamIndex stream;
    Value first;
    std::int32_t count = 0;
    ProcessingOutcome outcome{};
};
struct ApplicationCrashed { // one of the two is -1
    ConsumerIndex consumer;
    ProducerIndex producer;
};

// --- the application around a consumer that writes ---
struct ResultSent { // it handed over what it made of the input records at these consecutive offsets
    ConsumerIndex consumer;
    PartitionIndex partition; // of the input
    Offset base_offset;
    StreamIndex stream; // of the results: values [first, first + count), one of each input record
    Value first;
    std::int32_t count = 0;
};

// --- anything that was heard and not acted on ---
struct Ignored {
    const char* reason = "";
};

} // namespace fact

using BrokerEvent = fact::BrokerEvent;
using ProducerEnd = fact::ProducerEnd;
using PositionCause = fact::PositionCause;
using LeaveCause = fact::LeaveCause;
using CommitCause = fact::CommitCause;
using QuorumRole = fact::QuorumRole;
using ProcessingOutcome = fact::ProcessingOutcome;
using OperationStep = fact::OperationStep;
using ForgetCause = fact::ForgetCause;

/// One fact. Shape: trivially copyable, at most 64 bytes, so that noting it costs a copy; new kinds go to the
/// end.
using Fact = std::variant<
    fact::RecordsSent, fact::ProduceSent, fact::RecordsAcknowledged, fact::RecordsFailed,
    fact::ProduceRetried, fact::ProducerEpochBumped, fact::ClientMetadataUpdated, fact::Delivered,
    fact::ConsumerPositioned, fact::BatchAppended, fact::BatchRemoved, fact::LogTruncated,
    fact::DuplicateDetected, fact::ProduceAnswered, fact::HighWatermarkMoved, fact::BecameLeader,
    fact::BecameFollower, fact::IsrProposed, fact::FetchServed, fact::PartitionChanged, fact::BrokerChanged,
    fact::MetadataApplied, fact::ConfigChanged, fact::FaultHappened, fact::FaultMissed, fact::Ignored,
    fact::CoordinatorLoaded, fact::CoordinatorResigned, fact::CoordinatorAppended, fact::GroupChanged,
    fact::MemberJoined, fact::MemberLeft, fact::OffsetCommitted, fact::PartitionAssigned,
    fact::PartitionRevoked, fact::CommitSent, fact::CommitAnswered, fact::Polled, fact::ProcessingBegan,
    fact::ProcessingEnded, fact::ApplicationCrashed, fact::TransactionBegun, fact::TransactionPartitionAdded,
    fact::TransactionChanged, fact::TransactionEnded, fact::ProducerFenced, fact::MarkerWritten,
    fact::LastStableOffsetMoved, fact::RecordsResent, fact::ApplicationReacted, fact::SendBlocked,
    fact::SendUnblocked, fact::ProducerEnded, fact::ResultSent, fact::QuorumRoleChanged,
    fact::ControllerActivated, fact::MetadataCommitted, fact::MetadataTruncated, fact::MetadataSnapshotLoaded,
    fact::RecordForwarded, fact::ConsumerPaused, fact::ApplicationHalted, fact::StateWritten,
    fact::LogDirectoryFailed, fact::OperationMoved, fact::ReplicasChanged, fact::FeaturesFinalized,
    fact::ControllerChanged, fact::LogStartMoved, fact::RecordsExpired, fact::LogsRecovered,
    fact::CorruptRecordFound, fact::MetadataDirectoryFailed, fact::RecordsCompacted, fact::LogCleaned,
    fact::CleanerFailed, fact::OffsetForgotten>;
static_assert(sizeof(Fact) <= 72);

} // namespace kafka
