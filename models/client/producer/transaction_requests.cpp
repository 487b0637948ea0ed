// What a producer asks the coordinators of its transaction and of the group whose offsets it commits, one
// request after the other. Source: TransactionManager (its TxnRequestHandlers), Sender.
// Leaves out: the search for a coordinator is held back like the request that needs it.

#include "models/client/producer/transactions.hpp"

#include <algorithm>
#include <optional>

namespace kafka::parts {

namespace {

constexpr sim::Duration first_partitions_backoff = sim::milliseconds(20); // ADD_PARTITIONS_RETRY_BACKOFF_MS

bool is_search(TransactionAsk ask) {
    return ask == TransactionAsk::find_transaction_coordinator ||
           ask == TransactionAsk::find_group_coordinator;
}

TransactionAsk search_of(TransactionAsk ask) {
    return ask == TransactionAsk::commit_offsets ? TransactionAsk::find_group_coordinator
                                                 : TransactionAsk::find_transaction_coordinator;
}

BrokerSlot& coordinator_of(ProducerTransactions& own, TransactionAsk ask) {
    return ask == TransactionAsk::commit_offsets ? own.group_coordinator : own.coordinator;
}

std::optional<TransactionAsk> next_ask(const ProducerTransactions& own) {
    for (int i = 0; i < transaction_ask_count; ++i)
        if (wants(own, static_cast<TransactionAsk>(i))) return static_cast<TransactionAsk>(i);
    return std::nullopt;
}

void look_up(ProducerTransactions& own, TransactionAsk ask) {
    coordinator_of(own, ask) = no_slot;
    want(own, search_of(ask));
}

/// The broker to ask, once its connection takes a request. Source: Sender.awaitNodeReady.
BrokerSlot reachable(Producer& self, TransactionAsk ask, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (is_search(ask)) return broker_to_ask(self, turn);
    const BrokerSlot slot = coordinator_of(own, ask);
    if (slot == no_slot) {
        look_up(own, ask);
        return no_slot;
    }
    ProducerNode& node = self.nodes[static_cast<std::size_t>(slot.value)];
    const auto room = static_cast<std::size_t>(settings(self, turn).max_in_flight_requests_per_connection);
    if (ensure_ready(node.link, slot, connection_settings(self, turn), turn)) {
        const bool free =
            node.in_flight.size() < room && turn.may_write(node.link.connection, sim::Side::client);
        return free ? slot : no_slot;
    }
    if (node.link.state != NodeConnection::State::closed) return no_slot; // it is being connected
    look_up(own, ask);
    own.not_before = turn.now + settings(self, turn).retry_backoff;
    return no_slot;
}

InitProducerIdRequest initialization(const Producer& self, bool bumps, const Turn& turn) {
    InitProducerIdRequest request;
    request.transactional_id = configured(self, turn).transactional_id;
    request.timeout = settings(self, turn).transaction_timeout;
    request.producer = self.index;
    if (!bumps) return request;
    request.producer_id = self.producer_id;
    request.producer_epoch = self.producer_epoch;
    return request;
}

Mail add_partitions(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    own.asked_for.insert(own.asked_for.end(), own.fresh.begin(), own.fresh.end());
    std::sort(own.asked_for.begin(), own.asked_for.end());
    own.fresh.clear();
    AddPartitionsToTxnRequest request;
    request.transactional_id = configured(self, turn).transactional_id;
    request.producer_id = self.producer_id;
    request.producer_epoch = self.producer_epoch;
    request.content = turn.slabs().partitions.acquire();
    turn.slabs().partitions.open(request.content).partitions = own.asked_for;
    return request;
}

/// Group metadata goes along where both sides know of it (KIP-447). Leaves out: a client that sends it to an
/// older broker and ends with UnsupportedVersionException.
Mail commit_offsets(Producer& self, BrokerSlot slot, Turn& turn) {
    const ProducerTransactions& own = self.transactions;
    TxnOffsetCommitRequest request;
    request.transactional_id = configured(self, turn).transactional_id;
    request.group = own.offsets.group;
    request.producer_id = self.producer_id;
    request.producer_epoch = self.producer_epoch;
    const bool tells = configured(self, turn).dialect.transaction.group_metadata &&
                       turn.configuration.broker(slot).dialect.transaction.group_metadata;
    if (tells) {
        request.instance = own.offsets.instance;
        request.member = own.offsets.member;
        request.generation = own.offsets.generation;
    }
    request.support = support_at(self, slot, turn);
    request.content = turn.slabs().offsets.acquire();
    turn.slabs().offsets.open(request.content).entries = own.offsets.entries;
    return request;
}

Mail request_of(Producer& self, TransactionAsk ask, BrokerSlot slot, Turn& turn) {
    const ProducerTransactions& own = self.transactions;
    const TransactionalIdIndex id = configured(self, turn).transactional_id;
    switch (ask) {
    case TransactionAsk::find_transaction_coordinator:
        return FindCoordinatorRequest{0, CoordinatorKind::transaction, id.value};
    case TransactionAsk::find_group_coordinator:
        return FindCoordinatorRequest{0, CoordinatorKind::group, own.offsets.group.value};
    case TransactionAsk::initialize:
        return initialization(self, false, turn);
    case TransactionAsk::bump_epoch:
        return initialization(self, true, turn);
    case TransactionAsk::add_partitions:
        return add_partitions(self, turn);
    case TransactionAsk::add_offsets:
        return AddOffsetsToTxnRequest{0, id, self.producer_id, self.producer_epoch, own.offsets.group};
    case TransactionAsk::commit_offsets:
        return commit_offsets(self, slot, turn);
    case TransactionAsk::end:
        return EndTxnRequest{0,
                             id,
                             self.producer_id,
                             self.producer_epoch,
                             own.phase == TransactionPhase::committing,
                             own.version_2};
    }
    return {};
}

void set_correlation(Mail& mail, Correlation correlation) {
    std::visit(
        [&](auto& one) {
            if constexpr (requires { one.correlation; }) one.correlation = correlation;
        },
        mail);
}

void send(Producer& self, TransactionAsk ask, BrokerSlot slot, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    Mail mail = request_of(self, ask, slot, turn);
    drop(own, ask);
    own.asked = ask;
    own.asked_at = slot;
    own.correlation = self.next_correlation++;
    own.deadline = turn.now + settings(self, turn).request_timeout;
    set_correlation(mail, own.correlation);
    turn.send(self.nodes[static_cast<std::size_t>(slot.value)].link.connection, sim::Side::client, mail, 90);
}

/// max.block.ms is over: TimeoutException. The same call may be made again, and this code does so; what was
/// asked goes on meanwhile. Source: KafkaProducer.commitTransaction, TransactionalRequestResult.await.
void time_out_call(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (own.call == TransactionCall::none || own.call_deadline > turn.now) return;
    own.call_deadline = turn.now + settings(self, turn).max_block;
    turn.ignore("a call of a transaction timed out after max.block.ms: the application calls again");
}

} // namespace

/// Source: TransactionManager.nextRequest, Sender.maybeSendAndPollTransactionalRequest.
bool ask_coordinators(Producer& self, Turn& turn) {
    if (!is_transactional(self, turn)) return false;
    ProducerTransactions& own = self.transactions;
    time_out_call(self, turn);
    while (own.asked_at == no_slot && own.phase != TransactionPhase::fatal_error) {
        if (!own.fresh.empty()) want(own, TransactionAsk::add_partitions);
        const std::optional<TransactionAsk> ask = next_ask(own);
        if (!ask) return false;
        if (*ask == TransactionAsk::end && self.undecided > 0) return false; // all batches first
        if (*ask == TransactionAsk::end && !own.started) { // nothing was added: nobody is told
            drop(own, *ask);
            complete_transaction(self, turn);
            continue;
        }
        if (own.not_before > turn.now) return true;
        const BrokerSlot slot = reachable(self, *ask, turn);
        if (slot == no_slot && !is_search(*ask) && wants(own, search_of(*ask)) && own.not_before <= turn.now)
            continue; // finds it first
        if (slot == no_slot) return true;
        send(self, *ask, slot, turn);
    }
    return own.asked_at != no_slot;
}

namespace {

/// What an answer means for the transaction.
enum class Meaning : std::uint8_t { done, again, look_up, abortable, abortable_if_possible, fatal };

/// Source: facts/kafka-producer-txn-errors.tsv.
Meaning meaning_of(TransactionAsk ask, ErrorCode error, const Dialect& client) {
    const auto is_one_of = [&](std::initializer_list<ErrorCode> all) {
        return std::find(all.begin(), all.end(), error) != all.end();
    };
    const bool commits = ask == TransactionAsk::commit_offsets;
    if (error == ErrorCode::none) return Meaning::done;
    if (is_one_of({ErrorCode::not_coordinator, ErrorCode::coordinator_not_available}))
        return is_search(ask) ? Meaning::again : Meaning::look_up;
    if (error == ErrorCode::request_timed_out) return commits ? Meaning::look_up : Meaning::again;
    if (is_one_of({ErrorCode::transaction_abortable, ErrorCode::topic_authorization_failed,
                   ErrorCode::group_authorization_failed, ErrorCode::operation_not_attempted}))
        return Meaning::abortable;
    const bool of_member = is_one_of(
        {ErrorCode::illegal_generation, ErrorCode::unknown_member_id, ErrorCode::fenced_instance_id});
    if (of_member && commits) return Meaning::abortable; // CommitFailedException
    if (error == ErrorCode::unknown_producer_id) return Meaning::abortable_if_possible;
    // InvalidPidMappingException was fatal before KIP-360, and is since 4.0.
    const bool between = client.transaction.epoch_bump && !client.transaction.version_2;
    if (error == ErrorCode::invalid_producer_id_mapping && between) return Meaning::abortable_if_possible;
    return is_retriable(error) ? Meaning::again : Meaning::fatal;
}

void initialized(Producer& self, const InitProducerIdResponse& answer, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (own.phase == TransactionPhase::aborting) complete_transaction(self, turn); // no EndTxn was sent
    self.producer_id = answer.producer_id;
    self.producer_epoch = answer.producer_epoch;
    if (own.asked == TransactionAsk::bump_epoch)
        turn.note(fact::ProducerEpochBumped{self.index, self.producer_epoch});
    reset_sequences(self);
    own.phase = TransactionPhase::ready;
    own.error = ErrorCode::none;
    call_over(self);
}

void ended(Producer& self, const EndTxnResponse& answer, Turn& turn) {
    if (answer.producer_epoch >= 0) { // version 2: what the next transaction begins with
        self.producer_id = answer.producer_id;
        self.producer_epoch = answer.producer_epoch;
        reset_sequences(self);
    }
    complete_transaction(self, turn);
}

void partitions_added(Producer& self) {
    ProducerTransactions& own = self.transactions;
    own.added.insert(own.added.end(), own.asked_for.begin(), own.asked_for.end());
    std::sort(own.added.begin(), own.added.end());
    own.asked_for.clear();
    own.started = true;
}

void found(Producer& self, const FindCoordinatorResponse& answer, const Turn& turn) {
    ProducerTransactions& own = self.transactions;
    const bool of_group = own.asked == TransactionAsk::find_group_coordinator;
    (of_group ? own.group_coordinator : own.coordinator) = answer.coordinator;
    if (!of_group)
        own.coordinator_bumps = turn.configuration.broker(answer.coordinator).dialect.transaction.epoch_bump;
}

void done(Producer& self, const Mail& mail, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (const auto* coordinator = std::get_if<FindCoordinatorResponse>(&mail)) {
        found(self, *coordinator, turn);
    } else if (const auto* id = std::get_if<InitProducerIdResponse>(&mail)) {
        initialized(self, *id, turn);
    } else if (const auto* end = std::get_if<EndTxnResponse>(&mail)) {
        ended(self, *end, turn);
    } else if (std::holds_alternative<AddPartitionsToTxnResponse>(mail)) {
        partitions_added(self);
    } else if (std::holds_alternative<AddOffsetsToTxnResponse>(mail)) {
        own.started = true;
        if (own.call == TransactionCall::send_offsets) want(own, TransactionAsk::commit_offsets);
    } else {
        own.offsets = {};
        if (own.call == TransactionCall::send_offsets) call_over(self);
    }
}

/// The same request once more; after an error of the transaction it fails instead (nextRequest).
void ask_again(Producer& self, ErrorCode error, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    if (own.asked == TransactionAsk::add_partitions) {
        own.fresh.insert(own.fresh.end(), own.asked_for.begin(), own.asked_for.end());
        std::sort(own.fresh.begin(), own.fresh.end());
        own.asked_for.clear();
    }
    const bool fails = own.phase == TransactionPhase::abortable_error && !is_search(own.asked);
    if (fails) {
        own.fresh.clear();
        return;
    }
    want(own, own.asked);
    const bool first = own.asked == TransactionAsk::add_partitions && own.added.empty() &&
                       error == ErrorCode::concurrent_transactions;
    own.not_before = turn.now + (first ? first_partitions_backoff : settings(self, turn).retry_backoff);
}

/// Offsets that the coordinator took are not sent again. Source: TxnOffsetCommitHandler.
void keep_uncommitted(ProducerTransactions& own, const PartitionErrors& answer) {
    std::erase_if(own.offsets.entries, [&](const OffsetContent::Entry& one) {
        return std::any_of(answer.entries.begin(), answer.entries.end(), [&](const auto& entry) {
            return entry.partition == one.partition && entry.error == ErrorCode::none;
        });
    });
}

ErrorCode worst_of(const PartitionErrors& answer) {
    for (const PartitionErrors::Entry& entry : answer.entries)
        if (entry.error != ErrorCode::none) return entry.error;
    return ErrorCode::none;
}

struct Heard {
    Correlation correlation = 0;
    ErrorCode error{};
};

/// Nothing for mail of another kind. Contents are released.
std::optional<Heard> heard_in(Producer& self, const Mail& mail, Turn& turn) {
    if (const auto* found_one = std::get_if<FindCoordinatorResponse>(&mail))
        return Heard{found_one->correlation, found_one->error};
    if (const auto* id = std::get_if<InitProducerIdResponse>(&mail)) return Heard{id->correlation, id->error};
    if (const auto* offsets = std::get_if<AddOffsetsToTxnResponse>(&mail))
        return Heard{offsets->correlation, offsets->error};
    if (const auto* end = std::get_if<EndTxnResponse>(&mail)) return Heard{end->correlation, end->error};
    Heard heard;
    sim::SlabHandle content;
    if (const auto* added = std::get_if<AddPartitionsToTxnResponse>(&mail)) {
        heard.correlation = added->correlation;
        content = added->content;
    } else if (const auto* committed = std::get_if<TxnOffsetCommitResponse>(&mail)) {
        heard.correlation = committed->correlation;
        content = committed->content;
    } else {
        return std::nullopt;
    }
    const PartitionErrors& errors = turn.slabs().partition_errors.open(content);
    heard.error = worst_of(errors);
    const bool commits = std::holds_alternative<TxnOffsetCommitResponse>(mail);
    if (commits && heard.correlation == self.transactions.correlation)
        keep_uncommitted(self.transactions, errors);
    turn.slabs().partition_errors.release(content);
    return heard;
}

void failed(Producer& self, Meaning meaning, ErrorCode error, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    own.asked_for.clear();
    if (meaning == Meaning::abortable_if_possible) {
        if (!can_bump_epoch(self, turn)) return fatal_error(self, error, turn);
        own.bump_required = true;
    }
    // An abort that cannot be carried out leaves nothing to the application but close(). 4.1 says so by a
    // fatal error (EndTxnHandler); before, abortTransaction() threw each time.
    const bool hopeless =
        own.phase == TransactionPhase::aborting || own.phase == TransactionPhase::initializing;
    if (meaning == Meaning::fatal || hopeless) return fatal_error(self, error, turn);
    abortable_error(self, error, turn);
}

} // namespace

bool on_transaction_mail(Producer& self, const Mail& mail, Turn& turn) {
    if (!is_transactional(self, turn)) return false;
    const std::optional<Heard> heard = heard_in(self, mail, turn);
    if (!heard) return false;
    ProducerTransactions& own = self.transactions;
    if (own.asked_at == no_slot || heard->correlation != own.correlation) {
        turn.ignore("an answer of a transaction that is no longer awaited");
        return true;
    }
    own.asked_at = no_slot;
    own.deadline = sim::SimTime::never();
    const Meaning meaning = meaning_of(own.asked, heard->error, configured(self, turn).dialect);
    if (own.phase == TransactionPhase::fatal_error) {
        turn.ignore("an answer after a fatal error");
    } else if (meaning == Meaning::done) {
        done(self, mail, turn);
    } else if (meaning == Meaning::again || meaning == Meaning::look_up) {
        if (meaning == Meaning::look_up) look_up(own, own.asked);
        ask_again(self, heard->error, turn);
    } else {
        failed(self, meaning, heard->error, turn);
    }
    return true;
}

void transactional_request_lost(Producer& self, Turn& turn) {
    ProducerTransactions& own = self.transactions;
    own.asked_at = no_slot;
    own.deadline = sim::SimTime::never();
    if (own.phase == TransactionPhase::fatal_error) return;
    if (!is_search(own.asked)) look_up(own, own.asked);
    ask_again(self, ErrorCode::network_exception, turn);
}

sim::SimTime transaction_due(const Producer& self, const Turn& turn) {
    if (!is_transactional(self, turn)) return sim::SimTime::never();
    const ProducerTransactions& own = self.transactions;
    sim::SimTime due = own.deadline;
    if (own.wanted != 0 && own.not_before > turn.now) due = std::min(due, own.not_before);
    due = std::min(due, own.call_deadline);
    const bool starts = runs_transactions(self, turn) && own.phase == TransactionPhase::uninitialized;
    if (starts && starts_at(self, turn) > turn.now) due = std::min(due, starts_at(self, turn));
    const bool lingers = self.transacting.stage == TransactingStage::lingering;
    return lingers ? std::min(due, self.transacting.end_at) : due;
}

} // namespace kafka::parts
