#include "models/check/tally.hpp"

#include "sim/choices/choices.hpp"

#include <doctest/doctest.h>

#include <map>

TEST_CASE("tally: counts as a map does, for small numbers and great ones") {
    kafka::Tally tally;
    std::map<std::int64_t, std::int64_t> twin;
    CHECK(tally.empty());
    for (std::uint64_t i = 0; i < 30000; ++i) {
        const std::uint64_t bits = sim::draw_bits(1, 2, 3, i);
        const std::uint64_t bound = i % 3 == 0 ? 100 : i % 3 == 1 ? 70000 : 5000000000;
        const auto number = static_cast<std::int64_t>(sim::below(bits, bound));
        tally.add(number, 1 + static_cast<std::int64_t>(i % 5));
        twin[number] += 1 + static_cast<std::int64_t>(i % 5);
        if (i % 7000 != 0) continue;
        tally.settle(); // reading between does not disturb
        REQUIRE(tally.entries().size() == twin.size());
    }
    tally.settle();
    REQUIRE(tally.entries().size() == twin.size());
    CHECK(std::equal(tally.begin(), tally.end(), twin.begin(), [](const auto& a, const auto& b) {
        return a.first == b.first && a.second == b.second;
    }));
}
