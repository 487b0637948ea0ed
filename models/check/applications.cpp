#include "models/check/applications.hpp"

#include <algorithm>

namespace kafka {

Applications::Applications(const Configuration& configuration) : configuration_(configuration) {
    producers.resize(configuration.producers.size());
    told_error_.resize(configuration.streams.size());
    copies_.resize(configuration.streams.size());
    blocked_since_.resize(configuration.producers.size(), sim::SimTime::never());
}

void Applications::unblocked(ProducerIndex producer, sim::Duration waited) {
    ApplicationSummary& summary = producers[static_cast<std::size_t>(producer.value)];
    summary.blocked_total = summary.blocked_total + waited;
    summary.blocked_longest = std::max(summary.blocked_longest, waited);
    blocked_since_[static_cast<std::size_t>(producer.value)] = sim::SimTime::never();
}

void Applications::on(sim::SimTime time, const Fact& fact) {
    if (const auto* reacted = std::get_if<fact::ApplicationReacted>(&fact)) {
        ApplicationSummary& summary = summary_of(reacted->stream);
        summary.reactions[static_cast<std::size_t>(reacted->reaction)] += reacted->count;
        const TopicIndex topic =
            configuration_.producer(configuration_.stream(reacted->stream).producer).topic;
        const PartitionIndex partition = configuration_.stream(reacted->stream).partition;
        if (configuration_.partition(partition).topic != topic) summary.dead_letters_failed += reacted->count;
        if (reacted->reaction == ErrorReaction::unseen) return;
        summary.told[static_cast<std::size_t>(class_of(reacted->failure))] += reacted->count;
        told_error_[static_cast<std::size_t>(reacted->stream.value)].add(
            reacted->first.value, reacted->first.value + reacted->count);
    } else if (const auto* resent = std::get_if<fact::RecordsResent>(&fact)) {
        Ranges run;
        run.add(resent->first.value, resent->first.value + resent->count);
        Ranges& told = told_error_[static_cast<std::size_t>(resent->stream.value)];
        told = told.minus(run); // its fate is open again
        if (resent->resend == 0) summary_of(resent->stream).resent_after_restart += resent->count;
    } else if (const auto* blocked = std::get_if<fact::SendBlocked>(&fact)) {
        producers[static_cast<std::size_t>(blocked->producer.value)].blocked += 1;
        blocked_since_[static_cast<std::size_t>(blocked->producer.value)] = time;
    } else if (const auto* free = std::get_if<fact::SendUnblocked>(&fact)) {
        unblocked(free->producer, free->waited);
    } else if (const auto* ended = std::get_if<fact::ProducerEnded>(&fact)) {
        ApplicationSummary& summary = producers[static_cast<std::size_t>(ended->producer.value)];
        summary.died_unsent += ended->unsent;
        summary.died_in_flight += ended->in_flight;
        blocked_since_[static_cast<std::size_t>(ended->producer.value)] = sim::SimTime::never();
    }
}

void Applications::on_served(const Batch& batch) {
    Copies& copies = copies_[static_cast<std::size_t>(batch.stream.value)];
    const std::int64_t first = batch.value_first.value;
    const std::int64_t end = first + batch.count;
    const std::int64_t again = copies.all.add(first, end);
    const std::int64_t in_life = copies.by_life[batch.life].add(first, end);
    const std::int64_t in_send = copies.by_send[{batch.life, batch.resend}].add(first, end);
    ApplicationSummary& summary = summary_of(batch.stream);
    summary.duplicates_by_producer += in_send;
    summary.duplicates_by_application += in_life - in_send;
    summary.duplicates_by_restart += again - in_life;
}

void Applications::at_end(const World& world) {
    for (std::size_t i = 0; i < told_error_.size(); ++i) {
        if (configuration_.streams[i].producer == no_producer) continue; // of an internal partition
        summary_of(StreamIndex{static_cast<std::int32_t>(i)}).told_error += told_error_[i].count();
    }
    for (std::size_t i = 0; i < producers.size(); ++i) {
        if (blocked_since_[i] != sim::SimTime::never())
            unblocked(ProducerIndex{static_cast<std::int32_t>(i)}, world.kernel.now - blocked_since_[i]);
        for (const LoadSegment& segment : configuration_.producers[i].load)
            producers[i].not_sent += segment.count;
        producers[i].not_sent -= world.producers[i].load.records;
    }
}

} // namespace kafka
