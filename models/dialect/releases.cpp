#include "models/dialect/dialect.hpp"

#include <algorithm>

namespace kafka {

namespace {

InSyncRule in_sync_rule(Release release) {
    if (release < Release::v0_9_0) return InSyncRule::message_lag;
    if (release < Release::v0_10_2) return InSyncRule::reached_the_end; // KIP-16
    if (release < Release::v2_1) return InSyncRule::previous_fetch;     // KAFKA-4485
    return InSyncRule::previous_fetch_or_equal;                         // KAFKA-7152
}

TruncationRule truncation_rule(Release release) {
    if (release < Release::v0_11_0) return TruncationRule::to_high_watermark;
    if (release < Release::v2_0) return TruncationRule::by_epoch_end; // KIP-101
    if (release < Release::v2_7) return TruncationRule::by_epoch;     // KIP-279
    return TruncationRule::on_fetch;                                  // KIP-595
}

HighWatermarkRule high_watermark_rule(Release release) {
    if (release < Release::v0_9_0) return HighWatermarkRule::isr_only;
    if (release < Release::v3_6) return HighWatermarkRule::isr_and_caught_up;
    return HighWatermarkRule::isr_and_eligible_caught_up; // KAFKA-15021
}

JoinRule join_rule(Release release) {
    if (release < Release::v2_1) return JoinRule::at_high_watermark;
    if (release < Release::v3_3) return JoinRule::at_epoch_start; // KAFKA-7128
    if (release < Release::v3_5) return JoinRule::unfenced;       // KIP-841
    return JoinRule::same_broker_epoch;                           // KIP-903
}

OffsetExpiry offset_expiry(Release release) {
    if (release < Release::v2_1) return OffsetExpiry::since_commit;    // KIP-211
    if (release < Release::v2_4) return OffsetExpiry::of_empty_groups; // KIP-496
    return release < Release::v2_8 ? OffsetExpiry::of_unsubscribed
                                   : OffsetExpiry::of_settled_groups; // KAFKA-13636
}

GroupAbilities group_abilities(Release release) {
    GroupAbilities group;
    group.coordinator_runtime = release >= Release::v4_0;
    group.join_requires_member_id = release >= Release::v2_2;    // KIP-394
    group.new_members_expire = release >= Release::v2_2;         // KAFKA-7610
    group.static_membership = release >= Release::v2_3;          // KIP-345
    group.unsynced_members_expire = release >= Release::v2_8;    // KAFKA-12890, fixed in 2.8.1
    group.joined_members_are_watched = release >= Release::v2_5; // KAFKA-9752
    group.consumer_protocol = release >= Release::v4_0;          // KIP-848
    group.offset_expiry = offset_expiry(release);
    group.forgets_deleted_topics = release >= Release::v0_10_2;      // KAFKA-2000
    group.static_leader_skips_assignment = release >= Release::v3_2; // KIP-814
    return group;
}

TransactionAbilities transaction_abilities(Release release) {
    TransactionAbilities transaction;
    transaction.epoch_bump = release >= Release::v2_5;             // KIP-360
    transaction.group_metadata = release >= Release::v2_5;         // KIP-447
    transaction.fences_by_own_error = release >= Release::v2_7;    // KIP-588
    transaction.remembers_failed_fence = release >= Release::v2_6; // KAFKA-9666
    transaction.verifies_partitions = release >= Release::v3_6;    // KIP-890 part 1
    transaction.abortable_error = release >= Release::v3_8;
    transaction.version_2 = release >= Release::v4_0;            // KIP-890 part 2; facts/kafka-features.tsv
    transaction.markers_exceed_epoch = release >= Release::v4_2; // facts/delta-4.x.md
    transaction.epoch_comes_before_guard = release >= Release::v3_9; // KAFKA-19690
    return transaction;
}

QuorumAbilities quorum_abilities(Release release) {
    QuorumAbilities quorum;
    quorum.pre_vote = release >= Release::v4_0;                // KIP-996
    quorum.checks_quorum = release >= Release::v3_7;           // KAFKA-15489
    quorum.begin_is_repeated = release >= Release::v3_9;       // KIP-853
    quorum.fences_one_by_one = release != Release::v2_8;       // KAFKA-13173; older ones had no KRaft
    quorum.stale_is_not_controller = release >= Release::v3_3; // KAFKA-14154
    quorum.lost_election = release < Release::v4_1 ? LostElection::backs_off : LostElection::waits;
    return quorum;
}

ZooKeeperAbilities zookeeper_abilities(Release release) {
    ZooKeeperAbilities zookeeper;
    zookeeper.broker_epochs = release >= Release::v2_2;                // KIP-380
    zookeeper.writes_check_controller = release >= Release::v2_2;      // KAFKA-6082
    zookeeper.isr_changes_are_told = release >= Release::v0_9_0;       // KAFKA-1367
    zookeeper.failover_finds_dead_replicas = release >= Release::v2_3; // KAFKA-3143
    zookeeper.stop_replica_has_epoch = release >= Release::v2_6;       // KIP-570
    zookeeper.elections_by_request = release >= Release::v2_4;         // KIP-460
    zookeeper.unclean_is_enabled_at_once = release >= Release::v2_1;   // KAFKA-6835
    zookeeper.stale_is_not_controller = release >= Release::v3_3;      // KAFKA-14154
    zookeeper.reassigns_by_request = release >= Release::v2_4;         // KIP-455
    zookeeper.throttles_replication = release >= Release::v0_10_2;     // KIP-73, 0.10.1
    zookeeper.survives_directory_failure = release >= Release::v1_0;   // KIP-112
    zookeeper.leaves_when_registered = release >= Release::v0_9_0;
    return zookeeper;
}

CleanerAbilities cleaner_abilities(Release release) {
    CleanerAbilities cleaner;
    cleaner.stops_at_last_stable_offset = release >= Release::v3_1; // KAFKA-13194
    cleaner.batches_have_horizons = release >= Release::v3_1;       // KIP-534
    cleaner.keeps_last_batch = release >= Release::v4_0;            // KAFKA-17076
    cleaner.survives_bad_batches = release >= Release::v2_1;        // KIP-346
    cleaner.takes_records_without_key = release < Release::v0_9_0;
    cleaner.records_have_own_error = release >= Release::v2_4; // KIP-467
    return cleaner;
}

} // namespace

Dialect dialect_of(Release release) {
    Dialect dialect;
    dialect.in_sync = in_sync_rule(release);
    dialect.truncation = truncation_rule(release);
    dialect.high_watermark = high_watermark_rule(release);
    dialect.join = join_rule(release);
    dialect.fencing_check =
        release < Release::v4_0 ? FencingCheck::at_session_end : FencingCheck::every_eighth_of_session;
    dialect.unknown_producer = release < Release::v2_5 ? UnknownProducerRule::refuse_unless_first // KIP-360
                                                       : UnknownProducerRule::accept_any;
    dialect.fetch_is_fenced_by_epoch = release >= Release::v2_1;         // KIP-320
    dialect.isr_change_is_asynchronous = release >= Release::v2_7;       // KIP-497
    dialect.high_watermark_waits_for_min_isr = release >= Release::v3_7; // KAFKA-15583
    dialect.min_isr_is_capped = release >= Release::v3_7;
    dialect.shrink_bumps_leader_epoch = release < Release::v3_6;            // KAFKA-15021
    dialect.eligible_leader_replicas = release >= Release::v4_1;            // facts/delta-4.x.md
    dialect.epoch_starts_at_election = release >= Release::v2_0;            // KAFKA-7415
    dialect.mended.isr_change_outlives_election = release >= Release::v3_0; // KAFKA-12686
    dialect.mended.marker_needs_loaded_logs = release >= Release::v3_5;     // KAFKA-15375
    dialect.mended.port_opens_when_ready = release >= Release::v3_5;        // KAFKA-14658
    dialect.producers_carry_state = release >= Release::v0_11_0;            // KIP-98
    dialect.mended.producers_outlive_records = release >= Release::v2_4;    // KAFKA-7190
    dialect.last_known_leader_election = release >= Release::v3_8;
    dialect.unclean_election_is_retried = release >= Release::v3_9;
    dialect.unclean_registration_leaves_isr = release >= Release::v4_0;   // KAFKA-18106
    dialect.metadata_waits_for_high_watermark = release >= Release::v4_1; // KAFKA-14145
    dialect.producer_id_needs_write = release >= Release::v2_8;           // KIP-679
    dialect.cached_batches = release < Release::v1_0 ? 1 : 5;
    dialect.producer_hears_new_leader = release >= Release::v3_7;   // KIP-951
    dialect.consumer_detects_truncation = release >= Release::v2_3; // KAFKA-7747
    dialect.consumers_read_followers = release >= Release::v2_4;    // KIP-392
    dialect.preferred_replica_is_in_isr = release >= Release::v3_4; // KAFKA-14372
    dialect.request_timeout_is_network_exception = release < Release::v3_5;
    dialect.buffer_exhausted_is_its_own_exception = release >= Release::v2_6 || release < Release::v0_9_0;
    dialect.buffer_exhausted_is_thrown = release < Release::v0_9_0;
    dialect.sticky = release < Release::v2_4   ? StickyRule::round_robin
                     : release < Release::v3_3 ? StickyRule::by_batch  // KIP-480
                                               : StickyRule::by_bytes; // KIP-794
    dialect.group = group_abilities(release);
    dialect.transaction = transaction_abilities(release);
    dialect.quorum = quorum_abilities(release);
    dialect.zookeeper = zookeeper_abilities(release);
    dialect.cleaner = cleaner_abilities(release);
    return dialect;
}

/// One line for each ability that other members of the cluster must be ready for.
/// Source: MetadataVersion (before 3.3: ApiVersion), Feature; facts/kafka-features.tsv.
Dialect dialect_of(Release release, Release features) {
    Dialect dialect = dialect_of(release);
    const Dialect ready = dialect_of(std::min(release, features));
    dialect.truncation = ready.truncation; // 0.11-IV2, 2.0-IV0, 2.7-IV1 (isTruncationOnFetchSupported)
    dialect.fetch_is_fenced_by_epoch = ready.fetch_is_fenced_by_epoch;     // fetchRequestVersion, 2.1-IV1
    dialect.isr_change_is_asynchronous = ready.isr_change_is_asynchronous; // 2.7-IV2
    if (ready.join < JoinRule::same_broker_epoch) // fetchRequestVersion 15, 3.5-IV1 (KIP-903)
        dialect.join = std::min(dialect.join, JoinRule::unfenced);
    dialect.shrink_bumps_leader_epoch =
        ready.shrink_bumps_leader_epoch;                               // isLeaderEpochBumpRequiredOnIsrShrink
    dialect.eligible_leader_replicas = ready.eligible_leader_replicas; // eligible.leader.replicas.version
    dialect.group.consumer_protocol = ready.group.consumer_protocol;   // group.version
    dialect.transaction.version_2 = ready.transaction.version_2;       // transaction.version
    // Versions of the controller's requests: 2.2-IV0 and 2.6-IV0 (ControllerChannelManager); LogDirFailure
    // halts before 1.0-IV0 (ReplicaManager.haltBrokerOnDirFailure).
    dialect.zookeeper.broker_epochs = ready.zookeeper.broker_epochs;
    dialect.zookeeper.stop_replica_has_epoch = ready.zookeeper.stop_replica_has_epoch;
    dialect.zookeeper.survives_directory_failure = ready.zookeeper.survives_directory_failure;
    return dialect;
}

} // namespace kafka
