#pragma once
// Keys of records, for logs that are compacted. No record carries its key: a stream's values name them.

#include "models/vocabulary/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace kafka {

inline constexpr std::int32_t no_key = -1;

/// Keys of one stream's records, in the order of its values. Record n of a load has the key first + n %
/// count; those that hash to this partition come round and round, so that value v has the key cycle[v %
/// cycle.size()]. Shape: an empty cycle: its records have no key. Filled only where a topic is compacted.
struct StreamKeys {
    std::vector<std::int32_t> cycle;
    std::int32_t first = 0;           // of the load
    std::int64_t count = 0;           // of the load
    std::int64_t tombstone_every = 0; // every n-th record of the load has no value; 0 = none
    bool operator==(const StreamKeys&) const = default;
};

inline std::int32_t key_of(const StreamKeys& keys, std::int64_t value) {
    if (keys.cycle.empty()) return no_key;
    return keys.cycle[static_cast<std::size_t>(value % static_cast<std::int64_t>(keys.cycle.size()))];
}

/// Whether the record has a key and no value: it deletes the key.
inline bool is_tombstone(const StreamKeys& keys, std::int64_t value) {
    if (keys.tombstone_every == 0 || keys.cycle.empty()) return false;
    const auto round = value / static_cast<std::int64_t>(keys.cycle.size());
    const std::int64_t record = round * keys.count + key_of(keys, value) - keys.first;
    return (record + 1) % keys.tombstone_every == 0;
}

/// Of `count` values that end at `end`: the first whose key does not come again among them. Whoever looks for
/// the last record of each key need look at no more, so that the cost of a long batch is that of its keys.
inline std::int64_t first_of_last_keys(const StreamKeys& keys, std::int64_t end, std::int64_t count) {
    if (keys.cycle.empty()) return end - count;
    return end - std::min(count, static_cast<std::int64_t>(keys.cycle.size()));
}

} // namespace kafka
