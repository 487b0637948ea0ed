#include "models/check/ledger.hpp"

#include <algorithm>

namespace kafka {

void Spans::set(bool unavailable, sim::SimTime now) {
    if (unavailable == open) return;
    if (open) {
        total = total + (now - since);
        longest = std::max(longest, now - since);
    }
    open = unavailable;
    since = now;
}

Ledger::Ledger(const Configuration& configuration)
    : applications(configuration), consumption(configuration), lag(configuration), end_to_end(configuration),
      member_readings(configuration), stored_state(configuration), transactions(configuration),
      copies(configuration), compaction(configuration), configuration_(configuration) {
    streams.resize(configuration.streams.size());
    state_.resize(configuration.streams.size());
    lost_.resize(configuration.streams.size());
    producers.resize(configuration.producers.size());
    consumers.resize(configuration.consumers.size());
    partitions.resize(configuration.partitions.size());
    last_progress_.resize(configuration.producers.size());
    waiting_.resize(configuration.producers.size(), 0);
    delivered_.resize(configuration.consumers.size());
    for (std::vector<Ranges>& each : delivered_)
        each.resize(configuration.partitions.size());
    given_.resize(configuration.consumers.size());
    truncated_.resize(configuration.partitions.size(), false);
    consumer_at_.resize(configuration.consumers.size() * configuration.partitions.size(), no_offset);
    stable_.resize(configuration.partitions.size(), Offset{0});
}

/// What read_committed readers may have been given from now on.
void Ledger::expose(PartitionIndex partition, BrokerSlot leader, const World& world) {
    const Replica* replica = replica_of(world, leader, partition);
    if (configuration_.transactional_ids.empty() || replica == nullptr) return;
    Offset& stable = stable_[static_cast<std::size_t>(partition.value)];
    stable = std::max(stable, readable_end(*replica, IsolationLevel::read_committed));
}

void Ledger::decided(ProducerIndex producer, sim::SimTime time, std::int64_t count) {
    const auto at = static_cast<std::size_t>(producer.value);
    waiting_[at] -= count;
    last_progress_[at] = time;
}

void Ledger::on(sim::SimTime time, std::uint64_t, const Fact& fact, const World& world) {
    on_client(time, fact, world);
    applications.on(time, fact);
    consumption.on(time, fact);
    lag.on(time, fact);
    end_to_end.on(time, fact);
    member_readings.on(time, fact, world);
    stored_state.on(fact);
    transactions.on(fact);
    copies.on(fact);
    compaction.on(fact);
    on_replica(time, fact);
    if (const auto* moved = std::get_if<fact::HighWatermarkMoved>(&fact);
        moved != nullptr && moved->as_leader)
        expose(moved->partition, moved->broker, world);
    if (const auto* stable = std::get_if<fact::LastStableOffsetMoved>(&fact))
        expose(stable->partition, stable->broker, world);
    operations.on(time, fact, configuration_);
    if (const auto* happened = std::get_if<fact::FaultHappened>(&fact))
        faults.push_back({happened->fault, time, happened->broker, happened->undone, false, std::nullopt});
    else if (const auto* missed = std::get_if<fact::FaultMissed>(&fact))
        faults.push_back({missed->fault, time, no_slot, false, true, std::nullopt});
    else if (const auto* moved = std::get_if<fact::OperationMoved>(&fact);
             moved != nullptr && moved->step != OperationStep::began)
        faults.push_back({moved->fault, time, moved->target, false, false, moved->step});
    else if (const auto* ignored_mail = std::get_if<fact::Ignored>(&fact))
        ignored[ignored_mail->reason] += 1;
}

namespace {

/// Latencies of a batch's records: exact for up to eight, else eight groups at even distances, so that cost
/// follows batches.
void add_latencies(Tally& latencies, const fact::RecordsAcknowledged& acked, sim::SimTime now) {
    const std::int64_t groups = std::min<std::int64_t>(acked.count, 8);
    const std::int64_t span = (acked.created_last - acked.created).micros;
    for (std::int64_t i = 0; i < groups; ++i) {
        const std::int64_t share = acked.count * (i + 1) / groups - acked.count * i / groups;
        const std::int64_t offset = groups == 1 ? 0 : span * i / (groups - 1);
        latencies.add((now - acked.created).micros - offset, share);
    }
}

} // namespace

void Ledger::on_client(sim::SimTime time, const Fact& fact, const World& world) {
    if (const auto* sent = std::get_if<fact::RecordsSent>(&fact)) {
        state_[static_cast<std::size_t>(sent->stream.value)].sent += sent->count;
        const auto producer = static_cast<std::size_t>(producer_of(sent->stream).value);
        if (waiting_[producer] == 0) last_progress_[producer] = time; // nothing was awaited until now
        waiting_[producer] += sent->count;
    } else if (const auto* acked = std::get_if<fact::RecordsAcknowledged>(&fact)) {
        StreamState& stream = state_[static_cast<std::size_t>(acked->stream.value)];
        stream.acknowledged.add(acked->first.value, acked->first.value + acked->count);
        ProducerSummary& producer = producers[static_cast<std::size_t>(producer_of(acked->stream).value)];
        add_latencies(producer.latencies, *acked, time);
        const sim::Duration gap =
            time - last_progress_[static_cast<std::size_t>(producer_of(acked->stream).value)];
        producer.longest_gap = std::max(producer.longest_gap, gap);
        decided(producer_of(acked->stream), time, acked->count);
    } else if (const auto* failed = std::get_if<fact::RecordsFailed>(&fact)) {
        StreamState& stream = state_[static_cast<std::size_t>(failed->stream.value)];
        stream.failed.add(failed->first.value, failed->first.value + failed->count);
        const auto at = static_cast<std::size_t>(producer_of(failed->stream).value);
        producers[at].failed[failed->failure] += failed->count;
        waiting_[at] -= failed->count; // a failure is no acknowledgement: the gap goes on
    } else if (const auto* resent = std::get_if<fact::RecordsResent>(&fact)) {
        StreamState& stream = state_[static_cast<std::size_t>(resent->stream.value)];
        Ranges run;
        run.add(resent->first.value, resent->first.value + resent->count);
        stream.failed = stream.failed.minus(run); // their fate is open again
        waiting_[static_cast<std::size_t>(producer_of(resent->stream).value)] += resent->count;
    } else if (const auto* ended = std::get_if<fact::ProducerEnded>(&fact)) {
        waiting_[static_cast<std::size_t>(ended->producer.value)] = 0;
    } else if (const auto* retried = std::get_if<fact::ProduceRetried>(&fact)) {
        producers[static_cast<std::size_t>(retried->producer.value)].retried[retried->error] += 1;
    } else if (const auto* bumped = std::get_if<fact::ProducerEpochBumped>(&fact)) {
        producers[static_cast<std::size_t>(bumped->producer.value)].epoch_bumps += 1;
    } else if (const auto* delivered = std::get_if<fact::Delivered>(&fact)) {
        on_delivered(*delivered, world);
    }
}

std::size_t first_of_readers(const Configuration& configuration, ConsumerIndex consumer) {
    const ConsumerConfiguration& own = configuration.consumer(consumer);
    if (own.group == no_group) return static_cast<std::size_t>(consumer.value);
    std::size_t at = 0;
    while (configuration.consumers[at].group != own.group)
        ++at;
    return at;
}

void Ledger::on_delivered(const fact::Delivered& fact, const World& world) {
    const std::size_t consumer = first_of_readers(configuration_, fact.consumer);
    const auto partition = static_cast<std::size_t>(fact.partition.value);
    ConsumerSummary& summary = consumers[consumer];
    const std::int64_t known =
        delivered_[consumer][partition].add(fact.base_offset.value, fact.base_offset.value + fact.count);
    if (fact.stream != no_stream) {
        std::vector<Ranges>& given = given_[consumer];
        const auto stream = static_cast<std::size_t>(fact.stream.value);
        if (stream >= given.size()) given.resize(configuration_.streams.size());
        given[stream].add(fact.first.value, fact.first.value + fact.count);
    }
    summary.read += fact.count;
    summary.read_from.resize(configuration_.brokers.size());
    summary.read_from[static_cast<std::size_t>(fact.from.value)] += fact.count;
    summary.reread += known;
    Offset& at = consumer_at_[consumer * configuration_.partitions.size() + partition];
    const IsolationLevel isolation = isolation_of(configuration_.consumer(fact.consumer));
    const Log* log = log_of(world, fact.from, fact.partition);
    const Replica* replica = replica_of(world, fact.from, fact.partition);
    if (at != no_offset && log != nullptr && log->log_start_offset > at)
        summary.expired +=
            std::max<std::int64_t>(0, distance(at, std::min(log->log_start_offset, fact.base_offset)));
    if (at != no_offset && fact.base_offset > at)
        summary.skipped += log == nullptr || replica == nullptr
                               ? distance(at, fact.base_offset)
                               : visible_records(*log, *replica, at, fact.base_offset, isolation);
    at = next(fact.base_offset, fact.count);
    // As for dirty reads: only a living leader can be asked.
    const bool leads =
        replica != nullptr && is_running(world, fact.from) && std::holds_alternative<Leader>(replica->role);
    const Offset end = leads ? std::max(stable_[partition], readable_end(*replica, isolation)) : at;
    if (isolation == IsolationLevel::read_committed && at > end) summary.undecided_read += fact.count;
}

void Ledger::on_replica(sim::SimTime time, const Fact& fact) {
    if (const auto* removed = std::get_if<fact::BatchRemoved>(&fact)) {
        truncated_[static_cast<std::size_t>(removed->partition.value)] = true;
        removals_.push_back({removed->broker, removed->stream, removed->first.value,
                             removed->first.value + removed->count, time, removed->cause});
    } else if (const auto* appended = std::get_if<fact::BatchAppended>(&fact)) {
        if (appended->as_leader && appended->stream != no_stream)
            state_[static_cast<std::size_t>(appended->stream.value)].written.add(
                appended->first.value, appended->first.value + appended->count);
    } else if (const auto* cut = std::get_if<fact::LogTruncated>(&fact)) {
        lossy_failures += cut->cause == RemovalCause::corruption ? 1 : 0;
    } else if (const auto* expired = std::get_if<fact::RecordsExpired>(&fact)) {
        state_[static_cast<std::size_t>(expired->stream.value)].expired.add(
            expired->first.value, expired->first.value + expired->count);
    } else if (const auto* cleaned = std::get_if<fact::RecordsCompacted>(&fact)) {
        removals_.push_back({cleaned->broker, cleaned->stream, cleaned->first.value,
                             cleaned->first.value + cleaned->count, time, RemovalCause::compaction});
    } else if (const auto* answered = std::get_if<fact::ProduceAnswered>(&fact)) {
        if (answered->error != ErrorCode::none || answered->stream == no_stream) return;
        const TopicConfiguration& topic = configuration_.topic_of(answered->partition);
        Evidence evidence{answered->broker,
                          static_cast<Acks>(answered->acks),
                          answered->in_sync,
                          time,
                          topic.settings.min_insync_replicas,
                          answered->base_offset};
        state_[static_cast<std::size_t>(answered->stream.value)].evidence.push_back(
            {answered->first.value, answered->first.value + answered->count, evidence});
    } else if (const auto* changed = std::get_if<fact::PartitionChanged>(&fact)) {
        PartitionSummary& partition = partitions[static_cast<std::size_t>(changed->partition.value)];
        partition.timeline.push_back({time, *changed});
        partition.unclean_elections += changed->unclean ? 1 : 0;
        availability_changed_ = true;
    } else if (const auto* broker = std::get_if<fact::BrokerChanged>(&fact)) {
        const bool lossy =
            broker->event == BrokerEvent::power_lost || broker->event == BrokerEvent::disk_wiped;
        lossy_failures += lossy ? 1 : 0;
        availability_changed_ = true;
    } else if (std::holds_alternative<fact::BecameLeader>(fact) ||
               std::holds_alternative<fact::BecameFollower>(fact) ||
               std::holds_alternative<fact::IsrProposed>(fact) ||
               std::holds_alternative<fact::LogDirectoryFailed>(fact)) {
        availability_changed_ = true;
    } else if (const auto* happened = std::get_if<fact::FaultHappened>(&fact)) {
        const Fault& fault = configuration_.faults[static_cast<std::size_t>(happened->fault)];
        availability_changed_ = availability_changed_ || fault.kind == FaultKind::disk;
    }
}

void Ledger::after_step(const World& world) {
    if (!availability_changed_) return;
    availability_changed_ = false;
    update_availability(world);
}

void Ledger::at_end(const World& world) {
    applications.at_end(world);
    consumption.at_end(world);
    lag.at_end(world.kernel.now);
    end_to_end.at_end(world, consumption);
    stored_state.at_end(world, consumption.failures);
    transactions.at_end(world);
    std::vector<std::vector<Offset>> committed;
    for (const GroupSummary& group : consumption.groups)
        committed.push_back(group.committed);
    copies.at_end(world, committed);
    for (std::size_t i = 0; i < streams.size(); ++i) {
        StreamSummary& summary = streams[i];
        summary.sent = state_[i].sent;
        summary.acknowledged = state_[i].acknowledged.count();
        state_[i].failed = state_[i].failed.minus(state_[i].acknowledged); // the code's own retry succeeded
        summary.failed = state_[i].failed.count();
        summary.unknown = summary.sent - summary.acknowledged - summary.failed;
    }
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        read_final_log(world, PartitionIndex{static_cast<std::int32_t>(i)});
        partitions[i].write_unavailable.set(false, world.kernel.now);
        partitions[i].read_unavailable.set(false, world.kernel.now);
    }
    compaction.at_end(world, lost_);
    for (std::size_t i = 0; i < producers.size(); ++i) {
        producers[i].latencies.settle();
        if (waiting_[i] > 0)
            producers[i].longest_gap =
                std::max(producers[i].longest_gap, world.kernel.now - last_progress_[i]);
    }
    for (const Broker& broker : world.brokers)
        replicated_bytes += broker.replicated_bytes;
    summarise_consumers(world);
}

