// Before the first batch of a transaction is appended, its coordinator is asked whether the partition belongs
// to it; with transaction.version 2 it is added in that moment. Source: AddPartitionsToTxnManager,
// ReplicaManager.handleProduceAppend; KIP-890; semantics 2.6.

#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr sim::Duration verification_setup_timeout = sim::seconds(10);
constexpr sim::Duration verification_backoff = sim::milliseconds(50);

bool asks(const Broker& broker, TransactionSupport support, const Turn& turn) {
    return settings_of(broker, turn.configuration).transaction.partition_verification ||
           support == TransactionSupport::adds_partition;
}

ProducerStates* states_of_leader(Broker& broker, PartitionIndex partition) {
    const int position = position_of(broker, partition);
    if (position < 0) return nullptr;
    Replica& replica = replica_at(broker, position);
    return std::holds_alternative<Leader>(replica.role) ? &replica.producers : nullptr;
}

const Dialect& dialect_at(const Broker& broker, const Turn& turn) {
    return dialect_of(broker, turn.configuration);
}

void add_part(Broker& broker, Verification& verification, PartitionIndex partition, const Batch& batch,
              const Turn& turn) {
    Verification::Part part{partition, 0, ErrorCode::none};
    if (ProducerStates* states = states_of_leader(broker, partition))
        part.guard = start_verification(*states, batch, broker.memory.next_round++, dialect_at(broker, turn));
    verification.parts.push_back(part);
}

/// The partitions of the request, each with the guard that its append must find.
void add_parts(Broker& broker, Verification& one, const ProduceRequest& request, Turn& turn) {
    const std::vector<ProduceContent::Entry>& entries = turn.slabs().produce.open(request.content).entries;
    for (const ProduceContent::Entry& entry : entries) {
        if (!entry.batch.is_transactional) continue;
        one.producer_id = entry.batch.producer_id;
        one.producer_epoch = entry.batch.producer_epoch;
        add_part(broker, one, entry.partition, entry.batch, turn);
    }
}

void add_parts(Broker& broker, Verification& one, const TxnOffsetCommitRequest& request, Turn& turn) {
    Batch batch; // offsets have no sequence
    batch.producer_id = request.producer_id;
    batch.producer_epoch = request.producer_epoch;
    batch.is_transactional = true;
    one.producer_id = request.producer_id;
    one.producer_epoch = request.producer_epoch;
    add_part(broker, one, turn.configuration.group(request.group).partition, batch, turn);
}

/// What clients are told. Source: AddPartitionsToTxnHandler, ReplicaManager.handleProduceAppend,
/// CoordinatorRuntime.scheduleTransactionalWriteOperation.
ErrorCode translated(ErrorCode error, TransactionSupport support, bool produce) {
    const bool adds = support == TransactionSupport::adds_partition;
    if (error == ErrorCode::producer_fenced) return ErrorCode::invalid_producer_epoch;
    if (error == ErrorCode::transaction_abortable && support == TransactionSupport::verified)
        return ErrorCode::invalid_txn_state;
    if (!produce) {
        return error == ErrorCode::network_exception ? ErrorCode::coordinator_load_in_progress : error;
    }
    const bool transient =
        error == ErrorCode::network_exception || error == ErrorCode::coordinator_load_in_progress ||
        error == ErrorCode::coordinator_not_available || error == ErrorCode::not_coordinator ||
        (error == ErrorCode::concurrent_transactions && !adds);
    return transient ? ErrorCode::not_enough_replicas : error; // old clients retry that one
}

/// The request goes on with what the coordinator said.
void go_on(Broker& broker, Verification done, Turn& turn) {
    const bool produce = std::holds_alternative<ProduceRequest>(done.request);
    for (Verification::Part& part : done.parts)
        part.error = translated(part.error, done.support, produce);
    if (produce)
        return serve_produce(broker, done.connection, std::get<ProduceRequest>(done.request), done.parts,
                             turn);
    const Verification::Part& part = done.parts.front();
    ErrorCode error = part.error;
    const ProducerStates* states = states_of_leader(broker, part.partition);
    const bool verified =
        states == nullptr || part.guard == 0 ||
        is_verified(*states, done.producer_id, epoch_asked_for(done.producer_epoch, dialect_at(broker, turn)),
                    part.guard);
    if (error == ErrorCode::none && !verified) error = ErrorCode::invalid_txn_state;
    serve_transactional_commit(broker, done.connection, std::get<TxnOffsetCommitRequest>(done.request), error,
                               turn);
}

