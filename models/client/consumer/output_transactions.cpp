// Consume, transform, produce in transactions: results and the offsets of their inputs become visible
// together, or not at all. Source: the loop of KafkaProducer.sendOffsetsToTransaction's documentation;
// kafka.examples.ExactlyOnceMessageProcessor; KIP-98, KIP-447.

#include "models/client/consumer/member.hpp"

namespace kafka::parts {

namespace {

Producer& producer_of(Reader& self) { return self.output.front(); }

/// What a transaction that has failed leaves to the application.
bool throws_for_good(Reader& self, Turn& turn) {
    if (producer_of(self).transactions.phase != TransactionPhase::fatal_error) return false;
    end_application(self, "its producer is fenced or has failed for good: the application ends", turn);
    return true;
}

void begin_abort(Reader& self, Turn& turn) {
    self.thread.stage = ConsumingStage::aborting_transaction;
    abort_transaction(producer_of(self), turn);
}

/// Everything since the last commit is read again. Source:
/// ExactlyOnceMessageProcessor.resetToLastCommittedPositions.
void rewind(Reader& self) {
    Consuming& thread = self.thread;
    thread.batch.clear();
    thread.at = 0;
    thread.record = 0;
    thread.unsent = 0;
    thread.ahead = false;
    thread.progress.clear();
    self.buffered.clear();
    for (ReaderPosition& position : self.positions) {
        if (position.phase == PositionPhase::stopped) continue;
        position.phase = PositionPhase::needs_committed;
        position.rewound = true;
        position.in_flight = false; // what was asked about it does not count any more
        position.correlation = 0;
    }
}

/// ConsumerGroupMetadata, or the group's name alone, as before KIP-447.
TransactionOffsets offsets_for(Reader& self, Turn& turn) {
    TransactionOffsets offsets;
    offsets.group = configured(self, turn).group;
    offsets.entries = self.thread.after_flush;
    if (!application_of(self, turn).output.group_metadata) return offsets;
    know_generation(self);
    offsets.member = self.thread.member;
    offsets.generation = self.thread.generation;
    offsets.instance = configured(self, turn).instance;
    return offsets;
}

void commit_results(Reader& self, Turn& turn) {
    self.thread.stage = ConsumingStage::committing_transaction;
    commit_transaction(producer_of(self), turn);
}

/// The transaction stands. Offsets that are committed apart follow now.
void committed(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    thread.stage = thread.next;
    thread.awaited = AwaitedCommit{};
    if (application_of(self, turn).output.offsets_in_transaction) return;
    begin_commit(self, std::move(thread.after_flush), CommitCause::synchronous,
                 turn.now + member_settings(self, turn).default_api_timeout, turn);
}

} // namespace

bool writes_transactions(const Reader& self, const Turn& turn) {
    return makes_results(self, turn) && application_of(self, turn).output.transactional;
}

bool has_open_output(const Reader& self, const Turn& turn) {
    if (!writes_transactions(self, turn)) return false;
    const TransactionPhase phase = self.output.front().transactions.phase;
    return phase == TransactionPhase::in_transaction || phase == TransactionPhase::abortable_error;
}

void know_generation(Reader& self) {
    if (self.member.generation == no_generation) return; // groupMetadata() stays as it was
    self.thread.member = self.member.member;
    self.thread.generation = self.member.generation;
}

bool output_is_ready(Reader& self, Turn& turn) {
    if (!writes_transactions(self, turn)) return true;
    Producer& output = producer_of(self);
    if (output.transactions.phase == TransactionPhase::uninitialized) init_transactions(output, turn);
    if (throws_for_good(self, turn)) return true;
    return output.transactions.phase != TransactionPhase::initializing;
}

/// Before the first result of a transaction, and before each. False when send() throws.
bool may_send_result(Reader& self, Turn& turn) {
    if (!writes_transactions(self, turn)) return true;
    Producer& output = producer_of(self);
    if (output.transactions.phase == TransactionPhase::ready) begin_transaction(output, turn);
    if (output.transactions.phase == TransactionPhase::in_transaction) return true;
    self.thread.unsent = 0;
    if (!throws_for_good(self, turn)) begin_abort(self, turn);
    return false;
}

void end_output_transaction(Reader& self, std::vector<OffsetContent::Entry> offsets, ConsumingStage next,
                            Turn& turn) {
    Consuming& thread = self.thread;
    thread.after_flush = std::move(offsets);
    thread.next = next;
    if (throws_for_good(self, turn)) return;
    const TransactionPhase phase = producer_of(self).transactions.phase;
    if (phase == TransactionPhase::abortable_error) return begin_abort(self, turn);
    if (phase != TransactionPhase::in_transaction) return committed(self, turn); // nothing was written
    const bool with_offsets = application_of(self, turn).output.offsets_in_transaction;
    const bool left_out =
        configured(self, turn).dialect.broken == BrokenRule::offsets_left_out_of_transaction;
    if (!with_offsets || left_out || thread.after_flush.empty()) return commit_results(self, turn);
    thread.stage = ConsumingStage::sending_offsets;
    send_offsets_to_transaction(producer_of(self), offsets_for(self, turn), turn);
}

/// One step inside a call of the producer; false when the thread waits.
bool step_output_transaction(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const ProducerTransactions& own = producer_of(self).transactions;
    if (own.call != TransactionCall::none) return false;
    if (throws_for_good(self, turn)) return true;
    if (own.phase == TransactionPhase::abortable_error) {
        begin_abort(self, turn);
    } else if (thread.stage == ConsumingStage::sending_offsets) {
        commit_results(self, turn);
    } else if (own.phase != TransactionPhase::ready) {
        return false;
    } else if (thread.stage == ConsumingStage::committing_transaction) {
        committed(self, turn);
    } else {
        rewind(self);
        thread.stage = ConsumingStage::polling;
    }
    return true;
}

} // namespace kafka::parts
