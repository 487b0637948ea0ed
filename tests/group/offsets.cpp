// Commits and fetches of offsets at the group coordinator.

#include "models/group/expiry.hpp"
#include "tests/group/desk.hpp"

using namespace kafka;

namespace {

void commit_in_transaction(Desk& desk, ProducerId producer, std::int64_t offset) {
    TxnOffsetCommitRequest request;
    request.group = the_group;
    request.producer_id = producer;
    request.producer_epoch = 0;
    const OffsetContent content{{{PartitionIndex{0}, Offset{offset}, no_epoch}}};
    desk.act([&](GroupTurn& turn) {
        on_transactional_commit(desk.coordinator, Desk::waiter(5), request, content, turn);
    });
}

void mark(Desk& desk, ProducerId producer, ControlType outcome) {
    desk.act([&](GroupTurn& turn) {
        end_transaction(*find_group(desk.coordinator, the_group), producer, outcome, turn);
    });
}

} // namespace

TEST_CASE("offset commit: answered and visible once the record is committed") {
    Desk desk;
    desk.commit(0, no_member, no_generation, 7); // a consumer that assigns itself
    CHECK(desk.fetched().offset == no_offset);
    desk.replies.clear();
    desk.wait(desk.settings.append_linger);
    desk.decide();
    CHECK(desk.committed(0) == ErrorCode::none);
    CHECK(desk.fetched().offset == Offset{7});
    CHECK(desk.fetched().leader_epoch == Epoch{3});
}

TEST_CASE("offset commit: who may commit in which state of the group") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(1);
    const Generation now = desk.group().generation;
    desk.commit(0, ids[0], now, 1);
    desk.decide();
    CHECK(desk.committed(0) == ErrorCode::none);
    desk.commit(1, no_member, no_generation, 2);
    CHECK(desk.committed(1) == ErrorCode::unknown_member_id);
    desk.commit(1, MemberId{5}, now, 2);
    CHECK(desk.committed(1) == ErrorCode::unknown_member_id);
    desk.commit(0, ids[0], Generation{0}, 2);
    CHECK(desk.committed(0) == ErrorCode::illegal_generation);
    desk.enter(1); // PreparingRebalance: still accepted
    desk.commit(0, ids[0], now, 3);
    desk.decide();
    CHECK(desk.committed(0) == ErrorCode::none);
    desk.join(0, ids[0]); // CompletingRebalance
    desk.commit(0, ids[0], desk.group().generation, 4);
    CHECK(desk.committed(0) == ErrorCode::rebalance_in_progress);
    CHECK(desk.fetched().offset == Offset{3});
}

TEST_CASE("offset commit: a generation of a group that does not exist is refused") {
    Desk desk;
    desk.commit(0, MemberId{5}, Generation{3}, 1);
    CHECK(desk.committed(0) == ErrorCode::illegal_generation);
}

TEST_CASE("offset commit: what timed out shows up later since 4.0, before only after the next load") {
    for (const Release release : {Release::v3_9, Release::v4_0}) {
        Desk desk(release);
        desk.commit(0, no_member, no_generation, 7);
        desk.decide(ErrorCode::request_timed_out, ErrorCode::coordinator_not_available);
        CHECK(desk.committed(0) == ErrorCode::coordinator_not_available);
        CHECK(desk.fetched().offset == no_offset);
        desk.high_watermark = desk.log_end; // followers came back
        const bool shown = desk.fetched().offset == Offset{7};
        CHECK(shown == (release == Release::v4_0));
    }
}

TEST_CASE("offset commit: commits that come within the linger share a batch, with a record each") {
    Desk desk(Release::v4_0);
    desk.settings.append_linger = sim::milliseconds(5);
    desk.commit(0, no_member, no_generation, 7);
    desk.commit(1, no_member, no_generation, 8);
    CHECK(desk.appends.empty());
    desk.wait(sim::milliseconds(5));
    REQUIRE(desk.appends.size() == 1);
    CHECK(desk.appends[0].records.size() == 2);
    desk.decide();
    CHECK(desk.committed(0) == ErrorCode::none);
    CHECK(desk.committed(1) == ErrorCode::none);
    CHECK(desk.fetched().offset == Offset{8});
}

