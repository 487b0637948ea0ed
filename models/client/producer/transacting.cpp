// The code around a load in transactions: begin, so many records, commit; and what it does about errors.
// Source: the loop of KafkaProducer's documentation: ProducerFencedException and the like close the producer,
// any other KafkaException aborts the transaction.

#include "models/client/producer/transactions.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr std::int64_t without_end = 9223372036854775807;

const ProducerTransacting& asked_of(const Producer& self, const Turn& turn) {
    return configured(self, turn).application.transacting;
}

std::int64_t waiting_again(const Producer& self) {
    std::int64_t count = 0;
    for (const Again& one : self.sending.again)
        count += one.count;
    return count;
}

/// All records of the transaction are handed over: as many as it takes, or the last ones of the load.
bool is_full(const Producer& self, const Turn& turn) {
    const Transacting& code = self.transacting;
    if (code.records >= asked_of(self, turn).records) return true;
    return code.records > 0 && load_is_over(self, turn.configuration) && waiting_again(self) == 0;
}

void start_over(Producer& self, Turn& turn) {
    Transacting& code = self.transacting;
    code.records = 0;
    code.handed.clear();
    code.stage = TransactingStage::idle;
    self.sending.free_since = turn.now;
}

/// The records of an aborted transaction are handed over once more, in the next one.
void try_again(Producer& self, Turn& turn) {
    for (Again one : self.transacting.handed) {
        one.resend = static_cast<std::uint8_t>(std::min(255, one.resend + 1));
        one.not_before = turn.now;
        self.sending.again.push_back(one);
    }
}

void aborted(Producer& self, Turn& turn) {
    const AbortReaction reaction = asked_of(self, turn).on_abort;
    if (!self.transacting.drops && reaction == AbortReaction::retry) try_again(self, turn);
    if (!self.transacting.drops && reaction == AbortReaction::halt) self.sending.halted = true;
    start_over(self, turn);
}

/// Another KafkaProducer in the same process. Its connections and buffer are new.
void renew(Producer& self, Turn& turn) {
    for (ProducerNode& node : self.nodes) {
        if (node.link.state != NodeConnection::State::closed)
            close(node.link, connection_settings(self, turn), turn);
        node.in_flight.clear();
    }
    self.metadata.asked = no_slot;
    self.metadata.deadline = sim::SimTime::never();
    for (PartitionQueue& queue : self.queues)
        queue.on_the_wire = 0;
    self.transactions = ProducerTransactions{};
    self.producer_id = no_producer_id;
    self.producer_epoch = 0;
    reset_sequences(self);
}

void fatally_failed(Producer& self, Turn& turn) {
    const ProducerTransacting& asked = asked_of(self, turn);
    const bool goes_on = asked.on_fatal == FatalReaction::new_producer;
    if (goes_on && asked.on_abort == AbortReaction::retry && !self.transacting.drops) try_again(self, turn);
    start_over(self, turn);
    if (!goes_on) {
        self.sending.halted = true;
        self.sending.again.clear();
        return;
    }
    renew(self, turn);
    self.transacting.stage = TransactingStage::starting;
}

void end_now(Producer& self, Turn& turn) {
    Transacting& code = self.transacting;
    const std::int64_t every = asked_of(self, turn).abort_every;
    code.drops = every > 0 && code.begun % every == 0;
    code.aborts = code.drops;
    code.stage = TransactingStage::ending;
    if (code.aborts)
        abort_transaction(self, turn);
    else
        commit_transaction(self, turn);
}

/// While records are handed over, or before the end: a failed record is seen, and the transaction aborted.
bool go_on_or_abort(Producer& self, Turn& turn) {
    Transacting& code = self.transacting;
    if (self.transactions.phase == TransactionPhase::abortable_error) {
        code.stage = TransactingStage::ending;
        code.aborts = true;
        code.drops = false;
        abort_transaction(self, turn);
        return true;
    }
    if (code.stage == TransactingStage::open) {
        if (!is_full(self, turn)) return false;
        code.stage = TransactingStage::lingering;
        code.end_at = turn.now + asked_of(self, turn).commit_after;
        return true;
    }
    if (code.end_at > turn.now) return false;
    end_now(self, turn);
    return true;
}

