#pragma once
// Steps of a group member's work that its files share. Not for callers outside this folder.

#include "models/client/consumer/parts.hpp"

namespace kafka::parts {

inline bool is_member(const Reader& self, const Turn& turn) {
    return configured(self, turn).group != no_group;
}
inline const MemberSettings& member_settings(const Reader& self, const Turn& turn) {
    return configured(self, turn).settings.member;
}
inline const ConsumerApplication& application_of(const Reader& self, const Turn& turn) {
    return configured(self, turn).application;
}
inline bool speaks_consumer_protocol(const Reader& self, const Turn& turn) {
    return member_settings(self, turn).protocol == GroupProtocol::consumer;
}
/// A rebalance listener runs on the thread that polls: what it must hear waits for poll().
inline bool has_listener(const Reader& self, const Turn& turn) {
    return application_of(self, turn).on_revoke != RevokeStyle::nothing;
}
void node_lost(Reader& self, BrokerSlot slot);

// --- coordinator.cpp ---
bool is_asked(const Membership& member, GroupRequest kind);
bool coordinator_ready(Reader& self, Turn& turn);
void coordinator_unknown(Reader& self, Turn& turn);
void coordinator_disconnected(Reader& self, Turn& turn);
void on_coordinator(Reader& self, const FindCoordinatorResponse& answer, Turn& turn);
Correlation ask_coordinator(Reader& self, GroupRequest kind, Turn& turn);
void time_out_coordinator(Reader& self, Turn& turn);
bool take_request(Reader& self, Correlation correlation, CoordinatorRequest& request);

// --- joining.cpp ---
void join_group(Reader& self, Turn& turn); // sends JoinGroup
void on_joined(Reader& self, const JoinGroupResponse& answer, Turn& turn);
void on_synced(Reader& self, const SyncGroupResponse& answer, Turn& turn);
void beat(Reader& self, Turn& turn); // the heartbeat thread
void on_heartbeat(Reader& self, const HeartbeatResponse& answer, Turn& turn);
void reset_generation(Reader& self, bool forgets_member);
bool is_cooperative(const Reader& self, const Turn& turn);
void send_leave(Reader& self, Turn& turn);
/// Gives up all partitions: onPartitionsRevoked, or onPartitionsLost.
void give_up(Reader& self, bool lost, Turn& turn);
void add_partition(Reader& self, PartitionIndex partition, Turn& turn);
void drop_partition(Reader& self, PartitionIndex partition, Turn& turn);
void sort_positions(Reader& self);
bool moves_coordinator(ErrorCode error);

// --- commits.cpp ---
std::vector<OffsetContent::Entry> consumed_positions(const Reader& self);
void commit_in_background(Reader& self, std::vector<OffsetContent::Entry> offsets, CommitCause cause,
                          Turn& turn);
void begin_commit(Reader& self, std::vector<OffsetContent::Entry> offsets, CommitCause cause,
                  sim::SimTime deadline, Turn& turn);
void begin_commit(Reader& self, AwaitedCommit& awaited, Turn& turn); // offsets, cause, deadline are set
void drive_commit(Reader& self, AwaitedCommit& awaited, Turn& turn);
inline void drive_commit(Reader& self, Turn& turn) { drive_commit(self, self.thread.awaited, turn); }
void commit_answered(Reader& self, const CoordinatorRequest& request, ErrorCode error, Turn& turn);
void maybe_auto_commit(Reader& self, Turn& turn);
void ask_committed(Reader& self, Turn& turn);
void on_committed_offsets(Reader& self, const OffsetFetchResponse& answer, Turn& turn);

// --- heartbeating.cpp (KIP-848) ---
void protocol_beat(Reader& self, Turn& turn); // ConsumerHeartbeatRequestManager.poll
void on_protocol_heartbeat(Reader& self, const ConsumerGroupHeartbeatResponse& answer, Turn& turn);
void protocol_heartbeat_failed(Reader& self, Turn& turn);
void protocol_leave(Reader& self, Turn& turn); // on close()
void protocol_joins(Reader& self, Turn& turn);
/// Out of the group without having asked for it: all partitions are lost.
void protocol_thrown_out(Reader& self, ProtocolState state, Turn& turn);
sim::SimTime protocol_due(const Reader& self, const Turn& turn);

// --- reconciling.cpp (KIP-848) ---
void take_target(Reader& self, std::vector<PartitionIndex> partitions, Turn& turn);
/// Goes on with what the coordinator assigned. True when positions changed.
bool reconcile(Reader& self, bool can_commit, Turn& turn);
bool awaits_listener(const Reader& self, const Turn& turn); // onPartitionsRevoked of a reconciliation
bool finish_revocation(Reader& self, Turn& turn);
/// What only the thread that polls may do: joining, letting go of lost partitions.
void protocol_poll(Reader& self, Turn& turn);

// --- polling.cpp ---
void run_thread(Reader& self, Turn& turn);
sim::SimTime thread_due(const Reader& self, const Turn& turn);

void commit(Reader& self, std::vector<OffsetContent::Entry> offsets, ConsumingStage stage, Turn& turn);
/// The application ends without close().
void end_application(Reader& self, const char* reason, Turn& turn);

/// The next record of the batch, or what follows the batch.
void begin_record(Reader& self, Turn& turn);
/// The record under way is dealt with: on to its commit, or the next one.
void after_record(Reader& self, Turn& turn);

// --- failing.cpp ---
/// Whether the attempt at the record under way fails.
bool attempt_fails(const Reader& self, const Turn& turn);
void react_to_failure(Reader& self, Turn& turn);
bool step_failing(Reader& self, Turn& turn); // one step of the stages that follow; false when it waits
/// Between two polls: takes up records whose retry is due.
bool take_held(Reader& self, Turn& turn);
/// All held records of a batch are processed: the partition is fetched again.
void resume_retried(Reader& self, Turn& turn);
void end_by_itself(Reader& self, PartitionIndex partition, Offset offset, Turn& turn);
sim::SimTime retry_due(const Reader& self);

// --- state.cpp ---
/// Takes the results of the records that were processed last into memory.
void keep_state(Reader& self, Turn& turn);
/// Puts what is in memory into the store.
void write_state(Reader& self, Turn& turn);
/// seek() on assignment, for code whose offsets stand in its store.
void seek_stored(Reader& self, Turn& turn);

// --- output.cpp ---
/// Whether the process has a producer.
bool has_output(const Reader& self, const Turn& turn);
/// Whether the code makes a result of each record.
bool makes_results(const Reader& self, const Turn& turn);
bool flushes_before_commit(const Reader& self, const Turn& turn);
/// Hands over the results of what was processed last. False while the thread is inside send().
bool send_results(Reader& self, Turn& turn);
/// Whether the fate of all results is known; with ResultFailure::halt a failed one ends the application.
bool results_are_known(Reader& self, Turn& turn);
/// Whether close() of the producer is done.
bool close_output(Reader& self, Turn& turn);
/// The producer's sender thread, and the application once more when it was told something.
void run_output(Reader& self, Turn& turn);

// --- output_transactions.cpp ---
/// Whether results go out in transactions.
bool writes_transactions(const Reader& self, const Turn& turn);
bool has_open_output(const Reader& self, const Turn& turn);
/// What groupMetadata() returns from now on.
void know_generation(Reader& self);
/// initTransactions(), before the first poll. False while it waits.
bool output_is_ready(Reader& self, Turn& turn);
bool may_send_result(Reader& self, Turn& turn);
/// Ends the open transaction with `offsets`; then the thread is at `next`, or has gone back to what is
/// committed.
void end_output_transaction(Reader& self, std::vector<OffsetContent::Entry> offsets, ConsumingStage next,
                            Turn& turn);
bool step_output_transaction(Reader& self, Turn& turn);

// --- member.cpp ---
void pump_member(Reader& self, Turn& turn);
void on_coordinator_mail(Reader& self, const Mail& mail, Turn& turn);
sim::SimTime member_due(const Reader& self, const Turn& turn);

// --- assigning.cpp ---
/// What the leader of a classic group computes.
std::vector<SyncGroupContent::Entry> assigned_by_leader(AssignorKind kind, const JoinGroupAnswer& members,
                                                        const MetadataView& metadata,
                                                        const Configuration& configuration);
/// Partitions of the topics that the member subscribes to, as far as its metadata shows them.
std::int32_t subscribed_partitions(const Reader& self, const Turn& turn);

} // namespace kafka::parts
