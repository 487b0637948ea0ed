#include "models/check/group_rules.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// First partition that stands twice; -1 = none does.
PartitionIndex first_twice(std::vector<PartitionIndex> places) {
    std::sort(places.begin(), places.end());
    const auto twice = std::adjacent_find(places.begin(), places.end());
    return twice == places.end() ? PartitionIndex{-1} : *twice;
}

bool is_present(const Group& group, ConsumerIndex consumer, MemberId id) {
    const auto is_it = [&](const auto& member) { return member.consumer == consumer && member.id == id; };
    return group.protocol == GroupProtocol::classic
               ? std::any_of(group.classic.members.begin(), group.classic.members.end(), is_it)
               : std::any_of(group.consumer.members.begin(), group.consumer.members.end(), is_it);
}

} // namespace

const char* name_of(GroupRule rule) {
    constexpr const char* names[] = {"commits_come_from_members", "partitions_have_one_owner",
                                     "assignments_are_complete",  "group_generations_grow",
                                     "stable_groups_are_settled", "committed_offsets_are_kept"};
    static_assert(std::size(names) == group_rule_count);
    return names[static_cast<std::size_t>(rule)];
}

GroupRules::GroupRules(const Configuration& configuration)
    : configuration_(configuration), states_(configuration.groups.size()),
      committed_(configuration.groups.size() * configuration.partitions.size(), no_offset),
      believes_(configuration.consumers.size() * configuration.partitions.size(), false) {}

const Group* GroupRules::group_at(const World& world, BrokerSlot broker, GroupIndex group) const {
    if (broker == no_slot) return nullptr;
    for (const Group& one :
         world.brokers[static_cast<std::size_t>(broker.value)].memory.coordination.groups.groups)
        if (one.index == group) return &one;
    return nullptr;
}

/// As its present coordinator has it; null while there is none.
const Group* GroupRules::group_of(const World& world, GroupIndex group) const {
    const PartitionIndex partition = configuration_.group(group).partition;
    return group_at(world, decided_state(world, partition).leader, group);
}

void GroupRules::on(const Fact& fact, const std::function<bool(PartitionIndex)>& lossy, const World& world,
                    std::vector<GroupBreach>& found) {
    if (states_.empty()) return;
    std::vector<GroupBreach> broken;
    if (const auto* changed = std::get_if<fact::GroupChanged>(&fact)) {
        remember_pending(changed->group, changed->broker, world);
        check(changed->group, changed->broker, world, broken);
        const PartitionIndex at = configuration_.group(changed->group).partition;
        Generation& stable = states_[static_cast<std::size_t>(changed->group.value)].stable;
        const bool settled =
            changed->state == GroupState::stable && decided_state(world, at).leader == changed->broker;
        if (settled && changed->generation < stable)
            broken.push_back(
                {GroupRule::group_generations_grow, at, "a generation is lower than the one before"});
        if (settled) stable = std::max(stable, changed->generation);
        if (changed->state == GroupState::dead) stable = Generation{-1}; // deleted: whoever comes begins anew
    } else if (const auto* joined = std::get_if<fact::MemberJoined>(&fact)) {
        check(joined->group, joined->broker, world, broken);
    } else if (const auto* left = std::get_if<fact::MemberLeft>(&fact)) {
        remember_pending(left->group, left->broker, world);
        check(left->group, left->broker, world, broken);
    } else if (const auto* committed = std::get_if<fact::OffsetCommitted>(&fact)) {
        on_commit(*committed, world, broken);
    } else if (const auto* forgotten = std::get_if<fact::OffsetForgotten>(&fact)) {
        committed_[place(forgotten->group.value, forgotten->partition)] = no_offset;
    } else if (const auto* appended = std::get_if<fact::CoordinatorAppended>(&fact)) {
        for (std::size_t g = 0; g < states_.size(); ++g)
            if (configuration_.groups[g].partition == appended->partition)
                check(GroupIndex{static_cast<std::int32_t>(g)}, appended->broker, world, broken);
    } else if (const auto* loaded = std::get_if<fact::CoordinatorLoaded>(&fact)) {
        on_loaded(*loaded, world, broken);
    } else {
        on_owner(fact, world, broken);
    }
    for (GroupBreach& one : broken) {
        const bool internal = configuration_.is_internal(one.partition);
        if (!internal || !lossy(one.partition)) found.push_back(std::move(one));
    }
}

