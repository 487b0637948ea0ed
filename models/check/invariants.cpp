#include "models/check/invariants.hpp"

#include "models/check/prefix.hpp"

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
                                 "offsets_are_dense",
                                 "acknowledged_on_min_isr_members",
                                 "isr_changes_follow_the_present_state",
                                 "broker_epochs_grow",
                                 "fetches_are_fenced_by_epoch",
                                 "unclean_elections_are_permitted",
                                 "markers_follow_a_decision",
                                 "transactions_have_one_outcome",
                                 "last_stable_offset_is_decided",
                                 "coordinator_epochs_grow",
                                 "producer_epochs_grow",
                                 "proposed_members_are_waited_for",
                                 "reassignments_are_valid",
                                 "log_starts_stay_below_high_watermarks",
                                 "segments_cover_the_log"};

} // namespace

Invariants::Invariants(const Configuration& configuration)
    : configuration_(configuration), counts_(static_cast<std::size_t>(count), 0),
      truths_(configuration.partitions.size()), transactions_(configuration), groups_(configuration),
      group_counts_(group_rule_count, 0), control_counts_(control_rule_count, 0) {}

std::vector<std::pair<std::string, std::int64_t>> Invariants::counts() const {
    std::vector<std::pair<std::string, std::int64_t>> all;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        all.emplace_back(names[i], counts_[i]);
    for (std::size_t i = 0; i < group_counts_.size(); ++i)
        all.emplace_back(name_of(static_cast<GroupRule>(i)), group_counts_[i]);
    for (std::size_t i = 0; i < quorum_.counts().size(); ++i)
        all.emplace_back(QuorumInvariants::name_of(i), quorum_.counts()[i]);
    for (std::size_t i = 0; i < control_counts_.size(); ++i)
        all.emplace_back(name_of(static_cast<ControlRule>(i)), control_counts_[i]);
    return all;
}

void Invariants::breach(Name name, PartitionIndex partition, const std::string& text) {
    counts_[static_cast<std::size_t>(name)] += 1;
    if (findings_.size() < 100)
        findings_.push_back({names[name], now_, configuration_.partition(partition).name + ": " + text});
}

void Invariants::on_transaction(const Fact& fact, const World& world) {
    std::vector<TransactionBreach> found;
    if (const auto* changed = std::get_if<fact::TransactionChanged>(&fact)) {
        // 1. A coordinator is paused while its record is replicated. 2. The next one loads it and goes on.
        // 3. The first wakes up and hears only now that its record is committed: that is old, not wrong.
        const PartitionIndex state = configuration_.transactional_id(changed->transactional_id).partition;
        if (decided_state(world, state).leader == changed->broker)
            transactions_.on_changed(*changed, decisions_lost_, found);
    } else if (const auto* stable = std::get_if<fact::LastStableOffsetMoved>(&fact))
        transactions_.on_stable(*stable, world, found);
    else if (const auto* marker = std::get_if<fact::MarkerWritten>(&fact); marker && !decisions_lost_) {
        const Truth& truth = truths_[static_cast<std::size_t>(marker->partition.value)];
        transactions_.on_marker(*marker, truth.excused || !truth.lossy.empty(), world, found);
    }
    for (const TransactionBreach& one : found)
        breach(static_cast<Name>(markers_follow_a_decision + static_cast<int>(one.rule)), one.partition,
               one.text);
}

void Invariants::on_group(const Fact& fact, const World& world) {
    std::vector<GroupBreach> found;
    const auto lossy = [this](PartitionIndex partition) {
        const Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
        return truth.excused || !truth.lossy.empty();
    };
    groups_.on(fact, lossy, world, found);
    for (const GroupBreach& one : found) {
        group_counts_[static_cast<std::size_t>(one.rule)] += 1;
        if (findings_.size() < 100)
            findings_.push_back(
                {name_of(one.rule), now_, configuration_.partition(one.partition).name + ": " + one.text});
    }
}

QuorumInvariants::Report Invariants::quorum_report() {
    return [this](const std::string& name, const std::string& text) {
        if (findings_.size() < 100) findings_.push_back({name, now_, text});
    };
}

void Invariants::touch(PartitionIndex partition) {
    if (std::find(touched_.begin(), touched_.end(), partition) == touched_.end())
        touched_.push_back(partition);
}

