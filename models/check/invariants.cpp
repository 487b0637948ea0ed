#include "models/check/invariants.hpp"

#include <algorithm>

namespace kafka {

namespace {

constexpr const char* names[] = {"high_watermark_is_on_every_isr_member",
                                 "leader_is_in_isr",
                                 "elected_leader_has_every_committed_record",
                                 "logs_agree_below_high_watermarks",
                                 "lossy_replicas_are_no_candidates",
                                 "high_watermark_of_a_leader_never_falls",
                                 "one_leader_per_epoch",
                                 "isr_and_elr_are_valid",
                                 "only_fetched_records_join_the_isr",
                                 "offsets_are_dense"};

} // namespace

Invariants::Invariants(const Configuration& configuration)
    : configuration_(configuration), counts_(static_cast<std::size_t>(count), 0),
      truths_(configuration.partitions.size()) {}

std::vector<std::pair<std::string, std::int64_t>> Invariants::counts() const {
    std::vector<std::pair<std::string, std::int64_t>> all;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        all.emplace_back(names[i], counts_[i]);
    return all;
}

void Invariants::breach(Name name, PartitionIndex partition, const std::string& text) {
    counts_[static_cast<std::size_t>(name)] += 1;
    if (findings_.size() < 100)
        findings_.push_back({names[name], now_, configuration_.partition(partition).name + ": " + text});
}

void Invariants::touch(PartitionIndex partition) {
    if (std::find(touched_.begin(), touched_.end(), partition) == touched_.end())
        touched_.push_back(partition);
}

void Invariants::on(sim::SimTime time, std::uint64_t, const Fact& fact, const World& world) {
    now_ = time;
    if (const auto* moved = std::get_if<fact::HighWatermarkMoved>(&fact))
        return on_high_watermark(*moved, world);
    if (const auto* leader = std::get_if<fact::BecameLeader>(&fact)) return on_leader(*leader, world);
    if (const auto* changed = std::get_if<fact::PartitionChanged>(&fact)) return on_partition(*changed);
    if (const auto* removed = std::get_if<fact::LogTruncated>(&fact)) {
        Truth& truth = truths_[static_cast<std::size_t>(removed->partition.value)];
        const bool lossy =
            removed->cause == RemovalCause::power_loss || removed->cause == RemovalCause::disk_wiped;
        if (lossy && removed->to < truth.high_watermark) truth.lossy.add(removed->broker);
        return touch(removed->partition);
    }
    if (const auto* appended = std::get_if<fact::BatchAppended>(&fact)) {
        Truth& truth = truths_[static_cast<std::size_t>(appended->partition.value)];
        if (next(appended->base_offset, appended->count) >= truth.high_watermark)
            truth.lossy.remove(appended->broker);
    }
}

void Invariants::on_partition(const fact::PartitionChanged& fact) {
    touch(fact.partition);
    Truth& truth = truths_[static_cast<std::size_t>(fact.partition.value)];
    if (fact.unclean) {
        truth.excused = true;
        truth.unclean_epoch = fact.leader_epoch;
        // Others may hold what the new leader never had, until they have joined it.
        truth.apart = configuration_.partition(fact.partition).assignment.set();
    }
    truth.apart = truth.apart - fact.isr;
    if (fact.leader != no_slot && !fact.isr.has(fact.leader))
        breach(leader_is_in_isr, fact.partition, "leader outside its ISR");
    const Assignment& assignment = configuration_.partition(fact.partition).assignment;
    const TopicSettings& topic = configuration_.topic_of(fact.partition).settings;
    const int min_isr = std::min(topic.min_insync_replicas, assignment.count);
    const bool inside = assignment.set().contains(fact.isr | fact.elr);
    const bool disjoint = (fact.isr & fact.elr).empty();
    const bool needless = fact.isr.size() >= min_isr && !fact.elr.empty();
    if (!inside || !disjoint || needless)
        breach(isr_and_elr_are_valid, fact.partition, "ISR and ELR contradict each other");
    const bool detects = configuration_.controller_dialect.eligible_leader_replicas;
    const BrokerSet candidates = (fact.isr | fact.elr) & truth.lossy;
    const bool expands = fact.cause == ChangeCause::isr_expand;
    if (detects && expands && !candidates.empty() && !truth.excused)
        breach(lossy_replicas_are_no_candidates, fact.partition,
               "a replica that lost committed records joined the ISR");
}

void Invariants::on_leader(const fact::BecameLeader& fact, const World& world) {
    Truth& truth = truths_[static_cast<std::size_t>(fact.partition.value)];
    touch(fact.partition);
    if (fact.leader_epoch == truth.leader_epoch && fact.broker != truth.leader && truth.leader != no_slot)
        breach(one_leader_per_epoch, fact.partition,
               "two brokers lead in epoch " + std::to_string(fact.leader_epoch.value));
    if (fact.leader_epoch < truth.leader_epoch) return; // a broker that learns of its leadership too late
    truth.leader_epoch = fact.leader_epoch;
    truth.leader = fact.broker;
    truth.leader_high_watermark = fact.high_watermark;
    const Log& log = *log_of(world, fact.broker, fact.partition);
    const bool complete =
        log.log_end_offset >= truth.high_watermark && prefix_hash(log, truth.high_watermark) == truth.prefix;
    if (complete) return;
    // A replica that lost data, or an unclean election, explains it; the new leader's log is the truth from
    // now on.
    if (!truth.excused && !truth.lossy.has(fact.broker))
        breach(elected_leader_has_every_committed_record, fact.partition,
               "broker " + std::to_string(configuration_.broker(fact.broker).id.value) +
                   " leads without offsets below " + std::to_string(truth.high_watermark.value));
    truth.high_watermark = std::min(truth.high_watermark, log.log_end_offset);
    truth.prefix = prefix_hash(log, truth.high_watermark);
    truth.excused = true;
}

void Invariants::on_high_watermark(const fact::HighWatermarkMoved& fact, const World& world) {
    Truth& truth = truths_[static_cast<std::size_t>(fact.partition.value)];
    touch(fact.partition);
    if (!fact.as_leader) return;
    if (fact.broker == truth.leader && fact.leader_epoch == truth.leader_epoch) {
        if (fact.high_watermark < truth.leader_high_watermark)
            breach(high_watermark_of_a_leader_never_falls, fact.partition,
                   "fell to " + std::to_string(fact.high_watermark.value));
        truth.leader_high_watermark = fact.high_watermark;
    }
    if (fact.leader_epoch < truth.leader_epoch || fact.high_watermark < truth.high_watermark) return;
    if (fact.leader_epoch < truth.unclean_epoch) return; // a leader that was passed over goes on for a moment
    truth.high_watermark = fact.high_watermark;
    truth.prefix = prefix_hash(*log_of(world, fact.broker, fact.partition), fact.high_watermark);
    truth.excused = false;
}

void Invariants::after_step(const World& world) {
    for (const PartitionIndex partition : touched_)
        check(partition, world);
    touched_.clear();
}

void Invariants::check(PartitionIndex partition, const World& world) {
    const PartitionState& state = decided_state(world, partition);
    const Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
    check_isr(partition, world, state);
    Offset lowest = Offset{9223372036854775807};
    for (const BrokerSlot slot : configuration_.partition(partition).assignment) {
        const Replica& replica = *replica_of(world, slot, partition);
        const Log& log = *log_of(world, slot, partition);
        if (!is_running(world, slot) || std::holds_alternative<Unassigned>(replica.role)) continue;
        if (replica.high_watermark > log.log_end_offset || replica.high_watermark < log.log_start_offset)
            breach(offsets_are_dense, partition, "high watermark outside the log");
        if (const auto* leader = std::get_if<Leader>(&replica.role)) {
            const auto* expand = std::get_if<PendingExpand>(&leader->isr_state);
            const bool checks =
                configuration_.broker(slot).dialect.join >= JoinRule::at_epoch_start && expand != nullptr;
            const Log* joining = checks ? log_of(world, expand->joining, partition) : nullptr;
            const bool behind = joining != nullptr && joining->log_end_offset < leader->epoch_start_offset;
            if (behind && is_running(world, expand->joining) && !truth.lossy.has(expand->joining))
                breach(only_fetched_records_join_the_isr, partition,
                       "a follower joins before it reached the epoch's start");
        }
        if (!truth.excused && truth.lossy.empty() && !truth.apart.has(slot))
            lowest = std::min(lowest, replica.high_watermark);
    }
    if (truth.excused || !truth.lossy.empty() || lowest.value == 9223372036854775807) return;
    std::uint64_t first = 0;
    bool any = false;
    for (const BrokerSlot slot : configuration_.partition(partition).assignment) {
        const Replica& replica = *replica_of(world, slot, partition);
        const bool silent = !is_running(world, slot) || std::holds_alternative<Unassigned>(replica.role);
        if (silent || truth.apart.has(slot)) continue;
        const std::uint64_t hash = prefix_hash(*log_of(world, slot, partition), lowest);
        if (any && hash != first)
            breach(logs_agree_below_high_watermarks, partition,
                   "different records below " + std::to_string(lowest.value));
        first = hash;
        any = true;
    }
}

/// Every offset below the leader's high watermark is on every member of the controller's ISR.
void Invariants::check_isr(PartitionIndex partition, const World& world, const PartitionState& state) {
    const Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
    if (state.leader == no_slot || !is_running(world, state.leader) || truth.excused) return;
    const Replica& leader = *replica_of(world, state.leader, partition);
    const Leader* role = std::get_if<Leader>(&leader.role);
    if (role == nullptr || role->leader_epoch != state.leader_epoch) return; // has not heard of it yet
    const std::uint64_t wanted = prefix_hash(*log_of(world, state.leader, partition), leader.high_watermark);
    for (BrokerSlot slot = state.isr.first(); slot != no_slot; slot = state.isr.after(slot)) {
        if (truth.lossy.has(slot))
            continue; // lost data and has not left the ISR yet: a lossy failure, not a breach
        const Log& log = *log_of(world, slot, partition);
        const bool holds =
            log.log_end_offset >= leader.high_watermark && prefix_hash(log, leader.high_watermark) == wanted;
        if (!holds)
            breach(high_watermark_is_on_every_isr_member, partition,
                   "broker " + std::to_string(configuration_.broker(slot).id.value) +
                       " is in the ISR without offsets below " + std::to_string(leader.high_watermark.value));
    }
}

} // namespace kafka
