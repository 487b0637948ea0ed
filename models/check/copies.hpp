#pragma once
// What became of the results that groups wrote: each input record should have exactly one that readers see.

#include "models/check/ranges.hpp"
#include "models/check/visibility.hpp"
#include "models/cluster/observer.hpp"

#include <vector>

namespace kafka {

/// Of one group, over all partitions that it reads. Source: reference/anomalies.md B1: eos-output-mismatch.
struct CopySummary {
    bool any = false;            // its members write results
    std::int64_t results = 0;    // that readers see
    std::int64_t once = 0;       // input records with one of them
    std::int64_t duplicated = 0; // results beyond the first of an input record
    std::int64_t missing = 0;    // input records that the group has committed past, without a result
    std::int64_t pending = 0;    // the same, but a result's transaction was still open when the run ended
};

/// Part of the ledger. Judged at the end, from the final logs; a record that the group had not committed past
/// by then is waiting, not missing, and so is one whose partition or result's partition has no leader.
class Copies {
  public:
    explicit Copies(const Configuration& configuration);
    void on(const Fact& fact);
    /// `committed`: by group and partition, the offset that the group had committed.
    void at_end(const World& world, const std::vector<std::vector<Offset>>& committed);

    std::vector<CopySummary> groups; // by group

  private:
    struct Piece { // results of input records at consecutive offsets
        GroupIndex group;
        PartitionIndex partition;
        std::int64_t offset = 0;
        StreamIndex stream;
        std::int64_t first = 0;
        std::int64_t count = 0;
    };
    struct Written {                // of one stream of results, in the final log
        std::vector<Ranges> copies; // the n-th copy of each value
        Ranges open;
        bool available = false;
    };
    const Configuration& configuration_;
    std::vector<Piece> pieces_;

    std::vector<Written> read_results(const World& world) const;
    void judge(const World& world, GroupIndex group, PartitionIndex partition, Offset committed,
               const std::vector<Written>& written);
};

} // namespace kafka
