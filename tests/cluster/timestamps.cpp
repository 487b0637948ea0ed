// Create times and append times, and the retention that goes by them.

#include "tests/cluster/driven.hpp"

#include <doctest/doctest.h>

using namespace kafka;
using cluster_test::Driven;

namespace {

std::string load_with(const std::string& records, const std::string& topic, const std::string& faults = "",
                      const std::string& release = "4.3") {
    return R"({"release":")" + release +
           R"(","config":{"log.retention.check.interval.ms":1000)" + // the delay is a setting since 3.8
           (release == "3.5" ? "" : R"(,"log.initial.task.delay.ms":10000)") + R"(},
        "topics":[{"name":"t","replication.factor":3,"assignment":[[1,2,3]],"config":{)" +
           topic + R"(}}],
        "producers":[{"name":"shop","topic":"t","records":{"count":1000,"rate":100)" +
           records + R"(},"config":{"acks":"all"}}],"until":"25s","faults":[)" + faults + "]}";
}

std::int64_t refused(const Driven& run) {
    const auto& failed = run.ledger.producers[0].failed;
    const auto at = failed.find(SendFailure::invalid_timestamp);
    return at == failed.end() ? 0 : at->second;
}

/// Greatest create time in the log of broker 1, in milliseconds.
std::int64_t newest_millis(const Driven& run) {
    std::int64_t newest = -1000000000000;
    for (std::size_t i = 0; i < run.log(1).batches.size(); ++i)
        newest = std::max(newest, run.log(1).batches[i].max_timestamp.millis());
    return newest;
}

} // namespace

TEST_CASE("timestamp: what a batch carries is exact to the millisecond, on both sides of the beginning") {
    CHECK(Timestamp{}.millis() == 0);
    for (const std::int64_t millis :
         {std::int64_t{1}, std::int64_t{-1}, std::int64_t{255}, std::int64_t{-256},
          std::int64_t{86400000} * 365 * 10, -std::int64_t{86400000} * 365 * 10})
        CHECK(Timestamp{millis}.millis() == millis);
    CHECK(Timestamp{std::int64_t{1} << 50}.millis() == (std::int64_t{1} << 39) - 1);
    CHECK(Timestamp{-(std::int64_t{1} << 50)}.millis() == 1 - (std::int64_t{1} << 39));
    CHECK(timestamp_of(sim::SimTime{-1}).millis() == -1);
    CHECK(timestamp_of(sim::SimTime{1999}).millis() == 1);
}

// Goal: retention goes by create times. Records that are older than retention.ms when they are written go at
// the next check, the active file too; by append times they stay.
TEST_CASE("retention: records that are loaded with old create times go at the first look") {
    Driven old(load_with(R"(,"timestamp_offset":"-192h")", ""));
    Driven appended(
        load_with(R"(,"timestamp_offset":"-192h")", R"("message.timestamp.type":"LogAppendTime")"));
    Driven young(load_with(R"(,"timestamp_offset":"-24h")", ""));
    for (Driven* run : {&old, &appended, &young})
        run->to_the_end();
    CHECK(old.log(1).log_start_offset == Offset{1000});
    CHECK(old.first_ms<fact::RecordsExpired>() >= 10000);
    CHECK(old.first_ms<fact::RecordsExpired>() < 10500);
    CHECK(old.ledger.streams[0].lost == 0);
    CHECK(appended.log(1).log_start_offset == Offset{0});
    CHECK(newest_millis(appended) > 9000);
    CHECK(young.log(1).log_start_offset == Offset{0});
    CHECK(newest_millis(young) < -86000000);
}

TEST_CASE("retention: a producer whose clock is set back far enough writes for nobody") {
    Driven run(load_with("", "", R"({"at":"4s","do":"clock","target":"producer shop","step":"-240h"})"));
    run.to_the_end();
    CHECK(newest_millis(run) < 4100); // what was written before is the newest of its file, and keeps it
    CHECK(run.log(1).log_start_offset == Offset{0});
    Driven files(load_with("", R"("segment.bytes":14000)",
                           R"({"at":"4s","do":"clock","target":"producer shop","step":"-240h"})", "3.9"));
    files.to_the_end();
    CHECK(files.log(1).log_start_offset == Offset{0}); // oldest first: the young file before them stays
}

TEST_CASE("retention: a file of records from the future keeps itself and all behind it") {
    const std::string topic = R"("retention.ms":4000,"segment.ms":1000,"segment.bytes":14000)";
    Driven right(load_with("", topic, "", "3.9"));
    Driven ahead(load_with("", topic, R"({"at":"4s","do":"clock","target":"producer shop","step":"24h",
                                          "for":"1s"})",
                           "3.9"));
    right.to_the_end();
    ahead.to_the_end();
    CHECK(right.log(1).log_start_offset >= Offset{900});
    CHECK(ahead.log(1).log_start_offset >= Offset{200});
    CHECK(ahead.log(1).log_start_offset < Offset{500});
    CHECK(refused(ahead) == 0);
}

// Goal: the bounds on create times: which side, and by which release.
TEST_CASE("timestamp: records too far from the broker's clock are refused, and not tried again") {
    const auto refused_of = [](const std::string& offset, const std::string& topic,
                               const std::string& release) {
        Driven run(load_with(R"(,"timestamp_offset":")" + offset + "\"", topic, "", release));
        run.to_the_end();
        CHECK(refused(run) + run.ledger.streams[0].acknowledged == 1000);
        CHECK(run.ledger.producers[0].retried.empty());
        return refused(run);
    };
    CHECK(refused_of("2h", "", "4.3") == 1000); // an hour since 4.0
    CHECK(refused_of("30min", "", "4.3") == 0);
    CHECK(refused_of("2h", "", "3.9") == 0);
    CHECK(refused_of("2h", R"("message.timestamp.type":"LogAppendTime")", "4.3") == 0);
    CHECK(refused_of("2h", R"("message.timestamp.after.max.ms":86400000)", "4.3") == 0);
    CHECK(refused_of("-2h", R"("message.timestamp.before.max.ms":3600000)", "4.3") == 1000);
    CHECK(refused_of("-2h", R"("message.timestamp.difference.max.ms":3600000)", "3.5") == 1000);
    CHECK(refused_of("2h", R"("message.timestamp.difference.max.ms":3600000)", "3.5") == 1000);
    CHECK(refused_of("2h", R"("message.timestamp.difference.max.ms":3600000)", "3.9") == 1000);
    CHECK(refused_of(
              "-2h",
              R"("message.timestamp.difference.max.ms":3600000,"message.timestamp.before.max.ms":9000000)",
              "3.9") == 0);
}

TEST_CASE("timestamp: the bound is measured by the clock of the leader") {
    Driven run(load_with("", "", R"({"at":"4s","do":"clock","target":"broker 1","step":"-2h"})"));
    run.to_the_end();
    CHECK(refused(run) > 500);
    CHECK(refused(run) < 700);
}

TEST_CASE("timestamp: type and bounds may be changed while running") {
    Driven run(load_with(R"(,"timestamp_offset":"2h")", "",
                         R"({"at":"4s","do":"set","target":"topic t",
                             "config":{"message.timestamp.type":"LogAppendTime"}})"));
    run.to_the_end();
    CHECK(refused(run) > 300);
    CHECK(refused(run) < 500);
}
