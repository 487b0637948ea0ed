#include "models/log/cleaner.hpp"

#include "models/log/segments.hpp"
#include "sim/core/hash.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace kafka;

namespace {

StreamKeys keys_from(std::int32_t first, std::int32_t count, std::int64_t tombstone_every = 0) {
    StreamKeys keys{{}, first, count, tombstone_every};
    for (std::int32_t i = 0; i < count; ++i)
        keys.cycle.push_back(first + i);
    return keys;
}

/// A compacted log of one replica, with what its broker knows of it. A batch a second.
struct Cleaned {
    std::vector<StreamKeys> keys;
    TopicSettings topic{};
    CleanerAbilities abilities{};
    Log log{};
    ProducerStates producers{};
    std::vector<std::int64_t> written{}; // by stream: how many values
    std::int64_t now = 0;                // milliseconds
    bool keeps_the_first = false;

    /// `bytes`: of a file; a batch of ten records has 1061.
    explicit Cleaned(std::vector<StreamKeys> all, std::int64_t bytes = 2200) : keys(std::move(all)) {
        keep_segments(log, bytes, sim::seconds(100000));
        written.resize(keys.size(), 0);
        topic.min_cleanable_ppm = 0;
    }
    Batch batch(std::int32_t stream, std::int32_t count) {
        Batch one;
        std::int64_t& value = written[static_cast<std::size_t>(stream)];
        one.stream = StreamIndex{stream};
        one.value_first = Value{value};
        one.count = count;
        one.bytes = batch_bytes(count, 90);
        one.max_timestamp = Timestamp{now};
        value += count;
        now += 1000;
        return one;
    }
    Batch append(Batch one) {
        const Batch stored = append_as_leader(log, one, Epoch{0});
        remember(producers, stored, Dialect{});
        return stored;
    }
    Batch append(std::int32_t stream, std::int32_t count) { return append(batch(stream, count)); }
    /// By an idempotent producer with this id.
    Batch append_by(std::int64_t producer, std::int32_t stream, std::int32_t count, bool transactional) {
        Batch one = batch(stream, count);
        one.producer_id = ProducerId{producer};
        one.producer_epoch = 0;
        one.base_sequence = static_cast<std::int32_t>(one.value_first.value);
        one.is_transactional = transactional;
        return append(one);
    }
    void end_transaction(std::int64_t producer, ControlType outcome) {
        Batch marker = marker_batch(outcome, ProducerId{producer}, 0, Epoch{0});
        marker.max_timestamp = Timestamp{now};
        append(marker);
        forget_replicated(producers.transactions, log.log_end_offset);
    }
    LogToClean dirt(Offset high_watermark) const {
        return dirt_of(log, producers.transactions, topic,
                       {high_watermark, now, abilities.stops_at_last_stable_offset});
    }
    LogToClean dirt() const { return dirt(log.log_end_offset); }
    CleaningResult clean(const LogToClean& what) {
        CleaningResult result = kafka::clean(
            log, producers,
            {what, keys, now, topic.delete_retention, log.segments.most_bytes, abilities, keeps_the_first});
        std::erase_if(producers.transactions.aborted, [&](const LogTransactions::Ended& one) {
            return std::count(result.done_markers.begin(), result.done_markers.end(), one.marker) > 0;
        });
        return result;
    }
    CleaningResult clean() { return clean(dirt()); }
    /// Offsets of all records that are left.
    std::vector<std::int64_t> offsets() const {
        std::vector<std::int64_t> all;
        for (std::size_t i = 0; i < log.batches.size(); ++i)
            for (std::int32_t n = 0; has_records(log.batches[i]) && n < log.batches[i].count; ++n)
                all.push_back(log.batches[i].base_offset.value + n);
        return all;
    }
};

/// The naive twin: below `end` a record stays when no later one below `end` has its key.
std::vector<std::int64_t> naive(const std::vector<std::int32_t>& history, Offset end) {
    std::vector<std::int64_t> all;
    for (std::int64_t o = 0; o < static_cast<std::int64_t>(history.size()); ++o) {
        bool later = false;
        for (std::int64_t p = o + 1; p < end.value && o < end.value; ++p)
            later = later || history[static_cast<std::size_t>(p)] == history[static_cast<std::size_t>(o)];
        if (!later) all.push_back(o);
    }
    return all;
}

} // namespace