void send_question(Verification& one, const Channel& channel, Turn& turn) {
    const sim::SlabHandle handle = turn.slabs().partitions.acquire();
    for (const Verification::Part& part : one.parts)
        if (part.guard != 0) turn.slabs().partitions.open(handle).partitions.push_back(part.partition);
    AddPartitionsToTxnRequest request;
    request.correlation = one.round;
    request.transactional_id = one.transactional_id;
    request.producer_id = one.producer_id;
    request.producer_epoch = one.producer_epoch;
    request.verify_only = one.support != TransactionSupport::adds_partition;
    request.content = handle;
    turn.send(channel.connection, sim::Side::client, request,
              60 + 20 * static_cast<std::int32_t>(one.parts.size()));
    one.sent = true;
}

void pump_verifications(Broker& broker, VerificationChannel& to, Turn& turn) {
    std::vector<Verification>& all = broker.memory.traffic.verifications;
    const bool any = std::any_of(all.begin(), all.end(), [&](const Verification& one) {
        return one.coordinator == to.server && !one.sent;
    });
    if (!any) return;
    const bool was_closed = to.channel.state == Channel::State::closed;
    const auto slot = static_cast<std::uint32_t>(to.server.value);
    if (!ensure_ready(to.channel, Addresses::broker(to.server), LinkKind::replication, turn)) {
        if (to.channel.state == Channel::State::closed || was_closed) {
            const bool closed = to.channel.state == Channel::State::closed;
            turn.at(closed ? to.channel.retry_at : turn.now + verification_setup_timeout,
                    transaction_timer(TransactionTimerKind::verification_connect, to.channel.round, slot));
        }
        return;
    }
    for (Verification& one : all)
        if (one.coordinator == to.server && !one.sent) send_question(one, to.channel, turn);
}

/// Takes the verification out of the waiting ones.
Verification take(Broker& broker, std::size_t at) {
    std::vector<Verification>& all = broker.memory.traffic.verifications;
    Verification one = std::move(all[at]);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    return one;
}

std::optional<std::size_t> find_verification(const Broker& broker, std::uint32_t round) {
    const std::vector<Verification>& all = broker.memory.traffic.verifications;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].round == round) return i;
    return std::nullopt;
}

void fail(Verification& one, ErrorCode error) {
    for (Verification::Part& part : one.parts)
        if (part.guard != 0) part.error = error;
}

/// Asks the coordinator, or goes on at once when nobody is known.
void ask(Broker& broker, Verification one, Turn& turn) {
    const FindCoordinatorRequest whom{0, CoordinatorKind::transaction, one.transactional_id.value};
    one.round = broker.memory.next_round++;
    one.coordinator = known_coordinator(broker, whom, turn.configuration);
    one.sent = false;
    if (one.coordinator == no_slot) {
        fail(one, ErrorCode::coordinator_not_available);
        return go_on(broker, std::move(one), turn);
    }
    turn.after(settings_of(broker, turn.configuration).request_timeout,
               transaction_timer(TransactionTimerKind::verification_timeout, one.round));
    const BrokerSlot coordinator = one.coordinator;
    broker.memory.traffic.verifications.push_back(std::move(one));
    pump_verifications(broker, channel_to(broker.memory.traffic.verification_channels, coordinator), turn);
}

bool needs_question(const Verification& one) {
    return std::any_of(one.parts.begin(), one.parts.end(),
                       [](const Verification::Part& part) { return part.guard != 0; });
}

/// The whole request is handled once more, so that each partition gets a guard of now: the marker that was
/// waited for has taken the former one. Source: ReplicaManager.handleProduceAppend (KAFKA-18575).
void ask_once_more(Broker& broker, Verification one, Turn& turn) {
    one.parts.clear();
    if (const auto* produce = std::get_if<ProduceRequest>(&one.request))
        add_parts(broker, one, ProduceRequest(*produce), turn);
    else
        add_parts(broker, one, TxnOffsetCommitRequest(std::get<TxnOffsetCommitRequest>(one.request)), turn);
    if (!needs_question(one)) return go_on(broker, std::move(one), turn);
    ask(broker, std::move(one), turn);
}

/// Time until which a broker asks again by itself. Source: AddPartitionsToTxnConfig (4.0, KAFKA-18575).
sim::SimTime retry_until(const Broker& broker, const Turn& turn) {
    return turn.now + settings_of(broker, turn.configuration).transaction.add_partitions_retry_backoff_max;
}

} // namespace

