#pragma once
// What must hold among the voters of a KRaft quorum, and between them and the brokers.

#include "models/cluster/observer.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kafka {

/// Quorum invariants of reference/anomalies.md B2; each is *always*. Checked when a voter's role or high
/// watermark has moved.
class QuorumInvariants {
  public:
    enum Name : std::uint8_t {
        quorum_has_one_leader_per_epoch,          // SingleLeader, ElectionSafety
        quorum_epochs_never_fall,                 // MonotonicEpoch
        committed_metadata_is_on_a_majority,      // MajorityReachedHighWatermark
        committed_metadata_survives_elections,    // LeaderCompleteness
        metadata_logs_agree_below_high_watermark, // ConsistentCommittedData, MetadataLogMatching
        metadata_high_watermarks_never_fall,      // MonotonicHighWatermark
        brokers_apply_only_committed_metadata,    // MetadataLogMatching
        active_controllers_lead_the_quorum,       // ValidRolesAndStates
        count,
    };
    /// Told of each breach.
    using Report = std::function<void(const std::string& name, const std::string& text)>;

    void on(const Fact& fact, const World& world, const Report& report);
    void after_step(const World& world, const Report& report);

    static const char* name_of(std::size_t name);
    const std::vector<std::int64_t>& counts() const { return counts_; }

  private:
    std::vector<std::int64_t> counts_ = std::vector<std::int64_t>(count, 0);
    std::map<std::int32_t, Voter> leaders_; // by epoch
    std::vector<Epoch> epochs_;             // by voter, the newest
    std::vector<Offset> high_watermarks_;   // by voter; checked up to here
    std::vector<MetadataRecord> committed_; // by offset, as the first voter that knew them had them
    std::vector<Epoch> committed_epochs_;
    bool moved_ = false;

    void breach(Name name, const std::string& text, const Report& report);
    void on_role(const fact::QuorumRoleChanged& fact, const World& world, const Report& report);
    void on_committed(const fact::MetadataCommitted& fact, const World& world, const Report& report);
    void check_voter(std::size_t voter, const World& world, const Report& report);
    bool has_all(const Controller& voter) const;
};

} // namespace kafka