void Invariants::on(sim::SimTime time, std::uint64_t, const Fact& fact, const World& world) {
    now_ = time;
    quorum_.on(fact, world, quorum_report());
    on_group(fact, world);
    if (registered_.empty()) // the cluster that stands at the beginning
        for (std::size_t i = 0; i < world.brokers.size(); ++i)
            registered_.push_back(decided_registration(world, BrokerSlot{static_cast<std::int32_t>(i)}));
    if (const auto* moved = std::get_if<fact::HighWatermarkMoved>(&fact))
        return on_high_watermark(*moved, world);
    if (const auto* leader = std::get_if<fact::BecameLeader>(&fact)) return on_leader(*leader, world);
    if (const auto* changed = std::get_if<fact::PartitionChanged>(&fact))
        return on_partition(*changed, world);
    if (const auto* answered = std::get_if<fact::ProduceAnswered>(&fact)) return on_answer(*answered, world);
    if (const auto* served = std::get_if<fact::FetchServed>(&fact)) return on_fetch(*served, world);
    if (const auto* broker = std::get_if<fact::BrokerChanged>(&fact)) return on_broker(*broker, world);
    if (const auto* applied = std::get_if<fact::MetadataApplied>(&fact)) {
        informed_.push_back(applied->broker);
        return;
    }
    if (const auto* replicas = std::get_if<fact::ReplicasChanged>(&fact))
        return on_replicas(*replicas, world);
    if (const auto* start = std::get_if<fact::LogStartMoved>(&fact)) return on_log_start(*start, world);
    if (const auto* removed = std::get_if<fact::LogTruncated>(&fact)) {
        Truth& truth = truths_[static_cast<std::size_t>(removed->partition.value)];
        const bool lossy = removed->cause == RemovalCause::power_loss ||
                           removed->cause == RemovalCause::disk_wiped ||
                           removed->cause == RemovalCause::corruption;
        const TopicPurpose purpose = configuration_.topic_of(removed->partition).purpose;
        decisions_lost_ = decisions_lost_ || (lossy && purpose == TopicPurpose::transaction_state);
        if (lossy) { // it may have told its leader of more than it has now
            truth.lossy.add(removed->broker);
            truth.lossy_end = std::max(truth.lossy_end, removed->from);
        }
        if (removed->cause == RemovalCause::replica_removed) truth.lossy.remove(removed->broker);
        return touch(removed->partition);
    }
    if (const auto* appended = std::get_if<fact::BatchAppended>(&fact)) {
        return on_append(*appended, world);
    }
    on_transaction(fact, world);
}

/// A follower's epoch only grows, so what it asked with is no newer than what it knows now.
void Invariants::on_fetch(const fact::FetchServed& fact, const World& world) {
    const Broker& asked = world.brokers[static_cast<std::size_t>(fact.broker.value)];
    const bool fenced = dialect_of(asked, configuration_).fetch_is_fenced_by_epoch;
    if (fact.error != ErrorCode::none || fact.follower == no_slot) return;
    if (!is_running(world, fact.follower)) return;
    const auto* leader = std::get_if<Leader>(&replica_of(world, fact.broker, fact.partition)->role);
    const auto* follower = std::get_if<Follower>(&replica_of(world, fact.follower, fact.partition)->role);
    const bool both = leader != nullptr && follower != nullptr;
    if (!both || follower->leader_epoch >= leader->leader_epoch) return;
    stale_fetches_ += fenced ? 0 : 1;
    if (fenced)
        breach(fetches_are_fenced_by_epoch, fact.partition,
               "records were served to a follower of an older epoch");
}

/// min.insync.replicas as the answering broker knows it then.
void Invariants::on_answer(const fact::ProduceAnswered& fact, const World& world) {
    if (fact.error != ErrorCode::none || static_cast<Acks>(fact.acks) != Acks::all) return;
    const PartitionConfiguration& partition = configuration_.partition(fact.partition);
    // A request for several partitions is answered when the last of them is decided: for the others the ISR
    // of that moment says nothing.
    if (configuration_.topic(partition.topic).partitions > 1) return;
    const Broker& broker = world.brokers[static_cast<std::size_t>(fact.broker.value)];
    const auto topic = static_cast<std::size_t>(partition.topic.value);
    if (topic >= broker.memory.image.topics.size()) return;
    int least = broker.memory.image.topics[topic].min_insync_replicas;
    if (dialect_of(broker, configuration_).min_isr_is_capped)
        least = std::min(least, replicas_of(broker, fact.partition, configuration_).count);
    if (fact.in_sync.size() < least)
        breach(acknowledged_on_min_isr_members, fact.partition,
               "acks=all was answered with " + std::to_string(fact.in_sync.size()) + " in-sync replicas");
}

