#include "models/check/member_readings.hpp"

#include <algorithm>

namespace kafka {

std::string_view name(RebalanceCause cause) {
    switch (cause) {
    case RebalanceCause::member_joined:
        return "member_joined";
    case RebalanceCause::member_left:
        return "member_left";
    case RebalanceCause::member_expired:
        return "member_expired";
    case RebalanceCause::static_member:
        return "static_member";
    case RebalanceCause::partitions:
        return "partitions";
    case RebalanceCause::unexpected:
        return "unexpected";
    }
    return "";
}

MemberReadings::MemberReadings(const Configuration& configuration)
    : groups(configuration.groups.size()), configuration_(configuration),
      places_(configuration.consumers.size() * configuration.partitions.size()),
      exposed_(configuration.partitions.size()),
      committed_(configuration.groups.size() * configuration.partitions.size(), no_offset),
      changes_(configuration.groups.size()) {}

MemberAnomalies* MemberReadings::of(ConsumerIndex consumer) {
    if (consumer.value < 0) return nullptr;
    const GroupIndex group = configuration_.consumer(consumer).group;
    return group == no_group ? nullptr : &groups[static_cast<std::size_t>(group.value)];
}

void MemberReadings::on(sim::SimTime time, const Fact& fact, const World& world) {
    if (groups.empty()) return;
    if (const auto* delivered = std::get_if<fact::Delivered>(&fact))
        return on_delivered(time, *delivered, world);
    if (const auto* processed = std::get_if<fact::ProcessingEnded>(&fact)) return on_processed(*processed);
    if (const auto* commit = std::get_if<fact::CommitSent>(&fact)) return on_commit(*commit, world);
    const auto last_commit = [&](GroupIndex group, PartitionIndex partition) -> Offset& {
        return committed_[static_cast<std::size_t>(group.value) * configuration_.partitions.size() +
                          static_cast<std::size_t>(partition.value)];
    };
    if (const auto* committed = std::get_if<fact::OffsetCommitted>(&fact)) {
        if (committed->error != ErrorCode::none) return;
        Offset& last = last_commit(committed->group, committed->partition);
        const bool back = committed->offset < last;
        groups[static_cast<std::size_t>(committed->group.value)].commits_backwards += back ? 1 : 0;
        last = committed->offset;
        return;
    }
    if (const auto* forgotten = std::get_if<fact::OffsetForgotten>(&fact)) {
        last_commit(forgotten->group, forgotten->partition) = no_offset;
        return;
    }
    if (const auto* moved = std::get_if<fact::HighWatermarkMoved>(&fact)) return on_exposed(time, *moved);
    if (const auto* changed = std::get_if<fact::GroupChanged>(&fact)) return on_generation(*changed);
    on_owner(fact);
    on_membership(fact);
}

/// Visible records at [from, to): what a reader cannot have passed over without missing it.
std::int64_t MemberReadings::records_between(ConsumerIndex consumer, PartitionIndex partition, Offset from,
                                             Offset to, const World& world) const {
    const Log* log = log_of(world, decided_state(world, partition).leader, partition);
    if (log == nullptr) return 0;
    const bool committed_only =
        configuration_.consumer(consumer).settings.member.isolation_level == IsolationLevel::read_committed;
    std::int64_t count = 0;
    for (std::size_t b = log->batches.size(); b > 0; --b) {
        const Batch& batch = log->batches[b - 1];
        if (end_offset(batch) <= from) break;
        const bool hidden = !has_records(batch) || (committed_only && batch.is_transactional);
        if (hidden || batch.base_offset >= to) continue;
        count += std::min(end_offset(batch).value, to.value) - std::max(batch.base_offset.value, from.value);
    }
    return count;
}

void MemberReadings::on_delivered(sim::SimTime time, const fact::Delivered& fact, const World& world) {
    MemberAnomalies* group = of(fact.consumer);
    if (group == nullptr) return;
    Place& place = at(fact.consumer, fact.partition);
    const Offset end = next(fact.base_offset, fact.count);
    if (!place.assigned) group->consumed_unassigned += fact.count;
    if (place.last_end != no_offset && fact.base_offset > place.last_end)
        group->poll_skips +=
            records_between(fact.consumer, fact.partition, place.last_end, fact.base_offset, world);
    if (place.last_end != no_offset && fact.base_offset < place.last_end)
        group->nonmonotonic_polls += distance(fact.base_offset, std::min(place.last_end, end));
    const bool gap =
        place.position != no_offset && fact.base_offset > place.position &&
        records_between(fact.consumer, fact.partition, place.position, fact.base_offset, world) > 0;
    const bool back = place.position != no_offset && fact.base_offset < place.position;
    group->unexpected_offsets += gap || back ? 1 : 0;
    place.position = place.last_end = end;
    place.unprocessed.add(fact.base_offset.value, end.value);
    const std::vector<Exposed>& history = exposed_[static_cast<std::size_t>(fact.partition.value)];
    const auto newer =
        std::upper_bound(history.begin(), history.end(), end, [](Offset offset, const Exposed& exposed) {
            return offset < exposed.high_watermark;
        });
    if (newer != history.end() && newer->time < time)
        group->worst_realtime_lag = std::max(group->worst_realtime_lag, time - newer->time);
}

void MemberReadings::on_processed(const fact::ProcessingEnded& fact) {
    MemberAnomalies* group = of(fact.consumer);
    if (group == nullptr || fact.outcome == ProcessingOutcome::failed) return;
    Place& place = at(fact.consumer, fact.partition);
    if (!place.assigned) group->processed_unassigned += fact.count;
    Ranges done;
    done.add(fact.base_offset.value, fact.base_offset.value + fact.count);
    place.unprocessed = place.unprocessed.minus(done);
}

void MemberReadings::on_commit(const fact::CommitSent& fact, const World& world) {
    MemberAnomalies* group = of(fact.consumer);
    if (group == nullptr) return;
    Place& place = at(fact.consumer, fact.partition);
    const std::int64_t ahead = place.unprocessed.count_in(0, fact.offset.value);
    const bool automatic = fact.cause == CommitCause::automatic || fact.cause == CommitCause::on_close;
    (automatic ? group->auto_commits_ahead : group->commits_ahead) += ahead;
    if (!place.assigned) group->committed_unassigned += 1;
    const bool past = place.position != no_offset && fact.offset > place.position &&
                      records_between(fact.consumer, fact.partition, place.position, fact.offset, world) > 0;
    group->committed_past_position += past ? 1 : 0;
}

void MemberReadings::on_owner(const Fact& fact) {
    if (const auto* assigned = std::get_if<fact::PartitionAssigned>(&fact)) {
        at(assigned->consumer, assigned->partition).assigned = true;
    } else if (const auto* revoked = std::get_if<fact::PartitionRevoked>(&fact)) {
        Place& place = at(revoked->consumer, revoked->partition);
        MemberAnomalies* group = of(revoked->consumer);
        if (group != nullptr && !place.assigned) group->revoked_unassigned += 1;
        place = Place{};
    } else if (const auto* positioned = std::get_if<fact::ConsumerPositioned>(&fact)) {
        at(positioned->consumer, positioned->partition).position = positioned->offset;
    } else if (const auto* crashed = std::get_if<fact::ApplicationCrashed>(&fact)) {
        if (crashed->consumer.value < 0) return;
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p)
            at(crashed->consumer, PartitionIndex{static_cast<std::int32_t>(p)}) = Place{};
    }
}

