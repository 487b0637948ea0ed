#pragma once
// How often each number came.

#include "sim/core/assert.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace kafka {

/// Numbers and their counts. What is added waits unsorted, and is merged when it has become as much as what
/// is sorted: adding costs a little memory traffic, not a search. Shape: read only after `settle`.
class Tally {
  public:
    using Entry = std::pair<std::int64_t, std::int64_t>; // number, count

    void add(std::int64_t number, std::int64_t count) {
        entries_.emplace_back(number, count);
        if (entries_.size() >= 2 * sorted_ + 1024) settle();
    }
    /// Sorts by number, one entry each.
    void settle() {
        const auto fresh = entries_.begin() + static_cast<std::ptrdiff_t>(sorted_);
        std::sort(fresh, entries_.end());
        std::inplace_merge(entries_.begin(), fresh, entries_.end());
        auto last = entries_.begin();
        for (auto one = entries_.begin(); one != entries_.end(); ++one) {
            if (one == last) continue;
            if (one->first == last->first)
                last->second += one->second;
            else
                *++last = *one;
        }
        if (!entries_.empty()) entries_.erase(last + 1, entries_.end());
        sorted_ = entries_.size();
    }
    const std::vector<Entry>& entries() const {
        SIM_ASSERT(sorted_ == entries_.size(), "a tally is settled before it is read");
        return entries_;
    }
    auto begin() const { return entries().begin(); }
    auto end() const { return entries().end(); }
    bool empty() const { return entries_.empty(); }

  private:
    std::vector<Entry> entries_;
    std::size_t sorted_ = 0; // so many of the first are sorted and different
};

} // namespace kafka
