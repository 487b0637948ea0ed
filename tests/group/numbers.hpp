#pragma once
// Partitions as bare numbers, which tests are easier to read with.

#include "models/vocabulary/ids.hpp"

#include <cstdint>
#include <vector>

namespace kafka {

using Numbers = std::vector<std::int32_t>;

inline std::vector<PartitionIndex> partitions(const Numbers& numbers) {
    std::vector<PartitionIndex> all;
    for (const std::int32_t number : numbers)
        all.push_back(PartitionIndex{number});
    return all;
}

} // namespace kafka
