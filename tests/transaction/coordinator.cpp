// The transaction coordinator's rules: epochs, states, fencing, retries, loading.

#include "tests/transaction/desk.hpp"

using namespace kafka;

TEST_CASE("transaction: from InitProducerId to CompleteCommit, in both versions") {
    for (const Release release : {Release::v3_9, Release::v4_3}) {
        TransactionDesk desk(release);
        CHECK(desk.initialize() == ErrorCode::none);
        CHECK(desk.epoch == 0);
        CHECK(desk.state() == TransactionState::empty);
        CHECK(desk.add({data, more_data}) == ErrorCode::none);
        CHECK(desk.state() == TransactionState::ongoing);
        CHECK(desk.end(true) == ErrorCode::none);
        CHECK(desk.state() == TransactionState::prepare_commit);
        CHECK(desk.epoch == (desk.version_2() ? 1 : 0));
        REQUIRE(desk.markers.size() == 1);
        CHECK(desk.markers[0].outcome == ControlType::commit);
        CHECK(desk.markers[0].partitions.size() == 2);
        CHECK(desk.markers[0].producer_epoch == (desk.version_2() ? 1 : 0));
        CHECK(desk.markers[0].coordinator_epoch == desk.coordinator_epoch);
        desk.write_markers();
        desk.decide();
        CHECK(desk.state() == TransactionState::complete_commit);
        CHECK(desk.add({data}) == ErrorCode::none); // the next one
        CHECK(desk.end(false) == ErrorCode::none);
        CHECK(desk.markers[0].outcome == ControlType::abort);
    }
}

TEST_CASE("InitProducerId: a second producer gets the next epoch, and the first is fenced") {
    TransactionDesk desk;
    CHECK(desk.initialize() == ErrorCode::none);
    const ProducerId id = desk.producer_id;
    CHECK(desk.initialize() == ErrorCode::none);
    CHECK(desk.producer_id == id);
    CHECK(desk.epoch == 1);
    desk.epoch = 0;
    CHECK(desk.add({data}) == ErrorCode::producer_fenced);
    CHECK(desk.end(true) == ErrorCode::producer_fenced);
    TransactionDesk old(Release::v2_6);
    old.initialize();
    old.initialize();
    old.epoch = 0;
    CHECK(old.add({data}) == ErrorCode::invalid_producer_epoch); // KIP-588 came with 2.7
}

TEST_CASE("InitProducerId: an open transaction is aborted with a higher epoch, and the client asks again") {
    for (const Release release : {Release::v3_9, Release::v4_3}) {
        TransactionDesk desk(release);
        desk.initialize();
        desk.add({data});
        CHECK(desk.initialize() == ErrorCode::concurrent_transactions);
        CHECK(desk.state() == TransactionState::prepare_abort);
        REQUIRE(desk.markers.size() == 1);
        CHECK(desk.markers[0].outcome == ControlType::abort);
        CHECK(desk.markers[0].producer_epoch == 1); // fences the data partitions
        CHECK(desk.end(true) ==
              (desk.version_2() ? ErrorCode::concurrent_transactions : ErrorCode::producer_fenced));
        CHECK(desk.initialize() == ErrorCode::concurrent_transactions);
        desk.write_markers();
        desk.decide();
        CHECK(desk.state() == TransactionState::complete_abort);
        CHECK(desk.initialize() == ErrorCode::none);
        CHECK(desk.epoch == 2);
    }
}

TEST_CASE(
    "InitProducerId: an epoch bump for who names the current epoch, fencing for who does not (KIP-360)") {
    TransactionDesk desk;
    desk.initialize();
    InitProducerIdRequest request = desk.init_request();
    request.producer_id = desk.producer_id;
    request.producer_epoch = 0;
    CHECK(desk.initialize(request) == ErrorCode::none);
    CHECK(desk.epoch == 1);
    CHECK(desk.initialize(request) == ErrorCode::none); // a retry whose answer was lost
    CHECK(desk.epoch == 1);
    desk.initialize(); // another producer
    CHECK(desk.epoch == 2);
    CHECK(desk.initialize(request) == ErrorCode::producer_fenced);
    request.producer_id = ProducerId{7};
    CHECK(desk.initialize(request) == ErrorCode::producer_fenced);
}

TEST_CASE(
    "InitProducerId: a new id when the epochs are used up, and timeouts within transaction.max.timeout.ms") {
    TransactionDesk desk;
    desk.initialize();
    const ProducerId id = desk.producer_id;
    find_transaction(desk.coordinator, the_id)->record.producer_epoch = 32766;
    CHECK(desk.initialize() == ErrorCode::none);
    CHECK(desk.producer_id != id);
    CHECK(desk.epoch == 0);
    InitProducerIdRequest request = desk.init_request();
    request.timeout = desk.settings.max_timeout + sim::milliseconds(1);
    CHECK(desk.initialize(request) == ErrorCode::invalid_transaction_timeout);
    request.timeout = sim::Duration{0};
    CHECK(desk.initialize(request) == ErrorCode::invalid_transaction_timeout);
}

