#pragma once
// A comparison that may be looked at after every seed and stopped when it is decided, without losing its
// level.

#include "tools/highwater/study/intervals.hpp"

namespace highwater {

/// Interval of a proportion of which `count` in `of` were seen, valid at every number of runs at once: the
/// probability that it ever misses the proportion is at most `alpha`, whoever stops when.
/// Source: Robbins (1970), Ville's inequality. Under the proportion p, the ratio of the probability of what
///         was seen, mixed over all proportions evenly, to its probability under p is a martingale of mean 1;
///         the interval holds every p whose ratio has not reached 1 / alpha.
Interval anytime_proportion(std::int64_t count, std::int64_t of, double alpha);

/// Logarithm of that ratio for p = 1/2: the evidence that runs which differ do not fall evenly to both sides.
double log_evidence(std::int64_t only_this, std::int64_t only_other);

/// How two proportions over the same `of` runs differ, as mcnemar_difference has it, valid at every number of
/// runs at once.
Interval anytime_difference(std::int64_t only_this, std::int64_t only_other, std::int64_t of, double alpha);

/// What is known about which of two loses more often.
enum class Decision : std::uint8_t { undecided, more, fewer, same };
constexpr const char* decision_names[] = {"undecided", "more", "fewer", "same_within_bound"};
constexpr const char* name(Decision decision) { return decision_names[static_cast<std::size_t>(decision)]; }

/// After a fixed number of runs: different by the paired test, or the difference within +- `bound`.
Decision decide_at_end(std::int64_t only_this, std::int64_t only_other, std::int64_t of, double bound);
/// After any number of runs: "more" or "fewer" of two that lose equally often is said with a probability of
/// `alpha` at most, and "same" of two that differ by more than `bound` likewise, over all looks together.
Decision decide_any_time(std::int64_t only_this, std::int64_t only_other, std::int64_t of, double bound,
                         double alpha);

/// Smallest number of runs without a further event after which `count` events leave a proportion of at most
/// `bound` at 95 % (Clopper-Pearson); 0 when `of` runs are enough.
std::int64_t clean_runs_needed(std::int64_t count, std::int64_t of, double bound);

} // namespace highwater