void Invariants::on_broker(const fact::BrokerChanged& fact, const World& world) {
    membership_moved_ = true;
    const auto at = static_cast<std::size_t>(fact.broker.value);
    if (fact.event != BrokerEvent::registered || at >= registered_.size()) return;
    DecidedRegistration& last = registered_[at];
    const std::uint64_t incarnation = decided_registration(world, fact.broker).incarnation;
    const bool grows = fact.broker_epoch > last.epoch;
    if (incarnation != last.incarnation && !grows && !configuration_.partitions.empty())
        breach(broker_epochs_grow, PartitionIndex{0}, "a new incarnation has the epoch of the former");
    last = {incarnation, fact.broker_epoch};
}

/// Source: PartitionReassignmentReplicas; reference/anomalies.md B2 (ValidControllerIsrAndElr).
void Invariants::on_replicas(const fact::ReplicasChanged& fact, const World& world) {
    const BrokerSet all = fact.replicas.set();
    const bool inside = all.contains(fact.adding | fact.removing) && (fact.adding & fact.removing).empty();
    const bool somebody_stays = !(all - fact.removing).empty();
    const bool done = fact.adding.empty() && fact.removing.empty();
    const PartitionState& state = decided_state(world, fact.partition);
    const bool newest = state.replicas == fact.replicas && state.adding == fact.adding;
    const bool left = all_replicas(fact.partition).contains(all);
    if (!inside || !somebody_stays || !left ||
        (done && newest && state.leader != no_slot && !all.has(state.leader)))
        breach(reassignments_are_valid, fact.partition,
               "replicas, those added and those removed contradict each other");
    Truth& truth = truths_[static_cast<std::size_t>(fact.partition.value)];
    if (done && newest && truth.completes && !state.isr.contains(all))
        breach(reassignments_are_valid, fact.partition, "old replicas went before all new ones were in sync");
    truth.completes = false;
}

/// With those that a reassignment gives it.
BrokerSet Invariants::all_replicas(PartitionIndex partition) const {
    const PartitionConfiguration& configured = configuration_.partition(partition);
    return configured.assignment.set() | configured.later_replicas;
}

/// What caused a change, and whether it may.
void Invariants::on_cause(const fact::PartitionChanged& fact, const Truth& truth, const World& world) {
    const bool by_leader = fact.cause == ChangeCause::isr_expand || fact.cause == ChangeCause::isr_shrink;
    if (by_leader && fact.isr != truth.isr && fact.leader != no_slot && is_running(world, fact.leader)) {
        const Leader* leader = std::get_if<Leader>(&replica_of(world, fact.leader, fact.partition)->role);
        const bool same = leader != nullptr && leader->leader_epoch == fact.leader_epoch;
        if (same && next(leader->partition_epoch) != fact.partition_epoch)
            breach(isr_changes_follow_the_present_state, fact.partition,
                   "the leader proposed this ISR for another state of the partition");
    }
    if (!fact.unclean) return;
    const TopicIndex topic = configuration_.partition(fact.partition).topic;
    const bool last_known = truth.last_known_elr == only(fact.leader);
    const bool requested = fact.cause == ChangeCause::elected_unclean; // or the retry of what is permitted
    if (!last_known && !requested && !decided_topic(world, topic).unclean_leader_election_enable)
        breach(unclean_elections_are_permitted, fact.partition,
               "a leader was elected uncleanly, and nothing allows it");
}

