#pragma once
// What must hold in brokers and controller after every event that touched a partition.

#include "models/check/control_rules.hpp"
#include "models/check/group_rules.hpp"
#include "models/check/quorum.hpp"
#include "models/check/ranges.hpp"
#include "models/check/transaction_rules.hpp"
#include "models/cluster/control_plane.hpp"
#include "models/cluster/observer.hpp"

#include <string>
#include <vector>

namespace kafka {

/// Something that did not hold.
struct Finding {
    std::string name;
    sim::SimTime time;
    std::string text;
};

/// Broker invariants of reference/anomalies.md B2 that the core can break; each is *always*. See README.md
/// here.
class Invariants : public Observer {
  public:
    enum Name : std::uint8_t {
        high_watermark_is_on_every_isr_member,     // StrongIsr, ValidHighWatermark
        leader_is_in_isr,                          // LeaderInIsr
        elected_leader_has_every_committed_record, // LeaderCompleteness
        logs_agree_below_high_watermarks,          // LogMatching
        lossy_replicas_are_no_candidates,          // UncleanExclusion
        high_watermark_of_a_leader_never_falls,    // AppliedHwMonotonic
        one_leader_per_epoch,                      // SingleLeader
        isr_and_elr_are_valid,                     // ValidControllerIsrAndElr
        only_fetched_records_join_the_isr,         // TruncationByEpoch: expansion reaches the epoch's start
        offsets_are_dense,                         // ValidReplicaState
        acknowledged_on_min_isr_members,           // acks=all is answered only while the ISR is large enough
        isr_changes_follow_the_present_state,      // AlterPartition is a compare-and-set (KIP-497)
        broker_epochs_grow,                        // each registration has a higher one (KIP-631)
        fetches_are_fenced_by_epoch,     // nothing is served to a follower of an older epoch (KIP-320)
        unclean_elections_are_permitted, // by the topic, on request, or the last known leader
        markers_follow_a_decision,       // TransactionRule, likewise
        transactions_have_one_outcome,
        last_stable_offset_is_decided,
        coordinator_epochs_grow,
        producer_epochs_grow,
        proposed_members_are_waited_for, // a gap of KRaft itself, see check_isr
        reassignments_are_valid, // what is added or removed is a replica; the old go when the new are in sync
        log_starts_stay_below_high_watermarks, // and a running replica's log start never falls
        segments_cover_the_log,                // one after the other, with all its bytes
        count,
    };

    explicit Invariants(const Configuration& configuration);
    void on(sim::SimTime time, std::uint64_t event, const Fact& fact, const World& world) override;
    void after_step(const World& world) override;

    /// Name and number of breaches, in fixed order, also zeros.
    std::vector<std::pair<std::string, std::int64_t>> counts() const;
    const std::vector<Finding>& findings() const { return findings_; }
    /// Fetches that were served although the follower believed in an older epoch, by leaders that do not look
    /// (before KIP-320).
    std::int64_t stale_fetches() const { return stale_fetches_; }

  private:
    /// Highest offset that any leader ever exposed, and what stood below it.
    struct Truth {
        Offset high_watermark{0};
        std::uint64_t prefix = 0;
        bool excused = false; // an unclean election or a lossy failure: what follows is no breach
        Epoch excused_in =
            no_epoch; // a replica that lost data leads in this epoch: excused as long as it does
        Epoch leader_epoch = no_epoch; // newest leadership seen
        BrokerSlot leader = no_slot;
        Offset leader_high_watermark{0};
        Offset lossy_end{0};            // where they had ended
        BrokerSet lossy;                // replicas that lost data and have not caught up since
        BrokerSet forked;               // of them: those that have led and written meanwhile
        BrokerSet isr, last_known_elr;  // of the last change
        Epoch unclean_epoch = no_epoch; // of the latest unclean election
        BrokerSet apart;                // replicas that have not joined the ISR since an unclean election
        BrokerSet joined;               // by the last change, as its leader had proposed
        BrokerSet forgotten;            // members that the leader had proposed, and did not wait for
        bool completes = false;         // the last change completed a reassignment
    };
    const Configuration& configuration_;
    std::vector<std::int64_t> counts_;
    std::vector<Finding> findings_;
    std::vector<Truth> truths_;                   // by partition
    std::vector<DecidedRegistration> registered_; // by broker, the newest
    std::vector<PartitionIndex> touched_;
    QuorumInvariants quorum_;
    sim::SimTime now_;
    TransactionRules transactions_;
    GroupRules groups_;
    std::vector<std::int64_t> group_counts_;   // by GroupRule
    std::vector<std::int64_t> control_counts_; // by ControlRule
    bool membership_moved_ = false;            // of an ISR, or a broker was fenced
    std::vector<BrokerSlot> informed_;         // brokers that have applied metadata in this step
    std::int64_t stale_fetches_ = 0;
    bool decisions_lost_ = false; // a partition of __transaction_state lost what was committed

    void on_transaction(const Fact& fact, const World& world);
    void on_group(const Fact& fact, const World& world);
    QuorumInvariants::Report quorum_report();
    void breach(Name name, PartitionIndex partition, const std::string& text);
    void touch(PartitionIndex partition);
    void on_leader(const fact::BecameLeader& fact, const World& world);
    void on_append(const fact::BatchAppended& fact, const World& world);
    void on_high_watermark(const fact::HighWatermarkMoved& fact, const World& world);
    void on_partition(const fact::PartitionChanged& fact, const World& world);
    void on_cause(const fact::PartitionChanged& fact, const Truth& truth, const World& world);
    void forgive_caught_up(PartitionIndex partition, BrokerSet joining, const World& world);
    void on_replicas(const fact::ReplicasChanged& fact, const World& world);
    void on_fetch(const fact::FetchServed& fact, const World& world);
    void on_answer(const fact::ProduceAnswered& fact, const World& world);
    void on_broker(const fact::BrokerChanged& fact, const World& world);
    BrokerSet all_replicas(PartitionIndex partition) const;
    void check(PartitionIndex partition, const World& world);
    void check_isr(PartitionIndex partition, const World& world, const PartitionState& state);
    void check_control(const World& world);
    void on_log_start(const fact::LogStartMoved& fact, const World& world);
    void check_segments(PartitionIndex partition, const Log& log);
};

} // namespace kafka
