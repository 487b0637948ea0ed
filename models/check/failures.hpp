#pragma once
// Records that applications could not process: what was done about them, and whether they are still there.

#include "models/check/ranges.hpp"
#include "models/cluster/observer.hpp"

#include <vector>

namespace kafka {

/// Copies that an application handed to another topic.
struct ForwardSummary {
    std::int64_t sent = 0;    // as the code saw it
    std::int64_t arrived = 0; // stand in the log of that topic at the end
    std::int64_t failed = 0;  // the producer reported them as failed, and they did not arrive
    std::int64_t unknown = 0; // neither: their process died
};

/// Of one group.
struct FailureSummary {
    std::int64_t failed = 0;    // attempts
    std::int64_t records = 0;   // distinct records with an attempt that failed
    std::int64_t retried = 0;   // attempts at records that had failed before
    std::int64_t recovered = 0; // distinct records that failed and were processed later
    std::int64_t skipped = 0;   // distinct records that the code gave up
    ForwardSummary dead_letters, to_retry_topic;
    std::int64_t halts = 0; // processes that ended themselves
    std::int64_t pauses = 0;
    sim::Duration paused_total, paused_longest; // partitions
    sim::Duration blocked_total; // polling threads that slept, or tried again, with a record that had failed
};

/// Part of the ledger: follows failing records.
class Failures {
  public:
    explicit Failures(const Configuration& configuration);
    void on(sim::SimTime time, const Fact& fact);
    /// Offsets of the group that were processed, by partition, decide what has recovered.
    void at_end(const World& world);
    /// Offsets that were dealt with without being processed: skipped, or kept in another topic.
    const Ranges& settled(GroupIndex group, PartitionIndex partition) const {
        return at(group, partition).settled;
    }

    std::vector<FailureSummary> groups; // by group

  private:
    struct Partition { // of a group
        Ranges failed, processed, skipped, settled;
    };
    struct Forward {
        GroupIndex group;
        PartitionIndex partition;
        Offset offset;
        StreamIndex stream;
        Value value;
        bool for_good = false;
    };
    struct Blocked { // by consumer: the record in its hands has failed
        bool now = false;
        sim::SimTime since;
    };
    const Configuration& configuration_;
    std::vector<Partition> partitions_;      // by group x partition
    std::vector<Forward> forwards_;          // in order of stream and value within a stream
    std::vector<sim::SimTime> paused_since_; // by consumer x partition; never = is not
    std::vector<Blocked> blocked_;           // by consumer
    std::vector<Ranges> send_failed_;        // by stream: values of producers in consumers

    std::size_t place(GroupIndex group, PartitionIndex partition) const {
        return static_cast<std::size_t>(group.value) * configuration_.partitions.size() +
               static_cast<std::size_t>(partition.value);
    }
    Partition& at(GroupIndex group, PartitionIndex partition) { return partitions_[place(group, partition)]; }
    const Partition& at(GroupIndex group, PartitionIndex partition) const {
        return partitions_[place(group, partition)];
    }
    FailureSummary& summary_of(ConsumerIndex consumer) {
        return groups[static_cast<std::size_t>(configuration_.consumer(consumer).group.value)];
    }
    void on_ended(sim::SimTime time, const fact::ProcessingEnded& fact);
    void on_paused(sim::SimTime time, ConsumerIndex consumer, PartitionIndex partition, bool paused);
    void on_gone(sim::SimTime time, ConsumerIndex consumer);
    void unblock(sim::SimTime time, ConsumerIndex consumer);
    void on_send_failed(const fact::RecordsFailed& fact);
    void settle_forwards(const World& world);
};

} // namespace kafka
