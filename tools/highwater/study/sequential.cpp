#include "tools/highwater/study/sequential.hpp"

#include <algorithm>
#include <cmath>

namespace highwater {

namespace {

/// Logarithm of the beta function of (a + 1, b + 1): what was seen, mixed over all proportions evenly.
double log_mixture(std::int64_t a, std::int64_t b) {
    const auto x = static_cast<double>(a);
    const auto y = static_cast<double>(b);
    return std::lgamma(x + 1) + std::lgamma(y + 1) - std::lgamma(x + y + 2);
}

/// Logarithm of the ratio for the proportion p.
double log_ratio(std::int64_t a, std::int64_t b, double p) {
    double log_under = 0;
    if (a > 0) log_under += static_cast<double>(a) * std::log(p);
    if (b > 0) log_under += static_cast<double>(b) * std::log1p(-p);
    return log_mixture(a, b) - log_under;
}

/// Where the ratio reaches the limit between `inside` and `outside`; errs towards outside.
double edge(std::int64_t a, std::int64_t b, double inside, double outside, double limit) {
    if (log_ratio(a, b, outside) < limit) return outside;
    for (int i = 0; i < 60; ++i) {
        const double middle = (inside + outside) / 2;
        (log_ratio(a, b, middle) < limit ? inside : outside) = middle;
    }
    return outside;
}

Decision decision(const Interval& difference, bool differs, bool is_more, double bound) {
    if (differs) return is_more ? Decision::more : Decision::fewer;
    return difference.low >= -bound && difference.high <= bound ? Decision::same : Decision::undecided;
}

} // namespace

Interval anytime_proportion(std::int64_t count, std::int64_t of, double alpha) {
    if (of == 0) return {0, 1};
    const double seen = static_cast<double>(count) / static_cast<double>(of);
    const double limit = -std::log(alpha);
    const std::int64_t rest = of - count;
    return {count == 0 ? 0 : edge(count, rest, seen, 0, limit),
            rest == 0 ? 1 : edge(count, rest, seen, 1, limit)};
}

double log_evidence(std::int64_t only_this, std::int64_t only_other) {
    return log_ratio(only_this, only_other, 0.5);
}

Interval anytime_difference(std::int64_t only_this, std::int64_t only_other, std::int64_t of, double alpha) {
    const std::int64_t differ = only_this + only_other;
    const Interval share = anytime_proportion(only_this, differ, alpha * 0.8);
    const Interval often = anytime_proportion(differ, of, alpha * 0.2);
    const double low = 2 * share.low - 1;
    const double high = 2 * share.high - 1;
    return {low * (low < 0 ? often.high : often.low), high * (high > 0 ? often.high : often.low)};
}

Decision decide_at_end(std::int64_t only_this, std::int64_t only_other, std::int64_t of, double bound) {
    const Interval difference = mcnemar_difference(only_this, only_other, of);
    return decision(difference, !difference.includes_zero(), only_this > only_other, bound);
}

Decision decide_any_time(std::int64_t only_this, std::int64_t only_other, std::int64_t of, double bound,
                         double alpha) {
    return decision(anytime_difference(only_this, only_other, of, alpha),
                    log_evidence(only_this, only_other) >= -std::log(alpha), only_this > only_other, bound);
}

std::int64_t clean_runs_needed(std::int64_t count, std::int64_t of, double bound) {
    const auto enough = [&](std::int64_t runs) { return clopper_pearson(count, runs).high <= bound; };
    std::int64_t high = std::max<std::int64_t>(of, 1);
    if (enough(high)) return 0;
    std::int64_t low = high; // too few
    while (!enough(high))
        high *= 2;
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (enough(middle) ? high : low) = middle;
    }
    return high - of;
}

} // namespace highwater
