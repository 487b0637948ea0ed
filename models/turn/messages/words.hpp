#pragma once
// Words and lists that messages of several topics share.

#include "models/vocabulary/errors.hpp"
#include "models/vocabulary/ids.hpp"
#include "sim/core/slab.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

using Correlation = std::uint32_t;
using sim::SlabHandle;

struct PartitionList {
    std::vector<PartitionIndex> partitions;
    void clear() { partitions.clear(); }
    bool operator==(const PartitionList&) const = default;
};
struct PartitionErrors {
    struct Entry {
        PartitionIndex partition;
        ErrorCode error{};
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries;
    void clear() { entries.clear(); }
    bool operator==(const PartitionErrors&) const = default;
};

} // namespace kafka
