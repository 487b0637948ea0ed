#pragma once
// How often each number came.

#include "sim/core/assert.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace kafka {

/// Numbers from 0 and their counts. Small numbers are counted in place; greater ones wait unsorted and are
/// merged when there are as many as are sorted. Shape: read only after `settle`.
class Tally {
  public:
    using Entry = std::pair<std::int64_t, std::int64_t>; // number, count

    void add(std::int64_t number, std::int64_t count) {
        SIM_ASSERT(number >= 0, "only numbers from 0 are counted");
        settled_ = false;
        if (number < small) {
            const auto at = static_cast<std::size_t>(number);
            if (at >= counts_.size()) counts_.resize(2 * at + 1, 0);
            counts_[at] += count;
        } else {
            great_.emplace_back(number, count);
            if (great_.size() >= 2 * sorted_ + 1024) merge();
        }
    }
    /// Puts the entries in order of their numbers, one each.
    void settle() {
        merge();
        entries_.clear();
        for (std::size_t number = 0; number < counts_.size(); ++number)
            if (counts_[number] != 0) entries_.emplace_back(number, counts_[number]);
        entries_.insert(entries_.end(), great_.begin(), great_.end());
        settled_ = true;
    }
    const std::vector<Entry>& entries() const {
        SIM_ASSERT(settled_, "a tally is settled before it is read");
        return entries_;
    }
    auto begin() const { return entries().begin(); }
    auto end() const { return entries().end(); }
    bool empty() const { return entries().empty(); }

  private:
    static constexpr std::int64_t small = 65536;
    std::vector<std::int64_t> counts_; // by number
    std::vector<Entry> great_;
    std::size_t sorted_ = 0; // so many of `great_` are sorted and different
    std::vector<Entry> entries_;
    bool settled_ = true;

    void merge() {
        const auto fresh = great_.begin() + static_cast<std::ptrdiff_t>(sorted_);
        std::sort(fresh, great_.end());
        std::inplace_merge(great_.begin(), fresh, great_.end());
        std::size_t last = 0;
        for (std::size_t one = 1; one < great_.size(); ++one) {
            if (great_[one].first == great_[last].first)
                great_[last].second += great_[one].second;
            else
                great_[++last] = great_[one];
        }
        if (!great_.empty()) great_.resize(last + 1);
        sorted_ = great_.size();
    }
};

} // namespace kafka
