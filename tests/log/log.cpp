#include "models/log/producer_state.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

Batch batch_of(std::int64_t value, std::int32_t count) {
    Batch batch;
    batch.value_first = Value{value};
    batch.count = count;
    batch.bytes = batch_bytes(count, 100);
    return batch;
}

Batch idempotent(std::int32_t sequence, std::int32_t count, std::int16_t epoch = 0) {
    Batch batch = batch_of(sequence, count);
    batch.producer_id = ProducerId{7};
    batch.producer_epoch = epoch;
    batch.base_sequence = sequence;
    return batch;
}

/// 0-2 in epoch 1, 3-4 in epoch 2, 5 in epoch 4.
Log three_epochs() {
    Log log;
    append_as_leader(log, batch_of(0, 3), Epoch{1});
    append_as_leader(log, batch_of(3, 2), Epoch{2});
    append_as_leader(log, batch_of(5, 1), Epoch{4});
    return log;
}

} // namespace

TEST_CASE("log: equal hashes of equal ends mean equal prefixes") {
    Log one = three_epochs();
    Log two = three_epochs();
    CHECK(prefix_hash(one, Offset{5}) == prefix_hash(two, Offset{5}));
    truncate_to(two, Offset{3});
    append_as_leader(two, batch_of(77, 2), Epoch{2}); // other records at the same offsets
    CHECK(prefix_hash(one, Offset{3}) == prefix_hash(two, Offset{3}));
    CHECK(prefix_hash(one, Offset{5}) != prefix_hash(two, Offset{5}));
}

TEST_CASE("log: truncation gives back what it cut and forgets its epochs") {
    Log log = three_epochs();
    log.flushed_offset = Offset{6};
    const std::vector<Batch> cut = truncate_to(log, Offset{3});
    CHECK(cut.size() == 2);
    CHECK(log.log_end_offset == Offset{3});
    CHECK(log.flushed_offset == Offset{3});
    CHECK(latest_epoch(log.epochs) == Epoch{1});
    CHECK(truncate_to(log, Offset{9}).empty());
}

TEST_CASE("log: a read returns whole batches below the bound, at least one") {
    const Log log = three_epochs();
    CHECK(read(log, Offset{0}, Offset{6}, 1).count == 1);
    CHECK(read(log, Offset{0}, Offset{5}, 1 << 20).count == 2);
    CHECK(read(log, Offset{4}, Offset{6}, 1 << 20).first == 1);
    CHECK(read(log, Offset{6}, Offset{6}, 1 << 20).count == 0);
}

TEST_CASE("epoch history: where an epoch ends (LeaderEpochFileCache.endOffsetFor)") {
    const Log log = three_epochs();
    CHECK(end_offset_for(log.epochs, Epoch{4}, Offset{6}) == EpochEnd{Epoch{4}, Offset{6}});
    CHECK(end_offset_for(log.epochs, Epoch{1}, Offset{6}) == EpochEnd{Epoch{1}, Offset{3}});
    CHECK(end_offset_for(log.epochs, Epoch{3}, Offset{6}) == EpochEnd{Epoch{2}, Offset{5}});
    CHECK(end_offset_for(log.epochs, Epoch{0}, Offset{6}) == EpochEnd{Epoch{0}, Offset{0}});
    CHECK(end_offset_for(log.epochs, Epoch{5}, Offset{6}) == EpochEnd{});
}

TEST_CASE("producer state: duplicates, gaps and epochs") {
    const Dialect dialect = dialect_of(newest_release);
    ProducerStates states;
    Log log;
    for (std::int32_t i = 0; i < 6; ++i)
        remember(states, append_as_leader(log, idempotent(i * 10, 10), Epoch{0}), dialect);
    CHECK(check_sequence(states, idempotent(60, 5), dialect).error == ErrorCode::none);
    const SequenceCheck again = check_sequence(states, idempotent(30, 10), dialect);
    CHECK(again.duplicate);
    CHECK(again.base_offset == Offset{30});
    CHECK(check_sequence(states, idempotent(0, 10), dialect).error ==
          ErrorCode::out_of_order_sequence_number); // the sixth back
    CHECK(check_sequence(states, idempotent(70, 5), dialect).error ==
          ErrorCode::out_of_order_sequence_number);
    CHECK(check_sequence(states, idempotent(0, 5, 1), dialect).error == ErrorCode::none);
    CHECK(check_sequence(states, idempotent(5, 5, 1), dialect).error ==
          ErrorCode::out_of_order_sequence_number);
    remember(states, append_as_leader(log, idempotent(0, 5, 1), Epoch{0}), dialect);
    CHECK(check_sequence(states, idempotent(60, 5), dialect).error == ErrorCode::invalid_producer_epoch);
    CHECK(rebuild(log, dialect) == states);
}

TEST_CASE("producer state: without state any sequence is accepted from 2.5 on (KIP-360)") {
    const ProducerStates none;
    CHECK(check_sequence(none, idempotent(5, 1), dialect_of(Release::v2_5)).error == ErrorCode::none);
    CHECK(check_sequence(none, idempotent(5, 1), dialect_of(Release::v2_4)).error ==
          ErrorCode::unknown_producer_id);
    CHECK(check_sequence(none, idempotent(0, 1), dialect_of(Release::v2_4)).error == ErrorCode::none);
}

TEST_CASE("producer state: a clean shutdown's snapshot keeps the last batch only") {
    const Dialect dialect = dialect_of(newest_release);
    ProducerStates states;
    Log log;
    for (std::int32_t i = 0; i < 3; ++i)
        remember(states, append_as_leader(log, idempotent(i, 1), Epoch{0}), dialect);
    keep_last_only(states);
    CHECK(check_sequence(states, idempotent(2, 1), dialect).duplicate);
    CHECK(check_sequence(states, idempotent(1, 1), dialect).error == ErrorCode::out_of_order_sequence_number);
}

TEST_CASE("log: cutting nothing still drops an epoch that began at the end and holds no record") {
    Log log;
    Batch batch;
    batch.count = 3;
    append_as_leader(log, batch, Epoch{0});
    assign(log.epochs, Epoch{1}, log.log_end_offset); // led, and appended nothing
    CHECK(truncate_to(log, log.log_end_offset).empty());
    CHECK(latest_epoch(log.epochs) == Epoch{0});
    CHECK(log.log_end_offset == Offset{3});
}
