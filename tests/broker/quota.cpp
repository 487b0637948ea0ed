#include "models/broker/quota.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

sim::SimTime at(std::int64_t millis) { return sim::SimTime{millis * 1000}; }

} // namespace

TEST_CASE("quota: the rate is measured over at least a second and at most eleven") {
    ReplicationQuota quota;
    CHECK_FALSE(is_exceeded(quota, 1000, at(0)));
    record(quota, 1000, at(100));
    CHECK_FALSE(is_exceeded(quota, 1000, at(100))); // 1000 bytes in a window of a second
    record(quota, 1, at(200));
    CHECK(is_exceeded(quota, 1000, at(200)));
    CHECK(is_exceeded(quota, 1000, at(1100)));
    CHECK_FALSE(is_exceeded(quota, 1000, at(1200))); // 1001 bytes in 1.1 s
}

TEST_CASE("quota: what is older than eleven windows counts no more") {
    ReplicationQuota quota;
    record(quota, 1000000, at(0));
    CHECK(is_exceeded(quota, 1000, at(10999)));
    CHECK_FALSE(is_exceeded(quota, 1000, at(11000)));
    for (int i = 0; i < 40; ++i)
        record(quota, 1000, at(20000 + i * 1000));
    CHECK(quota.samples.size() <= 11);
    CHECK_FALSE(is_exceeded(quota, 1100, at(59000)));
    CHECK(is_exceeded(quota, 900, at(59500)));
}
