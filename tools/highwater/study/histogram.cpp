#include "tools/highwater/study/histogram.hpp"

#include <algorithm>
#include <bit>

namespace highwater {

namespace {

constexpr int exact_bits = 8; // values below 2^8 have a bucket each
constexpr std::size_t half = std::size_t{1} << (exact_bits - 1);

/// How many of `total` lie at or below the quantile: at least one.
std::int64_t rank_of(std::int64_t total, std::int64_t thousandths) {
    return std::max<std::int64_t>(1, (total * thousandths + 999) / 1000);
}

} // namespace

std::size_t Histogram::bucket_of(std::int64_t value) {
    const auto v = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
    const int width = 64 - std::countl_zero(v);
    if (width <= exact_bits) return static_cast<std::size_t>(v);
    const int shift = width - exact_bits; // the leading 8 bits say which bucket of this power of two
    return half * static_cast<std::size_t>(shift) + static_cast<std::size_t>(v >> shift);
}

std::int64_t Histogram::last_of(std::size_t bucket) {
    if (bucket < 2 * half) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = bucket / half - 1;
    const std::size_t leading = bucket - half * shift;
    return static_cast<std::int64_t>(((static_cast<std::uint64_t>(leading) + 1) << shift) - 1);
}

void Histogram::add(std::int64_t value, std::int64_t count) {
    counts_[bucket_of(value)] += count;
    total_ += count;
    max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
    for (const auto& [bucket, count] : other.counts_)
        counts_[bucket] += count;
    total_ += other.total_;
    max_ = std::max(max_, other.max_);
}

std::int64_t Histogram::quantile(std::int64_t thousandths) const {
    if (total_ == 0) return -1;
    std::int64_t left = rank_of(total_, thousandths);
    for (const auto& [bucket, count] : counts_) {
        left -= count;
        if (left <= 0) return std::min(last_of(bucket), max_);
    }
    return max_;
}

std::int64_t exact_quantile(const std::map<std::int64_t, std::int64_t>& counts, std::int64_t thousandths) {
    std::int64_t total = 0;
    for (const auto& [value, count] : counts)
        total += count;
    if (total == 0) return -1;
    std::int64_t left = rank_of(total, thousandths);
    for (const auto& [value, count] : counts) {
        left -= count;
        if (left <= 0) return value;
    }
    return counts.rbegin()->first;
}

} // namespace highwater
