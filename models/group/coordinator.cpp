#include "models/group/coordinator.hpp"

#include "models/group/classic/steps.hpp"
#include "models/group/consumer/steps.hpp"
#include "models/group/expiry.hpp"
#include "models/group/offsets.hpp"

#include <algorithm>

namespace kafka {

namespace {

PartitionIndex partition_of(GroupIndex group, const GroupTurn& turn) {
    return turn.turn.configuration.group(group).partition;
}

GroupBatch* open_batch(GroupCoordinator& self, PartitionIndex partition) {
    for (GroupBatch& batch : self.batches)
        if (batch.open && batch.partition == partition) return &batch;
    return nullptr;
}

void send_batch(GroupBatch& batch, GroupTurn& turn) {
    batch.open = false;
    GroupAppend append;
    append.partition = batch.partition;
    append.round = batch.round;
    append.producer_id = batch.writes.front().producer_id;
    append.producer_epoch = batch.writes.front().producer_epoch;
    append.with_too_few_replicas = batch.writes.front().kind == WriteKind::tombstones;
    for (const Write& write : batch.writes)
        append.records.insert(append.records.end(), write.records.begin(), write.records.end());
    turn.appends.push_back(std::move(append));
}

/// Tells the group how `write` ended.
void complete(GroupCoordinator& self, Write& write, const GroupAppended& result, Offset first,
              GroupTurn& turn) {
    Group gone; // the partition went away meanwhile; whoever waits is answered all the same
    gone.index = write.group;
    Group* known = find_group(self, write.group);
    Group& group = known == nullptr ? gone : *known;
    GroupStep step{self, group, turn};
    switch (write.kind) {
    case WriteKind::offsets:
    case WriteKind::transactional_offsets:
        return commit_ended(group, write, result, first, turn);
    case WriteKind::assignment:
        return classic::assignment_ended(step, write, result.answer);
    case WriteKind::static_member:
        return classic::static_member_ended(step, write, result.answer);
    case WriteKind::member:
        return consumer::heartbeat_ended(step, write, result.answer);
    case WriteKind::empty_group:
    case WriteKind::tombstones:
        return;
    }
}

/// Source: GroupMetadataManager.readGroup, -.replay(GroupMetadataKey): the latest record is the group.
void replay(Group& group, const GroupMetadataRecord& record) {
    ClassicGroup fresh;
    group.protocol = GroupProtocol::classic;
    fresh.generation = record.generation;
    fresh.protocol = record.protocol;
    for (const GroupMetadataRecord::Member& one : record.members) {
        ClassicMember member;
        member.id = one.member;
        member.consumer = one.consumer;
        member.instance = one.instance;
        member.session_timeout = one.session_timeout;
        member.rebalance_timeout = one.rebalance_timeout;
        member.subscription.protocols = {record.protocol};
        member.subscription.topics = one.topics;
        member.assignment = one.assignment;
        add_member(fresh, member);
    }
    fresh.leader = record.leader;
    fresh.state = record.members.empty() ? GroupState::empty : GroupState::stable;
    fresh.state_time = record.state_time;
    fresh.had_members = true; // of the protocol type that the record names
    group.classic = fresh;
}

/// Source: GroupMetadataManager.replay of a tombstone; those of its offsets stand before it.
void drop(GroupCoordinator& self, GroupIndex group) {
    std::erase_if(self.groups, [&](const Group& one) { return one.index == group; });
}

ConsumerGroup& as_consumer(Group& group) {
    group.protocol = GroupProtocol::consumer;
    return group.consumer;
}

void replay_batch(GroupCoordinator& self, const LoadedGroupBatch& batch, GroupTurn& turn) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        const CoordinatorRecord& record = batch.records[i];
        const Offset at = next(batch.base_offset, static_cast<std::int64_t>(i));
        if (const auto* commit = std::get_if<OffsetCommitRecord>(&record)) {
            if (turn.dialect.broken != BrokenRule::offsets_not_loaded)
                replay(find_or_add_group(self, commit->group), *commit, at, batch.producer_id);
        } else if (const auto* group = std::get_if<GroupMetadataRecord>(&record)) {
            if (group->tombstone)
                drop(self, group->group);
            else
                replay(find_or_add_group(self, group->group), *group);
        } else if (const auto* epoch = std::get_if<ConsumerGroupRecord>(&record)) {
            if (epoch->tombstone)
                drop(self, epoch->group);
            else
                consumer::replay(as_consumer(find_or_add_group(self, epoch->group)), *epoch);
        } else if (const auto* member = std::get_if<ConsumerGroupMemberRecord>(&record))
            consumer::replay(as_consumer(find_or_add_group(self, member->group)), *member);
        else
            turn.turn.ignore("a record of another coordinator");
    }
}

} // namespace