// Goal: several producers with keys of their own and in common, cleaned again and again at drawn moments,
// leave what a naive pass over the whole history leaves.
TEST_CASE("cleaner: of each key the last record stays, as a naive pass finds it") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        Cleaned one({keys_from(0, 3), keys_from(2, 7), keys_from(100, 1)});
        std::vector<std::int32_t> history;
        for (std::uint64_t step = 0; step < 40; ++step) {
            const std::uint64_t bits = sim::mix(sim::mix(1, seed), step);
            const auto stream = static_cast<std::int32_t>(bits % 3);
            const auto count = static_cast<std::int32_t>(1 + bits / 3 % 12);
            const Batch stored = one.append(stream, count);
            for (std::int32_t i = 0; i < count; ++i)
                history.push_back(key_of(one.keys[bits % 3], stored.value_first.value + i));
            const LogToClean dirt = one.dirt();
            if (bits / 100 % 4 != 0 || !wants_cleaning(dirt, one.topic)) continue;
            const CleaningResult result = one.clean(dirt);
            CHECK(one.offsets() == naive(history, dirt.end));
            CHECK(one.log.log_end_offset == Offset{static_cast<std::int64_t>(history.size())});
            std::int64_t bytes = 0;
            for (const Segment& file : one.log.segments.list)
                bytes += file.bytes;
            CHECK(bytes == one.log.bytes);
            CHECK(result.bytes_after <= result.bytes_before);
        }
    }
}

TEST_CASE("cleaner: an offset in a gap is looked up as the next record, and read from there") {
    Cleaned one({keys_from(0, 10)});
    for (int i = 0; i < 6; ++i)
        one.append(0, 10);
    one.clean(); // the last file (40 to 59) is active
    CHECK(one.offsets().front() == 30);
    CHECK(first_offset(one.log) == Offset{30});
    CHECK(batch_index(one.log, Offset{5}) == 0);
    CHECK(read(one.log, Offset{5}, Offset{60}, 1 << 20).count == 3);
    CHECK(read(one.log, Offset{5}, Offset{30}, 1 << 20).count == 0);
    CHECK(one.log.log_start_offset == Offset{0});
    CHECK(!knows_prefix(one.log, Offset{20}));
    CHECK(knows_prefix(one.log, Offset{40}));
}

TEST_CASE("cleaner: hashes above what was cleaned are those of a log that was not") {
    Cleaned one({keys_from(0, 10)});
    for (int i = 0; i < 6; ++i)
        one.append(0, 10);
    const Log whole = one.log;
    one.clean();
    for (const std::int64_t end : {40, 50, 60})
        CHECK(prefix_hash(one.log, Offset{end}) == prefix_hash(whole, Offset{end}));
    Log follower; // it copies the cleaned log
    keep_segments(follower, 2200, sim::seconds(100000));
    for (std::size_t i = 0; i < one.log.batches.size(); ++i)
        append_as_follower(follower, one.log.batches[i]);
    CHECK(follower.log_end_offset == Offset{60});
    CHECK(prefix_hash(follower, Offset{60}) == prefix_hash(whole, Offset{60}));
    CHECK(!knows_prefix(follower, Offset{20}));
}

TEST_CASE("cleaner: a log that is cut in a gap ends where it was cut, and cleans again from there") {
    Cleaned one({keys_from(0, 10)});
    for (int i = 0; i < 6; ++i)
        one.append(0, 10);
    one.clean();
    CHECK(one.log.cleaning.checkpoint == Offset{40});
    const std::vector<Batch> cut = truncate_to(one.log, Offset{25});
    CHECK(cut.size() == 3);
    CHECK(one.log.log_end_offset == Offset{25});
    CHECK(one.log.batches.empty());
    CHECK(one.log.cleaning.checkpoint <= Offset{25}); // LogManager.truncateTo
    CHECK(!knows_prefix(one.log, Offset{25}));
    one.append(0, 10);
    CHECK(one.log.batches.back().base_offset == Offset{25});
    Log other = one.log;
    truncate_fully_and_start_at(other, Offset{7});
    CHECK(other.cleaning.checkpoint <= Offset{7});
}