namespace {

/// Of the offsets that were delivered: those of transactions that the leader's log says are aborted.
std::int64_t aborted_delivered(const World& world, PartitionIndex partition, const Ranges& delivered) {
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Replica& replica = *replica_of(world, leader, partition);
    if (replica.producers.transactions.aborted.empty()) return 0;
    const Log& log = *log_of(world, leader, partition);
    const std::vector<BatchFate> fates = fates_of(log, replica.high_watermark);
    std::int64_t count = 0;
    for (std::size_t i = 0; i < fates.size(); ++i)
        if (fates[i] == BatchFate::aborted)
            count += delivered.count_in(log.batches[i].base_offset.value, end_offset(log.batches[i]).value);
    return count;
}

} // namespace

/// Records whose offset was delivered, but with another record: it was truncated, and the offset written
/// anew.
std::int64_t Ledger::written_anew(const Log& log, std::size_t consumer, PartitionIndex partition,
                                  Offset first, Offset end) const {
    const auto at = static_cast<std::size_t>(partition.value);
    if (!truncated_[at] && partitions[at].timeline.size() < 2)
        return 0; // one leader, and a log that only grew
    std::int64_t count = 0;
    for (std::size_t i = 0; i < log.batches.size(); ++i) {
        const Batch& batch = log.batches[i];
        if (batch.stream == no_stream || batch.base_offset < first || end_offset(batch) > end) continue;
        const auto stream = static_cast<std::size_t>(batch.stream.value);
        const std::int64_t offsets =
            delivered_[consumer][at].count_in(batch.base_offset.value, end_offset(batch).value);
        const std::int64_t records =
            stream >= given_[consumer].size()
                ? 0
                : given_[consumer][stream].count_in(batch.value_first.value,
                                                    batch.value_first.value + batch.count);
        count += std::max<std::int64_t>(0, offsets - records);
    }
    return count;
}

