#pragma once
// How often each length of time occurred, in bounded memory, so that thousands of runs can be added up.

#include <cstdint>
#include <map>
#include <vector>

namespace highwater {

/// A log-linear histogram: exact below 256, then 128 equal buckets to each power of two.
/// Shape:  a value stands in a bucket whose last value is above it by less than 1/128 (0.8 %) of it; at most
///         7,300 buckets whatever is added. Adding is commutative: the order of runs does not matter.
/// Unit:   microseconds, from 0.
class Histogram {
  public:
    void add(std::int64_t value, std::int64_t count);
    void add(const Histogram& other);
    std::int64_t total() const { return total_; }
    /// Last value of the bucket in which the quantile of `thousandths` lies, but never above the greatest
    /// value that was added. -1 when nothing was added.
    std::int64_t quantile(std::int64_t thousandths) const;
    std::int64_t max() const { return max_; }

    static std::size_t bucket_of(std::int64_t value);
    static std::int64_t last_of(std::size_t bucket);

  private:
    std::map<std::size_t, std::int64_t> counts_; // by bucket; few of them are met in one run
    std::int64_t total_ = 0;
    std::int64_t max_ = -1;
};

/// The same quantile over exact values; -1 without any.
std::int64_t exact_quantile(const std::map<std::int64_t, std::int64_t>& counts, std::int64_t thousandths);

} // namespace highwater
