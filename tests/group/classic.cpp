// The classic protocol at its coordinator.

#include "tests/group/desk.hpp"

using namespace kafka;

TEST_CASE("classic group: a first member is given an id, waits for the initial delay, and leads") {
    Desk desk;
    const MemberId member = desk.enter(0);
    CHECK(desk.silent(0));
    desk.wait(sim::milliseconds(2999));
    CHECK(desk.silent(0));
    CHECK(desk.group().state == GroupState::preparing_rebalance);
    desk.wait(sim::milliseconds(1));
    const JoinGroupResponse& joined = desk.got<JoinGroupResponse>(0);
    CHECK(joined.error == ErrorCode::none);
    CHECK(joined.generation == Generation{1});
    CHECK(joined.leader == member);
    CHECK(desk.kernel.slabs.join_group_answer.open(joined.content).members.size() == 1);
    CHECK(desk.group().state == GroupState::completing_rebalance);
}

TEST_CASE("classic group: before 2.2 nobody is asked to come back with an id") {
    Desk desk(Release::v2_1);
    desk.join(0, no_member);
    CHECK(desk.silent(0));
    desk.wait(sim::seconds(3));
    CHECK(desk.got<JoinGroupResponse>(0).error == ErrorCode::none);
}

TEST_CASE("classic group: each member that comes during the initial delay prolongs it") {
    Desk desk;
    desk.enter(0);
    desk.wait(sim::seconds(2));
    desk.enter(1);
    desk.wait(sim::seconds(2)); // 4 s: the first delay is over, the second runs
    CHECK(desk.group().state == GroupState::preparing_rebalance);
    desk.wait(sim::seconds(2));
    CHECK(desk.group().state == GroupState::completing_rebalance);
    CHECK(desk.group().members.size() == 2);
}

TEST_CASE("classic group: the leader's assignment is told to all once its record is committed") {
    Desk desk;
    const MemberId first = desk.enter(0);
    const MemberId second = desk.enter(1);
    desk.wait(sim::seconds(9));
    desk.sync(1, second);
    CHECK(desk.silent(1));
    desk.sync(0, first, {{first, PartitionIndex{0}}, {second, PartitionIndex{1}}});
    CHECK(desk.silent(0));
    desk.decide();
    CHECK(desk.assignment(0) == std::vector<PartitionIndex>{PartitionIndex{0}});
    CHECK(desk.assignment(1) == std::vector<PartitionIndex>{PartitionIndex{1}});
    CHECK(desk.group().state == GroupState::stable);
}

TEST_CASE("classic group: an assignment that cannot be written is told to nobody, and all join again") {
    Desk desk;
    const MemberId first = desk.enter(0);
    desk.wait(sim::seconds(3));
    desk.decide(); // that the group exists
    desk.sync(0, first, {{first, PartitionIndex{0}}});
    desk.decide(ErrorCode::not_enough_replicas, ErrorCode::coordinator_not_available);
    CHECK(desk.got<SyncGroupResponse>(0).error == ErrorCode::coordinator_not_available);
    CHECK(desk.group().state == GroupState::preparing_rebalance);
}

TEST_CASE("classic group: a newcomer makes the others join again, and the old generation is refused") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(1);
    const MemberId fresh = desk.enter(1);
    CHECK(desk.group().state == GroupState::preparing_rebalance);
    CHECK(desk.heartbeat(0, ids[0]) == ErrorCode::rebalance_in_progress);
    desk.join(0, ids[0]);
    CHECK(desk.got<JoinGroupResponse>(0).generation == Generation{2});
    CHECK(desk.got<JoinGroupResponse>(1).leader == ids[0]);
    CHECK(desk.heartbeat(0, ids[0]) == ErrorCode::none);
    CHECK(desk.heartbeat(0, ids[0], 1) == ErrorCode::illegal_generation);
    CHECK(desk.heartbeat(0, MemberId{7}) == ErrorCode::unknown_member_id);
    CHECK(find_member(desk.group(), fresh) != nullptr);
}

TEST_CASE("classic group: who does not join again within the rebalance timeout is out") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(1);
    desk.enter(1);
    for (int i = 0; i < 12; ++i) { // it is alive, but does not poll
        desk.heartbeat(0, ids[0]);
        desk.wait(sim::seconds(5));
    }
    CHECK(find_member(desk.group(), ids[0]) == nullptr);
    CHECK(desk.group().state == GroupState::completing_rebalance);
    CHECK(desk.group().members.size() == 1);
    CHECK(desk.heartbeat(0, ids[0]) == ErrorCode::unknown_member_id);
}

