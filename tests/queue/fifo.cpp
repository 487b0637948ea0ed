// The queue in one piece of memory, against its naive twin.

#include "sim/core/fifo.hpp"

#include "sim/choices/choices.hpp"
#include "sim/core/spares.hpp"

#include <doctest/doctest.h>

#include <deque>

TEST_CASE("fifo: behaves as a deque does, whatever the order of operations") {
    sim::Fifo<int> fifo;
    std::deque<int> twin;
    for (std::uint64_t i = 0; i < 20000; ++i) {
        const std::uint64_t bits = sim::draw_bits(1, 2, 3, i);
        const auto item = static_cast<int>(i);
        const std::size_t at = twin.empty() ? 0 : bits / 8 % twin.size();
        const std::uint64_t kind = sim::below(bits, i % 4000 < 2000 ? 7 : 10); // grows, then shrinks
        if (kind < 3) {
            fifo.push_back(item);
            twin.push_back(item);
        } else if (kind == 3) {
            fifo.push_front(item);
            twin.push_front(item);
        } else if (kind == 4) {
            fifo.insert(fifo.begin() + at, item);
            twin.insert(twin.begin() + static_cast<std::ptrdiff_t>(at), item);
        } else if (kind == 5 && !twin.empty()) {
            fifo.erase(fifo.begin() + at);
            twin.erase(twin.begin() + static_cast<std::ptrdiff_t>(at));
        } else if (!twin.empty()) {
            fifo.pop_front();
            twin.pop_front();
        }
        REQUIRE(std::equal(fifo.begin(), fifo.end(), twin.begin(), twin.end()));
    }
}

TEST_CASE("spares: memory comes back empty, and a copy has none of it") {
    sim::Spares<int> spares;
    std::vector<int> used{1, 2, 3};
    const int* const place = used.data();
    spares.give(std::move(used));
    sim::Spares<int> copy = spares;
    CHECK(copy.take().capacity() == 0);
    const std::vector<int> again = spares.take();
    CHECK(again.empty());
    CHECK(again.data() == place);
    CHECK(copy == spares);
}
