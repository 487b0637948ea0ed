#pragma once
// Whether what applications keep of records agrees with the offsets that they go on from.

#include "models/check/failures.hpp"

#include <vector>

namespace kafka {

/// Of one group.
struct StateSummary {
    bool kept = false;        // its application keeps state
    std::int64_t applied = 0; // records in the state, counting repeats
    std::int64_t distinct = 0;
    std::int64_t missing = 0; // before the offset that a new process would go on from, and not in the state
    std::int64_t refused = 0; // records whose results a store did not take: another member had written
};

/// Part of the ledger.
class StoredState {
  public:
    explicit StoredState(const Configuration& configuration);
    void on(const Fact& fact);
    void at_end(const World& world, const Failures& failures);

    std::vector<StateSummary> groups; // by group

  private:
    struct Partition { // of a group
        Ranges applied;
        Offset end = no_offset; // of what was written last
    };
    const Configuration& configuration_;
    std::vector<Partition> partitions_; // by group x partition
    std::vector<StateStore> stores_;    // by group
};

} // namespace kafka