void Invariants::on_partition(const fact::PartitionChanged& fact, const World& world) {
    touch(fact.partition);
    membership_moved_ = true;
    Truth& truth = truths_[static_cast<std::size_t>(fact.partition.value)];
    on_cause(fact, truth, world);
    const BrokerSet joining = fact.isr - truth.isr;
    forgive_caught_up(fact.partition, joining, world);
    truth.completes = fact.cause == ChangeCause::reassignment_completed;
    truth.isr = fact.isr;
    truth.joined = fact.cause == ChangeCause::isr_expand ? joining : BrokerSet{};
    truth.forgotten = truth.forgotten & (fact.isr | fact.elr);
    truth.last_known_elr = fact.last_known_elr;
    if (fact.unclean) {
        truth.excused = true;
        truth.unclean_epoch = fact.leader_epoch;
        // Others may hold what the new leader never had, until they have joined it.
        truth.apart = all_replicas(fact.partition);
    }
    truth.apart = truth.apart - fact.isr;
    if (fact.leader != no_slot && !fact.isr.has(fact.leader))
        breach(leader_is_in_isr, fact.partition, "leader outside its ISR");
    const Assignment& assignment =
        replicas_of(decided_state(world, fact.partition), configuration_.partition(fact.partition));
    const TopicIndex topic = configuration_.partition(fact.partition).topic;
    const int min_isr =
        std::min(decided_topic(world, topic).min_insync_replicas, assignment.count); // as it is now
    const bool inside = assignment.set().contains(fact.isr | fact.elr);
    const bool disjoint = (fact.isr & fact.elr).empty();
    const bool needless = fact.isr.size() >= min_isr && !fact.elr.empty();
    if (!inside || !disjoint || needless)
        breach(isr_and_elr_are_valid, fact.partition, "ISR and ELR contradict each other");
    const bool detects = configuration_.controller_dialect.eligible_leader_replicas;
    // 1. A follower asks with an offset that it has. 2. Its host loses its power. 3. The leader gets the
    // question and takes it in. Nobody can know; its next registration takes it out again (KIP-966), so until
    // then it leads nothing.
    BrokerSet unregistered;
    for (std::size_t i = 0; i < world.brokers.size(); ++i) {
        const BrokerSlot slot{static_cast<std::int32_t>(i)};
        if (!is_running(world, slot) ||
            world.brokers[i].memory.lifecycle.state == LifecycleState::registering)
            unregistered.add(slot);
    }
    // Members of before may not have been found out yet; of records of its own epoch nobody can (on_append).
    const BrokerSet candidates = ((joining & truth.lossy) - unregistered) - truth.forked;
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
        log.log_end_offset >= truth.high_watermark && agrees(log, truth.high_watermark, truth.prefix);
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
    // 1. A leader loses power and its tail. 2. It is back before its session ends. 3. It may not register
    // yet, but it reads its old metadata and leads on (BrokerServer installs its publishers before it waits
    // for the controller). 4. The end of its session ends that epoch.
    if (truth.lossy.has(fact.broker)) truth.excused_in = fact.leader_epoch;
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
    truth.excused = fact.leader_epoch <= truth.excused_in;
}

void Invariants::after_step(const World& world) {
    for (const PartitionIndex partition : touched_)
        check(partition, world);
    check_control(world);
    touched_.clear();
    quorum_.after_step(world, quorum_report());
}

void Invariants::check_control(const World& world) {
    std::vector<ControlBreach> found;
    if (membership_moved_) check_fenced(world, found);
    for (const BrokerSlot broker : informed_)
        check_metadata(broker, world, found);
    for (const PartitionIndex partition : touched_) {
        const Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
        check_leader(partition, world, found);
        check_fetchers(partition, world, found);
        if (!truth.excused)
            check_eligible(partition, world,
                           {truth.high_watermark, truth.prefix, truth.lossy | truth.forgotten}, found);
    }
    membership_moved_ = false;
    informed_.clear();
    for (const ControlBreach& one : found) {
        control_counts_[static_cast<std::size_t>(one.rule)] += 1;
        if (findings_.size() < 100)
            findings_.push_back(
                {name_of(one.rule), now_, configuration_.partition(one.partition).name + ": " + one.text});
    }
}

