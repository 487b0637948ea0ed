#pragma once
// What became of records at the groups that read them: polled, processed, committed past, by whom.

#include "models/check/failures.hpp"
#include "models/check/ranges.hpp"
#include "models/cluster/observer.hpp"

#include <array>
#include <string>
#include <vector>

namespace kafka {

/// Why a group processed a record again.
enum class RepeatCause : std::uint8_t {
    crash_before_commit, // the member that had processed it died before it committed past it
    rebalance,           // its partition went to another member, or came back, before it was committed
    off_by_one,          // the committed offset named the last processed record
    reread,              // the position went back: a reset, or a truncated log
    aborted_transaction, // its results were thrown away, and it went back to what was committed
};
inline constexpr int repeat_cause_count = 5;
std::string_view name(RepeatCause cause);

/// Records that a group has never processed, and has committed past or begun beyond.
struct ConsumerLoss {
    GroupIndex group = no_group;
    PartitionIndex partition;
    StreamIndex stream;
    std::int64_t first = 0; // value
    std::int64_t end = 0;
    Offset offset_first;
    bool polled = false;
    bool committed_by_known = false;
    sim::SimTime committed; // the first commit past it
    ConsumerIndex committed_by;
    bool forward_failed = false; // handed to another topic, where it never arrived
    bool crashed = false;        // the member that had polled it died before processing it
    sim::SimTime crash;
    ConsumerIndex member; // that had polled it
};

struct GroupSummary {
    std::int64_t polled = 0;    // records that polls returned
    std::int64_t processed = 0; // distinct records
    std::int64_t once = 0, twice = 0, more = 0;
    std::int64_t lost = 0;    // committed past or begun beyond, never processed
    std::int64_t waiting = 0; // readable and neither processed nor committed past, at the end
    std::int64_t repeats = 0; // processings beyond the first of a record
    std::array<std::int64_t, repeat_cause_count> repeated{};
    std::int64_t commits = 0, commits_failed = 0; // as members were told, by partition
    std::int64_t commits_fenced = 0;              // of them: by the generation, or as an unknown member
    std::int64_t forgotten = 0;                   // offsets that the coordinator has deleted
    std::int64_t rebalances = 0;
    std::int64_t partitions_lost = 0; // onPartitionsLost
    std::int64_t lag = 0;
    std::vector<Offset> committed;  // by partition; no_offset = nothing
    std::vector<std::int64_t> lags; // by partition
};

/// Part of the ledger: follows members and their applications.
class Consumption {
  public:
    explicit Consumption(const Configuration& configuration);
    void on(sim::SimTime time, const Fact& fact);
    void at_end(const World& world);
    /// Below it nothing is read any more, unless the group goes back: what is committed, and where who read
    /// last began, which is beyond it after auto.offset.reset=latest.
    Offset behind(GroupIndex group, PartitionIndex partition) const;

    std::vector<GroupSummary> groups; // by group
    std::vector<ConsumerLoss> losses;
    Failures failures;

  private:
    struct Commit {
        sim::SimTime time;
        Offset offset;
        ConsumerIndex consumer;
    };
    struct Piece { // of a poll, not yet processed
        GroupIndex group;
        PartitionIndex partition;
        std::int64_t first, end; // offsets
        ConsumerIndex member;
        sim::SimTime crash;
    };
    enum class OwnerEnd : std::uint8_t { owns, gave_up, crashed };
    struct Progress { // of a group in a partition
        Ranges polled, processed, twice, more, forwarded;
        std::vector<Commit> commits; // those that went further than all before
        ConsumerIndex owner{-1};
        OwnerEnd owner_end = OwnerEnd::gave_up;
        RepeatCause cause = RepeatCause::reread; // of what is processed again from here on
        Offset started = no_offset;              // position at the latest assignment
    };
    const Configuration& configuration_;
    std::vector<Progress> progress_;       // by group x partition
    std::vector<std::vector<Piece>> open_; // by consumer
    std::vector<bool> poll_over_;          // by consumer: the next Delivered begins a new batch
    std::vector<Piece> abandoned_;         // died with their process
    std::vector<Generation> generations_;  // by group

    Progress& at(GroupIndex group, PartitionIndex partition) {
        return progress_[static_cast<std::size_t>(group.value) * configuration_.partitions.size() +
                         static_cast<std::size_t>(partition.value)];
    }
    /// Whether records may wait in the application while it polls on.
    bool holds_records(ConsumerIndex consumer) const {
        return configuration_.consumer(consumer).application.on_failure.reaction ==
               FailureReaction::pause_and_retry;
    }
    GroupIndex group_of(ConsumerIndex consumer) const { return configuration_.consumer(consumer).group; }
    void on_delivered(const fact::Delivered& fact);
    void on_processed(const fact::ProcessingEnded& fact);
    void on_assigned(const fact::PartitionAssigned& fact);
    void on_crash(sim::SimTime time, ConsumerIndex consumer);
    void on_committed(sim::SimTime time, const fact::OffsetCommitted& fact);
    void on_answered(const fact::CommitAnswered& fact);
    void on_changed(sim::SimTime time, const Fact& fact);
    void summarise(const World& world, GroupIndex group, PartitionIndex partition);
    void lose(GroupIndex group, PartitionIndex partition, const Batch& batch, std::int64_t first,
              std::int64_t end);
};

} // namespace kafka
