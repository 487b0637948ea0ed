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

TEST_CASE("partitioner: other libraries hash keys their own way") {
    const auto bytes = [](const char* text) { return reinterpret_cast<const std::uint8_t*>(text); };
    CHECK(kafka::crc32(bytes("123456789"), 9) == 0xcbf43926U); // the check value of this CRC
    CHECK(kafka::fnv1a(bytes(""), 0) == 0x811c9dc5U);
    CHECK(kafka::fnv1a(bytes("foobar"), 6) == 0xbf9cf968U); // from the authors' test vectors
    for (std::int64_t key = 0; key < 100; ++key)
        for (const kafka::KeyHash rule :
             {kafka::KeyHash::murmur2, kafka::KeyHash::crc32, kafka::KeyHash::fnv1a}) {
            CHECK(kafka::partition_of_key(key, rule, 7) >= 0);
            CHECK(kafka::partition_of_key(key, rule, 7) < 7);
        }
}
