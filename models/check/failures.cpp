#include "models/check/failures.hpp"

#include <algorithm>

namespace kafka {

Failures::Failures(const Configuration& configuration)
    : groups(configuration.groups.size()), configuration_(configuration),
      partitions_(configuration.groups.size() * configuration.partitions.size()),
      paused_since_(configuration.consumers.size() * configuration.partitions.size(), sim::SimTime::never()),
      blocked_(configuration.consumers.size()), send_failed_(configuration.streams.size()) {}

void Failures::on(sim::SimTime time, const Fact& fact) {
    if (const auto* ended = std::get_if<fact::ProcessingEnded>(&fact)) {
        on_ended(time, *ended);
    } else if (const auto* began = std::get_if<fact::ProcessingBegan>(&fact)) {
        const GroupIndex group = configuration_.consumer(began->consumer).group;
        const std::int64_t first = began->base_offset.value;
        summary_of(began->consumer).retried +=
            at(group, began->partition).failed.count_in(first, first + began->count);
    } else if (const auto* forwarded = std::get_if<fact::RecordForwarded>(&fact)) {
        const ConsumerConfiguration& consumer = configuration_.consumer(forwarded->consumer);
        const TopicIndex topic =
            configuration_.partition(configuration_.stream(forwarded->stream).partition).topic;
        const bool for_good = topic == consumer.application.on_failure.dead_letter;
        forwards_.push_back({consumer.group, forwarded->partition, forwarded->offset, forwarded->stream,
                             forwarded->first, for_good});
    } else if (const auto* failed = std::get_if<fact::RecordsFailed>(&fact)) {
        on_send_failed(*failed);
    } else if (const auto* paused = std::get_if<fact::ConsumerPaused>(&fact)) {
        on_paused(time, paused->consumer, paused->partition, paused->paused);
    } else if (const auto* revoked = std::get_if<fact::PartitionRevoked>(&fact)) {
        on_paused(time, revoked->consumer, revoked->partition, false);
    } else if (const auto* halted = std::get_if<fact::ApplicationHalted>(&fact)) {
        summary_of(halted->consumer).halts += 1;
        on_gone(time, halted->consumer);
    } else if (const auto* crashed = std::get_if<fact::ApplicationCrashed>(&fact)) {
        if (crashed->consumer.value >= 0) on_gone(time, crashed->consumer);
    }
}

void Failures::on_ended(sim::SimTime time, const fact::ProcessingEnded& fact) {
    const GroupIndex group = configuration_.consumer(fact.consumer).group;
    Partition& partition = at(group, fact.partition);
    FailureSummary& summary = groups[static_cast<std::size_t>(group.value)];
    const std::int64_t first = fact.base_offset.value;
    const std::int64_t end = first + fact.count;
    if (fact.outcome == ProcessingOutcome::failed) {
        summary.failed += fact.count;
        summary.records += fact.count - partition.failed.add(first, end);
        Blocked& blocked = blocked_[static_cast<std::size_t>(fact.consumer.value)];
        const FailureReaction reaction =
            configuration_.consumer(fact.consumer).application.on_failure.reaction;
        if (!blocked.now && reaction == FailureReaction::block) blocked = {true, time};
        return;
    }
    unblock(time, fact.consumer);
    if (fact.outcome == ProcessingOutcome::done) {
        partition.processed.add(first, end);
    } else if (fact.outcome == ProcessingOutcome::skipped) {
        summary.skipped += fact.count - partition.skipped.add(first, end);
        partition.settled.add(first, end);
    }
}

void Failures::unblock(sim::SimTime time, ConsumerIndex consumer) {
    Blocked& blocked = blocked_[static_cast<std::size_t>(consumer.value)];
    if (!blocked.now) return;
    FailureSummary& summary = summary_of(consumer);
    summary.blocked_total = summary.blocked_total + (time - blocked.since);
    blocked.now = false;
}

void Failures::on_paused(sim::SimTime time, ConsumerIndex consumer, PartitionIndex partition, bool paused) {
    sim::SimTime& since =
        paused_since_[static_cast<std::size_t>(consumer.value) * configuration_.partitions.size() +
                      static_cast<std::size_t>(partition.value)];
    const bool was = since != sim::SimTime::never();
    if (was == paused) return;
    FailureSummary& summary = summary_of(consumer);
    if (paused) {
        summary.pauses += 1;
        since = time;
        return;
    }
    summary.paused_total = summary.paused_total + (time - since);
    summary.paused_longest = std::max(summary.paused_longest, time - since);
    since = sim::SimTime::never();
}

void Failures::on_gone(sim::SimTime time, ConsumerIndex consumer) {
    unblock(time, consumer);
    for (std::size_t i = 0; i < configuration_.partitions.size(); ++i)
        on_paused(time, consumer, PartitionIndex{static_cast<std::int32_t>(i)}, false);
}

void Failures::on_send_failed(const fact::RecordsFailed& fact) {
    if (configuration_.producer(configuration_.stream(fact.stream).producer).owner.value < 0) return;
    send_failed_[static_cast<std::size_t>(fact.stream.value)].add(fact.first.value,
                                                                  fact.first.value + fact.count);
}

/// What the end's logs hold decides, whatever the producer was told.
void Failures::settle_forwards(const World& world) {
    std::vector<Ranges> arrived(configuration_.streams.size()); // values
    std::vector<bool> known(configuration_.partitions.size(), false);
    for (const Forward& forward : forwards_) {
        const PartitionIndex target = configuration_.stream(forward.stream).partition;
        if (known[static_cast<std::size_t>(target.value)]) continue;
        known[static_cast<std::size_t>(target.value)] = true;
        const Log* log = log_of(world, decided_state(world, target).leader, target);
        if (log == nullptr) continue;
        for (std::size_t b = 0; b < log->batches.size(); ++b) {
            const Batch& batch = log->batches[b];
            if (batch.stream.value < 0 || !has_records(batch)) continue;
            arrived[static_cast<std::size_t>(batch.stream.value)].add(batch.value_first.value,
                                                                      batch.value_first.value + batch.count);
        }
    }
    for (const Forward& forward : forwards_) {
        FailureSummary& summary = groups[static_cast<std::size_t>(forward.group.value)];
        ForwardSummary& kind = forward.for_good ? summary.dead_letters : summary.to_retry_topic;
        kind.sent += 1;
        if (arrived[static_cast<std::size_t>(forward.stream.value)].has(forward.value.value)) {
            kind.arrived += 1;
            at(forward.group, forward.partition).settled.add(forward.offset.value, forward.offset.value + 1);
        } else {
            const bool failed =
                send_failed_[static_cast<std::size_t>(forward.stream.value)].has(forward.value.value);
            (failed ? kind.failed : kind.unknown) += 1;
        }
    }
}

void Failures::at_end(const World& world) {
    const sim::SimTime now = world.kernel.now;
    for (std::size_t c = 0; c < configuration_.consumers.size(); ++c)
        if (configuration_.consumers[c].group != no_group)
            on_gone(now, ConsumerIndex{static_cast<std::int32_t>(c)});
    settle_forwards(world);
    for (std::size_t g = 0; g < groups.size(); ++g)
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
            const Partition& partition =
                at(GroupIndex{static_cast<std::int32_t>(g)}, PartitionIndex{static_cast<std::int32_t>(p)});
            groups[g].recovered += partition.failed.both(partition.processed).count();
        }
}

} // namespace kafka
