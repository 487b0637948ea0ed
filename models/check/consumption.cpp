#include "models/check/consumption.hpp"

#include "models/check/scope.hpp"
#include "models/check/visibility.hpp"

#include <algorithm>

namespace kafka {

std::string_view name(RepeatCause cause) {
    switch (cause) {
    case RepeatCause::crash_before_commit:
        return "crash_before_commit";
    case RepeatCause::rebalance:
        return "rebalance";
    case RepeatCause::off_by_one:
        return "off_by_one";
    case RepeatCause::reread:
        return "reread";
    case RepeatCause::aborted_transaction:
        return "aborted_transaction";
    }
    return "";
}

Consumption::Consumption(const Configuration& configuration)
    : failures(configuration), configuration_(configuration) {
    groups.resize(configuration.groups.size());
    for (GroupSummary& summary : groups) {
        summary.committed.resize(configuration.partitions.size(), no_offset);
        summary.lags.resize(configuration.partitions.size(), 0);
    }
    progress_.resize(configuration.groups.size() * configuration.partitions.size());
    open_.resize(configuration.consumers.size());
    poll_over_.resize(configuration.consumers.size(), true);
    generations_.resize(configuration.groups.size(), Generation{0});
}

void Consumption::on(sim::SimTime time, const Fact& fact) {
    failures.on(time, fact);
    if (const auto* delivered = std::get_if<fact::Delivered>(&fact))
        on_delivered(*delivered);
    else if (const auto* processed = std::get_if<fact::ProcessingEnded>(&fact))
        on_processed(*processed);
    else if (const auto* polled = std::get_if<fact::Polled>(&fact))
        poll_over_[static_cast<std::size_t>(polled->consumer.value)] = true;
    else if (const auto* committed = std::get_if<fact::OffsetCommitted>(&fact))
        on_committed(time, *committed);
    else if (const auto* answered = std::get_if<fact::CommitAnswered>(&fact))
        on_answered(*answered);
    else
        on_changed(time, fact);
}

void Consumption::on_changed(sim::SimTime time, const Fact& fact) {
    if (const auto* assigned = std::get_if<fact::PartitionAssigned>(&fact)) {
        on_assigned(*assigned);
    } else if (const auto* revoked = std::get_if<fact::PartitionRevoked>(&fact)) {
        Progress& progress = at(group_of(revoked->consumer), revoked->partition);
        if (progress.owner == revoked->consumer) progress.owner_end = OwnerEnd::gave_up;
        if (holds_records(revoked->consumer)) // what waited for its retry is forgotten
            std::erase_if(open_[static_cast<std::size_t>(revoked->consumer.value)],
                          [&](const Piece& piece) { return piece.partition == revoked->partition; });
        if (revoked->lost)
            groups[static_cast<std::size_t>(group_of(revoked->consumer).value)].partitions_lost += 1;
    } else if (const auto* crashed = std::get_if<fact::ApplicationCrashed>(&fact)) {
        if (crashed->consumer.value >= 0) on_crash(time, crashed->consumer);
    } else if (const auto* positioned = std::get_if<fact::ConsumerPositioned>(&fact)) {
        const GroupIndex group = group_of(positioned->consumer);
        if (group != no_group) at(group, positioned->partition).started = positioned->offset;
    } else if (const auto* forgotten = std::get_if<fact::OffsetForgotten>(&fact)) {
        GroupSummary& summary = groups[static_cast<std::size_t>(forgotten->group.value)];
        summary.committed[static_cast<std::size_t>(forgotten->partition.value)] = no_offset;
        summary.forgotten += 1;
    } else if (const auto* ended = std::get_if<fact::TransactionEnded>(&fact)) {
        const ConsumerIndex owner = configuration_.producer(ended->producer).owner;
        if (owner.value < 0 || ended->commit) return;
        for (Progress& progress : progress_)
            if (progress.owner == owner && progress.owner_end == OwnerEnd::owns)
                progress.cause = RepeatCause::aborted_transaction;
    } else if (const auto* changed = std::get_if<fact::GroupChanged>(&fact)) {
        Generation& last = generations_[static_cast<std::size_t>(changed->group.value)];
        if (changed->generation > last && changed->members > 0)
            groups[static_cast<std::size_t>(changed->group.value)].rebalances += 1;
        last = std::max(last, changed->generation);
    }
}

void Consumption::on_delivered(const fact::Delivered& fact) {
    const GroupIndex group = group_of(fact.consumer);
    if (group == no_group) return;
    const auto consumer = static_cast<std::size_t>(fact.consumer.value);
    if (poll_over_[consumer])
        std::erase_if(open_[consumer], [&](const Piece& piece) {
            return !holds_records(fact.consumer) || piece.first >= piece.end;
        });
    poll_over_[consumer] = false;
    const std::int64_t end = fact.base_offset.value + fact.count;
    open_[consumer].push_back({group, fact.partition, fact.base_offset.value, end, fact.consumer, {}});
    at(group, fact.partition).polled.add(fact.base_offset.value, end);
    groups[static_cast<std::size_t>(group.value)].polled += fact.count;
}

void Consumption::on_processed(const fact::ProcessingEnded& fact) {
    const GroupIndex group = group_of(fact.consumer);
    Progress& progress = at(group, fact.partition);
    GroupSummary& summary = groups[static_cast<std::size_t>(group.value)];
    const std::int64_t first = fact.base_offset.value;
    const std::int64_t end = first + fact.count;
    if (fact.outcome == ProcessingOutcome::failed) return;
    for (Piece& piece : open_[static_cast<std::size_t>(fact.consumer.value)])
        if (piece.partition == fact.partition && piece.first == first) piece.first = end;
    const bool forwarded =
        fact.outcome == ProcessingOutcome::dead_letter || fact.outcome == ProcessingOutcome::retry_topic;
    if (forwarded) progress.forwarded.add(first, end);
    if (fact.outcome != ProcessingOutcome::done) return;
    Ranges now;
    now.add(first, end);
    const Ranges again = now.both(progress.processed);
    for (const Ranges::Run& run : again.runs()) {
        Ranges part;
        part.add(run.first, run.end);
        const Ranges third = part.both(progress.twice);
        for (const Ranges::Run& more : third.runs())
            progress.more.add(more.first, more.end);
        progress.twice.add(run.first, run.end);
        std::int64_t count = run.end - run.first;
        summary.repeats += count;
        const bool off_by_one =
            configuration_.consumer(fact.consumer).application.offsets == CommittedOffsets::last_processed &&
            progress.started.value >= run.first && progress.started.value < run.end;
        if (off_by_one) {
            summary.repeated[static_cast<std::size_t>(RepeatCause::off_by_one)] += 1;
            count -= 1;
        }
        summary.repeated[static_cast<std::size_t>(progress.cause)] += count;
    }
    progress.processed.add(first, end);
}

void Consumption::on_assigned(const fact::PartitionAssigned& fact) {
    Progress& progress = at(group_of(fact.consumer), fact.partition);
    const bool kept = progress.owner == fact.consumer && progress.owner_end == OwnerEnd::owns;
    if (kept) return; // a cooperative member names what it keeps again
    progress.cause =
        progress.owner_end == OwnerEnd::crashed ? RepeatCause::crash_before_commit : RepeatCause::rebalance;
    progress.owner = fact.consumer;
    progress.owner_end = OwnerEnd::owns;
}

void Consumption::on_crash(sim::SimTime time, ConsumerIndex consumer) {
    for (Piece piece : open_[static_cast<std::size_t>(consumer.value)]) {
        piece.crash = time;
        if (piece.first < piece.end) abandoned_.push_back(piece);
    }
    open_[static_cast<std::size_t>(consumer.value)].clear();
    poll_over_[static_cast<std::size_t>(consumer.value)] = true;
    for (Progress& progress : progress_)
        if (progress.owner == consumer && progress.owner_end == OwnerEnd::owns)
            progress.owner_end = OwnerEnd::crashed;
}

void Consumption::on_committed(sim::SimTime time, const fact::OffsetCommitted& fact) {
    if (fact.error != ErrorCode::none) return;
    groups[static_cast<std::size_t>(fact.group.value)]
        .committed[static_cast<std::size_t>(fact.partition.value)] = fact.offset;
    std::vector<Commit>& commits = at(fact.group, fact.partition).commits;
    if (commits.empty() || fact.offset > commits.back().offset)
        commits.push_back({time, fact.offset, fact.consumer});
}

void Consumption::on_answered(const fact::CommitAnswered& fact) {
    GroupSummary& summary = groups[static_cast<std::size_t>(group_of(fact.consumer).value)];
    if (fact.error == ErrorCode::none) {
        summary.commits += 1;
        return;
    }
    summary.commits_failed += 1;
    const bool fenced =
        fact.error == ErrorCode::illegal_generation || fact.error == ErrorCode::unknown_member_id ||
        fact.error == ErrorCode::stale_member_epoch || fact.error == ErrorCode::fenced_instance_id;
    summary.commits_fenced += fenced ? 1 : 0;
}

void Consumption::lose(GroupIndex group, PartitionIndex partition, const Batch& batch, std::int64_t first,
                       std::int64_t end) {
    const Progress& progress = at(group, partition);
    ConsumerLoss loss;
    loss.group = group;
    loss.partition = partition;
    loss.stream = batch.stream;
    loss.offset_first = Offset{first};
    loss.first = batch.value_first.value + first - batch.base_offset.value;
    loss.polled = progress.polled.has(first);
    for (const Commit& commit : progress.commits) {
        if (commit.offset.value <= first) continue;
        end = std::min(end, commit.offset.value);
        loss.committed_by_known = true;
        loss.committed = commit.time;
        loss.committed_by = commit.consumer;
        break;
    }
    loss.forward_failed = progress.forwarded.has(first);
    if (loss.forward_failed) end = std::min(end, first + 1);
    for (const Piece& piece : abandoned_) {
        const bool its =
            piece.group == group && piece.partition == partition && piece.first <= first && first < piece.end;
        if (!its) continue;
        end = std::min(end, piece.end);
        loss.crashed = true;
        loss.crash = piece.crash;
        loss.member = piece.member;
    }
    loss.end = loss.first + end - first;
    groups[static_cast<std::size_t>(group.value)].lost += end - first;
    if (!losses.empty()) {
        ConsumerLoss& last = losses.back();
        const bool same = last.group == group && last.partition == partition && last.stream == loss.stream &&
                          last.end == loss.first && last.polled == loss.polled &&
                          last.forward_failed == loss.forward_failed && last.committed == loss.committed &&
                          last.crashed == loss.crashed && last.crash == loss.crash;
        if (same) {
            last.end = loss.end;
            return;
        }
    }
    losses.push_back(loss);
}

namespace {

/// Members of one entry are alike; of several entries the first counts.
IsolationLevel isolation_of_group(const Configuration& configuration, GroupIndex group) {
    for (const ConsumerConfiguration& one : configuration.consumers)
        if (one.group == group) return isolation_of(one);
    return IsolationLevel::read_uncommitted;
}

} // namespace

Offset Consumption::behind(GroupIndex group, PartitionIndex partition) const {
    const Progress& progress =
        progress_[static_cast<std::size_t>(group.value) * configuration_.partitions.size() +
                  static_cast<std::size_t>(partition.value)];
    const Offset committed =
        groups[static_cast<std::size_t>(group.value)].committed[static_cast<std::size_t>(partition.value)];
    return std::max(committed, progress.started);
}

void Consumption::summarise(const World& world, GroupIndex group, PartitionIndex partition) {
    const BrokerSlot leader = decided_state(world, partition).leader;
    const Log* log = log_of(world, leader, partition);
    const Replica* replica = replica_of(world, leader, partition);
    if (log == nullptr || replica == nullptr) return;
    Progress& progress = at(group, partition);
    GroupSummary& summary = groups[static_cast<std::size_t>(group.value)];
    const auto index = static_cast<std::size_t>(partition.value);
    const std::int64_t committed = std::max(log->log_start_offset.value, summary.committed[index].value);
    const std::int64_t passed = std::max(committed, behind(group, partition).value);
    summary.lags[index] = std::max<std::int64_t>(0, replica->high_watermark.value - committed);
    summary.lag += summary.lags[index];
    const Ranges& settled = failures.settled(group, partition);
    Ranges taken = progress.processed;
    for (const Ranges::Run& run : settled.runs())
        taken.add(run.first, run.end);
    for (const std::vector<Piece>& pieces : open_)
        for (const Piece& piece : pieces)
            if (piece.group == group && piece.partition == partition && piece.first < piece.end)
                taken.add(piece.first, piece.end);
    const IsolationLevel isolation = isolation_of_group(configuration_, group);
    const std::vector<BatchFate> fates = fates_of(*log, log->log_end_offset);
    for (std::size_t b = 0; b < log->batches.size(); ++b) {
        const Batch batch = log->batches[b];
        if (fates[b] == BatchFate::control) continue;
        if (fates[b] == BatchFate::aborted && isolation == IsolationLevel::read_committed) continue;
        const std::int64_t end = std::min(end_offset(batch).value, readable_end(*replica, isolation).value);
        const std::int64_t first = std::max(batch.base_offset, log->log_start_offset).value;
        if (first >= end) continue;
        Ranges whole;
        whole.add(first, end);
        const Ranges unprocessed = whole.minus(progress.processed).minus(settled);
        const Ranges untaken = whole.minus(taken);
        for (const Ranges::Run& run : unprocessed.runs())
            summary.waiting += std::max<std::int64_t>(0, run.end - std::max(run.first, passed));
        for (const Ranges::Run& run : untaken.runs()) {
            const std::int64_t last = std::min(run.end, passed);
            for (std::int64_t from = run.first; from < last;) {
                const std::int64_t before = summary.lost;
                lose(group, partition, batch, from, last);
                from += summary.lost - before;
            }
        }
    }
}

void Consumption::at_end(const World& world) {
    failures.at_end(world);
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const GroupIndex group{static_cast<std::int32_t>(g)};
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
            const PartitionIndex partition{static_cast<std::int32_t>(p)};
            if (!reads(configuration_, group, partition)) continue;
            summarise(world, group, partition);
            const Progress& progress = at(group, partition);
            groups[g].processed += progress.processed.count();
            groups[g].more += progress.more.count();
            groups[g].twice += progress.twice.count() - progress.more.count();
        }
        groups[g].once = groups[g].processed - groups[g].twice - groups[g].more;
    }
}

} // namespace kafka