/// What was accepted under the generation that ends, or from the member that leaves, may still be committed.
void GroupRules::remember_pending(GroupIndex group, BrokerSlot broker, const World& world) {
    std::vector<Pending>& pending = states_[static_cast<std::size_t>(group.value)].pending;
    pending.clear();
    for (const GroupBatch& batch :
         world.brokers[static_cast<std::size_t>(broker.value)].memory.coordination.groups.batches)
        for (const Write& write : batch.writes)
            if (write.group == group && write.kind == WriteKind::offsets)
                pending.push_back(
                    {write.consumer, write.generation, static_cast<std::int64_t>(write.records.size())});
}

void GroupRules::on_commit(const fact::OffsetCommitted& fact, const World& world,
                           std::vector<GroupBreach>& found) {
    if (fact.consumer.value < 0) return; // a transaction's
    State& state = states_[static_cast<std::size_t>(fact.group.value)];
    const auto waits = std::find_if(state.pending.begin(), state.pending.end(), [&](const Pending& one) {
        return one.consumer == fact.consumer && one.generation == fact.generation && one.count > 0;
    });
    if (waits != state.pending.end()) waits->count -= 1;
    if (fact.error != ErrorCode::none) return;
    Offset& record = committed_[place(fact.group.value, fact.partition)];
    record = std::max(record, fact.record);
    if (waits != state.pending.end() || fact.generation < Generation{0}) return;
    const Group* group = group_at(world, fact.broker, fact.group);
    if (group == nullptr) return;
    const bool classic = group->protocol == GroupProtocol::classic;
    const auto is_it = [&](const auto& member) { return member.consumer == fact.consumer; };
    const bool known =
        classic ? std::any_of(group->classic.members.begin(), group->classic.members.end(), is_it)
                : std::any_of(group->consumer.members.begin(), group->consumer.members.end(), is_it);
    const bool old = classic && fact.generation != group->classic.generation;
    if (known && !old) return;
    found.push_back({GroupRule::commits_come_from_members, configuration_.group(fact.group).partition,
                     configuration_.consumer(fact.consumer).name +
                         (known ? " committed under another generation" : " committed and is no member")});
}

void GroupRules::on_owner(const Fact& fact, const World& world, std::vector<GroupBreach>& found) {
    if (const auto* crashed = std::get_if<fact::ApplicationCrashed>(&fact)) {
        if (crashed->consumer.value < 0) return;
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p)
            believes_[place(crashed->consumer.value, PartitionIndex{static_cast<std::int32_t>(p)})] = false;
    } else if (const auto* revoked = std::get_if<fact::PartitionRevoked>(&fact)) {
        believes_[place(revoked->consumer.value, revoked->partition)] = false;
    } else if (const auto* assigned = std::get_if<fact::PartitionAssigned>(&fact)) {
        believes_[place(assigned->consumer.value, assigned->partition)] = true;
        const GroupIndex index = configuration_.consumer(assigned->consumer).group;
        const Group* group = group_of(world, index);
        const auto is_member = [&](ConsumerIndex consumer) {
            const Reader& reader = world.readers[static_cast<std::size_t>(consumer.value)];
            return group != nullptr && is_present(*group, consumer, reader.member.member);
        };
        if (!is_member(assigned->consumer)) return; // it will hear of it
        for (std::size_t c = 0; c < configuration_.consumers.size(); ++c) {
            const ConsumerIndex other{static_cast<std::int32_t>(c)};
            const bool same = configuration_.consumer(other).group == index && other != assigned->consumer;
            if (!same || !believes_[place(other.value, assigned->partition)] || !is_member(other)) continue;
            found.push_back({GroupRule::partitions_have_one_owner, assigned->partition,
                             configuration_.consumer(other).name + " has it, and " +
                                 configuration_.consumer(assigned->consumer).name + " was given it"});
        }
    }
}

void GroupRules::on_loaded(const fact::CoordinatorLoaded& fact, const World& world,
                           std::vector<GroupBreach>& found) {
    for (std::size_t g = 0; g < states_.size(); ++g) {
        const GroupIndex index{static_cast<std::int32_t>(g)};
        if (configuration_.group(index).partition != fact.partition) continue;
        states_[g].pending.clear(); // of the coordinator before: it can no longer answer
        const Group* group = group_at(world, fact.broker, index);
        for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
            const PartitionIndex partition{static_cast<std::int32_t>(p)};
            const Offset record = committed_[place(index.value, partition)];
            if (record == no_offset) continue;
            Offset kept = no_offset;
            if (group != nullptr)
                for (const CommittedOffset& one : group->offsets)
                    if (one.partition == partition) kept = one.record;
            if (kept < record)
                found.push_back({GroupRule::committed_offsets_are_kept, fact.partition,
                                 "the coordinator does not know the latest commit for " +
                                     configuration_.partition(partition).name});
        }
    }
}

