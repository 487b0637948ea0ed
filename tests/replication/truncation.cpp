// Old rule and new rule side by side: the documented losses happen under the old one.

#include "models/replication/truncation.hpp"

#include <doctest/doctest.h>

using namespace kafka;

namespace {

Log log_of(std::initializer_list<std::pair<int, int>> epochs_and_counts) {
    Log log;
    for (const auto& [epoch, count] : epochs_and_counts) {
        Batch batch;
        batch.count = count;
        batch.bytes = 100;
        append_as_leader(log, batch, Epoch{epoch});
    }
    return log;
}

} // namespace

TEST_CASE("truncation: KIP-101, a follower with a lagging high watermark drops an acknowledged record only "
          "under the old rule") {
    const Log follower = log_of({{0, 1}, {0, 1}}); // both records are on it, its high watermark says 1
    const Log leader = log_of({{0, 1}, {0, 1}});
    const EpochEnd answer = end_offset_for(leader.epochs, Epoch{0}, leader.log_end_offset);
    CHECK(truncation_point(TruncationRule::to_high_watermark, follower, Offset{1}, answer).offset ==
          Offset{1});
    CHECK(truncation_point(TruncationRule::by_epoch_end, follower, Offset{1}, answer).offset == Offset{2});
    CHECK(truncation_point(TruncationRule::on_fetch, follower, Offset{1}, answer).offset == Offset{2});
}

TEST_CASE("truncation: KIP-279, fast failovers leave divergent records only under the old rule") {
    // B: 0 in e0, 1 in e1, 2 in e3. A leads e4 with 0 in e0, 1-3 in e2, 4-5 in e4.
    const Log b = log_of({{0, 1}, {1, 1}, {3, 1}});
    const Log a = log_of({{0, 1}, {2, 3}, {4, 2}});
    const EpochEnd answer = end_offset_for(a.epochs, Epoch{3}, a.log_end_offset);
    CHECK(answer == EpochEnd{Epoch{2}, Offset{4}});
    const TruncationPoint old_rule =
        truncation_point(TruncationRule::by_epoch_end, b, Offset{0}, {no_epoch, answer.end});
    CHECK(old_rule.offset == Offset{3}); // cuts nothing: offsets 1 and 2 differ for ever
    const TruncationPoint first = truncation_point(TruncationRule::by_epoch, b, Offset{0}, answer);
    CHECK(first == TruncationPoint{Offset{2}, false}); // lacks e2: to the end of e1, and asks again
    const EpochEnd second = end_offset_for(a.epochs, Epoch{1}, a.log_end_offset);
    CHECK(second == EpochEnd{Epoch{0}, Offset{1}});
    Log shorter = b;
    truncate_to(shorter, Offset{2});
    CHECK(truncation_point(TruncationRule::by_epoch, shorter, Offset{0}, second) ==
          TruncationPoint{Offset{1}, true});
}

TEST_CASE("truncation: a leader that knows nothing sends the follower to its high watermark") {
    const Log log = log_of({{3, 4}});
    CHECK(truncation_point(TruncationRule::by_epoch, log, Offset{2}, EpochEnd{}).offset == Offset{2});
}
