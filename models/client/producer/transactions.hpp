#pragma once
// Steps of transactions that a producer's files share. Not for callers outside this folder.

#include "models/client/producer/parts.hpp"

namespace kafka::parts {

inline bool is_transactional(const Producer& self, const Turn& turn) {
    return configured(self, turn).transactional_id != no_transactional_id;
}
/// A load of its own in transactions; the producer of a consumer's process is told by that consumer.
inline bool runs_transactions(const Producer& self, const Turn& turn) {
    return is_transactional(self, turn) && configured(self, turn).owner.value < 0;
}

// --- transactions.cpp: states. Source: TransactionManager ---
bool is_completing(const Producer& self);
/// What the broker and this client both know of transactions; of version 2 all brokers must.
TransactionSupport support_at(const Producer& self, BrokerSlot broker, const Turn& turn);
bool can_bump_epoch(const Producer& self, const Turn& turn);
inline void want(ProducerTransactions& own, TransactionAsk ask) {
    own.wanted = static_cast<std::uint8_t>(own.wanted | (1U << static_cast<unsigned>(ask)));
}
inline void drop(ProducerTransactions& own, TransactionAsk ask) {
    own.wanted = static_cast<std::uint8_t>(own.wanted & ~(1U << static_cast<unsigned>(ask)));
}
inline bool wants(const ProducerTransactions& own, TransactionAsk ask) {
    return (own.wanted >> static_cast<unsigned>(ask) & 1U) != 0;
}
/// send() to a partition. Source: maybeAddPartition.
void add_to_transaction(Producer& self, PartitionIndex partition, Turn& turn);
/// Source: isSendToPartitionAllowed.
bool may_send_to(const Producer& self, PartitionIndex partition, const Turn& turn);
/// Sequences of all partitions begin again. Source: resetSequenceNumbers.
void reset_sequences(Producer& self);
void abortable_error(Producer& self, ErrorCode error, Turn& turn);
void fatal_error(Producer& self, ErrorCode error, Turn& turn);
/// A batch, or a record inside send(), has failed for good. Source: maybeTransitionToErrorState.
void failed_in_transaction(Producer& self, ErrorCode error, Turn& turn);
/// Later sequences move down over a failed batch. Source: TxnPartitionMap.adjustSequencesDueToFailedBatch.
void close_sequence_gap(Producer& self, PartitionQueue& queue, const ProducerBatch& failed);
/// The transaction is over at the coordinator. Source: completeTransaction.
void complete_transaction(Producer& self, Turn& turn);
void call_over(Producer& self);
/// What is not on the wire fails with its transaction. Source: Sender.maybeSendAndPollTransactionalRequest,
/// RecordAccumulator.abortUndrainedBatches; of a fatal error also what is.
void abort_batches(Producer& self, Turn& turn);

// --- transaction_requests.cpp ---
/// Sends what is due to a coordinator. True while the sender thread waits for it, and sends nothing else.
bool ask_coordinators(Producer& self, Turn& turn);
/// Source: TxnRequestHandler.onComplete: disconnected.
void transactional_request_lost(Producer& self, Turn& turn);
/// False when the mail is none of a transaction.
bool on_transaction_mail(Producer& self, const Mail& mail, Turn& turn);
sim::SimTime transaction_due(const Producer& self, const Turn& turn);

// --- transacting.cpp: the code around a load ---
/// When the code begins with initTransactions(): at the start of its load.
sim::SimTime starts_at(const Producer& self, const Turn& turn);
/// How many records the code hands over before it does something else; endless without transactions.
std::int64_t transaction_room(const Producer& self, const Turn& turn);
/// send() is about to be called: begins a transaction where none is open.
void open_transaction(Producer& self, Turn& turn);
/// Records go into the accumulator, and with their partition into the transaction.
void before_handing(Producer& self, const PartitionQueue& queue, Value first, std::int64_t count,
                    std::uint8_t resend, Turn& turn);
/// What the code does between its records. True when it has done something.
bool run_code(Producer& self, Turn& turn);
/// No transaction is open, as far as the code knows.
bool is_between_transactions(const Producer& self);

} // namespace kafka::parts
