#pragma once
// From send() to the effect of processing: how often, and how late.

#include "models/check/consumption.hpp"
#include "models/check/tally.hpp"

#include <string>
#include <vector>

namespace kafka {

/// Of one group, over the records that producers were told to be in its topics.
struct EndToEndSummary {
    std::int64_t produced = 0;    // acknowledged
    std::int64_t once = 0;        // processed exactly once
    std::int64_t repeated = 0;    // processed more than once, whatever the reason
    std::int64_t lost_in_log = 0; // never processed: the log does not serve them at the end
    std::int64_t expired = 0;     // never processed: retention or DeleteRecords removed them
    std::int64_t compacted = 0;   // never processed: the cleaner removed them before
    std::int64_t given_up = 0;    // never processed: skipped, or kept in another topic
    std::int64_t passed_over = 0; // never processed: the group has committed past them, or begun beyond them
    std::int64_t to_come = 0;     // not yet
    std::int64_t unacknowledged = 0; // processed, although no producer was told that they are there
    Tally latencies;                 // microseconds from send() to the end of the first processing -> records
};

/// "exactly once", "at least once", "at most once", or "neither", as the run shows it.
std::string_view delivery(const EndToEndSummary& summary);

/// Part of the ledger. A record is its producer's number: a copy in the log counts as the same record.
/// Leaves out: transactions: a record of one that was aborted counts as produced.
class EndToEnd {
  public:
    explicit EndToEnd(const Configuration& configuration);
    void on(sim::SimTime time, const Fact& fact);
    /// `committed` by group and partition; `failures` knows what was given up.
    void at_end(const World& world, const Consumption& consumption);

    std::vector<EndToEndSummary> groups; // by group

  private:
    struct Sent { // of a batch, when it was acknowledged; records came at even distances
        std::int64_t first, count;
        sim::SimTime created, created_last;
    };
    struct Done {
        std::int64_t first, count;
        sim::SimTime time;
    };
    struct Progress { // of a group in a stream
        Ranges processed, again;
        std::vector<Done> first_time;
    };
    const Configuration& configuration_;
    std::vector<Ranges> acknowledged_;    // by stream: values
    std::vector<Ranges> compacted_;       // by stream: values that a cleaner removed
    std::vector<Ranges> expired_;         // by stream: values that a leader's log start has passed
    std::vector<std::vector<Sent>> sent_; // by stream
    std::vector<Progress> progress_;      // by group x stream

    Progress& at(std::size_t group, StreamIndex stream) {
        return progress_[group * configuration_.streams.size() + static_cast<std::size_t>(stream.value)];
    }
    bool reads(std::size_t group, PartitionIndex partition) const;
    void on_processed(sim::SimTime time, const fact::ProcessingEnded& fact);
    void measure(std::size_t group, StreamIndex stream);
    void place_unprocessed(const World& world, std::size_t group, StreamIndex stream,
                           const Consumption& consumption);
};

} // namespace kafka
