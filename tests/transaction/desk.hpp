#pragma once
// A transaction coordinator on its own: the test plays the broker, its log, its producers and the leaders.

#include "models/transaction/steps.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace kafka {

inline constexpr TransactionalIdIndex the_id{0};
inline constexpr PartitionIndex state_partition_index{9};
inline constexpr PartitionIndex data{0};
inline constexpr PartitionIndex more_data{1};

struct TransactionDesk {
    Configuration configuration;
    Kernel kernel;
    TransactionCoordinator coordinator;
    TransactionCoordinatorSettings settings;
    Dialect dialect;
    std::int64_t ids = 0;
    std::vector<TransactionReply> replies;
    std::vector<TransactionAppend> appends; // not decided yet
    std::vector<MarkerOrder> markers;       // not written yet
    std::vector<TransactionRecord> log;     // committed
    ProducerId producer_id = no_producer_id;
    std::int16_t epoch = -1;
    Epoch coordinator_epoch{0};

    explicit TransactionDesk(Release release = newest_release) : dialect(dialect_of(release)) {
        configuration.transactional_ids.push_back({"mover", state_partition_index});
        configuration.groups.push_back({"billing", PartitionIndex{5}});
        reload();
    }
    bool version_2() const { return dialect.transaction.version_2; }

    template <class Act> void act(Act&& step) {
        Turn turn(kernel, configuration, sim::ProcessId{1});
        TransactionTurn asked{turn, BrokerSlot{1}, settings, dialect, ProducerId{1000 + ids}, 0, {}, {}, {},
                              {}};
        replies.clear();
        step(asked);
        ids += asked.ids_taken;
        replies.insert(replies.end(), asked.replies.begin(), asked.replies.end());
        appends.insert(appends.end(), asked.appends.begin(), asked.appends.end());
        markers.insert(markers.end(), asked.markers.begin(), asked.markers.end());
    }
    /// The coordinator of the next epoch reads what was committed.
    void reload() {
        appends.clear();
        markers.clear();
        coordinator_epoch = next(coordinator_epoch);
        act([&](TransactionTurn& turn) {
            load(coordinator, state_partition_index, coordinator_epoch, log, turn);
        });
    }
    /// All appends are committed, or end with `error`.
    void decide(ErrorCode error = ErrorCode::none) {
        std::vector<TransactionAppend> waiting;
        waiting.swap(appends);
        for (const TransactionAppend& one : waiting) {
            if (error == ErrorCode::none) log.push_back(one.record);
            act([&](TransactionTurn& turn) { append_ended(coordinator, one.round, error, turn); });
        }
    }
    /// The leaders answer all markers; true when one is to be sent again.
    bool write_markers(ErrorCode error = ErrorCode::none) {
        std::vector<MarkerOrder> waiting;
        waiting.swap(markers);
        bool again = false;
        for (const MarkerOrder& order : waiting)
            for (const PartitionIndex partition : order.partitions)
                act([&](TransactionTurn& turn) {
                    again = marker_ended(coordinator, order.transactional_id, order.round, partition, error,
                                         turn) ||
                            again;
                });
        return again;
    }

    template <class Response> const Response& got() const {
        REQUIRE(!replies.empty());
        REQUIRE(std::holds_alternative<Response>(replies.back().mail));
        return std::get<Response>(replies.back().mail);
    }
    InitProducerIdRequest init_request() const {
        InitProducerIdRequest request;
        request.transactional_id = the_id;
        request.timeout = sim::seconds(60);
        return request;
    }
    void ask(const InitProducerIdRequest& request) {
        act([&](TransactionTurn& turn) { on_init_producer_id(coordinator, {}, request, turn); });
    }
    /// InitProducerId to its end, with the log's help.
    ErrorCode initialize() { return initialize(init_request()); }
    ErrorCode initialize(const InitProducerIdRequest& request) {
        ask(request);
        if (replies.empty()) decide();
        const InitProducerIdResponse answer = got<InitProducerIdResponse>();
        if (answer.error == ErrorCode::none) {
            producer_id = answer.producer_id;
            epoch = answer.producer_epoch;
        }
        return answer.error;
    }
    ErrorCode error_of_partition() {
        const SlabHandle handle = got<AddPartitionsToTxnResponse>().content;
        return kernel.slabs.partition_errors.open(handle).entries.front().error;
    }
    void ask_to_add(std::vector<PartitionIndex> partitions, bool verify_only = false) {
        AddPartitionsToTxnRequest request;
        request.transactional_id = the_id;
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.verify_only = verify_only;
        act([&](TransactionTurn& turn) { on_add_partitions(coordinator, {}, request, partitions, turn); });
    }
    ErrorCode add(std::vector<PartitionIndex> partitions) {
        ask_to_add(std::move(partitions));
        if (replies.empty()) decide();
        return error_of_partition();
    }
    ErrorCode verify(PartitionIndex partition) {
        ask_to_add({partition}, true);
        return error_of_partition();
    }
    void ask_to_end(bool commit) {
        EndTxnRequest request;
        request.transactional_id = the_id;
        request.producer_id = producer_id;
        request.producer_epoch = epoch;
        request.commit = commit;
        request.bumps_epoch = version_2();
        act([&](TransactionTurn& turn) { on_end(coordinator, {}, request, turn); });
    }
    /// EndTxn up to its answer; the markers are still to be written.
    ErrorCode end(bool commit) {
        ask_to_end(commit);
        if (replies.empty()) decide();
        const EndTxnResponse answer = got<EndTxnResponse>();
        if (answer.producer_id != no_producer_id) producer_id = answer.producer_id;
        if (answer.producer_epoch >= 0) epoch = answer.producer_epoch;
        return answer.error;
    }
    const Transaction& transaction() { return *find_transaction(coordinator, the_id); }
    TransactionState state() { return transaction().record.state; }
};

} // namespace kafka