bool after_call(Producer& self, Turn& turn) {
    Transacting& code = self.transacting;
    const ProducerTransactions& own = self.transactions;
    if (own.call != TransactionCall::none) return false;
    if (own.phase == TransactionPhase::abortable_error) return go_on_or_abort(self, turn); // commit() threw
    if (own.phase != TransactionPhase::ready) return false;
    if (code.aborts)
        aborted(self, turn);
    else
        start_over(self, turn);
    return true;
}

} // namespace

sim::SimTime starts_at(const Producer& self, const Turn& turn) {
    return configured(self, turn).load.front().start;
}

std::int64_t transaction_room(const Producer& self, const Turn& turn) {
    if (!runs_transactions(self, turn)) return without_end;
    const Transacting& code = self.transacting;
    const TransactionPhase phase = self.transactions.phase;
    if (code.stage == TransactingStage::idle)
        return phase == TransactionPhase::ready ? asked_of(self, turn).records : 0;
    if (code.stage != TransactingStage::open || phase != TransactionPhase::in_transaction)
        return 0; // send() would throw
    return std::max<std::int64_t>(0, asked_of(self, turn).records - code.records);
}

void open_transaction(Producer& self, Turn& turn) {
    Transacting& code = self.transacting;
    if (!runs_transactions(self, turn) || code.stage != TransactingStage::idle) return;
    begin_transaction(self, turn);
    code.stage = TransactingStage::open;
    code.begun += 1;
}

void before_handing(Producer& self, const PartitionQueue& queue, Value first, std::int64_t count,
                    std::uint8_t resend, Turn& turn) {
    if (!is_transactional(self, turn)) return;
    if (runs_transactions(self, turn)) {
        open_transaction(self, turn);
        Transacting& code = self.transacting;
        code.records += count;
        const auto at = static_cast<std::int32_t>(&queue - self.queues.data());
        const bool joins = !code.handed.empty() && code.handed.back().queue == at &&
                           code.handed.back().resend == resend &&
                           next(code.handed.back().first, code.handed.back().count) == first;
        if (joins) {
            code.handed.back().count += static_cast<std::int32_t>(count);
        } else {
            Again one;
            one.queue = at;
            one.first = first;
            one.count = static_cast<std::int32_t>(count);
            one.resend = resend;
            code.handed.push_back(one);
        }
    }
    add_to_transaction(self, queue.partition, turn);
}

bool run_code(Producer& self, Turn& turn) {
    if (!runs_transactions(self, turn) || self.sending.ended || self.sending.halted) return false;
    Transacting& code = self.transacting;
    const ProducerTransactions& own = self.transactions;
    if (own.phase == TransactionPhase::fatal_error) {
        fatally_failed(self, turn);
        return true;
    }
    switch (code.stage) {
    case TransactingStage::starting:
        if (own.phase == TransactionPhase::uninitialized && starts_at(self, turn) > turn.now) return false;
        if (own.phase == TransactionPhase::uninitialized) {
            init_transactions(self, turn);
            return true;
        }
        if (own.phase != TransactionPhase::ready) return false;
        code.stage = TransactingStage::idle;
        self.sending.free_since = turn.now;
        return true;
    case TransactingStage::idle:
        return false;
    case TransactingStage::open:
    case TransactingStage::lingering:
        return go_on_or_abort(self, turn);
    case TransactingStage::ending:
        return after_call(self, turn);
    }
    return false;
}

bool is_between_transactions(const Producer& self) {
    const TransactingStage stage = self.transacting.stage;
    return stage == TransactingStage::starting || stage == TransactingStage::idle;
}

} // namespace kafka::parts