TEST_CASE("cleaner: what may be cleaned ends at the active file, the high watermark, and what is young") {
    Cleaned one({keys_from(0, 10)});
    for (int i = 0; i < 8; ++i)
        one.append(0, 10); // files at 0, 20, 40, 60
    CHECK(one.dirt().end == Offset{60});
    CHECK(one.dirt().dirty_bytes == 6 * 1061);
    CHECK(one.dirt(Offset{45}).end == Offset{40});
    one.abilities.stops_at_last_stable_offset = false; // before KAFKA-13194
    CHECK(one.dirt(Offset{45}).end == Offset{60});
    one.abilities.stops_at_last_stable_offset = true;
    one.topic.min_compaction_lag = 3500; // it is 8 s; the newest records of the files: 1 s, 3 s, 5 s, 7 s
    CHECK(one.dirt().end == Offset{40});
    one.topic.min_compaction_lag = 0;
    one.clean();
    CHECK(one.dirt().first_dirty == Offset{60});
    CHECK(one.dirt().dirty_bytes == 0);
}

TEST_CASE(
    "cleaner: a log is cleaned above min.cleanable.dirty.ratio, or when max.compaction.lag.ms is over") {
    Cleaned one({keys_from(0, 10)});
    for (int i = 0; i < 8; ++i)
        one.append(0, 10);
    one.topic.min_cleanable_ppm = 500000;
    CHECK(wants_cleaning(one.dirt(), one.topic)); // all of it is dirty
    one.clean();
    CHECK(!wants_cleaning(one.dirt(), one.topic));
    one.append(0, 10); // 60 and 70 are now in a file that is not active: 2122 bytes dirty of 3183
    CHECK(dirty_ppm(one.dirt()) == 666666);
    one.topic.min_cleanable_ppm = 666666;
    CHECK(!wants_cleaning(one.dirt(), one.topic));
    one.topic.max_compaction_lag = 2999; // its first batch is of 6 s, and it is 9 s
    CHECK(wants_cleaning(one.dirt(), one.topic));
    one.topic.max_compaction_lag = 3000;
    CHECK(!wants_cleaning(one.dirt(), one.topic));
}

// Goal: KIP-534: a tombstone is there for delete.retention.ms after the first cleaning that met it; before
// 3.1 until the newest clean file was written that much later than its own.
TEST_CASE("cleaner: tombstones go after delete.retention.ms") {
    for (const bool horizons : {true, false}) {
        Cleaned one({keys_from(0, 1, 2), keys_from(50, 1000)}); // every second record of key 0 deletes it
        one.abilities.batches_have_horizons = horizons;
        one.topic.delete_retention = 10000;
        one.append(0, 2); // the value 1 is a tombstone
        for (int i = 0; i < 4; ++i)
            one.append(1, 10);
        one.clean(); // at 5 s
        CHECK(one.offsets().front() == 1);
        std::vector<bool> there;
        bool told = false;
        for (const std::int64_t pause : {5000, 5000, 20000}) { // then at 12 s, 19 s, 41 s
            one.now += pause;
            one.append(1, 10);
            one.append(1, 10);
            const CleaningResult result = one.clean();
            for (const CompactedRun& run : result.removed)
                told =
                    told || (run.cause == fact::CompactionCause::tombstone && run.base_offset == Offset{1});
            there.push_back(one.offsets().front() == 1);
        }
        CHECK(there == std::vector<bool>{true, !horizons, false});
        CHECK(told);
    }
}

TEST_CASE("cleaner: the last batch of a producer keeps its place, so that its sequence stays known") {
    Cleaned one({keys_from(0, 10), keys_from(0, 10)});
    one.append_by(7, 0, 10, false);
    const Batch last = one.append_by(7, 0, 10, false);
    for (int i = 0; i < 4; ++i)
        one.append(1, 10);
    one.clean();
    REQUIRE(one.log.batches[0].remains == Remains::emptied);
    CHECK(one.log.batches[0].base_offset == last.base_offset);
    CHECK(end_offset(one.log.batches[0]) == end_offset(last));
    const ProducerStates after = rebuild(one.log, Dialect{});
    Batch again = last;
    again.base_sequence = 20;
    CHECK(check_sequence(after, again, Dialect{}).error == ErrorCode::none);
    again.base_sequence = 21;
    CHECK(check_sequence(after, again, Dialect{}).error == ErrorCode::out_of_order_sequence_number);
    one.append_by(7, 0, 1, false); // it goes on: the empty batch is the last one no more
    for (int i = 0; i < 4; ++i)
        one.append(1, 10);
    one.clean();
    CHECK(one.log.batches[0].base_offset > last.base_offset);
}