TEST_CASE("classic group: a silent member is out when its session ends, a heartbeat prolongs it") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(1);
    desk.wait(sim::seconds(9));
    CHECK(desk.heartbeat(0, ids[0]) == ErrorCode::none);
    desk.wait(sim::seconds(9));
    CHECK(desk.group().members.size() == 1);
    desk.wait(sim::seconds(1));
    CHECK(desk.group().members.empty());
    CHECK(desk.group().state == GroupState::empty);
    CHECK(desk.appends.size() == 1); // the empty group is written down
}

TEST_CASE("classic group: an id that nobody joins with is forgotten when its session ends") {
    Desk desk;
    desk.join(0, no_member);
    const MemberId promised = desk.got<JoinGroupResponse>(0).member;
    desk.wait(sim::seconds(10));
    desk.join(0, promised);
    CHECK(desk.got<JoinGroupResponse>(0).error == ErrorCode::unknown_member_id);
}

TEST_CASE("classic group: who leaves is missed at once") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(2);
    CHECK(desk.leave(1, ids[1]) == ErrorCode::none);
    CHECK(desk.group().state == GroupState::preparing_rebalance);
    CHECK(desk.leave(1, ids[1]) == ErrorCode::unknown_member_id);
    desk.join(0, ids[0]);
    CHECK(desk.got<JoinGroupResponse>(0).generation == Generation{2});
}

TEST_CASE(
    "classic group: a follower that joins with the same metadata starts no rebalance, the leader does") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(2);
    desk.join(1, ids[1]);
    CHECK(desk.got<JoinGroupResponse>(1).generation == Generation{1});
    CHECK(desk.group().state == GroupState::stable);
    desk.content.owned.push_back(PartitionIndex{1}); // KIP-429: other owned partitions are other metadata
    desk.join(1, ids[1]);
    CHECK(desk.silent(1));
    CHECK(desk.group().state == GroupState::preparing_rebalance);
}

TEST_CASE("classic group: who never syncs blocks the group for ever before 2.8, and is expelled since") {
    for (const Release release : {Release::v2_7, Release::v2_8}) {
        Desk desk(release);
        const MemberId first = desk.enter(0);
        const MemberId second = desk.enter(1);
        desk.wait(sim::seconds(9)); // the first is the leader and goes silent in a way that beats go on
        for (int i = 0; i < 14; ++i) {
            desk.heartbeat(0, first);
            desk.heartbeat(1, second);
            desk.wait(sim::seconds(5));
        }
        const bool blocked = desk.group().state == GroupState::completing_rebalance;
        CHECK(blocked == (release == Release::v2_7)); // KAFKA-12890
    }
}

// Goal: a member that dies while it waits for the others is in the generation that begins without it. From
// 2.2 to 2.4 nobody watches it; a heartbeat, or a SyncGroup that is answered, would change that.
TEST_CASE("classic group: who dies before its first generation stays for ever from 2.2 to 2.4") {
    for (const Release release : {Release::v2_2, Release::v2_4, Release::v2_5}) {
        Desk desk(release);
        const std::vector<MemberId> ids = desk.stable(1);
        desk.enter(1); // and is never heard of again
        desk.join(0, ids[0]);
        REQUIRE(desk.group().state == GroupState::completing_rebalance);
        REQUIRE(desk.group().members.size() == 2);
        desk.sync(0, ids[0]);
        desk.decide();
        for (int i = 0; i < 100; ++i) {
            desk.heartbeat(0, ids[0]);
            desk.wait(sim::seconds(5));
        }
        const bool stays = desk.group().members.size() == 2;
        CHECK(stays == (release < Release::v2_5)); // KAFKA-9752
    }
}

TEST_CASE("classic group: from 2.2 to 2.4 a new member is watched from its first SyncGroup on") {
    Desk desk(Release::v2_4);
    const std::vector<MemberId> ids = desk.stable(2);
    for (int i = 0; i < 3; ++i) {
        desk.heartbeat(0, ids[0]);
        desk.wait(sim::seconds(5));
    }
    CHECK(desk.group().state == GroupState::preparing_rebalance); // the other one was silent
}

