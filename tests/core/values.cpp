#include "sim/choices/choices.hpp"
#include "sim/core/hash.hpp"
#include "sim/core/shared_chunks.hpp"
#include "sim/core/slab.hpp"

#include <doctest/doctest.h>

TEST_CASE("shared chunks: a fork does not see what the original does next") {
    sim::SharedChunks<int, 4> chunks;
    for (int i = 0; i < 10; ++i)
        chunks.push_back(i);
    sim::SharedChunks<int, 4> fork = chunks;
    chunks.truncate(6);
    chunks.push_back(99);
    CHECK(fork.size() == 10);
    CHECK(fork[6] == 6);
    CHECK(chunks.size() == 7);
    CHECK(chunks[6] == 99);
    CHECK(!(fork == chunks));
    fork.truncate(6);
    fork.push_back(99);
    CHECK(fork == chunks);
}

TEST_CASE("slab: a handle is good until it is released") {
    struct Content {
        std::vector<int> numbers;
        void clear() { numbers.clear(); }
        bool operator==(const Content&) const = default;
    };
    sim::Slab<Content> slab;
    const sim::SlabHandle handle = slab.acquire();
    slab.open(handle).numbers = {1, 2};
    CHECK(slab.live() == 1);
    slab.release(handle);
    CHECK(slab.live() == 0);
    CHECK_THROWS_AS(slab.open(handle), sim::AssertionFailure);
    CHECK(slab.open(slab.acquire()).numbers.empty());
}

TEST_CASE("choices: a draw depends on its address alone") {
    sim::Choices one{42, {}};
    sim::Choices two{42, {}};
    two.next_bits(7, 7); // another stream
    CHECK(one.next_bits(1, 2) == two.next_bits(1, 2));
    CHECK(one.next_bits(1, 2) != one.next_bits(1, 3));
    CHECK(sim::draw_bits(1, 2, 3, 4) == 15701232893496505448ULL);
    CHECK(sim::draw_bits(1, 2, 3, 5) != sim::draw_bits(1, 2, 3, 4));
}

TEST_CASE("choices: a latency table gives its quantiles") {
    const sim::LatencyTable table{sim::microseconds(1000), sim::microseconds(5000), sim::microseconds(9000)};
    int below_p50 = 0;
    int below_p99 = 0;
    for (std::uint64_t i = 0; i < 100000; ++i) {
        const sim::Duration drawn = sim::sample(table, sim::draw_bits(3, 1, 1, i));
        CHECK(drawn >= sim::microseconds(500));
        CHECK(drawn <= table.max);
        below_p50 += drawn <= table.p50 ? 1 : 0;
        below_p99 += drawn <= table.p99 ? 1 : 0;
    }
    CHECK(below_p50 > 49000);
    CHECK(below_p50 < 51000);
    CHECK(below_p99 > 98700);
    CHECK(below_p99 < 99300);
}

TEST_CASE("hash: a running hash can be copied and printed") {
    sim::Hash hash;
    hash.add(1);
    sim::Hash copy = hash;
    hash.add(2);
    CHECK(!(copy.digest() == hash.digest()));
    copy.add(2);
    CHECK(copy.digest() == hash.digest());
    CHECK(sim::to_hex(sim::Digest{0xabc, 1}) == "00000000000000010000000000000abc");
}
