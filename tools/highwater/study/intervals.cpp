#include "tools/highwater/study/intervals.hpp"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>

namespace highwater {

namespace {

constexpr double tail_of_95 = 0.025; // each side

double of_count(std::int64_t count) { return static_cast<double>(count); }

} // namespace

Interval clopper_pearson(std::int64_t count, std::int64_t of, double tail) {
    using boost::math::beta_distribution;
    const double k = of_count(count);
    const double n = of_count(of);
    Interval interval{0, 1};
    if (count > 0) interval.low = quantile(beta_distribution<>(k, n - k + 1), tail);
    if (count < of) interval.high = quantile(complement(beta_distribution<>(k + 1, n - k), tail));
    return interval;
}

Interval mcnemar_difference(std::int64_t only_this, std::int64_t only_other, std::int64_t of) {
    const std::int64_t differ = only_this + only_other;
    const Interval share = differ == 0 ? Interval{0, 1} : clopper_pearson(only_this, differ, 0.02);
    const Interval often = clopper_pearson(differ, of, 0.005);
    const double low = 2 * share.low - 1;
    const double high = 2 * share.high - 1;
    return {low * (low < 0 ? often.high : often.low), high * (high > 0 ? often.high : often.low)};
}

double mcnemar_p(std::int64_t only_this, std::int64_t only_other) {
    const std::int64_t differ = only_this + only_other;
    if (differ == 0) return 1;
    const boost::math::binomial_distribution<> even(of_count(differ), 0.5);
    return std::min(1.0, 2 * cdf(even, of_count(std::min(only_this, only_other))));
}

void PairedMean::add(double difference) {
    ++count_;
    const double step = difference - mean_;
    mean_ += step / of_count(count_);
    squares_ += step * (difference - mean_);
}

std::optional<Interval> PairedMean::interval() const {
    if (count_ < 2) return std::nullopt;
    const double degrees = of_count(count_ - 1);
    const double error = std::sqrt(squares_ / degrees / of_count(count_));
    const double t = quantile(complement(boost::math::students_t_distribution<>(degrees), tail_of_95));
    return Interval{mean_ - t * error, mean_ + t * error};
}

MedianInterval sign_interval(std::vector<std::int64_t>& differences) {
    MedianInterval result;
    if (differences.empty()) return result;
    std::sort(differences.begin(), differences.end());
    const std::size_t n = differences.size();
    result.median = (of_count(differences[(n - 1) / 2]) + of_count(differences[n / 2])) / 2;
    const boost::math::binomial_distribution<> even(of_count(static_cast<std::int64_t>(n)), 0.5);
    // The k-th from each end bounds the median unless fewer than k of them fall on one side of it.
    std::size_t k = static_cast<std::size_t>(n / 2);
    while (k > 0 && cdf(even, of_count(static_cast<std::int64_t>(k)) - 1) > tail_of_95)
        --k;
    if (k > 0) result.interval = Interval{of_count(differences[k - 1]), of_count(differences[n - k])};
    return result;
}

} // namespace highwater
