// Between the broker and its transaction coordinator: requests in, and what the coordinator wants carried
// out.

#include "models/broker/parts.hpp"

namespace kafka::parts {

namespace {

/// Own pause before what failed is tried again: the sender thread of a real coordinator loops at once, one
/// round trip a time, and would fill a run with nothing else.
constexpr sim::Duration retry_pause = sim::milliseconds(20);

TransactionCoordinator& transactions_of(Broker& broker) { return broker.memory.coordination.transactions; }

TransactionTurn begin_transactions(Broker& broker, Turn& turn) {
    const std::int64_t block = static_cast<std::int64_t>(broker.starts) * 64 + broker.slot.value;
    return {turn,
            broker.slot,
            settings_of(broker, turn.configuration).transaction,
            dialect_of(broker, turn.configuration),
            ProducerId{block * 1000 + broker.memory.producer_ids_given},
            0,
            {},
            {},
            {},
            {}};
}

void retry_later(bool& is_set, TransactionTimerKind kind, Turn& turn) {
    if (is_set) return;
    is_set = true;
    turn.after(retry_pause, transaction_timer(kind));
}

/// Source: TransactionStateManager.appendTransactionToLog: acks -1, with the transaction's own timeout.
void append_record(Broker& broker, const TransactionAppend& wanted, Turn& turn) {
    AppendOrder order;
    order.partition = wanted.partition;
    order.records.emplace_back(wanted.record);
    order.token = {CoordinatorKind::transaction, wanted.record.transactional_id.value, wanted.round};
    order.timeout = wanted.record.timeout;
    order.required = Acks::all;
    append_internal(broker, order, turn);
}

void carry_out_transactions(Broker& broker, const TransactionTurn& asked, Turn& turn) {
    broker.memory.producer_ids_given += asked.ids_taken;
    for (const TransactionAppend& one : asked.appends)
        append_record(broker, one, turn);
    for (const MarkerOrder& one : asked.markers)
        order_markers(broker, one, turn);
    if (!asked.completions_to_retry.empty())
        retry_later(broker.memory.traffic.completion_is_set, TransactionTimerKind::retry_completions, turn);
    for (const TransactionReply& one : asked.replies)
        respond(broker, one.waiter.connection, one.mail, one.bytes, turn);
}

/// NONE when this broker coordinates the id.
ErrorCode state_of(const Broker& broker, TransactionalIdIndex id, const Turn& turn) {
    return coordinator_state(broker, turn.configuration.transactional_id(id).partition);
}

void serve(Broker& broker, TransactionWaiter waiter, const InitProducerIdRequest& request,
           TransactionTurn& asked) {
    const ErrorCode error = state_of(broker, request.transactional_id, asked.turn);
    if (error != ErrorCode::none) return refuse(waiter, request, error, asked);
    on_init_producer_id(transactions_of(broker), waiter, request, asked);
}

void serve(Broker& broker, TransactionWaiter waiter, const AddPartitionsToTxnRequest& request,
           TransactionTurn& asked) {
    const ErrorCode error = state_of(broker, request.transactional_id, asked.turn);
    const std::vector<PartitionIndex> list = asked.turn.slabs().partitions.open(request.content).partitions;
    if (error != ErrorCode::none) return refuse(waiter, request, list, error, asked);
    on_add_partitions(transactions_of(broker), waiter, request, list, asked);
}

void serve(Broker& broker, TransactionWaiter waiter, const AddOffsetsToTxnRequest& request,
           TransactionTurn& asked) {
    const ErrorCode error = state_of(broker, request.transactional_id, asked.turn);
    if (error != ErrorCode::none) return refuse(waiter, request, error, asked);
    on_add_offsets(transactions_of(broker), waiter, request, asked);
}

void serve(Broker& broker, TransactionWaiter waiter, const EndTxnRequest& request, TransactionTurn& asked) {
    const ErrorCode error = state_of(broker, request.transactional_id, asked.turn);
    if (error != ErrorCode::none) return refuse(waiter, request, error, asked);
    on_end(transactions_of(broker), waiter, request, asked);
}

template <class Request>
bool try_serve_transaction(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    const auto* request = std::get_if<Request>(&mail);
    if (request == nullptr) return false;
    TransactionTurn asked = begin_transactions(broker, turn);
    serve(broker, {connection, request->correlation}, *request, asked);
    turn.release(mail);
    carry_out_transactions(broker, asked, turn);
    return true;
}

} // namespace

void start_transactions(Broker& broker, Turn& turn) {
    if (turn.configuration.transactional_ids.empty()) return;
    turn.after(settings_of(broker, turn.configuration).transaction.abort_timed_out_interval,
               transaction_timer(TransactionTimerKind::abort_timed_out));
}

bool handle_transaction_request(Broker& broker, sim::ConnectionId connection, const Mail& mail, Turn& turn) {
    if (const auto* markers = std::get_if<WriteTxnMarkersRequest>(&mail)) {
        handle(broker, connection, *markers, turn);
        return true;
    }
    return try_serve_transaction<AddPartitionsToTxnRequest>(broker, connection, mail, turn) ||
           try_serve_transaction<AddOffsetsToTxnRequest>(broker, connection, mail, turn) ||
           try_serve_transaction<EndTxnRequest>(broker, connection, mail, turn) ||
           try_serve_transaction<InitProducerIdRequest>(broker, connection, mail, turn);
}

void transactions_loaded(Broker& broker, const CoordinatedPartition& partition,
                         std::span<const LoadedBatch> batches, Turn& turn) {
    std::vector<TransactionRecord> records;
    for (const LoadedBatch& batch : batches)
        for (const CoordinatorRecord& record : batch.records)
            if (const auto* one = std::get_if<TransactionRecord>(&record)) records.push_back(*one);
    TransactionTurn asked = begin_transactions(broker, turn);
    load(transactions_of(broker), partition.partition, partition.leader_epoch, records, asked);
    carry_out_transactions(broker, asked, turn);
}

void transactions_resigned(Broker& broker, const CoordinatedPartition& partition, Turn& turn) {
    TransactionTurn asked = begin_transactions(broker, turn);
    unload(transactions_of(broker), partition.partition, asked);
    carry_out_transactions(broker, asked, turn);
}

void transactions_appended(Broker& broker, const AppendResult& result, Turn& turn) {
    TransactionTurn asked = begin_transactions(broker, turn);
    append_ended(transactions_of(broker), result.token.round, answer_of_append(result.error), asked);
    carry_out_transactions(broker, asked, turn);
}

bool wants_marker(Broker& broker, const MarkerItem& item) {
    return wants_markers(transactions_of(broker), item.transactional_id, item.round);
}

void marker_answered(Broker& broker, const MarkerItem& item, ErrorCode error, Turn& turn) {
    TransactionTurn asked = begin_transactions(broker, turn);
    const bool again = marker_ended(transactions_of(broker), item.transactional_id, item.round,
                                    item.entry.partition, error, asked);
    carry_out_transactions(broker, asked, turn);
    if (!again) return;
    broker.memory.traffic.retrying.push_back(item);
    retry_later(broker.memory.traffic.retry_is_set, TransactionTimerKind::retry_markers, turn);
}

void on_transaction_timer(Broker& broker, const Timer& due, Turn& turn) {
    TransactionTurn asked = begin_transactions(broker, turn);
    switch (static_cast<TransactionTimerKind>(due.b)) {
    case TransactionTimerKind::abort_timed_out:
        abort_timed_out(transactions_of(broker), asked);
        start_transactions(broker, turn); // the next round
        break;
    case TransactionTimerKind::retry_completions:
        broker.memory.traffic.completion_is_set = false;
        retry_completions(transactions_of(broker), asked);
        break;
    case TransactionTimerKind::retry_markers:
        broker.memory.traffic.retry_is_set = false;
        return retry_markers(broker, turn);
    case TransactionTimerKind::marker_connect:
    case TransactionTimerKind::marker_timeout:
        return on_marker_timer(broker, due, turn);
    case TransactionTimerKind::markers_expired:
        return expire_delayed_markers(broker, due.round, turn);
    case TransactionTimerKind::verification_connect:
    case TransactionTimerKind::verification_timeout:
    case TransactionTimerKind::verification_again:
        return on_verification_timer(broker, due, turn);
    }
    carry_out_transactions(broker, asked, turn);
}

} // namespace kafka::parts