TEST_CASE("EndTxn, version 2: the last epoch gives a new id, told at once and taken with the completion") {
    TransactionDesk desk;
    desk.initialize();
    const ProducerId id = desk.producer_id;
    find_transaction(desk.coordinator, the_id)->record.producer_epoch = 32766;
    desk.epoch = 32766;
    desk.add({data});
    CHECK(desk.end(true) == ErrorCode::none);
    CHECK(desk.epoch == 0);
    const ProducerId fresh = desk.producer_id;
    CHECK(fresh != id);
    CHECK(desk.markers[0].producer_id == id);
    CHECK(desk.markers[0].producer_epoch == 32767);
    CHECK(desk.add({data}) == ErrorCode::concurrent_transactions);
    desk.write_markers();
    desk.decide();
    CHECK(desk.add({data}) == ErrorCode::none);
    CHECK(desk.transaction().record.producer_id == fresh);
}

TEST_CASE("concurrent requests: refused while a state is being written, and while markers are") {
    TransactionDesk desk(Release::v3_9);
    desk.initialize();
    desk.ask_to_add({data});
    CHECK(desk.replies.empty());
    desk.ask_to_add({more_data});
    CHECK(desk.error_of_partition() == ErrorCode::concurrent_transactions);
    desk.decide();
    CHECK(desk.add({data}) == ErrorCode::none); // already in: nothing is written
    CHECK(desk.appends.empty());
    desk.end(true);
    CHECK(desk.add({data}) == ErrorCode::concurrent_transactions);
    CHECK(desk.end(true) == ErrorCode::concurrent_transactions);
    desk.write_markers();
    desk.decide();
    CHECK(desk.end(true) == ErrorCode::none); // version 1: the outcome stands
    CHECK(desk.end(false) == ErrorCode::invalid_txn_state);
}

TEST_CASE("EndTxn, version 2: only a retry hears of an outcome that stands; an abort of nothing bumps") {
    TransactionDesk desk;
    desk.initialize();
    CHECK(desk.end(true) == ErrorCode::invalid_txn_state); // Empty
    desk.add({data});
    desk.end(true);
    desk.write_markers();
    desk.decide();
    CHECK(desk.epoch == 1);
    CHECK(desk.end(true) == ErrorCode::invalid_txn_state); // nothing was begun in epoch 1
    desk.epoch = 0;
    CHECK(desk.end(true) == ErrorCode::none); // the answer was lost: told again
    CHECK(desk.epoch == 1);
    CHECK(desk.end(false) == ErrorCode::none);
    CHECK(desk.epoch == 2);
    CHECK(desk.markers.empty());
    desk.decide();
    CHECK(desk.state() == TransactionState::complete_abort);
    desk.epoch = 0;
    CHECK(desk.end(true) == ErrorCode::producer_fenced);
}

TEST_CASE("verification: only what was added is in the transaction, and the error depends on the release") {
    TransactionDesk desk(Release::v3_9);
    desk.initialize();
    CHECK(desk.verify(data) == ErrorCode::transaction_abortable);
    desk.add({data});
    CHECK(desk.verify(data) == ErrorCode::none);
    CHECK(desk.verify(more_data) == ErrorCode::transaction_abortable);
    desk.end(false);
    CHECK(desk.verify(data) == ErrorCode::concurrent_transactions);
    desk.write_markers();
    desk.decide();
    CHECK(desk.verify(data) == ErrorCode::transaction_abortable); // a late batch
    desk.epoch = 5;
    CHECK(desk.verify(data) == ErrorCode::producer_fenced);
    TransactionDesk old(Release::v3_6);
    old.initialize();
    CHECK(old.verify(data) == ErrorCode::invalid_txn_state);
}

TEST_CASE("AddOffsetsToTxn: adds the partition of the group's offsets") {
    TransactionDesk desk(Release::v3_9);
    desk.initialize();
    const AddOffsetsToTxnRequest request{1, the_id, desk.producer_id, desk.epoch, GroupIndex{0}};
    desk.act([&](TransactionTurn& turn) { on_add_offsets(desk.coordinator, {}, request, turn); });
    desk.decide();
    CHECK(desk.got<AddOffsetsToTxnResponse>().error == ErrorCode::none);
    CHECK(desk.transaction().record.partitions == std::vector<PartitionIndex>{PartitionIndex{5}});
}

