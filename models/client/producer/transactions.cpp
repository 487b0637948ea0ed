// What a producer knows of its transaction, and how errors end it.
// Source: TransactionManager; semantics 6.9, 6.10; facts/kafka-producer-txn-errors.tsv; KIP-98, 360, 588,
// 890.

#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool has(const std::vector<PartitionIndex>& all, PartitionIndex partition) {
    return std::binary_search(all.begin(), all.end(), partition);
}

void insert(std::vector<PartitionIndex>& all, PartitionIndex partition) {
    if (has(all, partition)) return;
    all.insert(std::upper_bound(all.begin(), all.end(), partition), partition);
}

/// transaction.version 2 is a feature of the cluster. Source: maybeUpdateTransactionV2Enabled.
bool speaks_version_2(const Producer& self, const Turn& turn) {
    const std::vector<BrokerConfiguration>& brokers = turn.configuration.brokers;
    return configured(self, turn).dialect.transaction.version_2 &&
           std::all_of(brokers.begin(), brokers.end(), [](const BrokerConfiguration& broker) {
               return broker.dialect.transaction.version_2;
           });
}

} // namespace

bool is_completing(const Producer& self) {
    const TransactionPhase phase = self.transactions.phase;
    return phase == TransactionPhase::committing || phase == TransactionPhase::aborting;
}

TransactionSupport support_at(const Producer& self, BrokerSlot broker, const Turn& turn) {
    if (self.transactions.version_2) return TransactionSupport::adds_partition;
    const bool abortable = configured(self, turn).dialect.transaction.abortable_error &&
                           turn.configuration.broker(broker).dialect.transaction.abortable_error;
    return abortable ? TransactionSupport::abortable : TransactionSupport::verified;
}

/// With version 2 the coordinator bumps the epoch at each end. Source: canBumpEpoch,
/// needToTriggerEpochBumpFromClient (4.0).
bool can_bump_epoch(const Producer& self, const Turn& turn) {
    const ProducerTransactions& own = self.transactions;
    return !own.version_2 && own.coordinator_bumps && configured(self, turn).dialect.transaction.epoch_bump;
}

void add_to_transaction(Producer& self, PartitionIndex partition, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (has(own.added, partition) || has(own.fresh, partition) || has(own.asked_for, partition)) return;
    if (own.version_2) { // the leader adds it
        insert(own.added, partition);
        own.started = true;
        return;
    }
    insert(own.fresh, partition);
    (void)turn;
}

bool may_send_to(const Producer& self, PartitionIndex partition, const Turn& turn) {
    if (!is_transactional(self, turn)) return true;
    return self.transactions.phase != TransactionPhase::fatal_error &&
           has(self.transactions.added, partition);
}

void reset_sequences(Producer& self) {
    for (PartitionQueue& queue : self.queues) {
        queue.producer_epoch = self.producer_epoch;
        queue.next_sequence = 0;
        queue.last_acked_sequence = -1;
        queue.unresolved = false;
        queue.wants_bump = false;
    }
}

void call_over(Producer& self) {
    self.transactions.call = TransactionCall::none;
    self.transactions.call_deadline = sim::SimTime::never();
}

namespace {

/// Requests that wait fail with the call that wanted them. Source: maybeTerminateRequestWithError.
void drop_all_but_searches(ProducerTransactions& own) {
    own.wanted &= (1U << static_cast<unsigned>(TransactionAsk::find_transaction_coordinator)) |
                  (1U << static_cast<unsigned>(TransactionAsk::find_group_coordinator));
    own.fresh.clear();
}

} // namespace

void fatal_error(Producer& self, ErrorCode error, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (own.phase == TransactionPhase::fatal_error) return;
    own.phase = TransactionPhase::fatal_error;
    own.error = error;
    drop_all_but_searches(own);
    own.wanted = 0;
    const bool fenced = error == ErrorCode::producer_fenced || error == ErrorCode::invalid_producer_epoch;
    if (fenced)
        turn.note(fact::ProducerFenced{self.index, error});
    else
        turn.note(fact::TransactionEnded{self.index, false, error});
    call_over(self);
}

void abortable_error(Producer& self, ErrorCode error, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    const bool in_transaction =
        own.phase == TransactionPhase::in_transaction || own.phase == TransactionPhase::committing;
    if (!in_transaction) return; // it is being aborted already, or there is nothing to abort
    turn.note(fact::TransactionEnded{self.index, false, error});
    own.phase = TransactionPhase::abortable_error;
    own.error = error;
    drop_all_but_searches(own);
    call_over(self);
}

/// INVALID_PRODUCER_EPOCH of a leader is abortable since 2.7 (KIP-588); clients before take it for
/// PRODUCER_FENCED. Source: maybeTransitionToErrorState.
void failed_in_transaction(Producer& self, ErrorCode error, Turn& turn) {
    const TransactionAbilities& abilities = configured(self, turn).dialect.transaction;
    const bool fenced = error == ErrorCode::producer_fenced ||
                        (error == ErrorCode::invalid_producer_epoch && !abilities.fences_by_own_error);
    const bool fatal = fenced || error == ErrorCode::cluster_authorization_failed ||
                       error == ErrorCode::transactional_id_authorization_failed ||
                       (error == ErrorCode::invalid_producer_id_mapping && abilities.version_2);
    if (fatal) return fatal_error(self, error, turn);
    if (can_bump_epoch(self, turn) && !is_completing(self)) self.transactions.bump_required = true;
    abortable_error(self, error, turn);
}

