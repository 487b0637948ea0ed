#include "models/group/expiry.hpp"

#include "models/group/offsets.hpp"

#include <algorithm>

namespace kafka {

namespace {

const std::vector<TopicIndex>& topics_of(const ClassicMember& member) { return member.subscription.topics; }
const std::vector<TopicIndex>& topics_of(const ConsumerMember& member) { return member.topics; }

template <class Members>
bool asks_for(const Members& members, const CommittedOffset& offset, const GroupTurn& turn) {
    const TopicIndex topic = turn.turn.configuration.partition(offset.partition).topic;
    return std::any_of(members.begin(), members.end(), [&](const auto& member) {
        const std::vector<TopicIndex>& topics = topics_of(member);
        return std::find(topics.begin(), topics.end(), topic) != topics.end();
    });
}

/// Since when nobody needs the offset; never = somebody does.
/// 1. A group was empty for a while, and has committed nothing for longer than the retention before that. 2.
/// Its members come back and join. 3. Until the generation begins, the coordinator of 2.4 to 2.8.1 knows of
/// no subscription, and takes every offset for one of a topic that nobody asks for. 4. The members are
/// assigned their partitions and find nothing committed: auto.offset.reset says where they go on. Source:
/// KAFKA-13636.
sim::SimTime unneeded_since(const Group& group, const CommittedOffset& offset, const GroupTurn& turn) {
    const OffsetExpiry rule = turn.dialect.group.offset_expiry;
    if (rule == OffsetExpiry::since_commit) return offset.commit_time;
    if (group.protocol == GroupProtocol::consumer)
        return asks_for(group.consumer.members, offset, turn) ? sim::SimTime::never() : offset.commit_time;
    const ClassicGroup& classic = group.classic;
    if (!classic.had_members) return offset.commit_time; // somebody only keeps offsets here
    if (classic.state == GroupState::empty)
        return classic.state_time == sim::SimTime::never() ? offset.commit_time : classic.state_time;
    if (rule == OffsetExpiry::of_empty_groups) return sim::SimTime::never();
    const bool settled = classic.state == GroupState::stable;
    if (rule == OffsetExpiry::of_settled_groups && !settled) return sim::SimTime::never();
    if (classic.generation == Generation{0})
        return sim::SimTime::never(); // no subscription was ever looked at
    const bool comes_back =
        classic.state == GroupState::preparing_rebalance && classic.previous_state == GroupState::empty;
    const bool asked = !comes_back && asks_for(classic.members, offset, turn);
    return asked ? sim::SimTime::never() : offset.commit_time;
}

bool is_too_old(sim::SimTime since, const GroupTurn& turn) {
    if (since == sim::SimTime::never()) return false;
    const sim::Duration age = turn.turn.wall_time() - since;
    // The old coordinators compare an instant that was written with the offset, and ask for more.
    const bool longer = turn.dialect.group.offset_expiry == OffsetExpiry::since_commit;
    return longer ? age > turn.settings.offsets_retention : age >= turn.settings.offsets_retention;
}

/// A commit of the offset is on its way to the log, or in a transaction that is open.
bool is_pending(const GroupStep& step, PartitionIndex partition) {
    const auto commits_it = [&](const CoordinatorRecord& record) {
        const auto* commit = std::get_if<OffsetCommitRecord>(&record);
        return commit != nullptr && commit->group == step.group.index && commit->partition == partition;
    };
    for (const GroupBatch& batch : step.coordinator.batches)
        for (const Write& one : batch.writes)
            if (std::any_of(one.records.begin(), one.records.end(), commits_it)) return true;
    // Before the runtime transactions do not count.
    return step.turn.dialect.group.coordinator_runtime && is_in_open_transaction(step.group, partition);
}

/// Empty, and without offsets, ready or on their way.
bool nothing_is_left(const GroupStep& step) {
    const Group& group = step.group;
    const bool empty = group.protocol == GroupProtocol::classic ? group.classic.state == GroupState::empty
                                                                : group.consumer.members.empty();
    if (!empty || !group.offsets.empty() || !group.late.empty() || !group.transactions.empty()) return false;
    return std::none_of(
        step.coordinator.batches.begin(), step.coordinator.batches.end(), [&](const GroupBatch& batch) {
            return std::any_of(batch.writes.begin(), batch.writes.end(), [&](const Write& one) {
                return one.group == group.index && one.kind != WriteKind::tombstones;
            });
        });
}

/// Source: GroupMetadataManager.cleanupGroupMetadata: a group that only keeps offsets has no record of its
/// own.
void add_tombstone_of_group(const GroupStep& step, std::vector<CoordinatorRecord>& records) {
    const auto add = [&](auto record) {
        record.group = step.group.index;
        record.tombstone = true;
        records.emplace_back(std::move(record));
    };
    if (step.group.protocol == GroupProtocol::consumer)
        add(ConsumerGroupRecord{});
    else if (step.turn.dialect.group.coordinator_runtime || step.group.classic.generation > Generation{0})
        add(GroupMetadataRecord{});
}

/// Deletes the offsets for which `stays` is false. True when nothing is left of the group; whoever called
/// takes it out.
template <class Stays> bool clean(GroupStep& step, ForgetCause cause, const Stays& stays) {
    Write one;
    one.kind = WriteKind::tombstones;
    one.group = step.group.index;
    std::vector<CommittedOffset>& offsets = step.group.offsets;
    const auto first_gone = std::stable_partition(offsets.begin(), offsets.end(), stays);
    for (auto gone = first_gone; gone != offsets.end(); ++gone) {
        one.records.emplace_back(OffsetCommitRecord{step.group.index, gone->partition, no_offset, no_epoch,
                                                    step.turn.turn.wall_time(), true});
        step.turn.turn.note(
            fact::OffsetForgotten{step.turn.broker, step.group.index, gone->partition, gone->offset, cause});
    }
    offsets.erase(first_gone, offsets.end());
    const bool over = nothing_is_left(step);
    if (over) {
        add_tombstone_of_group(step, one.records);
        const Generation last = step.group.protocol == GroupProtocol::classic ? step.group.classic.generation
                                                                              : step.group.consumer.epoch;
        step.turn.turn.note(
            fact::GroupChanged{step.turn.broker, step.group.index, GroupState::dead, last, 0});
    }
    if (!one.records.empty()) write(step.coordinator, std::move(one), step.turn);
    return over;
}

template <class Goes>
void clean_all(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn, ForgetCause cause,
               const Goes& goes) {
    std::vector<GroupIndex> over;
    for (Group& group : self.groups) {
        if (turn.turn.configuration.group(group.index).partition != partition) continue;
        GroupStep step{self, group, turn};
        const auto stays = [&](const CommittedOffset& offset) { return !goes(step, offset); };
        if (clean(step, cause, stays)) over.push_back(group.index);
    }
    std::erase_if(self.groups, [&](const Group& group) {
        return std::find(over.begin(), over.end(), group.index) != over.end();
    });
}

} // namespace

void watch_expiry(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn) {
    if (!turn.dialect.group.coordinator_runtime) return; // the broker's own task does it
    const std::uint32_t round = self.next_round++;
    self.expiries.push_back({partition, round});
    turn.timers.push_back({turn.now() + turn.settings.offsets_retention_check_interval,
                           GroupTimerKind::expiry, partition.value, round});
}

void on_expiry_timer(GroupCoordinator& self, PartitionIndex partition, std::uint32_t round, GroupTurn& turn) {
    const auto watch = std::find(self.expiries.begin(), self.expiries.end(), ExpiryWatch{partition, round});
    if (watch == self.expiries.end()) return turn.turn.ignore("a partition that was loaded anew");
    self.expiries.erase(watch);
    expire_offsets(self, partition, turn);
    watch_expiry(self, partition, turn);
}

void expire_offsets(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn) {
    clean_all(self, partition, turn, ForgetCause::retention,
              [&](const GroupStep& step, const CommittedOffset& offset) {
                  return is_too_old(unneeded_since(step.group, offset, turn), turn) &&
                         !is_pending(step, offset.partition);
              });
}

void forget_deleted(GroupCoordinator& self, PartitionIndex partition, GroupTurn& turn) {
    clean_all(self, partition, turn, ForgetCause::topic_deleted,
              [&](const GroupStep&, const CommittedOffset& offset) {
                  const auto at = static_cast<std::size_t>(offset.partition.value);
                  return at < turn.partitions.size() && turn.partitions[at].deleted;
              });
}

} // namespace kafka
