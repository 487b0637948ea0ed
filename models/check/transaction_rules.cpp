#include "models/check/transaction_rules.hpp"

#include "models/log/producer_state.hpp"

#include <algorithm>

namespace kafka {

namespace {

std::optional<ControlType> outcome_of(TransactionState state) {
    if (state == TransactionState::prepare_commit) return ControlType::commit;
    if (state == TransactionState::prepare_abort) return ControlType::abort;
    return std::nullopt;
}

const TransactionRecord* record_of(const World& world, const Batch& batch) {
    if (batch.count != 1 || batch.stream < world.configuration->internal_stream_first) return nullptr;
    const auto at =
        static_cast<std::size_t>(distance(world.configuration->internal_stream_first, batch.stream));
    const CoordinatorRecord& record =
        world.kernel.contents.streams[at][static_cast<std::size_t>(batch.value_first.value)];
    return std::get_if<TransactionRecord>(&record);
}

/// Decisions about one producer's epoch that stand in the log of a replica, the latest first.
struct Decisions {
    std::optional<ControlType> latest;
    bool has_wanted = false;
};
void read_decisions(const World& world, const Log& log, const fact::MarkerWritten& marker,
                    Decisions& decisions) {
    for (std::size_t i = log.batches.size(); i > 0 && !(decisions.latest && decisions.has_wanted); --i) {
        const TransactionRecord* record = record_of(world, log.batches[i - 1]);
        if (record == nullptr || record->producer_id != marker.producer_id) continue;
        if (record->producer_epoch < marker.producer_epoch) return; // older ones say nothing about it
        if (record->producer_epoch != marker.producer_epoch) continue;
        const std::optional<ControlType> outcome = outcome_of(record->state);
        if (!outcome) continue;
        if (!decisions.latest) decisions.latest = outcome;
        decisions.has_wanted = decisions.has_wanted || *outcome == marker.outcome;
    }
}

/// What stands in the logs of __transaction_state. A coordinator that was replaced may have written what its
/// followers never saw: the log of the present leader says what came last.
Decisions decisions_on(const World& world, const fact::MarkerWritten& marker) {
    for (const CoordinatedConfiguration& id : world.configuration->transactional_ids) {
        const BrokerSlot leader = decided_state(world, id.partition).leader;
        Decisions decisions;
        if (leader != no_slot) read_decisions(world, *log_of(world, leader, id.partition), marker, decisions);
        for (const BrokerSlot slot : world.configuration->partition(id.partition).assignment) {
            if (decisions.has_wanted) break;
            Decisions copy;
            read_decisions(world, *log_of(world, slot, id.partition), marker, copy);
            decisions.has_wanted = copy.has_wanted;
            if (!decisions.latest) decisions.latest = copy.latest;
        }
        if (decisions.latest) return decisions; // a producer id belongs to one transactional id
    }
    return {};
}

bool leads(const World& world, BrokerSlot broker, PartitionIndex partition) {
    const PartitionState& state = decided_state(world, partition);
    const Leader* leader = std::get_if<Leader>(&replica_of(world, broker, partition)->role);
    return state.leader == broker && leader != nullptr && leader->leader_epoch == state.leader_epoch;
}

/// Whether the marker has ended a transaction there.
bool has_effect(const World& world, const fact::MarkerWritten& marker) {
    const LogTransactions& known = replica_of(world, marker.broker, marker.partition)->producers.transactions;
    return std::any_of(known.unreplicated.begin(), known.unreplicated.end(),
                       [&](const LogTransactions::Ended& one) { return one.marker == marker.offset; });
}

std::string producer_of(const fact::MarkerWritten& marker) {
    return "producer " + std::to_string(marker.producer_id.value) + ", epoch " +
           std::to_string(marker.producer_epoch);
}

} // namespace

TransactionRules::TransactionRules(const Configuration& configuration)
    : configuration_(configuration), identities_(configuration.transactional_ids.size()),
      decided_(configuration.partitions.size(), Offset{0}) {}

void TransactionRules::on_changed(const fact::TransactionChanged& fact, bool lossy,
                                  std::vector<TransactionBreach>& found) {
    const PartitionIndex partition = configuration_.transactional_id(fact.transactional_id).partition;
    Identity& last = identities_[static_cast<std::size_t>(fact.transactional_id.value)];
    const bool falls = fact.producer_id == last.producer_id && fact.producer_epoch < last.producer_epoch;
    if (falls && !lossy)
        found.push_back({TransactionRule::producer_epochs_grow, partition,
                         "the epoch of producer " + std::to_string(fact.producer_id.value) + " fell to " +
                             std::to_string(fact.producer_epoch)});
    last = {fact.producer_id, fact.producer_epoch};
    const auto at =
        std::lower_bound(owners_.begin(), owners_.end(), fact.producer_id,
                         [](const Owner& one, ProducerId wanted) { return one.producer_id < wanted; });
    if (at == owners_.end() || at->producer_id != fact.producer_id)
        owners_.insert(at, {fact.producer_id, fact.transactional_id});
    else if (at->transactional_id != fact.transactional_id)
        found.push_back({TransactionRule::producer_epochs_grow, partition,
                         "producer id " + std::to_string(fact.producer_id.value) +
                             " was given to two transactional ids"});
}

void TransactionRules::on_effect(const fact::MarkerWritten& fact, std::optional<ControlType> latest,
                                 bool lossy, std::vector<TransactionBreach>& found) {
    if (latest && *latest != fact.outcome)
        found.push_back({TransactionRule::transactions_have_one_outcome, fact.partition,
                         producer_of(fact) + ": the marker says otherwise than the decision"});
    const auto at = std::find_if(taken_.begin(), taken_.end(), [&](const Taken& one) {
        return one.partition == fact.partition && one.producer_id == fact.producer_id;
    });
    if (at == taken_.end()) {
        taken_.push_back({fact.partition, fact.producer_id, fact.coordinator_epoch});
        return;
    }
    if (fact.coordinator_epoch < at->coordinator_epoch && !lossy)
        found.push_back({TransactionRule::coordinator_epochs_grow, fact.partition,
                         producer_of(fact) + ": a marker of coordinator epoch " +
                             std::to_string(fact.coordinator_epoch.value) + " after one of " +
                             std::to_string(at->coordinator_epoch.value)});
    at->coordinator_epoch = std::max(at->coordinator_epoch, fact.coordinator_epoch);
}

/// A leader that was passed over may take what it is told: what it writes is cut again. It is judged for the
/// decision only.
void TransactionRules::on_marker(const fact::MarkerWritten& fact, bool lossy, const World& world,
                                 std::vector<TransactionBreach>& found) {
    const Decisions decisions = decisions_on(world, fact);
    if (!decisions.latest)
        found.push_back({TransactionRule::markers_follow_a_decision, fact.partition,
                         producer_of(fact) + ": nothing is decided about its transaction"});
    else if (!decisions.has_wanted)
        found.push_back({TransactionRule::transactions_have_one_outcome, fact.partition,
                         producer_of(fact) + ": nobody has decided on this outcome"});
    if (leads(world, fact.broker, fact.partition) && has_effect(world, fact) && decisions.has_wanted)
        on_effect(fact, decisions.latest, lossy, found);
}

/// The naive twin: reads the log from where it was read before.
void TransactionRules::on_stable(const fact::LastStableOffsetMoved& fact, const World& world,
                                 std::vector<TransactionBreach>& found) {
    const Offset high_watermark = replica_of(world, fact.broker, fact.partition)->high_watermark;
    if (fact.last_stable_offset > high_watermark)
        found.push_back({TransactionRule::last_stable_offset_is_decided, fact.partition,
                         "the last stable offset is above the high watermark"});
    const Log& log = *log_of(world, fact.broker, fact.partition);
    Offset& from = decided_[static_cast<std::size_t>(fact.partition.value)];
    if (fact.last_stable_offset < from) from = Offset{0}; // another leader, or a shorter log
    std::vector<ProducerId> open;
    const std::size_t begin = from == Offset{0} ? 0 : batch_index(log, from);
    for (std::size_t i = begin; i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        const bool below = batch.base_offset < fact.last_stable_offset;
        if (!below && (open.empty() || batch.base_offset >= high_watermark)) break;
        if (is_control(batch))
            std::erase(open, batch.producer_id);
        else if (below && batch.is_transactional &&
                 std::find(open.begin(), open.end(), batch.producer_id) == open.end())
            open.push_back(batch.producer_id);
    }
    if (!open.empty())
        found.push_back({TransactionRule::last_stable_offset_is_decided, fact.partition,
                         "a transaction of producer " + std::to_string(open.front().value) +
                             " is open below the last stable offset"});
    from = std::max(from, fact.last_stable_offset);
}

} // namespace kafka
