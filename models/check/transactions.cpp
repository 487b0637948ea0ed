#include "models/check/transactions.hpp"

#include "models/check/scope.hpp"

#include <algorithm>

namespace kafka {

Transactions::Transactions(const Configuration& configuration)
    : producers(configuration.producers.size()), configuration_(configuration),
      current_(configuration.producers.size(), -1), compacted_(configuration.streams.size()),
      sent_(configuration.streams.size()), again_(configuration.streams.size()),
      state_(configuration.transactional_ids.size(), TransactionState::empty),
      ids_(configuration.transactional_ids.size(), no_producer_id) {}

void Transactions::add(StreamIndex stream, std::int64_t first, std::int64_t count) {
    const auto producer = static_cast<std::size_t>(configuration_.stream(stream).producer.value);
    if (current_[producer] < 0) return;
    const std::int64_t end = first + count;
    Ranges now;
    now.add(first, end);
    const auto at = static_cast<std::size_t>(stream.value);
    const Ranges twice = now.both(sent_[at]);
    for (const Ranges::Run& run : twice.runs())
        again_[at].add(run.first, run.end);
    sent_[at].add(first, end);
    std::vector<Piece>& pieces = all_[static_cast<std::size_t>(current_[producer])].pieces;
    const auto same = std::find_if(pieces.rbegin(), pieces.rend(), [&](const Piece& piece) {
        return piece.stream == stream && piece.end == first;
    });
    if (same != pieces.rend())
        same->end = end;
    else
        pieces.push_back({stream, first, end});
}

void Transactions::told(ProducerIndex producer, ToldOutcome outcome) {
    std::int64_t& at = current_[static_cast<std::size_t>(producer.value)];
    if (at < 0) return;
    all_[static_cast<std::size_t>(at)].told = outcome;
    at = -1;
    TransactionSummary& summary = producers[static_cast<std::size_t>(producer.value)];
    (outcome == ToldOutcome::committed ? summary.committed
     : outcome == ToldOutcome::aborted ? summary.aborted
                                       : summary.unknown) += 1;
}

void Transactions::on(const Fact& fact) {
    if (configuration_.transactional_ids.empty()) return;
    if (const auto* sent = std::get_if<fact::RecordsSent>(&fact)) {
        add(sent->stream, sent->first.value, sent->count);
    } else if (const auto* resent = std::get_if<fact::RecordsResent>(&fact)) {
        add(resent->stream, resent->first.value, resent->count);
    } else if (const auto* begun = std::get_if<fact::TransactionBegun>(&fact)) {
        told(begun->producer, ToldOutcome::unknown);
        current_[static_cast<std::size_t>(begun->producer.value)] = static_cast<std::int64_t>(all_.size());
        all_.push_back({begun->producer, ToldOutcome::unknown, {}});
        producers[static_cast<std::size_t>(begun->producer.value)].begun += 1;
    } else if (const auto* ended = std::get_if<fact::TransactionEnded>(&fact)) {
        if (ended->error == ErrorCode::none) // with an error, abortTransaction() follows
            told(ended->producer, ended->commit ? ToldOutcome::committed : ToldOutcome::aborted);
    } else if (const auto* fenced = std::get_if<fact::ProducerFenced>(&fact)) {
        producers[static_cast<std::size_t>(fenced->producer.value)].fenced += 1;
        told(fenced->producer, ToldOutcome::unknown);
    } else if (const auto* cleaned = std::get_if<fact::RecordsCompacted>(&fact)) {
        compacted_[static_cast<std::size_t>(cleaned->stream.value)].add(
            cleaned->first.value, cleaned->first.value + cleaned->count);
    } else if (const auto* gone = std::get_if<fact::ProducerEnded>(&fact)) {
        told(gone->producer, ToldOutcome::unknown);
    } else if (const auto* changed = std::get_if<fact::TransactionChanged>(&fact)) {
        state_[static_cast<std::size_t>(changed->transactional_id.value)] = changed->state;
        ids_[static_cast<std::size_t>(changed->transactional_id.value)] = changed->producer_id;
    }
}

/// A transaction that is open in a log although its coordinator has ended it, or never began it.
void Transactions::find_hanging(const World& world, PartitionIndex partition) {
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Replica* replica = replica_of(world, leader, partition);
    for (const LogTransactions::Open& one : replica->producers.transactions.open) {
        bool known = false;
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            const bool at_rest = state_[i] == TransactionState::complete_commit ||
                                 state_[i] == TransactionState::complete_abort ||
                                 state_[i] == TransactionState::empty;
            known = known || (ids_[i] == one.producer_id && !at_rest);
        }
        (known ? totals.open : totals.hanging) += 1;
    }
}

std::vector<Transactions::Seen> Transactions::read_logs(const World& world) {
    std::vector<Seen> seen(configuration_.streams.size());
    for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
        const PartitionIndex partition{static_cast<std::int32_t>(p)};
        const ServedLog served = served_log(world, partition);
        if (served.log == nullptr) continue;
        for (std::size_t s = 0; s < seen.size(); ++s)
            if (configuration_.streams[s].partition == partition) seen[s].available = true;
        find_hanging(world, partition);
        const Log& log = *served.log;
        const std::vector<BatchFate> fates = fates_of(log, served.replica->high_watermark);
        for (std::size_t i = 0; i < fates.size(); ++i) {
            const Batch& batch = log.batches[i];
            if (fates[i] == BatchFate::control || fates[i] == BatchFate::aborted) continue;
            Seen& stream = seen[static_cast<std::size_t>(batch.stream.value)];
            (fates[i] == BatchFate::open ? stream.open : stream.committed)
                .add(batch.value_first.value, batch.value_first.value + batch.count);
        }
    }
    return seen;
}

void Transactions::judge(const One& one, const std::vector<Seen>& seen) {
    std::int64_t visible = 0;
    std::int64_t undecided = 0;
    std::int64_t total = 0;
    for (const Piece& piece : one.pieces) {
        const auto at = static_cast<std::size_t>(piece.stream.value);
        Ranges values;
        values.add(piece.first, piece.end);
        const Ranges own = values.minus(again_[at]).minus(compacted_[at]);
        for (const Ranges::Run& run : own.runs()) {
            total += run.end - run.first;
            visible += seen[at].committed.count_in(run.first, run.end);
            undecided += seen[at].open.count_in(run.first, run.end);
        }
        if (!seen[at].available) return;
    }
    if (one.told == ToldOutcome::aborted) totals.aborted_visible += visible;
    if (undecided > 0) return; // its markers are under way, or it is still going on
    if (one.told == ToldOutcome::committed) totals.missing += total - visible;
    if (visible > 0 && visible < total) totals.torn += 1;
}

void Transactions::at_end(const World& world) {
    if (configuration_.transactional_ids.empty()) return;
    for (std::size_t i = 0; i < current_.size(); ++i)
        told(ProducerIndex{static_cast<std::int32_t>(i)}, ToldOutcome::unknown);
    const std::vector<Seen> seen = read_logs(world);
    for (const One& one : all_)
        judge(one, seen);
}

} // namespace kafka
