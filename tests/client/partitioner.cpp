#include "models/client/producer/producer.hpp"

#include <doctest/doctest.h>

#include <cstring>

namespace {
std::int32_t hash_of(const char* text) {
    return kafka::murmur2(reinterpret_cast<const std::uint8_t*>(text), std::strlen(text));
}
} // namespace

TEST_CASE("partitioner: murmur2 gives Kafka's own values (UtilsTest.testMurmur2)") {
    CHECK(hash_of("21") == -973932308);
    CHECK(hash_of("foobar") == -790332482);
    CHECK(hash_of("a-little-bit-long-string") == -985981536);
    CHECK(hash_of("a-little-bit-longer-string") == -1486304829);
    CHECK(hash_of("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
    CHECK(hash_of("abc") == 479470107);
}

TEST_CASE("back-off: doubles to its limit with a fifth of jitter, or stays constant") {
    using kafka::backoff;
    for (std::uint64_t i = 0; i < 100; ++i) {
        const std::uint64_t bits = sim::draw_bits(1, 1, 1, i);
        CHECK(backoff(sim::milliseconds(100), sim::milliseconds(100), 5, bits) == sim::milliseconds(100));
        const sim::Duration third = backoff(sim::milliseconds(100), sim::milliseconds(1000), 2, bits);
        CHECK(third >= sim::milliseconds(320));
        CHECK(third <= sim::milliseconds(480));
        CHECK(backoff(sim::milliseconds(100), sim::milliseconds(1000), 40, bits) <= sim::milliseconds(1000));
    }
}