Group* find_group(GroupCoordinator& self, GroupIndex index) {
    for (Group& group : self.groups)
        if (group.index == index) return &group;
    return nullptr;
}

Group& find_or_add_group(GroupCoordinator& self, GroupIndex index) {
    if (Group* known = find_group(self, index)) return *known;
    const auto at = std::find_if(self.groups.begin(), self.groups.end(),
                                 [&](const Group& group) { return index < group.index; });
    Group fresh;
    fresh.index = index;
    return *self.groups.insert(at, std::move(fresh));
}

/// Source: CoordinatorRuntime.append: writes join the open batch of their partition; those of a transaction
/// stand alone and close it. The coordinators before append at once.
void write(GroupCoordinator& self, Write one, GroupTurn& turn) {
    const PartitionIndex partition = partition_of(one.group, turn);
    const bool transactional = one.producer_id != no_producer_id;
    const bool lingers = turn.dialect.group.coordinator_runtime &&
                         turn.settings.append_linger > sim::Duration{0} && !transactional;
    GroupBatch* open = open_batch(self, partition);
    if (open != nullptr && !transactional) return open->writes.push_back(std::move(one));
    if (open != nullptr) send_batch(*open, turn);
    GroupBatch batch{self.next_round++, partition, lingers, {}};
    batch.writes.push_back(std::move(one));
    self.batches.push_back(std::move(batch));
    if (lingers)
        turn.timers.push_back({turn.now() + turn.settings.append_linger, GroupTimerKind::flush,
                               partition.value, self.batches.back().round});
    else
        send_batch(self.batches.back(), turn);
}

void append_ended(GroupCoordinator& self, const GroupAppended& result, GroupTurn& turn) {
    const auto at = std::find_if(self.batches.begin(), self.batches.end(),
                                 [&](const GroupBatch& batch) { return batch.round == result.round; });
    if (at == self.batches.end()) return turn.turn.ignore("an append of a partition that went away");
    GroupBatch batch = std::move(*at);
    self.batches.erase(at);
    Offset first = result.base_offset;
    for (Write& write : batch.writes) {
        complete(self, write, result, first, turn);
        if (first != no_offset) first = next(first, static_cast<std::int64_t>(write.records.size()));
    }
}

void on_timer(GroupCoordinator& self, GroupTimerKind what, std::int32_t key, std::uint32_t round,
              GroupTurn& turn) {
    if (what == GroupTimerKind::flush) {
        GroupBatch* open = open_batch(self, PartitionIndex{key});
        if (open == nullptr || open->round != round) return turn.turn.ignore("this batch is written already");
        return send_batch(*open, turn);
    }
    if (what == GroupTimerKind::expiry) return on_expiry_timer(self, PartitionIndex{key}, round, turn);
    Group* group = find_group(self, GroupIndex{key});
    if (group == nullptr) return turn.turn.ignore("timer of a group that went away");
    GroupStep step{self, *group, turn};
    if (what == GroupTimerKind::member_session || what == GroupTimerKind::member_revocation)
        return consumer::on_timer(step, what, round);
    classic::on_timer(step, what, round);
}

void load(GroupCoordinator& self, PartitionIndex partition, std::span<const LoadedGroupBatch> batches,
          GroupTurn& turn) {
    for (const LoadedGroupBatch& batch : batches) {
        if (batch.control == ControlType::none) {
            replay_batch(self, batch, turn);
            continue;
        }
        for (Group& group : self.groups)
            if (partition_of(group.index, turn) == partition)
                end_transaction(group, batch.producer_id, batch.control, turn);
    }
    for (Group& group : self.groups) {
        if (partition_of(group.index, turn) != partition) continue;
        GroupStep step{self, group, turn};
        if (group.protocol == GroupProtocol::consumer)
            consumer::loaded(step);
        else
            classic::loaded(step);
    }
    watch_expiry(self, partition, turn);
}

void unload(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn) {
    std::erase_if(self.expiries, [&](const ExpiryWatch& one) { return one.partition == partition; });
    std::vector<GroupBatch> left;
    for (GroupBatch& batch : self.batches)
        if (batch.partition == partition) left.push_back(std::move(batch));
    std::erase_if(self.batches, [&](const GroupBatch& batch) { return batch.partition == partition; });
    for (Group& group : self.groups) {
        if (partition_of(group.index, turn) != partition) continue;
        GroupStep step{self, group, turn};
        classic::unloaded(step);
    }
    std::erase_if(self.groups,
                  [&](const Group& group) { return partition_of(group.index, turn) == partition; });
    for (GroupBatch& batch : left)
        for (Write& write : batch.writes)
            complete(
                self, write,
                {batch.round, no_offset, ErrorCode::not_leader_or_follower, ErrorCode::not_coordinator, {}},
                no_offset, turn);
}

} // namespace kafka