TEST_CASE("transactional offsets: pending until the marker, dropped by an abort") {
    Desk desk;
    commit_in_transaction(desk, ProducerId{4}, 10);
    CHECK(desk.fetched(true).error == ErrorCode::unstable_offset_commit); // KIP-447
    REQUIRE(desk.appends.size() == 1);
    CHECK(desk.appends[0].producer_id == ProducerId{4});
    desk.decide();
    CHECK(desk.fetched().offset == no_offset);
    mark(desk, ProducerId{4}, ControlType::commit);
    CHECK(desk.fetched(true).offset == Offset{10});
    commit_in_transaction(desk, ProducerId{4}, 11);
    desk.decide();
    mark(desk, ProducerId{4}, ControlType::abort);
    CHECK(desk.fetched(true).offset == Offset{10});
}

TEST_CASE("transactional offsets: a later plain commit wins over an earlier record of a transaction") {
    Desk desk;
    commit_in_transaction(desk, ProducerId{4}, 10);
    desk.decide();
    desk.commit(0, no_member, no_generation, 3);
    desk.decide();
    mark(desk, ProducerId{4}, ControlType::commit);
    CHECK(desk.fetched().offset == Offset{3});
}

TEST_CASE("loading: tombstones, transactions and their markers are replayed in order") {
    Desk desk;
    const auto record = [](std::int32_t partition, std::int64_t offset, bool tombstone) {
        return OffsetCommitRecord{the_group, PartitionIndex{partition}, Offset{offset}, no_epoch, {},
                                  tombstone};
    };
    const std::vector<CoordinatorRecord> plain{record(0, 5, false), record(1, 6, false), record(1, 0, true)};
    const std::vector<CoordinatorRecord> open{record(0, 9, false)};
    const std::vector<LoadedGroupBatch> batches{
        {Offset{0}, no_producer_id, ControlType::none, plain},
        {Offset{3}, ProducerId{4}, ControlType::none, open},
        {Offset{4}, ProducerId{5}, ControlType::none, open},
        {Offset{5}, ProducerId{4}, ControlType::abort, {}},
    };
    desk.act([&](GroupTurn& turn) { load(desk.coordinator, the_partition, batches, turn); });
    CHECK(desk.fetched().offset == Offset{5});
    CHECK(desk.fetched(true).error == ErrorCode::unstable_offset_commit); // of producer 5
    CHECK(find_group(desk.coordinator, the_group)->offsets.size() == 1);
}

TEST_CASE("offsets expire: of whom only keeps them here, but not while a commit or a transaction is open") {
    for (const Release release : {Release::v3_9, newest_release}) {
        CAPTURE(name(release));
        Desk desk(release);
        desk.settings.offsets_retention = sim::seconds(60);
        const auto look = [&] {
            desk.act([&](GroupTurn& turn) { expire_offsets(desk.coordinator, the_partition, turn); });
        };
        const auto commit = [&] {
            desk.commit(0, no_member, no_generation, 7);
            desk.wait(desk.settings.append_linger);
        };
        commit();
        desk.decide();
        desk.wait(sim::seconds(59));
        look();
        CHECK(desk.fetched().offset == Offset{7});
        commit();
        desk.wait(sim::seconds(60)); // the second commit is not decided
        look();
        CHECK(desk.fetched().offset == Offset{7});
        desk.decide();
        commit_in_transaction(desk, ProducerId{3}, 9);
        desk.decide();
        desk.wait(sim::seconds(60));
        look();
        const bool waits_for_transactions = release == newest_release;
        CHECK((desk.fetched().offset == Offset{7}) == waits_for_transactions);
        mark(desk, ProducerId{3}, ControlType::abort);
        look();
        CHECK(find_group(desk.coordinator, the_group) == nullptr);
    }
}
