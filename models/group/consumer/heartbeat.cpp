#include "models/group/consumer/steps.hpp"

#include "models/group/assignors.hpp"

#include <algorithm>

namespace kafka::consumer {

namespace {

using Records = std::vector<CoordinatorRecord>;
using What = ConsumerGroupMemberRecord::What;

ConsumerGroupMemberRecord record_of(GroupIndex group, const ConsumerMember& member, What what) {
    ConsumerGroupMemberRecord record;
    record.what = what;
    record.group = group;
    record.member = member.id;
    record.consumer = member.consumer;
    record.instance = member.instance;
    record.rebalance_timeout = member.rebalance_timeout;
    if (what == What::subscription) {
        record.topics = member.topics;
        record.assignor = member.assignor;
    }
    if (what == What::target) record.partitions = member.target;
    if (what != What::current) return record;
    record.partitions = member.assigned;
    record.revoking = member.revoking;
    record.member_epoch = member.epoch;
    record.previous_epoch = member.previous_epoch;
    record.state = static_cast<std::uint8_t>(member.state);
    return record;
}

void add_tombstones(GroupIndex group, const ConsumerMember& member, Records& records) {
    for (const What what : {What::current, What::target, What::subscription}) {
        ConsumerGroupMemberRecord record = record_of(group, member, what);
        record.tombstone = true;
        records.emplace_back(record);
    }
}

void note_state(GroupStep& step) {
    ConsumerGroup& group = step.group.consumer;
    const GroupState state = state_of(group);
    if (state == group.state) return;
    group.state = state;
    step.turn.turn.note(fact::GroupChanged{step.turn.broker, step.group.index, state, group.epoch,
                                           static_cast<std::int32_t>(group.members.size())});
}

std::vector<TopicPartitions> topics_of(const GroupStep& step) {
    const std::span<const PartitionState> known = step.turn.partitions;
    return existing_topics(step.turn.turn.configuration, [&](PartitionIndex partition) {
        const auto at = static_cast<std::size_t>(partition.value);
        return at >= known.size() || exists(known[at]);
    });
}

/// Whether partitions were added to topics of the group since the last target: each existing partition of a
/// subscribed topic is in somebody's target otherwise.
/// Source: GroupMetadataManager.onNewMetadataImage, maybeUpdate of the subscription metadata by a heartbeat.
bool has_new_partitions(const GroupStep& step) {
    const ConsumerGroup& group = step.group.consumer;
    for (const TopicPartitions& topic : topics_of(step)) {
        std::int32_t assigned = 0;
        bool subscribed = false;
        for (const ConsumerMember& member : group.members) {
            subscribed = subscribed || std::find(member.topics.begin(), member.topics.end(), topic.topic) !=
                                           member.topics.end();
            assigned += static_cast<std::int32_t>(
                std::count_if(member.target.begin(), member.target.end(), [&](PartitionIndex partition) {
                    return topic.first <= partition && partition < next(topic.first, topic.count);
                }));
        }
        if (subscribed && assigned < topic.count) return true;
    }
    return false;
}

/// The group's epoch goes up and a target for it is computed at once. Leaves out:
/// group.consumer.assignment.interval.ms (4.3).
/// Source: TargetAssignmentBuilder.
void bump_epoch(GroupStep& step, Records& records) {
    ConsumerGroup& group = step.group.consumer;
    group.epoch = next(group.epoch);
    group.assignment_epoch = group.epoch;
    std::vector<JoinGroupAnswer::Member> members;
    for (const ConsumerMember& member : group.members) {
        JoinGroupAnswer::Member one{member.id, member.consumer, member.instance, {}};
        one.subscription.topics = member.topics;
        one.subscription.owned = member.target;
        members.push_back(one);
    }
    const SyncGroupContent target =
        assign(preferred_assignor(group, step.turn.settings.consumer_assignors), members, topics_of(step));
    for (ConsumerMember& member : group.members) {
        std::vector<PartitionIndex> fresh;
        for (const SyncGroupContent::Entry& entry : target.entries)
            if (entry.member == member.id) fresh.push_back(entry.partition);
        std::sort(fresh.begin(), fresh.end());
        if (fresh == member.target) continue;
        member.target = fresh;
        records.emplace_back(record_of(step.group.index, member, What::target));
    }
    records.emplace_back(ConsumerGroupRecord{step.group.index, group.epoch, group.assignment_epoch, false});
}

void set_session_timer(GroupStep& step, ConsumerMember& member) {
    member.timer_round = step.coordinator.next_round++;
    member.timer_at = member.session_end;
    step.turn.timers.push_back(
        {member.session_end, GroupTimerKind::member_session, step.group.index.value, member.timer_round});
}

void renew_session(GroupStep& step, ConsumerMember& member) {
    member.session_end = step.turn.now() + step.turn.settings.consumer_session_timeout;
    if (member.session_end < member.timer_at) set_session_timer(step, member);
}

/// Partitions must be given up within the member's rebalance timeout.
void watch_revocation(GroupStep& step, ConsumerMember& member) {
    if (member.state != ConsumerMemberState::unrevoked_partitions) {
        member.revoke_round = 0;
        return;
    }
    if (member.revoke_round != 0) return;
    member.revoke_round = step.coordinator.next_round++;
    step.turn.timers.push_back({step.turn.now() + member.rebalance_timeout, GroupTimerKind::member_revocation,
                                step.group.index.value, member.revoke_round});
}

ConsumerMember& add_member(GroupStep& step, const ConsumerMember& member) {
    std::vector<ConsumerMember>& members = step.group.consumer.members;
    const auto at = std::find_if(members.begin(), members.end(),
                                 [&](const ConsumerMember& other) { return member.id < other.id; });
    step.turn.turn.note(fact::MemberJoined{step.turn.broker, step.group.index, member.consumer, member.id,
                                           step.group.consumer.epoch});
    return *members.insert(at, member);
}

void remove_member(GroupStep& step, MemberId id, LeaveCause cause, Records& records) {
    ConsumerGroup& group = step.group.consumer;
    const ConsumerMember* member = find_member(group, id);
    add_tombstones(step.group.index, *member, records);
    step.turn.turn.note(fact::MemberLeft{step.turn.broker, step.group.index, member->consumer, id, cause});
    std::erase_if(group.members, [&](const ConsumerMember& one) { return one.id == id; });
}

/// Nobody waits for these records.
void write_alone(GroupStep& step, Records records) {
    Write one;
    one.kind = WriteKind::empty_group;
    one.group = step.group.index;
    one.records = std::move(records);
    write(step.coordinator, std::move(one), step.turn);
}

/// Source: consumerGroupFenceMember.
void fence(GroupStep& step, MemberId id, LeaveCause cause) {
    Records records;
    remove_member(step, id, cause, records);
    bump_epoch(step, records);
    note_state(step);
    write_alone(step, std::move(records));
}

/// A heartbeat with the group that it is for.
struct Beat {
    GroupStep& step;
    Waiter waiter;
    const ConsumerGroupHeartbeatRequest& request;
    const MemberContent& content;
    Records records;
};

void answer_later(Beat& beat, const ConsumerMember& member, bool tells_assignment) {
    Write one;
    one.kind = WriteKind::member;
    one.group = beat.step.group.index;
    one.waiter = beat.waiter;
    one.member = member.id;
    one.generation = member.epoch;
    one.has_assignment = tells_assignment;
    if (tells_assignment) one.partitions = member.assigned;
    one.records = std::move(beat.records);
    if (one.records.empty()) return heartbeat_ended(beat.step, one, ErrorCode::none);
    write(beat.step.coordinator, std::move(one), beat.step.turn);
}

/// Another process has taken over the group.instance.id. Source: throwIfInstanceIdIsFenced.
bool is_replaced(const Beat& beat) {
    const ConsumerMember* holder = find_instance(beat.step.group.consumer, beat.request.instance);
    return holder != nullptr && holder->id != beat.request.member;
}

/// Epoch -1: gone. Epoch -2: a static member that will be back. Source: consumerGroupLeave.
void leave(Beat& beat) {
    GroupStep& step = beat.step;
    if (is_replaced(beat))
        return refuse_heartbeat(beat.waiter, beat.request.member, ErrorCode::fenced_instance_id, step.turn);
    ConsumerMember* known = find_member(step.group.consumer, beat.request.member);
    if (known == nullptr)
        return refuse_heartbeat(beat.waiter, beat.request.member, ErrorCode::unknown_member_id, step.turn);
    ConsumerMember gone = *known;
    gone.epoch = beat.request.member_epoch;
    if (beat.request.member_epoch == left_static_epoch && known->instance != no_instance) {
        known->previous_epoch = known->epoch;
        known->epoch = left_static_epoch;
        known->revoking.clear();
        known->state = ConsumerMemberState::stable;
        known->revoke_round = 0;
        beat.records.emplace_back(record_of(step.group.index, *known, What::current));
    } else {
        remove_member(step, gone.id, LeaveCause::left, beat.records);
        bump_epoch(step, beat.records);
    }
    note_state(step);
    answer_later(beat, gone, false);
}

/// The member of a heartbeat with epoch 0; null when it was refused. `replaced`: a static one came back.
/// Source: getOrMaybeSubscribeDynamicConsumerGroupMember, getOrMaybeSubscribeStaticConsumerGroupMember.
ConsumerMember* join(Beat& beat, bool& is_new) {
    GroupStep& step = beat.step;
    ConsumerGroup& group = step.group.consumer;
    const ConsumerGroupHeartbeatRequest& request = beat.request;
    if (ConsumerMember* known = find_member(group, request.member)) return known; // a lost answer
    ConsumerMember fresh;
    ConsumerMember* before = find_instance(group, request.instance);
    if (before != nullptr && before->epoch != left_static_epoch) {
        refuse_heartbeat(beat.waiter, request.member, ErrorCode::unreleased_instance_id, step.turn);
        return nullptr;
    }
    is_new = before == nullptr;
    if (before != nullptr) { // takes over what it had, without a new epoch of the group
        fresh = *before;
        fresh.timer_at = sim::SimTime::never();
        remove_member(step, before->id, LeaveCause::replaced_by_instance, beat.records);
        fresh.epoch = fresh.previous_epoch = Generation{0};
    }
    fresh.id = request.member;
    fresh.consumer = request.consumer;
    fresh.instance = request.instance;
    ConsumerMember& added = add_member(step, fresh);
    if (before == nullptr) return &added;
    beat.records.emplace_back(record_of(step.group.index, added, What::subscription));
    beat.records.emplace_back(record_of(step.group.index, added, What::target));
    return &added;
}

/// Takes over what the heartbeat says of itself; true when the subscription changed.
bool update(const Beat& beat, ConsumerMember& member) {
    member.consumer = beat.request.consumer;
    if (beat.request.rebalance_timeout > sim::Duration{0})
        member.rebalance_timeout = beat.request.rebalance_timeout;
    if (!beat.request.has_subscription) return false;
    std::vector<TopicIndex> topics = beat.content.topics;
    std::sort(topics.begin(), topics.end());
    if (topics == member.topics && beat.content.assignor == member.assignor) return false;
    member.topics = topics;
    member.assignor = beat.content.assignor;
    return true;
}

void beat_of(Beat& beat) {
    GroupStep& step = beat.step;
    ConsumerGroup& group = step.group.consumer;
    const ConsumerGroupHeartbeatRequest& request = beat.request;
    const bool joins = request.member_epoch == Generation{0};
    const auto refuse = [&](ErrorCode error) {
        refuse_heartbeat(beat.waiter, request.member, error, step.turn);
    };
    if (joins && find_member(group, request.member) == nullptr &&
        static_cast<std::int32_t>(group.members.size()) >= step.turn.settings.consumer_max_size)
        return refuse(ErrorCode::group_max_size_reached);
    const std::vector<AssignorKind>& offered = step.turn.settings.consumer_assignors;
    const bool unknown_assignor = beat.content.assignor && std::find(offered.begin(), offered.end(),
                                                                     *beat.content.assignor) == offered.end();
    if (unknown_assignor) return refuse(ErrorCode::unsupported_assignor);
    bool is_new = false;
    ConsumerMember* member = joins ? join(beat, is_new) : find_member(group, request.member);
    if (joins && member == nullptr) return; // refused
    if (!joins && is_replaced(beat)) return refuse(ErrorCode::fenced_instance_id);
    if (member == nullptr) return refuse(ErrorCode::unknown_member_id);
    if (!joins) {
        const ErrorCode wrong =
            check_heartbeat(*member, request.member_epoch, request.has_owned, beat.content.owned);
        if (wrong != ErrorCode::none) return refuse(wrong);
    }
    const bool changed = update(beat, *member) || is_new;
    if (changed) {
        beat.records.emplace_back(record_of(step.group.index, *member, What::subscription));
        bump_epoch(step, beat.records);
    } else if (has_new_partitions(step)) {
        bump_epoch(step, beat.records);
    }
    const ConsumerMember before = *member;
    reconcile(group, *member, request.has_owned ? &beat.content.owned : nullptr, step.turn.dialect.broken);
    const bool moved = before.epoch != member->epoch || before.assigned != member->assigned ||
                       before.revoking != member->revoking || before.state != member->state;
    if (moved) beat.records.emplace_back(record_of(step.group.index, *member, What::current));
    renew_session(step, *member);
    watch_revocation(step, *member);
    note_state(step);
    // Source: KIP-848: told when it changed, when the member joins, and when it reports all that it has.
    answer_later(beat, *member, joins || request.has_subscription || before.assigned != member->assigned);
}

} // namespace

void refuse_heartbeat(Waiter waiter, MemberId member, ErrorCode error, GroupTurn& turn) {
    if (!waiter.waits()) return;
    ConsumerGroupHeartbeatResponse response;
    response.correlation = waiter.correlation;
    response.error = error;
    response.member = member;
    response.content = turn.turn.slabs().partitions.acquire();
    reply(turn, waiter, response, 50);
}

void on_heartbeat(GroupCoordinator& self, Waiter waiter, const ConsumerGroupHeartbeatRequest& request,
                  const MemberContent& content, GroupTurn& turn) {
    if (!turn.dialect.group.coordinator_runtime) // UNSUPPORTED_VERSION in Kafka: the client does not even ask
        return refuse_heartbeat(waiter, request.member, ErrorCode::invalid_request, turn);
    Group* known = find_group(self, request.group);
    if (known == nullptr && request.member_epoch != Generation{0})
        return refuse_heartbeat(waiter, request.member, ErrorCode::unknown_member_id, turn);
    Group& group = find_or_add_group(self, request.group);
    if (group.protocol == GroupProtocol::classic) {
        // Leaves out: the online migration; only an empty group changes its protocol.
        if (group.classic.state != GroupState::empty || !group.classic.pending.empty())
            return refuse_heartbeat(waiter, request.member, ErrorCode::inconsistent_group_protocol, turn);
        group.protocol = GroupProtocol::consumer;
        group.classic = {};
    }
    GroupStep step{self, group, turn};
    Beat beat{step, waiter, request, content, {}};
    if (request.member_epoch < Generation{0})
        leave(beat);
    else
        beat_of(beat);
}

void heartbeat_ended(GroupStep& step, Write& write, ErrorCode error) {
    if (error != ErrorCode::none) return refuse_heartbeat(write.waiter, write.member, error, step.turn);
    if (!write.waiter.waits()) return;
    ConsumerGroupHeartbeatResponse response;
    response.correlation = write.waiter.correlation;
    response.has_assignment = write.has_assignment;
    response.member_epoch = write.generation;
    response.member = write.member;
    response.heartbeat_interval = step.turn.settings.consumer_heartbeat_interval;
    response.content = step.turn.turn.slabs().partitions.acquire();
    step.turn.turn.slabs().partitions.open(response.content).partitions = write.partitions;
    reply(step.turn, write.waiter, response, static_cast<std::int32_t>(60 + 8 * write.partitions.size()));
}

void on_timer(GroupStep& step, GroupTimerKind what, std::uint32_t round) {
    for (ConsumerMember& member : step.group.consumer.members) {
        if (what == GroupTimerKind::member_revocation && member.revoke_round == round)
            return fence(step, member.id, LeaveCause::rebalance_timed_out);
        if (what != GroupTimerKind::member_session || member.timer_round != round) continue;
        member.timer_at = sim::SimTime::never();
        if (member.session_end > step.turn.now()) return set_session_timer(step, member);
        return fence(step, member.id, LeaveCause::session_expired);
    }
    step.turn.turn.ignore("a member that went away, or went on");
}

void loaded(GroupStep& step) {
    for (ConsumerMember& member : step.group.consumer.members) {
        renew_session(step, member);
        watch_revocation(step, member);
    }
    step.group.consumer.state = GroupState::dead; // so that the state is told
    note_state(step);
}

void replay(ConsumerGroup& group, const ConsumerGroupRecord& record) {
    group.epoch = record.group_epoch;
    group.assignment_epoch = record.assignment_epoch;
}

void replay(ConsumerGroup& group, const ConsumerGroupMemberRecord& record) {
    ConsumerMember* known = find_member(group, record.member);
    if (record.tombstone) {
        if (record.what == What::subscription)
            std::erase_if(group.members, [&](const ConsumerMember& one) { return one.id == record.member; });
        return;
    }
    if (known == nullptr) {
        ConsumerMember fresh;
        fresh.id = record.member;
        const auto at = std::find_if(group.members.begin(), group.members.end(),
                                     [&](const ConsumerMember& other) { return record.member < other.id; });
        known = &*group.members.insert(at, fresh);
    }
    known->consumer = record.consumer;
    known->instance = record.instance;
    known->rebalance_timeout = record.rebalance_timeout;
    if (record.what == What::subscription) {
        known->topics = record.topics;
        known->assignor = record.assignor;
    }
    if (record.what == What::target) known->target = record.partitions;
    if (record.what != What::current) return;
    known->assigned = record.partitions;
    known->revoking = record.revoking;
    known->epoch = record.member_epoch;
    known->previous_epoch = record.previous_epoch;
    known->state = static_cast<ConsumerMemberState>(record.state);
}

} // namespace kafka::consumer
