#pragma once
// Intervals of 95 % confidence: what a number of runs says about all runs.

#include <cstdint>
#include <optional>
#include <vector>

namespace highwater {

struct Interval {
    double low = 0;
    double high = 0;
    bool includes_zero() const { return low <= 0 && high >= 0; }
};

/// Exact interval of a proportion of which `count` in `of` were seen; `tail` is what each side leaves out.
/// Shape:  within [0, 1], of > 0.
/// Source: Clopper and Pearson (1934), by quantiles of the beta distribution.
Interval clopper_pearson(std::int64_t count, std::int64_t of, double tail = 0.025);

/// How two proportions over the same `of` runs differ, when `only_this` had the event alone and `only_other`
/// alone. Shape: within [-1, 1].
/// Source: McNemar's test in its exact form: of the runs that differ, the share in favour of one is binomial.
///         The difference is (how often runs differ) * (2 * share - 1); the exact interval of the share at 96
///         % and that of the frequency at 99 % bound it together, at 95 % or more. It includes zero exactly
///         when the test's p value is above 0.04.
Interval mcnemar_difference(std::int64_t only_this, std::int64_t only_other, std::int64_t of);
/// Two-sided p value of that test: twice the smaller tail of the binomial, at most 1.
double mcnemar_p(std::int64_t only_this, std::int64_t only_other);

/// Mean and spread of differences, added one by one (Welford): the same order gives the same bits.
class PairedMean {
  public:
    void add(double difference);
    std::int64_t count() const { return count_; }
    double mean() const { return mean_; }
    /// Student's t interval of the mean; nothing below two differences.
    std::optional<Interval> interval() const;

  private:
    std::int64_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;
};

/// Median of differences and its interval, from order statistics by the sign test: no assumption on their
/// shape. Sorts `differences`. Nothing below six, where no two of them reach 95 %.
struct MedianInterval {
    double median = 0;
    std::optional<Interval> interval;
};
MedianInterval sign_interval(std::vector<std::int64_t>& differences);

} // namespace highwater