/// Of a batch in the final log. Each replica cleans for itself: what this one still has may have been gone
/// on the one that the reader was served from when it went by.
std::int64_t Ledger::undelivered(const Batch& batch, const Ranges& delivered) const {
    Ranges all;
    all.add(batch.base_offset.value, end_offset(batch).value);
    const std::int64_t furthest = delivered.runs().empty() ? 0 : delivered.runs().back().end;
    const Ranges rest = all.minus(delivered);
    std::int64_t count = 0;
    for (const Ranges::Run& run : rest.runs()) {
        count += run.end - run.first;
        if (batch.stream == no_stream) continue;
        const std::int64_t passed = std::max<std::int64_t>(0, std::min(run.end, furthest) - run.first);
        const std::int64_t value = batch.value_first.value + run.first - batch.base_offset.value;
        count -= compaction.removed_somewhere(batch.stream).count_in(value, value + passed);
    }
    return count;
}

/// Committed, visible at this isolation level, and never delivered.
void Ledger::count_unread(const World& world, std::size_t consumer, PartitionIndex partition) {
    const auto at = static_cast<std::size_t>(partition.value);
    const ConsumerConfiguration& configured = configuration_.consumers[consumer];
    const bool from_start = configured.settings.auto_offset_reset == AutoOffsetReset::earliest;
    if (!partitions[at].has_leader) return;
    const std::vector<Ranges::Run>& runs = delivered_[consumer][at].runs();
    Offset first = partitions[at].log_start_offset;
    if (!from_start && runs.empty()) return;
    if (!from_start) first = Offset{runs.front().first};
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Replica& replica = *replica_of(world, leader, partition);
    const IsolationLevel isolation = isolation_of(configured);
    const Offset end = readable_end(replica, isolation);
    const Log& log = *log_of(world, leader, partition);
    if (configuration_.compacts) { // what was delivered need not be there any more
        const std::vector<BatchFate> fates = fates_of(log, end);
        for (std::size_t i = batch_index(log, first); i < fates.size(); ++i) {
            const Batch batch = served_part(log.batches[i], first);
            const bool hidden =
                fates[i] == BatchFate::control ||
                (fates[i] == BatchFate::aborted && isolation == IsolationLevel::read_committed);
            if (!hidden) consumers[consumer].unread += undelivered(batch, delivered_[consumer][at]);
        }
        consumers[consumer].unread += written_anew(log, consumer, partition, first, end);
        return;
    }
    const std::int64_t visible = visible_records(log, replica, first, end, isolation);
    consumers[consumer].unread +=
        std::max<std::int64_t>(0, visible - delivered_[consumer][at].count_in(first.value, end.value)) +
        written_anew(log, consumer, partition, first, end);
}

