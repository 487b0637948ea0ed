// The application between two polls: what it commits and when, as values.

#include "models/client/application/consuming.hpp"

#include <doctest/doctest.h>

using namespace kafka;

TEST_CASE("consuming: a batch is committed at the moment and at the interval that the code chooses") {
    Consuming thread;
    ConsumerApplication application;
    application.commit = CommitStyle::after_processing;
    application.commit_every = 3;
    int commits = 0;
    for (thread.batches = 1; thread.batches <= 9; ++thread.batches)
        commits += commits_batch(thread, application, CommitStyle::after_processing) ? 1 : 0;
    CHECK(commits == 3);
    CHECK_FALSE(commits_batch(thread, application, CommitStyle::before_processing));
    application.commit_each_record = true;
    thread.batches = 3;
    CHECK_FALSE(commits_batch(thread, application, CommitStyle::after_processing));
}

TEST_CASE("consuming: the offset to commit is the next one, and the bug names the last one") {
    Consuming thread;
    advance_progress(thread, PartitionIndex{0}, Offset{101}, Epoch{2});
    advance_progress(thread, PartitionIndex{1}, Offset{7}, Epoch{2});
    advance_progress(thread, PartitionIndex{0}, Offset{102}, Epoch{3});
    const auto next_ones = offsets_to_commit(thread, CommittedOffsets::processed);
    REQUIRE(next_ones.size() == 2);
    CHECK(next_ones[0].offset == Offset{102});
    CHECK(next_ones[0].leader_epoch == Epoch{3});
    CHECK(offsets_to_commit(thread, CommittedOffsets::last_processed)[0].offset == Offset{101});
}

TEST_CASE("consuming: every n-th record of a process takes the spike on top") {
    Consuming thread;
    ConsumerApplication application;
    application.process_time.p50 = sim::milliseconds(2);
    application.spike_every = 3;
    application.spike = sim::seconds(8);
    CHECK(processing_time(thread, application, {}) == sim::milliseconds(2));
    thread.records = 2;
    CHECK(processing_time(thread, application, {}) == sim::milliseconds(8002));
    application.process_time_varies = true;
    thread.records = 0;
    CHECK(processing_time(thread, application, sim::milliseconds(5)) == sim::milliseconds(5));
}