bool verify_first(Broker& broker, sim::ConnectionId connection, const ProduceRequest& request, Turn& turn) {
    if (request.transactional_id == no_transactional_id || !asks(broker, request.support, turn)) return false;
    Verification one;
    add_parts(broker, one, request, turn);
    if (!needs_question(one)) return false;
    one.connection = connection;
    one.request = request;
    one.transactional_id = request.transactional_id;
    one.support = request.support;
    one.retry_until = retry_until(broker, turn);
    ask(broker, std::move(one), turn);
    return true;
}

bool verify_first(Broker& broker, sim::ConnectionId connection, const TxnOffsetCommitRequest& request,
                  Turn& turn) {
    if (!asks(broker, request.support, turn)) return false;
    Verification one;
    add_parts(broker, one, request, turn);
    if (!needs_question(one)) return false;
    one.connection = connection;
    one.request = request;
    one.transactional_id = request.transactional_id;
    one.support = request.support;
    one.retry_until = retry_until(broker, turn);
    ask(broker, std::move(one), turn);
    return true;
}

void verification_connected(Broker& broker, VerificationChannel& channel, Turn& turn) {
    channel.channel.round += 1; // the connection's own timeout is over
    pump_verifications(broker, channel, turn);
}

void verifications_failed(Broker& broker, BrokerSlot coordinator, Turn& turn) {
    std::vector<Verification> failed;
    for (std::size_t i = 0; i < broker.memory.traffic.verifications.size();) {
        if (broker.memory.traffic.verifications[i].coordinator == coordinator)
            failed.push_back(take(broker, i));
        else
            ++i;
    }
    for (Verification& one : failed) {
        fail(one, ErrorCode::network_exception);
        go_on(broker, std::move(one), turn);
    }
}

void on_verified(Broker& broker, const AddPartitionsToTxnResponse& response, Turn& turn) {
    const PartitionErrors answer = turn.slabs().partition_errors.open(response.content);
    turn.slabs().partition_errors.release(response.content);
    const std::optional<std::size_t> at = find_verification(broker, response.correlation);
    if (!at) return turn.ignore("answer to a verification that is over");
    Verification one = take(broker, *at);
    bool concurrent = false;
    for (const PartitionErrors::Entry& entry : answer.entries)
        for (Verification::Part& part : one.parts)
            if (part.partition == entry.partition) {
                part.error = entry.error;
                concurrent = concurrent || entry.error == ErrorCode::concurrent_transactions;
            }
    const TransactionCoordinatorSettings& settings = settings_of(broker, turn.configuration).transaction;
    const sim::SimTime again = turn.now + settings.add_partitions_retry_backoff;
    if (!concurrent || one.support != TransactionSupport::adds_partition || again > one.retry_until)
        return go_on(broker, std::move(one), turn);
    one.round = broker.memory.next_round++;
    one.coordinator = no_slot; // nobody is asked meanwhile
    turn.at(again, transaction_timer(TransactionTimerKind::verification_again, one.round));
    broker.memory.traffic.verifications.push_back(std::move(one));
}

void on_verification_timer(Broker& broker, const Timer& due, Turn& turn) {
    const auto kind = static_cast<TransactionTimerKind>(due.b);
    if (kind == TransactionTimerKind::verification_connect) {
        VerificationChannel& to = channel_to(broker.memory.traffic.verification_channels,
                                             BrokerSlot{static_cast<std::int32_t>(due.a)});
        if (due.round != to.channel.round) return turn.ignore("stale timer");
        if (to.channel.state == Channel::State::closed) return pump_verifications(broker, to, turn);
        give_up(to.channel, verification_backoff, turn); // the connection was never there
        return verifications_failed(broker, BrokerSlot{static_cast<std::int32_t>(due.a)}, turn);
    }
    const std::optional<std::size_t> at = find_verification(broker, due.round);
    if (!at) return turn.ignore("the verification is over");
    if (kind == TransactionTimerKind::verification_again)
        return ask_once_more(broker, take(broker, *at), turn);
    const BrokerSlot coordinator = broker.memory.traffic.verifications[*at].coordinator;
    give_up(channel_to(broker.memory.traffic.verification_channels, coordinator).channel,
            verification_backoff, turn);
    verifications_failed(broker, coordinator, turn);
}

} // namespace kafka::parts