void Ledger::summarise_consumers(const World& world) {
    for (std::size_t c = 0; c < consumers.size(); ++c) {
        if (first_of_readers(configuration_, ConsumerIndex{static_cast<std::int32_t>(c)}) != c) continue;
        for (const TopicIndex topic : configuration_.consumers[c].topics) {
            const TopicConfiguration& configured = configuration_.topic(topic);
            for (std::int32_t i = 0; i < configured.partitions; ++i) {
                const PartitionIndex partition = next(configured.partition_first, i);
                const auto at = static_cast<std::size_t>(partition.value);
                consumers[c].distinct += delivered_[c][at].count();
                count_unread(world, c, partition);
                if (partitions[at].has_leader)
                    consumers[c].aborted_read += aborted_delivered(world, partition, delivered_[c][at]);
            }
        }
    }
}

std::string evidence_text(const Evidence& evidence, const Configuration& configuration) {
    if (evidence.acks == Acks::none) return "acks=0: nobody was asked";
    if (evidence.acks == Acks::leader) return "acks=1: the leader alone";
    std::string members;
    for (BrokerSlot slot = evidence.in_sync.first(); slot != no_slot; slot = evidence.in_sync.after(slot))
        members += (members.empty() ? "" : ", ") + std::to_string(configuration.broker(slot).id.value);
    return "acks=all: in-sync replicas " + members;
}

std::string cause_text(RemovalCause cause) {
    switch (cause) {
    case RemovalCause::truncation_on_becoming_follower:
    case RemovalCause::truncation_on_divergence:
        return "truncation on becoming follower";
    case RemovalCause::truncation_out_of_range:
        return "truncation to the leader's end";
    case RemovalCause::power_loss:
        return "power loss before it was flushed";
    case RemovalCause::disk_wiped:
        return "the disk was wiped";
    case RemovalCause::replica_removed:
        return "a reassignment that took the replica away";
    case RemovalCause::topic_deleted:
        return "the deletion of the topic";
    case RemovalCause::corruption:
        return "recovery, which found a batch that was not whole";
    case RemovalCause::compaction:
        return "the log cleaner";
    }
    return "";
}

} // namespace kafka
