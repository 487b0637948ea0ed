#pragma once
// What a comparison keeps of one run: counts, times and costs.

#include "tools/highwater/study/histogram.hpp"
#include "tools/highwater/verdict/outcome.hpp"

#include <array>
#include <string>
#include <vector>

namespace highwater {

/// What is compared as a mean over seeds, one number a run.
enum class Measure : std::size_t {
    lost,              // records for each million sent
    duplicated,        // likewise
    reordered,         // likewise
    refused,           // likewise: failed with an exception
    skipped,           // likewise: a reader went past it, a group committed past it without processing it
    reread,            // likewise: handed to a reader, or to a group, again
    write_unavailable, // microseconds, mean over partitions
    read_unavailable,  // likewise
    replicated_bytes,  // between brokers
    stored_bytes,      // in all logs, at the end
};
constexpr std::size_t measure_count = 10;
/// Names in JSON.
constexpr const char* measure_names[measure_count] = {"lost_per_million",      "duplicated_per_million",
                                                      "reordered_per_million", "refused_per_million",
                                                      "skipped_per_million",   "reread_per_million",
                                                      "write_unavailable_us",  "read_unavailable_us",
                                                      "replicated_bytes",      "stored_bytes"};
/// Heads in tables.
constexpr const char* measure_heads[measure_count] = {
    "lost/M",    "duplicated/M", "reordered/M", "refused/M",       "skipped/M",
    "re-read/M", "no writes",    "no reads",    "between brokers", "stored"};

/// What is compared as the median of the seeds' differences.
enum class Latency : std::size_t { ack_p50, ack_p99, end_to_end_p50, end_to_end_p99 };
constexpr std::size_t latency_count = 4;
constexpr const char* latency_names[latency_count] = {
    "ack_latency_p50_us", "ack_latency_p99_us", "end_to_end_latency_p50_us", "end_to_end_latency_p99_us"};
constexpr const char* latency_heads[latency_count] = {"ack p50", "ack p99", "end to end p50",
                                                      "end to end p99"};

/// One run in numbers.
struct RunFigures {
    std::uint64_t seed = 0;
    std::int64_t sent = 0, acknowledged = 0, failed = 0, unknown = 0;
    std::int64_t lost = 0, unavailable = 0, duplicated = 0, reordered = 0;
    std::int64_t skipped = 0, reread = 0;
    std::int64_t processed_again = 0;     // by groups
    std::int64_t write_unavailable = 0;   // microseconds, over all partitions
    std::int64_t read_unavailable = 0;    // likewise
    std::int64_t longest_unavailable = 0; // longest span without writes, of any partition
    std::int64_t partitions = 1;
    std::int64_t replicated_bytes = 0, stored_bytes = 0;
    Histogram latencies, end_to_end;
    std::array<std::int64_t, latency_count> quantiles{-1, -1, -1, -1}; // exact, of this run; -1 = none
    std::vector<std::string> violated;                                 // names of guarantees
    std::uint64_t events = 0;

    double measure(Measure measure) const;
};

/// Watches what a verdict does not count: from send() to the hands of each reader, and bytes on disks.
/// Shape:  a record counts once for each reader, and once for each group; records without an acknowledgement
///         are left out, because only that says when a record of a batch was handed to send().
class Costs : public kafka::Observer {
  public:
    explicit Costs(const kafka::Configuration& configuration);
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    void at_end(const kafka::World& world) override;

    std::map<std::int64_t, std::int64_t> end_to_end; // microseconds -> records
    std::int64_t stored_bytes = 0;

  private:
    struct Piece { // of a stream: records [first, end)
        std::int64_t first, end;
        sim::SimTime from, to; // sent: of the first and the last; read: of all
        std::size_t stream;
    };
    const kafka::Configuration& configuration_;
    std::vector<std::vector<Piece>> sent_; // by stream
    std::vector<Piece> read_;
    std::vector<std::vector<kafka::Ranges>> known_; // by reader and stream
};

RunFigures figures_of(const Outcome& outcome, const Costs& costs);
/// Runs one seed and counts. Throws what run_once throws.
RunFigures run_figures(const kafka::Scenario& scenario, std::uint64_t seed, const std::string& repeat);
/// Adds the counts of a run; quantiles and names stay those of `total`.
void add_counts(RunFigures& total, const RunFigures& run);

} // namespace highwater
