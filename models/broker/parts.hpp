#pragma once
// Steps of a broker's work that its files share with each other. Not for callers outside this folder.

#include "models/broker/broker.hpp"
#include "models/transaction/steps.hpp"

#include <span>

namespace kafka::parts {

using kafka::ensure_ready;
using kafka::give_up;
using kafka::mark_closed;

// --- image.cpp ---
LeaderView view_of(const Broker& broker, PartitionIndex partition, const Turn& turn);
/// Why this broker has no replica of the partition; NONE when it has one. Source: ReplicaManager
/// .getPartitionOrError.
ErrorCode why_no_replica(const Broker& broker, PartitionIndex partition, const Configuration& configuration);
Replica& replica_at(Broker& broker, int position);
Log& log_at(Broker& broker, int position);
inline bool leads_at(const Broker& broker, int position) {
    return std::holds_alternative<Leader>(broker.memory.replicas[static_cast<std::size_t>(position)].role);
}

// --- lifecycle.cpp ---
bool serves_requests(const Broker& broker);
void on_lifecycle(Broker& broker, const BrokerRegistrationResponse& response, Turn& turn);
void on_lifecycle(Broker& broker, const BrokerHeartbeatResponse& response, Turn& turn);
void communicate(Broker& broker, Turn& turn);
void communicate_after(Broker& broker, sim::Duration delay, Turn& turn);
void heartbeat_failed(Broker& broker, Turn& turn);
void look_for_controller(Broker& broker, Turn& turn);

// --- metadata.cpp ---
void fetch_metadata(Broker& broker, Turn& turn);
void on_metadata(Broker& broker, const MetadataFetchResponse& response, Turn& turn);
void metadata_failed(Broker& broker, Turn& turn);
void metadata_connect_later(Broker& broker, Turn& turn);
/// Who is asked to register, beat, and change ISRs: the active controller, as this broker knows it.
std::optional<sim::ProcessId> controller_of(const Broker& broker, const Turn& turn);
bool ready_for_controller(const Broker& broker, Channel& channel, Turn& turn);
inline constexpr sim::Duration controller_lookup = sim::milliseconds(100);
void publish_metadata(Broker& broker, Turn& turn);

// --- roles.cpp ---
void take_role(Broker& broker, int position, const PartitionState& state, Turn& turn);
/// The partition was deleted, or given to others: the copy here goes. Source: ReplicaManager.stopPartitions.
void drop_replica(Broker& broker, int position, RemovalCause cause, Turn& turn);
void note_cut(Broker& broker, int position, Offset from, const std::vector<Batch>& cut, RemovalCause cause,
              Turn& turn);
/// Cuts the replica's log, its memory and notes it. Source: Partition.truncateTo.
void cut_log(Broker& broker, int position, Offset end, RemovalCause cause, Turn& turn);

// --- requests.cpp ---
void accept_mail(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void finish_service(Broker& broker, std::uint32_t place, Turn& turn);
void serve_held_requests(Broker& broker, Turn& turn);
void respond(Broker& broker, sim::ConnectionId connection, const Mail& mail, std::int32_t bytes, Turn& turn);
void unmute(Broker& broker, sim::ConnectionId connection, Turn& turn);
void forget_connection(Broker& broker, sim::ConnectionId connection, Turn& turn);

// --- produce.cpp ---
void handle(Broker& broker, sim::ConnectionId connection, const ProduceRequest& request, Turn& turn);
/// The request after its transaction is verified; `verified` is empty when nothing was asked.
void serve_produce(Broker& broker, sim::ConnectionId connection, const ProduceRequest& request,
                   std::span<const Verification::Part> verified, Turn& turn);
void complete_delayed_produces(Broker& broker, PartitionIndex partition, Turn& turn);
void expire_delayed_produce(Broker& broker, std::uint32_t round, Turn& turn);

// --- fetch.cpp ---
void handle(Broker& broker, sim::ConnectionId connection, const FetchRequest& request, Turn& turn);
void complete_delayed_fetches(Broker& broker, PartitionIndex partition, Turn& turn);
void expire_delayed_fetch(Broker& broker, std::uint32_t round, Turn& turn);
/// Epoch and leadership of a request that names the leader epoch it knows. Source:
/// Partition.checkCurrentLeaderEpoch.
ErrorCode check_leadership(const Broker& broker, PartitionIndex partition, Epoch current, const Turn& turn,
                           bool or_follower = false);
/// Whether a consumer's fetch waits for records here.
bool consumers_wait(const Broker& broker);

// --- throttling.cpp ---
/// Whether what this leader sends of the partition counts for its quota, and whether the quota is used up.
bool is_throttled_as_leader(const Broker& broker, PartitionIndex partition, const Turn& turn);
bool is_throttled_as_follower(const Broker& broker, PartitionIndex partition, const Turn& turn);
bool leader_quota_is_exceeded(const Broker& broker, const Turn& turn);
bool follower_quota_is_exceeded(const Broker& broker, const Turn& turn);

// --- queries.cpp ---
void handle(Broker& broker, sim::ConnectionId connection, const MetadataRequest& request, Turn& turn);
void handle(Broker& broker, sim::ConnectionId connection, const InitProducerIdRequest& request, Turn& turn);
void handle(Broker& broker, sim::ConnectionId connection, const ListOffsetsRequest& request, Turn& turn);
void handle(Broker& broker, sim::ConnectionId connection, const OffsetsForLeaderEpochRequest& request,
            Turn& turn);

// --- coordination.cpp ---
/// This broker became leader of an internal partition: its records are loaded. Does nothing for user topics.
void coordinator_elected(Broker& broker, int position, Epoch leader_epoch, Turn& turn);
void coordinator_resigned(Broker& broker, int position, Turn& turn);
void finish_loading(Broker& broker, const Timer& due, Turn& turn);
/// NONE when this broker coordinates the partition, else NOT_COORDINATOR or COORDINATOR_LOAD_IN_PROGRESS.
ErrorCode coordinator_state(const Broker& broker, PartitionIndex partition);
/// What a client is told when its coordinator's append ended with `error`.
ErrorCode answer_of_append(ErrorCode error);
/// Appends records to an internal partition that this broker leads. The result goes to `groups_appended` or
/// `transactions_appended` at the end of this turn at the earliest, once the records are committed or cannot
/// be.
void append_internal(Broker& broker, const AppendOrder& order, Turn& turn);
void complete_internal_appends(Broker& broker, PartitionIndex partition, Turn& turn);
void expire_internal_append(Broker& broker, std::uint32_t round, Turn& turn);
/// Tells coordinators how their appends ended; the last thing in each of the broker's turns.
void settle_appends(Broker& broker, Turn& turn);
/// Who coordinates by this broker's metadata; no_slot when nobody alive does.
/// Source: KafkaApis.handleFindCoordinatorRequest.
BrokerSlot known_coordinator(const Broker& broker, const FindCoordinatorRequest& request,
                             const Configuration& configuration);
void handle(Broker& broker, sim::ConnectionId connection, const FindCoordinatorRequest& request, Turn& turn);

// --- groups.cpp ---
/// The process begins. Before 4.0 its scheduler looks for offsets that have expired from now on.
void start_groups(Broker& broker, Turn& turn);
/// False when `mail` is no request for a group coordinator.
bool handle_group_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void groups_loaded(Broker& broker, const CoordinatedPartition& partition,
                   std::span<const LoadedBatch> batches, Turn& turn);
void groups_resigned(Broker& broker, const CoordinatedPartition& partition, Turn& turn);
void groups_appended(Broker& broker, const AppendResult& result, Turn& turn);
/// A transaction's marker stands in an offsets partition that this broker leads: its offsets count, or are
/// dropped.
void group_marker_appended(Broker& broker, PartitionIndex partition, ProducerId producer_id,
                           ControlType outcome, Turn& turn);
/// The request after its transaction is verified, or could not be.
void serve_transactional_commit(Broker& broker, sim::ConnectionId connection,
                                const TxnOffsetCommitRequest& request, ErrorCode verified, Turn& turn);
void on_group_timer(Broker& broker, const Timer& timer, Turn& turn);
/// Whether some partition is deleted by these records.
bool delete_partitions(const std::vector<MetadataRecord>& records);
/// Partitions have been deleted, as the metadata says: so is what groups have committed for them. KAFKA-2000.
void forget_deleted_topics(Broker& broker, Turn& turn);

// --- transactions.cpp ---
/// The process begins: timed-out transactions are looked for from now on.
void start_transactions(Broker& broker, Turn& turn);
/// False when `mail` is no request for a transaction coordinator.
bool handle_transaction_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void transactions_loaded(Broker& broker, const CoordinatedPartition& partition,
                         std::span<const LoadedBatch> batches, Turn& turn);
void transactions_resigned(Broker& broker, const CoordinatedPartition& partition, Turn& turn);
void transactions_appended(Broker& broker, const AppendResult& result, Turn& turn);
void on_transaction_timer(Broker& broker, const Timer& timer, Turn& turn);
/// Whether the decision that asked for this marker still stands here.
bool wants_marker(Broker& broker, const MarkerItem& item);
/// A leader's answer; the marker is sent again after a pause when it could not be written.
void marker_answered(Broker& broker, const MarkerItem& item, ErrorCode error, Turn& turn);

// --- markers.cpp ---
void order_markers(Broker& broker, const MarkerOrder& order, Turn& turn);
void retry_markers(Broker& broker, Turn& turn);
/// New metadata may name leaders that markers wait for.
void find_leaders_of_markers(Broker& broker, Turn& turn);
void markers_connected(Broker& broker, MarkerChannel& channel, Turn& turn);
void markers_failed(Broker& broker, MarkerChannel& channel, Turn& turn);
void on_markers(Broker& broker, MarkerChannel& channel, const WriteTxnMarkersResponse& response, Turn& turn);
void on_marker_timer(Broker& broker, const Timer& due, Turn& turn);

// --- marker_requests.cpp ---
void handle(Broker& broker, sim::ConnectionId connection, const WriteTxnMarkersRequest& request, Turn& turn);
void complete_delayed_markers(Broker& broker, PartitionIndex partition, Turn& turn);
void expire_delayed_markers(Broker& broker, std::uint32_t round, Turn& turn);

// --- verification.cpp ---
/// True when the transaction's coordinator is asked first; the request goes on by itself then.
bool verify_first(Broker& broker, sim::ConnectionId connection, const ProduceRequest& request, Turn& turn);
bool verify_first(Broker& broker, sim::ConnectionId connection, const TxnOffsetCommitRequest& request,
                  Turn& turn);
void verification_connected(Broker& broker, VerificationChannel& channel, Turn& turn);
void verifications_failed(Broker& broker, BrokerSlot coordinator, Turn& turn);
void on_verified(Broker& broker, const AddPartitionsToTxnResponse& response, Turn& turn);
void on_verification_timer(Broker& broker, const Timer& due, Turn& turn);

// --- isr.cpp ---
/// Moves the high watermark as far as followers allow, and wakes whoever waits for it.
void advance_high_watermark(Broker& broker, int position, Turn& turn);
/// Takes note of where read_committed ends, once the partition has had transactions.
void advance_last_stable_offset(const Broker& broker, Replica& replica, Turn& turn);
/// A leadership begins; what became of its partition's change in flight depends on the release.
void forget_isr_change(Broker& broker, PartitionIndex partition, const Turn& turn);
void maybe_expand_isr(Broker& broker, int position, BrokerSlot follower, Turn& turn);
void check_isrs(Broker& broker, Turn& turn);
void send_alter_partition(Broker& broker, Turn& turn);
void on_alter_partition(Broker& broker, const AlterPartitionResponse& response, Turn& turn);
void alter_partition_failed(Broker& broker, Turn& turn);

// --- fetcher.cpp ---
void follow(Broker& broker, int position, Turn& turn);
void unfollow(Broker& broker, int position, Turn& turn);
void wake_fetcher(Broker& broker, BrokerSlot leader, Turn& turn);
void wake_later(Fetcher& fetcher, sim::SimTime when, Turn& turn);
void fetcher_failed(Broker& broker, Fetcher& fetcher, Turn& turn);
Fetcher* fetcher_of(Broker& broker, BrokerSlot leader);
Fetcher* fetcher_on(Broker& broker, sim::ConnectionId connection);
void on_fetcher(Broker& broker, Fetcher& fetcher, const Mail& mail, Turn& turn);
void handle_fetched(Broker& broker, BrokerSlot leader, const FetchAnswer& answer, Turn& turn);
/// Records that waited for the disk are appended, and the fetcher goes on.
void append_held(Broker& broker, BrokerSlot leader, Turn& turn);

// --- zookeeper.cpp ---
inline bool has_zookeeper(const Turn& turn) { return turn.configuration.has_zookeeper(); }
/// The process begins: it has a session already, or connects for one and registers in it.
void join_ensemble(Broker& broker, const HealthyStart* healthy, Turn& turn);
/// The process ends in good order: its session ends with it.
void leave_ensemble(Broker& broker, Turn& turn);
/// False when the connection is none of the ensemble's or the controller's.
bool on_zookeeper(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn);
Channel* zookeeper_channel(Broker& broker, sim::ConnectionId connection);
void zookeeper_connected(Broker& broker, sim::ConnectionId connection, Turn& turn);
void zookeeper_lost(Broker& broker, sim::ConnectionId connection, Turn& turn);
void on_zookeeper_timer(Broker& broker, const Timer& due, Turn& turn);
/// SIGTERM: asks the controller to take over what this broker leads.
void ask_to_shut_down(Broker& broker, Turn& turn);
ControllerSurroundings surroundings(Broker& broker);
/// Source: KafkaZkClient.propagateLogDirEvent.
void notify_failed_directory(Broker& broker, Turn& turn);

// --- orders.cpp ---
/// An order of the controller, or a request for it; false when `mail` is neither.
bool handle_control_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn);
void send_replies(Broker& broker, Turn& turn);

// --- isr_nodes.cpp ---
/// The leader writes the partition's state node itself (before 2.7).
void write_isr(Broker& broker, int position, BrokerSet new_isr, Turn& turn);
void isr_written(Broker& broker, const ZooKeeperPending& call, const ZooKeeperResponse& response, Turn& turn);
/// The session is gone, and with it what was to be written.
void isr_not_written(Broker& broker, const ZooKeeperPending& call, Turn& turn);
void tell_isr_changes(Broker& broker, Turn& turn);

// --- directory.cpp ---
void send_directory_report(Broker& broker, Turn& turn);
void on_directory_report(Broker& broker, const AssignReplicasToDirsResponse& response, Turn& turn);

// --- disk.cpp ---
/// The partition's log directory has failed in this process: KAFKA_STORAGE_ERROR.
bool is_offline(const Broker& broker, PartitionIndex partition, const Turn& turn);
/// Why this broker, which has no role for the partition, does not serve it.
ErrorCode refusal_without_role(const Broker& broker, PartitionIndex partition, const Turn& turn);
/// False when a write to the replica's log fails; its directory goes offline at the end of the turn.
bool can_append(Broker& broker, PartitionIndex partition, Turn& turn);
/// The log directory takes writes of the scheduler's thread: neither offline nor full, failed or hung.
bool can_write_now(const Broker& broker, PartitionIndex partition, const Turn& turn);
/// Fetches find out that a directory cannot be read.
void read_devices(Broker& broker, const FetchRequest& request, Turn& turn);
/// Checkpoints find out that a directory cannot be written.
void write_checkpoints(Broker& broker, Turn& turn);
/// Whether the request is one that stands in write() until a hung disk goes on.
bool stands_in_write(const Broker& broker, const Mail& mail, Turn& turn);
/// When the request's writes are done that begin at `start`.
sim::SimTime written_at(Broker& broker, const ProduceRequest& request, sim::SimTime start, Turn& turn);
/// When fetched records are written; never = a disk hangs.
sim::SimTime written_at(Broker& broker, const FetchAnswer& answer, Turn& turn);
/// True when a coordinator's records wait for a disk; they are appended later.
bool hold_order(Broker& broker, const AppendOrder& order, Turn& turn);
bool hangs_on_metadata_disk(const Broker& broker);
/// What waited goes on, as far as the disks let it.
void go_on_after_disk(Broker& broker, Turn& turn);
/// The last thing in each turn: directories that were found to have failed go offline.
void give_up_directories(Broker& broker, Turn& turn);
/// The process finds failed directories when it starts.
void find_failed_directories(Broker& broker, Turn& turn);
void check_failures_are_known(Broker& broker, Turn& turn);

// --- retention.cpp ---
/// An empty log as the partition's topic has it.
Log empty_log(PartitionIndex partition, const Configuration& configuration);
/// Of logs that are compacted the cleaner's thread deletes files, of the others a scheduler's. Source:
/// LogManager.cleanupLogs, LogCleaner.cleanFilthiestLog (deletableLogs).
void delete_old_segments(Broker& broker, bool compacted, Turn& turn);
void checkpoint_log_starts(Broker& broker, Turn& turn);
/// A follower takes over its leader's log start offset. Source: ReplicaFetcherThread.processPartitionData.
void follow_log_start(Broker& broker, int position, Offset start, Turn& turn);
/// Where the log starts for a process that has just begun. Source: LogLoader.load.
void load_log_start(Broker& broker, int position, Turn& turn);

// --- cleaning.cpp ---
/// The cleaner has given this log up; nobody deletes its files. Source: uncleanablePartitions.
bool is_uncleanable(const Broker& broker, PartitionIndex partition);
/// One round of the cleaner's thread: cleans while a log wants it, then waits for log.cleaner.backoff.ms.
void run_cleaner(Broker& broker, Turn& turn);
/// The process begins; `healthy`: it has been running.
void start_cleaner(Broker& broker, bool healthy, Turn& turn);

// --- recovery.cpp ---
/// Cuts the log at the first batch behind the recovery point that is not whole.
void recover(Broker& broker, int position, Turn& turn);
/// What the process has not looked at when it began: its logs are loaded with the first metadata only.
void recover_late(Broker& broker, Turn& turn);
/// How long a process that starts reads its logs, when the last one has not ended in good order.
sim::Duration recovery_time(const Broker& broker, Turn& turn);
/// The kernel notes what is dirty, when the machine writes back.
void mark_for_write_back(Broker& broker, Turn& turn);
/// End of what a power loss cannot take.
Offset on_the_platter(const Log& log, const Turn& turn);

// --- durability.cpp ---
void checkpoint_high_watermarks(Broker& broker, Turn& turn);
void flush_by_time(Broker& broker, Turn& turn);
void flush_by_count(Broker& broker, int position, Turn& turn);

inline Timer timer(BrokerTimer what, std::uint32_t round = 0, std::uint32_t a = 0) {
    return Timer{static_cast<std::uint8_t>(what), round, a, 0};
}
inline Timer transaction_timer(TransactionTimerKind kind, std::uint32_t round = 0, std::uint32_t a = 0) {
    return Timer{static_cast<std::uint8_t>(BrokerTimer::transaction_coordinator), round, a,
                 static_cast<std::uint32_t>(kind)};
}

} // namespace kafka::parts