TEST_CASE("static member: comes back with a new id without a rebalance, its old id is fenced") {
    Desk desk;
    desk.instance = InstanceIndex{0};
    desk.join(0, no_member);
    desk.wait(sim::seconds(3));
    const MemberId old = desk.got<JoinGroupResponse>(0).member;
    desk.sync(0, old, {{old, PartitionIndex{0}}});
    desk.decide();
    desk.join(1, no_member); // the restarted process
    CHECK(desk.group().state == GroupState::stable);
    desk.decide();
    const JoinGroupResponse back = desk.got<JoinGroupResponse>(1);
    CHECK(back.generation == Generation{1});
    CHECK(back.leader == back.member);
    CHECK(back.skip_assignment); // KIP-814
    desk.sync(1, back.member);
    CHECK(desk.assignment(1) == std::vector<PartitionIndex>{PartitionIndex{0}});
    CHECK(desk.heartbeat(0, old) == ErrorCode::fenced_instance_id);
    desk.commit(0, old, Generation{1}, 5);
    CHECK(desk.committed(0) == ErrorCode::fenced_instance_id);
}

TEST_CASE(
    "static member: before 3.2 a leader that comes back is told its old id, so that it does not assign") {
    Desk desk(Release::v3_1);
    desk.instance = InstanceIndex{0};
    desk.join(0, no_member);
    desk.wait(sim::seconds(3));
    const MemberId old = desk.got<JoinGroupResponse>(0).member;
    desk.sync(0, old, {{old, PartitionIndex{0}}});
    desk.decide();
    desk.join(1, no_member);
    desk.decide();
    const JoinGroupResponse back = desk.got<JoinGroupResponse>(1);
    CHECK(back.leader == old);
    CHECK(back.member != old);
    CHECK(!back.skip_assignment);
}

TEST_CASE("classic group: group.max.size, session limits and foreign protocols are refused") {
    Desk desk;
    desk.settings.max_size = 1;
    desk.settings.min_session_timeout = sim::seconds(6);
    const std::vector<MemberId> ids = desk.stable(1);
    desk.join(1, no_member);
    CHECK(desk.got<JoinGroupResponse>(1).error == ErrorCode::group_max_size_reached);
    desk.settings.max_size = 9;
    desk.content.protocols = {AssignorKind::sticky};
    desk.join(1, no_member);
    CHECK(desk.got<JoinGroupResponse>(1).error == ErrorCode::inconsistent_group_protocol);
    desk.settings.min_session_timeout = sim::seconds(11);
    desk.join(0, ids[0]);
    CHECK(desk.got<JoinGroupResponse>(0).error == ErrorCode::invalid_session_timeout);
}

TEST_CASE("classic group: the protocol that most members prefer among those all have") {
    ClassicGroup group;
    const auto member = [&](std::int64_t id, std::vector<AssignorKind> protocols) {
        ClassicMember one;
        one.id = MemberId{id};
        one.subscription.protocols = std::move(protocols);
        add_member(group, one);
    };
    member(1, {AssignorKind::sticky, AssignorKind::range});
    member(2, {AssignorKind::range, AssignorKind::sticky, AssignorKind::cooperative_sticky});
    member(3, {AssignorKind::cooperative_sticky, AssignorKind::sticky, AssignorKind::range});
    CHECK(selected_protocol(group) == AssignorKind::sticky);
}

TEST_CASE("coordinator goes away: whoever waits is told so; its successor knows members by the log") {
    Desk desk;
    const std::vector<MemberId> ids = desk.stable(1);
    const GroupMetadataRecord record = record_of(desk.group(), the_group);
    desk.enter(1);
    desk.act([&](GroupTurn& turn) { unload(desk.coordinator, the_partition, turn); });
    CHECK(desk.got<JoinGroupResponse>(1).error == ErrorCode::not_coordinator);
    CHECK(desk.coordinator.groups.empty());

    Desk next_desk;
    const std::vector<CoordinatorRecord> records{
        record, OffsetCommitRecord{the_group, PartitionIndex{0}, Offset{42}, Epoch{3}, {}, false}};
    const std::vector<LoadedGroupBatch> batches{{Offset{0}, no_producer_id, ControlType::none, records}};
    next_desk.act([&](GroupTurn& turn) { load(next_desk.coordinator, the_partition, batches, turn); });
    CHECK(next_desk.group().state == GroupState::stable);
    CHECK(next_desk.heartbeat(0, ids[0]) == ErrorCode::none); // it notices nothing
    CHECK(next_desk.fetched().offset == Offset{42});
    next_desk.join(0, ids[0]); // joins of old members are known
    CHECK(next_desk.got<JoinGroupResponse>(0).generation == Generation{2});
}
