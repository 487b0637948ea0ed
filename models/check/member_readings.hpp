#pragma once
// What members of groups were shown, and what they committed: the client-history anomalies of groups.

#include "models/check/ranges.hpp"
#include "models/cluster/observer.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace kafka {

/// What began a generation of a group.
enum class RebalanceCause : std::uint8_t {
    member_joined,
    member_left,    // close()
    member_expired, // session.timeout.ms, max.poll.interval.ms, or it did not rejoin in time
    static_member,  // nothing but a group.instance.id that came back
    partitions,     // were added
    unexpected,     // nothing that anybody could name
};
inline constexpr int rebalance_cause_count = 6;
std::string_view name(RebalanceCause cause);

/// Of one group. Source: reference/anomalies.md B1; the names there stand behind.
struct MemberAnomalies {
    std::int64_t poll_skips = 0;         // records between two polls of a partition that nobody returned
    std::int64_t nonmonotonic_polls = 0; // records that a poll returned again to the same process
    std::int64_t unexpected_offsets = 0; // a batch does not begin at the position: consumed-below-committed
    std::int64_t auto_commits_ahead = 0; // records that an automatic commit went past unprocessed
    std::int64_t commits_ahead = 0;      // the same of the code's own commits
    std::int64_t committed_past_position = 0;
    std::int64_t commits_backwards = 0;    // a commit below the one before: committed-offset-rewind
    std::int64_t consumed_unassigned = 0;  // records of a partition that the member does not have
    std::int64_t committed_unassigned = 0; // offsets, likewise
    std::int64_t revoked_unassigned = 0;   // partitions
    std::int64_t processed_unassigned = 0; // records: the application did not hear in time
    std::array<std::int64_t, rebalance_cause_count> rebalances{};
    sim::Duration worst_realtime_lag; // the last record of a poll had ceased to be the newest so long ago
};

/// Part of the ledger.
class MemberReadings {
  public:
    explicit MemberReadings(const Configuration& configuration);
    void on(sim::SimTime time, const Fact& fact, const World& world);

    std::vector<MemberAnomalies> groups; // by group

  private:
    struct Place { // of a member in a partition
        bool assigned = false;
        Offset position = no_offset; // of the next record
        Offset last_end = no_offset; // after the last one that a poll returned; none once it was given up
        Ranges unprocessed;          // returned, and not dealt with
    };
    struct Exposed {
        Offset high_watermark;
        sim::SimTime time;
    };
    struct Changes { // since the group's latest generation
        Generation generation{0};
        bool joined = false, left = false, expired = false, replaced = false, partitions = false;
    };
    const Configuration& configuration_;
    std::vector<Place> places_;                 // by consumer x partition
    std::vector<std::vector<Exposed>> exposed_; // by partition, in order
    std::vector<Offset> committed_;             // by group x partition
    std::vector<Changes> changes_;              // by group

    Place& at(ConsumerIndex consumer, PartitionIndex partition) {
        return places_[static_cast<std::size_t>(consumer.value) * configuration_.partitions.size() +
                       static_cast<std::size_t>(partition.value)];
    }
    MemberAnomalies* of(ConsumerIndex consumer);
    std::int64_t records_between(ConsumerIndex consumer, PartitionIndex partition, Offset from, Offset to,
                                 const World& world) const;
    void on_delivered(sim::SimTime time, const fact::Delivered& fact, const World& world);
    void on_processed(const fact::ProcessingEnded& fact);
    void on_commit(const fact::CommitSent& fact, const World& world);
    void on_owner(const Fact& fact);
    void on_membership(const Fact& fact);
    void on_generation(const fact::GroupChanged& fact);
    void on_exposed(sim::SimTime time, const fact::HighWatermarkMoved& fact);
};

} // namespace kafka
