#pragma once
// Abilities that a release has or lacks. Models ask for an ability; only this folder knows releases.

#include "models/dialect/release.hpp"

#include <cstdint>

namespace kafka {

/// How a leader decides that a follower keeps up. Source: Partition, Replica; semantics 1.2, 1.3, 1.9.
enum class InSyncRule : std::uint8_t {
    message_lag,             // 0.8.2: stuck, or more than replica.lag.max.messages behind
    reached_the_end,         // 0.9, 0.10.0: the read reached the leader's end (KIP-16)
    previous_fetch,          // 0.10.2: the leader's end at the previous fetch counts (KAFKA-4485)
    previous_fetch_or_equal, // 2.1: an equal end offset is always in sync (KAFKA-7152)
};

/// How a follower cuts its log before it follows another leader. Source: semantics 3.4, 3.5, 3.8.
enum class TruncationRule : std::uint8_t {
    to_high_watermark, // before 0.11
    by_epoch_end,      // 0.11: KIP-101, the answer has no epoch
    by_epoch,          // 2.0: KIP-279, the answer names the epoch and the follower may ask again
    on_fetch,          // 2.7: KIP-595, divergence is reported by the fetch itself
};

/// Whose end offsets hold the high watermark back. Source: Partition.maybeIncrementLeaderHW; semantics 1.6.
enum class HighWatermarkRule : std::uint8_t {
    isr_only,                   // 0.8.2
    isr_and_caught_up,          // 0.9: also replicas that caught up, so that they may join
    isr_and_eligible_caught_up, // 3.6: of those only the eligible (KAFKA-15021)
};

/// When a follower may join the ISR. Source: Partition.isFollowerInSync, isReplicaIsrEligible; semantics 1.4.
enum class JoinRule : std::uint8_t {
    at_high_watermark, // before 2.1
    at_epoch_start,    // 2.1: and at the leader's epoch start (KAFKA-7128)
    unfenced,          // 3.3: and unfenced, not shutting down (KIP-841)
    same_broker_epoch, // 3.5: and fetching in its registered incarnation (KIP-903)
};

/// When the controller looks for brokers without heartbeats.
/// Source: QuorumController.rescheduleMaybeFenceStaleBrokers (to 3.9);
/// QuorumController.maybeFenceStaleBrokerPeriodNs = broker.session.timeout.ms / 8 (4.0.2, 4.3.1, read from
/// the jars).
enum class FencingCheck : std::uint8_t { at_session_end, every_eighth_of_session };

/// How a leader answers an idempotent batch of a producer id that it has no state for. Source: semantics 2.5.
enum class UnknownProducerRule : std::uint8_t { refuse_unless_first, accept_any };

/// How records without a key choose a partition. Source: DefaultPartitioner, KIP-480 (2.4), KIP-794 (3.3).
enum class StickyRule : std::uint8_t { round_robin, by_batch, by_bytes, by_record };

/// A core rule that a test breaks on purpose, to see who notices. No scenario can ask for it.
enum class BrokenRule : std::uint8_t {
    none,
    skip_truncation,                        // followers keep what the leader never had
    truncate_one_batch_too_few,             // one batch of the diverging tail stays
    truncate_one_batch_too_many,            // one batch that the leader shares goes
    high_watermark_not_clamped,             // stays above the end of a log that was cut
    producer_state_not_rebuilt,             // remembers batches that truncation took
    high_watermark_counts_any_replica,      // the most advanced replica decides, in sync or not
    high_watermark_ignores_joining,         // a member that the controller may have added does not count
    high_watermark_ignores_leaving,         // a member that is not out yet does not count (pending shrink)
    follower_takes_leader_end,              // follower's high watermark is its end
    elect_out_of_isr,                       // the first live replica leads
    unclean_without_permission,             // as if unclean.leader.election.enable were true
    leader_epoch_not_bumped,                // a new leader reigns in the old epoch
    acknowledge_before_high_watermark,      // acks=all is answered after the leader's own append
    min_isr_not_checked_before_append,      // NOT_ENOUGH_REPLICAS is never said
    min_isr_not_checked_after_append,       // nor NOT_ENOUGH_REPLICAS_AFTER_APPEND
    consumers_read_to_the_end,              // past the high watermark
    brokers_are_never_fenced,               // sessions do not end
    isr_kept_at_unclean_shutdown,           // a new incarnation stays in the ISR (KAFKA-18106)
    eligible_replicas_keep_the_unclean,     // ELR keeps a replica that lost data (KIP-966)
    eligible_replicas_forgotten,            // ELR is never filled
    broker_epoch_reused,                    // a registration gets the former epoch (KIP-903)
    stale_partition_epoch_accepted,         // AlterPartition is no compare-and-set (KIP-497)
    stale_leader_epoch_accepted,            // fetches are not fenced (KIP-320)
    join_before_epoch_start,                // ISR expansion below the leader's epoch start (KAFKA-7128)
    join_before_high_watermark,             // and below the high watermark
    isr_settled_before_answer,              // the leader acts on an ISR that nobody has agreed to
    producer_state_forgotten,               // a restarted broker does not know who wrote what
    duplicates_not_detected,                // a retry is appended again
    sequences_not_checked,                  // gaps in sequences are accepted
    retries_out_of_order,                   // a failed batch is sent after its successors
    epoch_not_bumped,                       // the producer goes on after a gap (KIP-360)
    delivery_timeout_ignored,               // delivery.timeout.ms never ends a send
    vote_given_twice,                       // a voter votes for two candidates of an epoch
    votes_ignore_the_log,                   // a candidate without committed metadata is elected
    metadata_committed_by_the_leader_alone, // no majority needs to have it
    stale_commits_accepted,                 // offsets of fenced members and old generations count
    partitions_given_before_released,       // a member gets what another still holds (KIP-848)
    fenced_members_go_on,                   // heartbeats of members that were expelled are answered
    offsets_not_loaded,                     // the next coordinator does not know them
    automatic_commit_of_fresh_polls,        // poll() commits what it is about to return
    aborted_records_delivered,              // a read_committed reader does not look at the aborted list
    last_stable_offset_ignored,             // it is served up to the high watermark
    offsets_left_out_of_transaction,        // sendOffsetsToTransaction() does nothing
    old_epochs_not_fenced,                  // coordinators and leaders take what an older epoch asks for
    retention_ignores_high_watermark,       // files with records that are not committed are deleted
    cleaner_keeps_the_first,                // of the records of a key, in place of the last
    count,
};

/// When a group's committed offsets are deleted. Source: GroupMetadata.removeExpiredOffsets; from 4.0
/// ClassicGroup.offsetExpirationCondition.
enum class OffsetExpiry : std::uint8_t {
    since_commit,      // to 2.0: offsets.retention.minutes after the commit, whoever is still there
    of_empty_groups,   // 2.1, KIP-211: so long after the last member has left
    of_unsubscribed,   // 2.4, KIP-496: also of topics that no member asks for
    of_settled_groups, // 2.8.2, KAFKA-13636: the same, but not while a group rebalances
};

/// What a release can do in groups; of JoinGroup both the broker and the client must know it.
struct GroupAbilities {
    bool coordinator_runtime = true;        // CoordinatorRuntime, default for all groups from 4.0 (KIP-848)
    bool join_requires_member_id = true;    // KIP-394, 2.2
    bool new_members_expire = true;         // KAFKA-7610, 2.2
    bool static_membership = true;          // KIP-345, 2.3
    bool unsynced_members_expire = true;    // KAFKA-12890, 2.8.1 and 3.0
    bool joined_members_are_watched = true; // KAFKA-9752, 2.5: also before their first heartbeat
    bool static_leader_skips_assignment = true; // KIP-814, 3.2
    bool consumer_protocol = true;              // KIP-848, 4.0; early access before
    OffsetExpiry offset_expiry = OffsetExpiry::of_settled_groups;
    bool forgets_deleted_topics = true; // KAFKA-2000, 0.10.2: what was committed for them
    bool operator==(const GroupAbilities&) const = default;
};

/// What a release can do in transactions; of most both the broker and the client must know it.
struct TransactionAbilities {
    bool epoch_bump = true;             // KIP-360, 2.5: InitProducerId bumps the epoch of who asks
    bool group_metadata = true;         // KIP-447, 2.5
    bool fences_by_own_error = true;    // KIP-588, 2.7: PRODUCER_FENCED; INVALID_PRODUCER_EPOCH before
    bool remembers_failed_fence = true; // KAFKA-9666, 2.6: a fence that was not written bumps no second time
    bool verifies_partitions = true;    // KIP-890 part 1, 3.6: AddPartitionsToTxn v4 with verify_only
    bool abortable_error = true;        // KIP-890 part 1, 3.8: TRANSACTION_ABORTABLE
    bool version_2 = true;              // KIP-890 part 2, 4.0: transaction.version 2
    bool epoch_comes_before_guard = true; // KAFKA-19690, 3.9.2: a fenced batch is told so
    bool markers_exceed_epoch = true;     // KIP-1228, 4.2: markers of version 2 have a new epoch
    bool operator==(const TransactionAbilities&) const = default;
};

/// What the log cleaner of a release does.
struct CleanerAbilities {
    bool stops_at_last_stable_offset = true; // KAFKA-13194, 3.1; before: at the first undecided transaction
    bool batches_have_horizons = true;       // KIP-534, 3.1; before: by the age of the last clean file
    bool keeps_last_batch = true;            // KAFKA-17076, 4.0: of each round, emptied if need be
    bool survives_bad_batches = true;        // KIP-346, 2.1: gives up a partition, not its thread
    bool takes_records_without_key = false;  // 0.8.2: nobody looks, and the cleaner dies of it
    bool records_have_own_error = true;      // KIP-467, 2.4: INVALID_RECORD; CORRUPT_MESSAGE before
    bool operator==(const CleanerAbilities&) const = default;
};

/// What a voter does when its election came to nothing. Source: KafkaRaftClient.
enum class LostElection : std::uint8_t {
    backs_off, // exponentially, at random, to controller.quorum.election.backoff.max.ms
    waits,     // 4.1: for the rest of the election time-out (KAFKA-18345)
};

/// What a release can do in the KRaft quorum.
struct QuorumAbilities {
    bool pre_vote = true;                // KIP-996, 4.0
    bool checks_quorum = true;           // a leader without a majority resigns (KAFKA-15489, 3.7)
    bool begin_is_repeated = true;       // BeginQuorumEpoch each half fetch time-out (KIP-853, 3.9)
    bool fences_one_by_one = true;       // of several stale brokers, each on what the one before left (3.0)
    bool stale_is_not_controller = true; // KAFKA-14154, 3.3: a leader ahead of the controller asks another
    LostElection lost_election = LostElection::waits;
    bool operator==(const QuorumAbilities&) const = default;
};

/// What a release can do under ZooKeeper. Gone with 4.0.
struct ZooKeeperAbilities {
    bool broker_epochs = true;           // KIP-380, 2.2: in control requests; a bounced broker is noticed
    bool writes_check_controller = true; // KAFKA-6082, 2.2: no write under an older /controller_epoch
    bool isr_changes_are_told = true;    // KAFKA-1367, 0.9: /isr_change_notification
    bool failover_finds_dead_replicas = true; // KAFKA-3143, 2.3: a new controller takes them out of ISRs
    bool stop_replica_has_epoch = true;     // KIP-570, 2.6: a StopReplica of an older leader epoch is refused
    bool elections_by_request = true;       // KIP-460, 2.4: ElectLeaders, which knows UNCLEAN as well
    bool unclean_is_enabled_at_once = true; // 2.1: TopicUncleanLeaderElectionEnable (KAFKA-6835)
    bool stale_is_not_controller = true;    // KAFKA-14154, 3.3: a leader ahead of the controller asks another
    bool reassigns_by_request = true;       // KIP-455, 2.4: AlterPartitionReassignments, and cancelling
    bool throttles_replication = true;      // KIP-73, 0.10.1
    bool survives_directory_failure = true; // KIP-112, 1.0: else the broker halts
    bool leaves_when_registered = true;     // a process whose node is another session's ends; 0.8.2 waits
    bool operator==(const ZooKeeperAbilities&) const = default;
};

/// Bugs of brokers that a release has mended; false = it still has them.
struct MendedBugs {
    bool isr_change_outlives_election = true; // KAFKA-12686, 3.0: one in flight is not forgotten
    bool marker_needs_loaded_logs = true;     // KAFKA-15375, 3.5.2: .kafka_cleanshutdown
    bool port_opens_when_ready = true;        // KAFKA-14658, 3.5: of a broker that starts, KRaft
    bool producers_outlive_records = true;    // KAFKA-7190, 2.4: their state does
    bool operator==(const MendedBugs&) const = default;
};

/// All abilities of one release. Shape: a plain value; mixed clusters have one per broker.
struct Dialect {
    InSyncRule in_sync = InSyncRule::previous_fetch_or_equal;
    TruncationRule truncation = TruncationRule::on_fetch;
    HighWatermarkRule high_watermark = HighWatermarkRule::isr_and_eligible_caught_up;
    JoinRule join = JoinRule::same_broker_epoch;
    FencingCheck fencing_check = FencingCheck::every_eighth_of_session;
    UnknownProducerRule unknown_producer = UnknownProducerRule::accept_any;
    bool fetch_is_fenced_by_epoch = true;          // KIP-320, 2.1
    bool isr_change_is_asynchronous = true;        // KIP-497, 2.7; KRaft always
    bool high_watermark_waits_for_min_isr = true;  // KAFKA-15583, 3.7
    bool min_isr_is_capped = true;                 // min(min.insync.replicas, replication factor), 3.7
    bool shrink_bumps_leader_epoch = false;        // KRaft before metadata version 3.6-IV0 (KAFKA-15021)
    bool eligible_leader_replicas = true;          // KIP-966, default of new clusters from 4.1
    bool epoch_starts_at_election = true;          // KAFKA-7415, 2.0.1: epoch cached on becoming leader
    bool producers_carry_state = true;             // idempotent producer state exists, 0.11
    bool last_known_leader_election = true;        // with eligible leader replicas
    bool unclean_election_is_retried = true;       // unclean.leader.election.interval.ms, 3.9
    bool unclean_registration_leaves_isr = true;   // KAFKA-18106, 4.0
    bool metadata_waits_for_high_watermark = true; // Fetch v18, KAFKA-14145, 4.1
    bool producer_id_needs_write = true;           // KIP-679, 2.8
    std::int32_t cached_batches = 5;               // producer state; 1 in 0.11
    // clients
    bool producer_hears_new_leader = true;             // KIP-951, 3.7
    bool consumer_detects_truncation = true;           // KIP-320, 2.3
    bool consumers_read_followers = true;              // KIP-392, 2.4; of brokers, too
    bool preferred_replica_is_in_isr = true;           // KAFKA-14372, 3.3.2 and 3.4; of brokers
    bool request_timeout_is_network_exception = false; // client before 3.5
    bool buffer_exhausted_is_its_own_exception = true; // KAFKA-3720, 2.6; a plain TimeoutException before
    bool buffer_exhausted_is_thrown = false;           // 0.8.2: no ApiException yet, so send() throws it
    StickyRule sticky = StickyRule::by_bytes;
    BrokenRule broken = BrokenRule::none; // tests only
    MendedBugs mended;
    GroupAbilities group;
    TransactionAbilities transaction;
    QuorumAbilities quorum;
    ZooKeeperAbilities zookeeper;
    CleanerAbilities cleaner;
    bool operator==(const Dialect&) const = default;
};

/// Whether a follower that is ahead of its leader halts its broker rather than cut its log, where unclean
/// elections are not allowed (KAFKA-7414). It was mended in 2.0.1, the 2.0 of here, as KIP-279 came.
inline bool halts_beyond_leader(const Dialect& dialect) {
    return dialect.truncation < TruncationRule::by_epoch;
}

/// The abilities of `release`. Source: one line per ability in releases.cpp.
Dialect dialect_of(Release release);
/// Of a process that runs `release` while the features of the cluster (metadata.version, or
/// inter.broker.protocol.version, and what comes with it) are those of `features`: some abilities wait for
/// them.
Dialect dialect_of(Release release, Release features);

} // namespace kafka
