#include "tools/highwater/study/intervals.hpp"
#include "tools/highwater/study/histogram.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace highwater;

namespace {

bool close(double got, double wanted, double within = 1e-6) { return std::abs(got - wanted) < within; }

} // namespace

TEST_CASE("clopper_pearson: agrees with its closed forms at the ends and with published values between") {
    CHECK(clopper_pearson(0, 1000).low == 0);
    CHECK(close(clopper_pearson(0, 1000).high, 1 - std::pow(0.025, 1.0 / 1000)));
    CHECK(close(clopper_pearson(0, 1000).high, 0.003682, 1e-6));
    CHECK(clopper_pearson(10, 10).high == 1);
    CHECK(close(clopper_pearson(10, 10).low, std::pow(0.025, 1.0 / 10)));
    CHECK(close(clopper_pearson(3, 10).low, 0.0667395));
    CHECK(close(clopper_pearson(3, 10).high, 0.6524529));
    CHECK(close(clopper_pearson(1, 1).low, 0.025));
}

TEST_CASE("clopper_pearson: its ends are where the binomial tail is 2.5 %, summed by hand") {
    const auto tail_from = [](int n, int k, double p) { // P(X >= k)
        double sum = 0;
        for (int i = k; i <= n; ++i)
            sum += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1) +
                            i * std::log(p) + (n - i) * std::log(1 - p));
        return sum;
    };
    for (const int k : {1, 4, 13, 29}) {
        const Interval interval = clopper_pearson(k, 30);
        CHECK(close(tail_from(30, k, interval.low), 0.025, 1e-9));
        CHECK(close(1 - tail_from(30, k + 1, interval.high), 0.025, 1e-9));
    }
}

TEST_CASE("mcnemar: the interval includes zero exactly when the test at 4 % keeps equality") {
    CHECK(close(mcnemar_p(1, 9), 0.021484375));
    CHECK(close(mcnemar_p(2, 8), 0.109375));
    CHECK(mcnemar_p(0, 0) == 1);
    CHECK(mcnemar_p(5, 5) == 1);
    for (std::int64_t a = 0; a <= 25; ++a)
        for (std::int64_t b = 0; b <= 25; ++b) {
            const bool equal = mcnemar_p(a, b) > 0.04;
            CHECK_MESSAGE(mcnemar_difference(a, b, 100).includes_zero() == equal, a << " against " << b);
        }
}

TEST_CASE("mcnemar: the interval says how far runs that all agree, or all differ, may mislead") {
    const Interval none = mcnemar_difference(0, 0, 1000); // no run differs: at most 1 - 0.005^(1/1000) may
    CHECK(close(none.high, 1 - std::pow(0.005, 1.0 / 1000)));
    CHECK(close(none.low, -none.high));
    const Interval all = mcnemar_difference(30, 0, 30);
    CHECK(close(all.high, 1));
    CHECK(close(all.low, (2 * std::pow(0.02, 1.0 / 30) - 1) * std::pow(0.005, 1.0 / 30)));
    const Interval mirrored = mcnemar_difference(0, 30, 30);
    CHECK(close(mirrored.low, -all.high));
    CHECK(close(mirrored.high, -all.low));
}

TEST_CASE("paired mean: Student's t over known differences") {
    PairedMean mean;
    CHECK(!mean.interval());
    for (const double value : {1.0, 2.0, 3.0, 4.0, 5.0})
        mean.add(value);
    CHECK(close(mean.mean(), 3));
    // t(0.975, 4) = 2.776445, standard error = sqrt(2.5 / 5)
    CHECK(close(mean.interval()->low, 3 - 2.776445105 * std::sqrt(0.5)));
    CHECK(close(mean.interval()->high, 3 + 2.776445105 * std::sqrt(0.5)));
    CHECK(!mean.interval()->includes_zero());
}

TEST_CASE("sign interval: order statistics as the tables of the sign test have them") {
    std::vector<std::int64_t> values{5, 1, 4, 2, 3};
    CHECK(sign_interval(values).median == 3);
    CHECK(!sign_interval(values).interval); // five cannot reach 95 %
    values = {6, 5, 4, 3, 2, 1};
    CHECK(sign_interval(values).interval->low == 1);
    CHECK(sign_interval(values).interval->high == 6);
    values.clear();
    for (std::int64_t i = 1; i <= 20; ++i)
        values.push_back(i);
    const MedianInterval twenty = sign_interval(values); // the 6th and the 15th
    CHECK(twenty.median == 10.5);
    CHECK(twenty.interval->low == 6);
    CHECK(twenty.interval->high == 15);
}

TEST_CASE("histogram: buckets join without a gap and are narrower than a 128th of their values") {
    std::int64_t expected_first = 0;
    for (std::size_t bucket = 0; bucket < 3000; ++bucket) {
        const std::int64_t last = Histogram::last_of(bucket);
        CHECK(Histogram::bucket_of(expected_first) == bucket);
        CHECK(Histogram::bucket_of(last) == bucket);
        CHECK((last - expected_first) * 128 <= expected_first);
        expected_first = last + 1;
    }
    CHECK(Histogram::bucket_of(9223372036854775807) < 7300);
}

TEST_CASE("histogram: quantiles of merged runs are those of all values, within 0.8 %") {
    Histogram all;
    std::map<std::int64_t, std::int64_t> exact;
    for (int run = 0; run < 50; ++run) {
        Histogram one;
        for (std::int64_t i = 1; i <= 200; ++i) {
            const std::int64_t value = (i * i * 37 + run * 911) % 250000;
            one.add(value, i % 3 + 1);
            exact[value] += i % 3 + 1;
        }
        all.add(one);
    }
    for (const std::int64_t thousandths : {1, 500, 900, 990, 1000}) {
        const std::int64_t wanted = exact_quantile(exact, thousandths);
        CHECK(all.quantile(thousandths) >= wanted);
        CHECK((all.quantile(thousandths) - wanted) * 128 <= wanted);
    }
    CHECK(all.quantile(1000) == exact.rbegin()->first);
    CHECK(Histogram().quantile(500) == -1);
}