void Invariants::check(PartitionIndex partition, const World& world) {
    const PartitionState& state = decided_state(world, partition);
    const Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
    check_isr(partition, world, state);
    Offset lowest = Offset{9223372036854775807};
    const BrokerSet all = all_replicas(partition);
    for (BrokerSlot slot = all.first(); slot != no_slot; slot = all.after(slot)) {
        const Replica& replica = *replica_of(world, slot, partition);
        const Log& log = *log_of(world, slot, partition);
        if (!is_running(world, slot) || std::holds_alternative<Unassigned>(replica.role)) continue;
        if (!log.segments.list.empty()) check_segments(partition, log);
        if (replica.high_watermark > log.log_end_offset || replica.high_watermark < log.log_start_offset)
            breach(offsets_are_dense, partition, "high watermark outside the log");
        for (const ProducerEntry& producer : replica.producers.entries) {
            if (producer.cached_count == 0) continue;
            const ProducerEntry::Cached& last =
                producer.cached[static_cast<std::size_t>(producer.cached_count - 1)];
            if (last.base_offset >= log.log_end_offset)
                breach(offsets_are_dense, partition, "producer state of batches that are not in the log");
        }
        if (const auto* leader = std::get_if<Leader>(&replica.role)) {
            const auto* expand = std::get_if<PendingExpand>(&leader->isr_state);
            const bool checks =
                dialect_of(world.brokers[static_cast<std::size_t>(slot.value)], configuration_).join >=
                    JoinRule::at_epoch_start &&
                expand != nullptr &&
                leader->leader_epoch == decided_state(world, partition).leader_epoch; // else it is refused
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
    for (BrokerSlot slot = all.first(); slot != no_slot; slot = all.after(slot)) {
        const Replica& replica = *replica_of(world, slot, partition);
        const bool silent = !is_running(world, slot) || std::holds_alternative<Unassigned>(replica.role);
        if (silent || truth.apart.has(slot) || !knows_prefix(*log_of(world, slot, partition), lowest))
            continue;
        const std::uint64_t hash = prefix_hash(*log_of(world, slot, partition), lowest);
        if (any && hash != first)
            breach(logs_agree_below_high_watermarks, partition,
                   "different records below " + std::to_string(lowest.value));
        first = hash;
        any = true;
    }
}

/// Every offset below the leader's high watermark is on every member of the controller's ISR.
/// Kafka itself leaves a gap there. 1. The leader hears from the controller that its ISR was taken, and
/// proposes the next member. 2. The metadata log brings the state that it knows already: the partition epoch
/// is the same, so it is applied, and the proposal forgotten (Partition.makeLeader, updateAssignmentAndIsr;
/// KAFKA-13790, 3.3 to 4.3). 3. The high watermark passes the proposed member. 4. The controller takes it in.
/// Until it has caught up, an election of that member would lose what is committed.
void Invariants::check_isr(PartitionIndex partition, const World& world, const PartitionState& state) {
    Truth& truth = truths_[static_cast<std::size_t>(partition.value)];
    if (state.leader == no_slot || !is_running(world, state.leader) || truth.excused) return;
    const Replica& leader = *replica_of(world, state.leader, partition);
    const Leader* role = std::get_if<Leader>(&leader.role);
    if (role == nullptr || role->leader_epoch != state.leader_epoch) return; // has not heard of it yet
    const Log& leading = *log_of(world, state.leader, partition);
    const bool told = knows_prefix(leading, leader.high_watermark);
    const std::uint64_t wanted = prefix_hash(leading, leader.high_watermark);
    for (BrokerSlot slot = state.isr.first(); slot != no_slot; slot = state.isr.after(slot)) {
        if (truth.lossy.has(slot))
            continue; // lost data and has not left the ISR yet: a lossy failure, not a breach
        // Under ZooKeeper a reassignment ends with a leader that knows the new replicas alone, and then takes
        // the others out of the ISR: it waits for them no more (KafkaController.onPartitionReassignment, B3
        // and B4; Partition.updateAssignmentAndIsr).
        const bool leaves = state.removing.has(slot) && configuration_.has_zookeeper();
        const Broker& told_leader = world.brokers[static_cast<std::size_t>(state.leader.value)];
        if (leaves && !replicas_of(told_leader, partition, configuration_).set().has(slot)) continue;
        const Log& log = *log_of(world, slot, partition);
        const bool holds = log.log_end_offset >= leader.high_watermark &&
                           (!told || agrees(log, leader.high_watermark, wanted));
        if (holds) {
            truth.forgotten.remove(slot);
            continue;
        }
        const bool unaware = role->partition_epoch < state.partition_epoch && !maximal_isr(*role).has(slot);
        if (unaware && truth.joined.has(slot)) truth.forgotten.add(slot);
        breach(truth.forgotten.has(slot) ? proposed_members_are_waited_for
                                         : high_watermark_is_on_every_isr_member,
               partition,
               "broker " + std::to_string(configuration_.broker(slot).id.value) +
                   " is in the ISR without offsets below " + std::to_string(leader.high_watermark.value));
    }
}

} // namespace kafka
