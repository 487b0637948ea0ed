#include "models/log/segments.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

Batch at_second(std::int64_t second, std::int32_t count = 10) {
    Batch batch;
    batch.value_first = Value{second * 10};
    batch.count = count;
    batch.bytes = batch_bytes(count, 90); // 1061 bytes of ten records
    batch.max_timestamp = Timestamp{second * 1000};
    return batch;
}

/// A batch a second, of which two fit into a file.
Log two_a_file(int batches) {
    Log log;
    keep_segments(log, 2200, sim::seconds(1000));
    for (int i = 0; i < batches; ++i)
        append_as_leader(log, at_second(i), Epoch{0});
    return log;
}

std::vector<std::int64_t> bases(const Log& log) {
    std::vector<std::int64_t> all;
    for (const Segment& one : log.segments.list)
        all.push_back(one.base_offset.value);
    return all;
}

} // namespace

TEST_CASE("segments: a file is rolled when the next batch does not fit, and what is rolled is flushed") {
    const Log log = two_a_file(5);
    CHECK(bases(log) == std::vector<std::int64_t>{0, 20, 40});
    CHECK(log.segments.list[0].bytes == 2 * 1061);
    CHECK(log.segments.list[1].max_timestamp == 3000);
    CHECK(log.flushed_offset == Offset{40});
}

TEST_CASE(
    "segments: a file is rolled when its first record is older than segment.ms, by the records' times") {
    Log log;
    keep_segments(log, 1 << 20, sim::seconds(2));
    for (const int second : {0, 1, 2, 3, 4})
        append_as_leader(log, at_second(second), Epoch{0});
    CHECK(bases(log) == std::vector<std::int64_t>{0, 30}); // 3 s - 0 s is more than 2 s
}

TEST_CASE("segments: a log that keeps no account of files has none") {
    Log log;
    append_as_leader(log, at_second(0), Epoch{0});
    CHECK(log.segments.list.empty());
    CHECK(deletable_segments(log, {0, 0, 4000000, Offset{10}}) == 0);
}

TEST_CASE("retention: files go by time, oldest first, and never at the high watermark") {
    const Log log = two_a_file(6); // newest records of the files: 1 s, 3 s, 5 s
    const auto count = [&](std::int64_t millis, std::uint32_t now, std::int64_t high_watermark) {
        return deletable_segments(log, {-1, millis, now, Offset{high_watermark}});
    };
    CHECK(count(10000, 11000, 60) == 0);
    CHECK(count(10000, 11001, 60) == 1);
    CHECK(count(10000, 13001, 60) == 2);
    CHECK(count(10000, 99000, 60) == 3); // the active one as well
    CHECK(count(10000, 99000, 59) == 2); // KAFKA-5634
    CHECK(count(10000, 99000, 20) == 1);
    CHECK(count(-1, 99000, 60) == 0);
}

TEST_CASE("retention: files go by size while more than retention.bytes are left") {
    const Log log = two_a_file(6); // 6366 bytes in three files
    const auto count = [&](std::int64_t bytes) {
        return deletable_segments(log, {bytes, -1, 0, Offset{60}});
    };
    CHECK(count(-1) == 0);
    CHECK(count(6366) == 0);
    CHECK(count(4244) == 1);
    CHECK(count(4245) == 0);
    CHECK(count(0) == 3);
}

TEST_CASE("retention: what is left begins with a file, and keeps its hashes") {
    Log log = two_a_file(5);
    const Log whole = log;
    delete_segments(log, 1);
    CHECK(log.log_start_offset == Offset{20});
    CHECK(first_offset(log) == Offset{20});
    CHECK(log.batches.size() == 3);
    CHECK(log.bytes == 3 * 1061);
    for (const std::int64_t end : {20, 30, 50})
        CHECK(prefix_hash(log, Offset{end}) == prefix_hash(whole, Offset{end}));
    CHECK(!knows_prefix(log, Offset{10}));
    CHECK(read(log, Offset{25}, Offset{50}, 1 << 20).count == 3);
    append_as_leader(log, at_second(5), Epoch{0});
    Log longer = whole;
    append_as_leader(longer, at_second(5), Epoch{0});
    CHECK(prefix_hash(log, Offset{60}) == prefix_hash(longer, Offset{60}));
}

TEST_CASE("retention: when all files go, a new one begins at the end") {
    Log log = two_a_file(3);
    delete_segments(log, 2);
    CHECK(log.batches.empty());
    CHECK(log.log_start_offset == Offset{30});
    CHECK(log.log_end_offset == Offset{30});
    CHECK(bases(log) == std::vector<std::int64_t>{30});
    CHECK(append_as_leader(log, at_second(9), Epoch{0}).base_offset == Offset{30});
}

TEST_CASE("log start: it may stand within a batch, and files below it go whatever their age") {
    Log log = two_a_file(5);
    CHECK(raise_log_start(log, Offset{25}));
    CHECK(!raise_log_start(log, Offset{25}));
    CHECK(log.batches.size() == 5); // the files are still there
    CHECK(deletable_segments(log, {-1, -1, 0, Offset{50}}) == 1);
    CHECK(deletable_segments(log, {-1, -1, 0, Offset{10}}) == 0);
    delete_segments(log, 1);
    CHECK(log.log_start_offset == Offset{25});
    CHECK(first_offset(log) == Offset{20});
}

TEST_CASE("log start: the epoch that reaches beyond it begins there") {
    Log log;
    append_as_leader(log, at_second(0), Epoch{1});
    append_as_leader(log, at_second(1), Epoch{2});
    append_as_leader(log, at_second(2), Epoch{4});
    raise_log_start(log, Offset{15});
    REQUIRE(log.epochs.entries.size() == 2);
    CHECK(log.epochs.entries[0] == EpochHistory::Entry{Epoch{2}, Offset{15}});
    raise_log_start(log, Offset{30});
    CHECK(log.epochs.entries.back() == EpochHistory::Entry{Epoch{4}, Offset{30}});
}

TEST_CASE("segments: a log that is cut keeps account of what is left") {
    Log log = two_a_file(5);
    truncate_to(log, Offset{30});
    CHECK(bases(log) == std::vector<std::int64_t>{0, 20});
    CHECK(log.segments.list[1].bytes == 1061);
    CHECK(log.segments.list[1].max_timestamp == 2000);
    truncate_to(log, Offset{0});
    CHECK(bases(log) == std::vector<std::int64_t>{0});
    CHECK(log.segments.list[0].bytes == 0);
    truncate_fully_and_start_at(log, Offset{70});
    CHECK(bases(log) == std::vector<std::int64_t>{70});
    CHECK(log.log_end_offset == Offset{70});
}

TEST_CASE("log start: a follower that begins behind it has the leader's hashes from there on") {
    Log leader = two_a_file(5);
    delete_segments(leader, 1);
    Log follower;
    truncate_fully_and_start_at(follower, Offset{20});
    for (std::size_t i = 0; i < leader.batches.size(); ++i)
        append_as_follower(follower, leader.batches[i]);
    CHECK(prefix_hash(follower, Offset{30}) == prefix_hash(leader, Offset{30}));
    CHECK(prefix_hash(follower, Offset{50}) == prefix_hash(leader, Offset{50}));
    CHECK(!knows_prefix(follower, Offset{20}));
    CHECK(knows_prefix(leader, Offset{20}));
}