void MemberReadings::on_membership(const Fact& fact) {
    if (const auto* joined = std::get_if<fact::MemberJoined>(&fact)) {
        changes_[static_cast<std::size_t>(joined->group.value)].joined = true;
    } else if (const auto* left = std::get_if<fact::MemberLeft>(&fact)) {
        Changes& changes = changes_[static_cast<std::size_t>(left->group.value)];
        if (left->cause == LeaveCause::left)
            changes.left = true;
        else if (left->cause == LeaveCause::replaced_by_instance)
            changes.replaced = true;
        else
            changes.expired = true;
    } else if (const auto* created = std::get_if<fact::PartitionChanged>(&fact)) {
        if (created->cause != ChangeCause::created) return;
        for (Changes& changes : changes_)
            changes.partitions = true;
    } else if (const auto* loaded = std::get_if<fact::CoordinatorLoaded>(&fact)) {
        // What the coordinator before had begun is begun again: its members join once more.
        for (std::size_t g = 0; g < changes_.size(); ++g)
            if (configuration_.groups[g].partition == loaded->partition) changes_[g].joined = true;
    }
}

void MemberReadings::on_generation(const fact::GroupChanged& fact) {
    Changes& changes = changes_[static_cast<std::size_t>(fact.group.value)];
    if (fact.generation <= changes.generation) return;
    changes.generation = fact.generation;
    if (fact.members == 0) return; // who left is a cause of the next one
    const RebalanceCause cause = changes.expired      ? RebalanceCause::member_expired
                                 : changes.left       ? RebalanceCause::member_left
                                 : changes.replaced   ? RebalanceCause::static_member
                                 : changes.joined     ? RebalanceCause::member_joined
                                 : changes.partitions ? RebalanceCause::partitions
                                                      : RebalanceCause::unexpected;
    groups[static_cast<std::size_t>(fact.group.value)].rebalances[static_cast<std::size_t>(cause)] += 1;
    changes = Changes{};
    changes.generation = fact.generation;
}

void MemberReadings::on_exposed(sim::SimTime time, const fact::HighWatermarkMoved& fact) {
    if (!fact.as_leader) return;
    std::vector<Exposed>& history = exposed_[static_cast<std::size_t>(fact.partition.value)];
    if (!history.empty() && fact.high_watermark <= history.back().high_watermark) return;
    history.push_back({fact.high_watermark, time});
}

} // namespace kafka
