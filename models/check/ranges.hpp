#pragma once
// Sets of record numbers as runs, so that cost follows batches.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace kafka {

/// Numbers as sorted runs [first, end) that do not touch.
class Ranges {
  public:
    struct Run {
        std::int64_t first = 0;
        std::int64_t end = 0;
        bool operator==(const Run&) const = default;
    };

    /// Adds [first, end); returns how many of them were there already.
    std::int64_t add(std::int64_t first, std::int64_t end) {
        if (!runs_.empty() && runs_.back().end == first) { // the usual case: numbers arrive in order
            runs_.back().end = end;
            return 0;
        }
        const auto from =
            std::lower_bound(runs_.begin(), runs_.end(), first,
                             [](const Run& run, std::int64_t number) { return run.end < number; });
        auto to = from;
        std::int64_t known = 0;
        Run merged{first, end};
        for (; to != runs_.end() && to->first <= end; ++to) {
            known += std::max<std::int64_t>(0, std::min(to->end, end) - std::max(to->first, first));
            merged.first = std::min(merged.first, to->first);
            merged.end = std::max(merged.end, to->end);
        }
        if (from == to) {
            runs_.insert(from, merged);
        } else {
            *from = merged;
            runs_.erase(from + 1, to);
        }
        return known;
    }
    const std::vector<Run>& runs() const { return runs_; }
    std::int64_t count() const {
        std::int64_t sum = 0;
        for (const Run& run : runs_)
            sum += run.end - run.first;
        return sum;
    }
    bool has(std::int64_t number) const { return count_in(number, number + 1) == 1; }
    std::int64_t count_in(std::int64_t first, std::int64_t end) const {
        std::int64_t sum = 0;
        auto at = std::lower_bound(runs_.begin(), runs_.end(), first,
                                   [](const Run& run, std::int64_t number) { return run.end <= number; });
        for (; at != runs_.end() && at->first < end; ++at)
            sum += std::min(at->end, end) - std::max(at->first, first);
        return sum;
    }
    /// Numbers of this set that are not in `other`.
    Ranges minus(const Ranges& other) const {
        Ranges rest;
        for (const Run& run : runs_) {
            std::int64_t from = run.first;
            auto at = std::lower_bound(other.runs_.begin(), other.runs_.end(), from,
                                       [](const Run& r, std::int64_t number) { return r.end <= number; });
            for (; at != other.runs_.end() && at->first < run.end; ++at) {
                if (at->first > from) rest.add(from, at->first);
                from = std::max(from, at->end);
            }
            if (from < run.end) rest.add(from, run.end);
        }
        return rest;
    }
    Ranges both(const Ranges& other) const { return minus(minus(other)); }
    bool operator==(const Ranges&) const = default;

  private:
    std::vector<Run> runs_;
};

} // namespace kafka
