#include "tools/highwater/study/in_order.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>

using highwater::in_order;

TEST_CASE("in_order: results are told in order, once each, whatever the number of threads") {
    for (const std::size_t threads : {1U, 2U, 5U}) {
        std::vector<std::size_t> told;
        in_order<std::size_t>(
            1000, threads,
            [](std::size_t i) {
                std::size_t sum = i; // uneven work, so that threads overtake each other
                for (std::size_t k = 0; k < (i * 7919) % 5000; ++k)
                    sum = sum * 31 + k;
                return sum == 1 ? 0 : i * i;
            },
            [&](std::size_t i, std::size_t& result) {
                CHECK(i == told.size());
                CHECK(result == i * i);
                told.push_back(result);
            });
        CHECK(told.size() == 1000);
    }
}

TEST_CASE("in_order: the first error by number ends the work, after what stands before it was told") {
    for (const std::size_t threads : {1U, 3U}) {
        std::size_t told = 0;
        const auto go = [&] {
            in_order<int>(
                500, threads,
                [](std::size_t i) {
                    if (i == 40 || i == 90) throw std::runtime_error(std::to_string(i));
                    return 0;
                },
                [&](std::size_t, int&) { ++told; });
        };
        CHECK_THROWS_WITH(go(), "40");
        CHECK(told == 40);
    }
}

TEST_CASE("in_order: once it is stopped, what was begun is told without gaps, and no more begins") {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        std::atomic<std::size_t> begun{0};
        std::atomic<bool> stop{false};
        std::size_t told = 0;
        const std::size_t count = in_order<std::size_t>(
            100000, threads,
            [&](std::size_t i) {
                if (++begun == 50) stop = true;
                return i;
            },
            [&](std::size_t i, std::size_t&) { CHECK(i == told++); }, [&] { return stop.load(); });
        CHECK(count == told);
        CHECK(told == begun);
        CHECK(told >= 50);
        CHECK(told < 60);
    }
}