void GroupRules::check(GroupIndex index, BrokerSlot broker, const World& world,
                       std::vector<GroupBreach>& found) const {
    if (decided_state(world, configuration_.group(index).partition).leader != broker) return;
    const Group* group = group_at(world, broker, index);
    if (group == nullptr) return;
    if (group->protocol == GroupProtocol::classic)
        check_classic(*group, world, found);
    else
        check_consumer(*group, found);
}

/// Each partition of the topics, but those that were added since, has a place; none has two.
void GroupRules::check_complete(const std::vector<TopicIndex>& topics,
                                const std::vector<PartitionIndex>& places, PartitionIndex at,
                                std::vector<GroupBreach>& found) const {
    for (std::size_t p = 0; p < configuration_.partitions.size(); ++p) {
        const PartitionIndex partition{static_cast<std::int32_t>(p)};
        const PartitionConfiguration& asked = configuration_.partition(partition);
        const bool subscribed = std::find(topics.begin(), topics.end(), asked.topic) != topics.end();
        if (!subscribed || asked.created_later) continue;
        if (std::find(places.begin(), places.end(), partition) == places.end())
            found.push_back({GroupRule::assignments_are_complete, at, asked.name + " is assigned to nobody"});
    }
}

void GroupRules::check_classic(const Group& group, const World& world,
                               std::vector<GroupBreach>& found) const {
    const ClassicGroup& classic = group.classic;
    if (classic.state != GroupState::stable) return;
    const PartitionIndex at = configuration_.group(group.index).partition;
    std::vector<PartitionIndex> places;
    for (const ClassicMember& member : classic.members)
        places.insert(places.end(), member.assignment.begin(), member.assignment.end());
    if (const PartitionIndex twice = first_twice(places); twice.value >= 0)
        found.push_back({GroupRule::partitions_have_one_owner, at,
                         configuration_.partition(twice).name + " is assigned to two members"});
    if (classic.members.empty()) return;
    const ClassicMember* leader = find_member(classic, classic.leader);
    if (leader == nullptr)
        return found.push_back({GroupRule::stable_groups_are_settled, at, "the leader is no member"});
    // A leader assigns what its metadata shows. A cooperative one leaves out what a former owner has to give
    // up first (KIP-429).
    const Membership& assigner = world.readers[static_cast<std::size_t>(leader->consumer.value)].member;
    const bool complete = assigner.member != leader->id ||
                          static_cast<std::int64_t>(places.size()) >= assigner.assigned_among ||
                          classic.protocol == AssignorKind::cooperative_sticky;
    if (!complete)
        found.push_back({GroupRule::assignments_are_complete, at,
                         std::to_string(places.size()) + " of " + std::to_string(assigner.assigned_among) +
                             " partitions are assigned"});
}

void GroupRules::check_consumer(const Group& group, std::vector<GroupBreach>& found) const {
    const ConsumerGroup& consumer = group.consumer;
    const PartitionIndex at = configuration_.group(group.index).partition;
    std::vector<PartitionIndex> held;
    std::vector<PartitionIndex> targets;
    std::vector<TopicIndex> topics;
    bool settled = true;
    for (const ConsumerMember& member : consumer.members) {
        held.insert(held.end(), member.assigned.begin(), member.assigned.end());
        held.insert(held.end(), member.revoking.begin(), member.revoking.end());
        targets.insert(targets.end(), member.target.begin(), member.target.end());
        topics.insert(topics.end(), member.topics.begin(), member.topics.end());
        settled = settled && member.state == ConsumerMemberState::stable && member.revoking.empty() &&
                  member.epoch == consumer.assignment_epoch && member.assigned == member.target;
        const bool beyond =
            std::any_of(member.assigned.begin(), member.assigned.end(), [&](PartitionIndex one) {
                return std::find(member.target.begin(), member.target.end(), one) == member.target.end();
            });
        if (member.epoch == consumer.assignment_epoch && beyond)
            found.push_back({GroupRule::stable_groups_are_settled, at,
                             "a member of the newest epoch has what it shall not have"});
    }
    if (const PartitionIndex twice = first_twice(held); twice.value >= 0)
        found.push_back({GroupRule::partitions_have_one_owner, at,
                         configuration_.partition(twice).name + " is held by two members"});
    if (const PartitionIndex twice = first_twice(targets); twice.value >= 0)
        found.push_back({GroupRule::assignments_are_complete, at,
                         configuration_.partition(twice).name + " is the target of two members"});
    check_complete(topics, targets, at, found);
    if (consumer.state == GroupState::stable && !settled)
        found.push_back(
            {GroupRule::stable_groups_are_settled, at, "a member of a stable group is not at its target"});
}

} // namespace kafka