// Goal: the last batch of a round is aborted, so that all of it goes.
TEST_CASE("cleaner: since 4.0 the end of what was cleaned keeps its place (KAFKA-17076)") {
    for (const bool keeps : {true, false}) {
        Cleaned one({keys_from(0, 10)}, 2150);
        one.abilities.keeps_last_batch = keeps;
        one.append(0, 10);
        one.append_by(9, 0, 10, true); // the first file ends here
        one.end_transaction(9, ControlType::abort);
        one.append_by(9, 0, 10, true);
        one.end_transaction(9, ControlType::commit);
        const LogToClean dirt = one.dirt();
        REQUIRE(dirt.end == Offset{20});
        one.clean(dirt);
        const std::size_t behind = batch_index(one.log, Offset{20});
        REQUIRE(behind == (keeps ? 2 : 1));
        CHECK(end_offset(one.log.batches[behind - 1]) == Offset{keeps ? 20 : 10});
        CHECK(one.log.batches[behind].base_offset == Offset{20});
    }
}

// Goal: records of an aborted transaction go at once, its marker stays until readers have had the time.
TEST_CASE("cleaner: aborted records go, and the marker after delete.retention.ms") {
    Cleaned one({keys_from(0, 2), keys_from(50, 1)});
    one.topic.delete_retention = 10000;
    one.append(0, 2);
    one.append_by(9, 0, 2, true);
    one.end_transaction(9, ControlType::abort);
    one.append_by(9, 0, 1, true); // its next transaction, so that the marker is not its last word
    one.end_transaction(9, ControlType::commit);
    for (int i = 0; i < 5; ++i)
        one.append(1, 10);
    const CleaningResult first = one.clean();
    CHECK(first.removed.front().cause == fact::CompactionCause::superseded); // by the committed record
    CHECK(first.removed.back().cause == fact::CompactionCause::superseded);
    const bool aborted = std::any_of(first.removed.begin(), first.removed.end(), [](const CompactedRun& r) {
        return r.cause == fact::CompactionCause::aborted && r.base_offset == Offset{2} && r.count == 2;
    });
    CHECK(aborted);
    const auto has_marker = [&] {
        for (std::size_t i = 0; i < one.log.batches.size(); ++i)
            if (one.log.batches[i].control == ControlType::abort) return true;
        return false;
    };
    CHECK(has_marker());
    CHECK(one.offsets().front() == 1); // key 1 of the first batch was written again by nobody who committed
    for (int round = 0; round < 2; ++round) { // the first round sets the horizon
        for (int i = 0; i < 4; ++i)
            one.append(1, 10);
        one.clean();
        CHECK(has_marker() == (round == 0));
        CHECK(one.producers.transactions.aborted.empty());
        one.now += 10000;
    }
}

TEST_CASE("cleaner: a batch that cannot be read ends the cleaning, and nothing has changed") {
    Cleaned one({keys_from(0, 10)});
    for (int i = 0; i < 6; ++i)
        one.append(0, 10);
    one.log.corrupt.push_back(Offset{10});
    const Log before = one.log;
    CHECK(one.clean().bad == Offset{10});
    CHECK(one.log == before);
}

TEST_CASE("cleaner: files are merged while they fit into one") {
    Cleaned one({keys_from(0, 1)});
    for (int i = 0; i < 12; ++i)
        one.append(0, 10);
    REQUIRE(one.log.segments.list.size() == 6);
    one.clean();
    for (int i = 0; i < 4; ++i)
        one.append(0, 10);
    one.clean(); // now the emptied ones go together
    CHECK(one.log.segments.list.size() < 5);
    CHECK(one.log.segments.list.front().base_offset == Offset{0});
}

TEST_CASE("keys: a value names its key and whether it deletes it") {
    const StreamKeys keys{{4, 9}, 4, 6, 3}; // keys 4 to 9, of which 4 and 9 hash here
    CHECK(key_of(keys, 0) == 4);
    CHECK(key_of(keys, 3) == 9);
    CHECK(!is_tombstone(keys, 0)); // record 0 of the load
    CHECK(is_tombstone(keys, 1));  // record 5
    CHECK(!is_tombstone(keys, 2)); // record 6
    CHECK(is_tombstone(keys, 3));  // record 11
    CHECK(key_of(StreamKeys{}, 5) == no_key);
    CHECK(first_of_last_keys(keys, 10, 7) == 8);
    CHECK(first_of_last_keys(keys, 10, 1) == 9);
}