TEST_CASE("time-out: an open transaction is aborted with a higher epoch, so that its producer is fenced") {
    for (const Release release : {Release::v3_9, Release::v4_3}) {
        TransactionDesk desk(release);
        desk.initialize();
        desk.add({data});
        const auto look = [&](std::int64_t seconds) {
            desk.kernel.now = sim::SimTime{seconds * 1000000};
            desk.act([&](TransactionTurn& turn) { abort_timed_out(desk.coordinator, turn); });
        };
        look(60);
        CHECK(desk.appends.empty());
        look(61);
        desk.decide();
        CHECK(desk.state() == TransactionState::prepare_abort);
        REQUIRE(desk.markers.size() == 1);
        CHECK(desk.markers[0].producer_epoch == 1);
        desk.write_markers();
        desk.decide();
        CHECK(desk.end(true) ==
              (desk.version_2() ? ErrorCode::invalid_txn_state : ErrorCode::producer_fenced));
        CHECK(desk.add({data}) == ErrorCode::producer_fenced);
    }
}

TEST_CASE("a fence that cannot be written: bumps once, since 2.6; each time before (KAFKA-9666)") {
    for (const Release release : {Release::v2_5, Release::v2_6, Release::v4_3}) {
        TransactionDesk desk(release);
        desk.initialize();
        desk.add({data});
        for (int i = 0; i < 3; ++i) {
            desk.ask(desk.init_request());
            desk.decide(ErrorCode::coordinator_not_available);
            CHECK(desk.got<InitProducerIdResponse>().error == ErrorCode::coordinator_not_available);
        }
        CHECK(desk.state() == TransactionState::ongoing);
        desk.initialize();
        CHECK(desk.log.back().producer_epoch == (release == Release::v2_5 ? 4 : 1));
    }
}

TEST_CASE("an append that fails: the state stays, and the client may try again") {
    TransactionDesk desk;
    desk.initialize();
    desk.ask_to_add({data});
    desk.decide(ErrorCode::coordinator_not_available);
    CHECK(desk.error_of_partition() == ErrorCode::coordinator_not_available);
    CHECK(desk.state() == TransactionState::empty);
    CHECK(desk.add({data}) == ErrorCode::none);
    desk.end(true);
    desk.write_markers();
    desk.decide(
        ErrorCode::coordinator_not_available); // CompleteCommit: written again, whoever asks meanwhile
    CHECK(desk.end(true) == ErrorCode::concurrent_transactions);
    desk.act([&](TransactionTurn& turn) { retry_completions(desk.coordinator, turn); });
    desk.decide();
    CHECK(desk.state() == TransactionState::complete_commit);
}

TEST_CASE("markers: sent again after errors that pass, given up when another epoch has the say") {
    TransactionDesk desk;
    desk.initialize();
    desk.add({data});
    desk.end(true);
    const MarkerOrder order = desk.markers.front();
    CHECK(desk.write_markers(ErrorCode::not_leader_or_follower));
    desk.markers = {order};
    CHECK(desk.write_markers(ErrorCode::not_enough_replicas));
    CHECK(desk.appends.empty());
    desk.markers = {order};
    CHECK(!desk.write_markers(ErrorCode::transaction_coordinator_fenced));
    CHECK(!wants_markers(desk.coordinator, the_id, order.round));
    CHECK(desk.state() == TransactionState::prepare_commit);
}

TEST_CASE("loading: a decided transaction sends its markers again, under the new coordinator epoch") {
    TransactionDesk desk;
    desk.initialize();
    desk.add({data, more_data});
    desk.end(true);
    const Epoch before = desk.coordinator_epoch;
    const MarkerOrder order = desk.markers.front();
    desk.reload();
    REQUIRE(desk.markers.size() == 1);
    CHECK(desk.markers[0].coordinator_epoch > before);
    CHECK(desk.markers[0].outcome == ControlType::commit);
    CHECK(desk.markers[0].partitions.size() == 2);
    desk.act([&](TransactionTurn& turn) { // an answer to the former
        CHECK(!marker_ended(desk.coordinator, the_id, order.round, data, ErrorCode::none, turn));
    });
    CHECK(desk.transaction().record.partitions.size() == 2);
    desk.write_markers();
    desk.decide();
    CHECK(desk.state() == TransactionState::complete_commit);
    desk.reload();
    CHECK(desk.markers.empty());
    CHECK(desk.add({data}) == ErrorCode::none); // the next coordinator knows id and epoch
}

TEST_CASE("resigning: whoever waits is told, and nothing is known any more") {
    TransactionDesk desk;
    desk.initialize();
    desk.ask_to_add({data});
    desk.act([&](TransactionTurn& turn) { unload(desk.coordinator, state_partition_index, turn); });
    CHECK(desk.error_of_partition() == ErrorCode::not_coordinator);
    CHECK(desk.coordinator.transactions.empty());
    CHECK(desk.coordinator.writes.empty());
}