void close_sequence_gap(Producer& self, PartitionQueue& queue, const ProducerBatch& failed) {
    const auto shift = [&](ProducerBatch& batch) {
        if (batch.partition == queue.partition && batch.batch.base_sequence > failed.batch.base_sequence)
            batch.batch.base_sequence -= failed.batch.count;
    };
    for (ProducerBatch& batch : queue.batches)
        shift(batch);
    for (ProducerNode& node : self.nodes)
        for (InFlightRequest& request : node.in_flight)
            for (ProducerBatch& batch : request.batches)
                shift(batch);
    queue.next_sequence -= failed.batch.count;
}

void complete_transaction(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (own.phase == TransactionPhase::fatal_error) return;
    turn.note(fact::TransactionEnded{self.index, own.phase == TransactionPhase::committing, ErrorCode::none});
    const bool goes_on = wants(own, TransactionAsk::bump_epoch);
    own.phase = goes_on ? TransactionPhase::initializing : TransactionPhase::ready;
    own.error = ErrorCode::none;
    own.bump_required = false;
    own.started = false;
    own.fresh.clear();
    own.added.clear();
    own.asked_for.clear();
    own.offsets = {};
    if (!goes_on) call_over(self);
}

void abort_batches(Producer& self, Turn& turn) {
    if (!is_transactional(self, turn)) return;
    const ProducerTransactions& own = self.transactions;
    const bool fatal = own.phase == TransactionPhase::fatal_error;
    if (!fatal && own.phase != TransactionPhase::abortable_error && own.phase != TransactionPhase::aborting)
        return;
    const SendFailure failure =
        own.error == ErrorCode::none ? SendFailure::transaction_aborted : failure_of(own.error);
    for (PartitionQueue& queue : self.queues) {
        sim::Fifo<ProducerBatch> kept;
        for (ProducerBatch& batch : queue.batches) {
            if (!fatal && batch.batch.base_sequence >= 0)
                kept.push_back(batch);
            else
                fail(self, batch, failure, turn);
        }
        if (kept.size() < queue.batches.size()) queue.batches.swap(kept);
    }
    if (!fatal) return;
    for (ProducerNode& node : self.nodes)
        for (InFlightRequest& request : node.in_flight)
            for (ProducerBatch& batch : request.batches)
                fail(self, batch, failure, turn);
}

void begin_call(Producer& self, TransactionCall call, Turn& turn) {
    SIM_ASSERT(self.transactions.call == TransactionCall::none, "one call at a time");
    self.transactions.call = call;
    self.transactions.call_deadline = turn.now + settings(self, turn).max_block;
}

} // namespace kafka::parts

namespace kafka {

void init_transactions(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    SIM_ASSERT(own.phase == TransactionPhase::uninitialized, "a producer is initialized once");
    parts::begin_call(self, TransactionCall::initialize, turn);
    own.phase = TransactionPhase::initializing;
    parts::want(own, TransactionAsk::initialize);
}

void begin_transaction(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    SIM_ASSERT(own.phase == TransactionPhase::ready, "one transaction at a time");
    own.phase = TransactionPhase::in_transaction;
    own.version_2 = parts::speaks_version_2(self, turn);
    turn.note(fact::TransactionBegun{self.index, self.producer_id, self.producer_epoch});
}

void send_offsets_to_transaction(Producer& self, TransactionOffsets offsets, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    SIM_ASSERT(own.phase == TransactionPhase::in_transaction, "offsets belong to a transaction");
    if (offsets.entries.empty()) return;
    parts::begin_call(self, TransactionCall::send_offsets, turn);
    own.offsets = std::move(offsets);
    own.started = own.started || own.version_2;
    parts::want(own, own.version_2 ? TransactionAsk::commit_offsets : TransactionAsk::add_offsets);
}

void commit_transaction(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    SIM_ASSERT(own.phase == TransactionPhase::in_transaction, "an open transaction is committed");
    parts::begin_call(self, TransactionCall::commit, turn);
    own.phase = TransactionPhase::committing;
    parts::want(own, TransactionAsk::end);
}

/// Source: beginAbort, beginCompletingTransaction. A coordinator that does not know the producer id (before
/// 4.0) is asked for a new one at once.
void abort_transaction(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    const bool may =
        own.phase == TransactionPhase::in_transaction || own.phase == TransactionPhase::abortable_error;
    SIM_ASSERT(may, "an open transaction is aborted");
    parts::begin_call(self, TransactionCall::abort, turn);
    const bool unknown = own.error == ErrorCode::invalid_producer_id_mapping;
    own.phase = TransactionPhase::aborting;
    own.fresh.clear();
    parts::drop(own, TransactionAsk::add_partitions);
    if (own.bump_required && !own.version_2) parts::want(own, TransactionAsk::bump_epoch);
    if (!unknown) parts::want(own, TransactionAsk::end);
}

} // namespace kafka
