// The stop rule of compare --until decided, by simulation and by hand.

#include "tools/highwater/study/sequential.hpp"

#include <doctest/doctest.h>

#include "sim/choices/choices.hpp"

#include <cmath>

using namespace highwater;

namespace {

/// Two presets over the same seeds: each seed is lost by one alone with these chances.
struct Pair {
    double only_this = 0, only_other = 0;
};

double uniform(std::uint64_t experiment, std::uint64_t seed) {
    return static_cast<double>(sim::draw_bits(experiment, 77, 1, seed) >> 11) / 9007199254740992.0;
}

/// Looks after every seed and stops at the first decision, as compare does.
template <class Decide>
Decision stops_with(const Pair& pair, std::uint64_t experiment, std::int64_t most, const Decide& decide) {
    std::int64_t only_this = 0;
    std::int64_t only_other = 0;
    for (std::int64_t seed = 1; seed <= most; ++seed) {
        const double drawn = uniform(experiment, static_cast<std::uint64_t>(seed));
        only_this += drawn < pair.only_this ? 1 : 0;
        only_other += drawn >= pair.only_this && drawn < pair.only_this + pair.only_other ? 1 : 0;
        const Decision decision = decide(only_this, only_other, seed);
        if (decision != Decision::undecided) return decision;
    }
    return Decision::undecided;
}

constexpr std::uint64_t experiments = 1000;
constexpr double alpha = 0.05;

} // namespace

TEST_CASE("sequential: of two that lose equally often a difference is said in 5 % of experiments at most, "
          "though one looks after every seed") {
    for (const Pair& null : {Pair{0.3, 0.3}, Pair{0.05, 0.05}, Pair{0.01, 0.01}}) {
        std::int64_t wrong = 0;
        for (std::uint64_t experiment = 1; experiment <= experiments; ++experiment) {
            const Decision decision =
                stops_with(null, experiment, 1000, [](std::int64_t a, std::int64_t b, std::int64_t) {
                    return log_evidence(a, b) >= -std::log(alpha) ? Decision::more : Decision::undecided;
                });
            wrong += decision == Decision::more ? 1 : 0;
        }
        // Clopper-Pearson: so many would come in 0.1 % of tests if the level were 5 %.
        CHECK_MESSAGE(clopper_pearson(wrong, experiments, 0.001).low <= alpha,
                      wrong << " of " << experiments);
    }
}

TEST_CASE("sequential: a test at 5 % that is repeated after every seed does not keep its level") {
    std::int64_t wrong = 0;
    constexpr std::uint64_t some = 300;
    for (std::uint64_t experiment = 1; experiment <= some; ++experiment)
        wrong += stops_with(Pair{0.3, 0.3}, experiment, 1000,
                            [](std::int64_t a, std::int64_t b, std::int64_t) {
                                return mcnemar_p(a, b) <= alpha ? Decision::more : Decision::undecided;
                            }) == Decision::more
                     ? 1
                     : 0;
    CHECK_MESSAGE(clopper_pearson(wrong, some, 0.001).low > 2 * alpha, wrong << " of " << some);
}

TEST_CASE("sequential: two that differ by more than the bound are not called the same") {
    std::int64_t wrong = 0;
    for (std::uint64_t experiment = 1; experiment <= 60; ++experiment) {
        const Decision decision = stops_with(Pair{0.012, 0}, experiment, 2000,
                                             [](std::int64_t a, std::int64_t b, std::int64_t seeds) {
                                                 return decide_any_time(a, b, seeds, 0.01, alpha);
                                             });
        wrong += decision == Decision::same || decision == Decision::fewer ? 1 : 0;
    }
    CHECK(clopper_pearson(wrong, 60, 0.001).low <= alpha);
}

TEST_CASE("sequential: what differs is found, what is equal is called so, and neither needs all seeds") {
    const auto decide = [](std::int64_t a, std::int64_t b, std::int64_t seeds) {
        return decide_any_time(a, b, seeds, 0.01, alpha);
    };
    for (std::uint64_t experiment = 1; experiment <= 20; ++experiment) {
        CHECK(stops_with(Pair{0.37, 0}, experiment, 100, decide) == Decision::more);
        CHECK(stops_with(Pair{0, 0.37}, experiment, 100, decide) == Decision::fewer);
    }
    CHECK(stops_with(Pair{0, 0}, 1, 3000, decide) == Decision::same);
    CHECK(stops_with(Pair{0, 0}, 1, 300, decide) == Decision::undecided);
}

TEST_CASE("sequential: eight losses against none are enough at 5 %, seven are not, by hand") {
    // All on one side: the mixture gives 1 / (d + 1), the even coin 2^-d.
    CHECK(log_evidence(7, 0) == doctest::Approx(std::log(128.0 / 8)));
    CHECK(decide_any_time(7, 0, 10, 0.01, alpha) == Decision::undecided);
    CHECK(decide_any_time(8, 0, 10, 0.01, alpha) == Decision::more);
    CHECK(decide_any_time(0, 8, 10, 0.01, alpha) == Decision::fewer);
}

TEST_CASE("sequential: the interval holds what the ratio does not refuse, and is wider than a fixed one") {
    for (const std::int64_t count : {0, 1, 30, 99, 100}) {
        const Interval any = anytime_proportion(count, 100, 0.05);
        const Interval fixed = clopper_pearson(count, 100);
        CHECK(any.low <= fixed.low);
        CHECK(any.high >= fixed.high);
    }
    CHECK(anytime_proportion(0, 0, 0.05).high == 1);
    // None of n: (n + 1) (1 - p)^n = alpha at the end.
    const double end = anytime_proportion(0, 1000, 0.05).high;
    CHECK(1001 * std::pow(1 - end, 1000) == doctest::Approx(0.05).epsilon(1e-6));
}
