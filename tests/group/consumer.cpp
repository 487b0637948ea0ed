// The consumer protocol (KIP-848) at its coordinator.

#include "tests/group/desk.hpp"
#include "tests/group/numbers.hpp"

#include "models/group/consumer/steps.hpp"

using namespace kafka;

namespace {

struct Beats : Desk {
    std::optional<AssignorKind> assignor;
    explicit Beats(std::int32_t partitions = 4) {
        TopicConfiguration topic;
        topic.name = "t";
        topic.partition_first = PartitionIndex{0};
        topic.partitions = partitions;
        configuration.topics.push_back(topic);
    }
    /// One heartbeat of member `id` + 1, with its records committed.
    ConsumerGroupHeartbeatResponse beat(int id, std::int32_t epoch,
                                        std::optional<std::vector<PartitionIndex>> owned = std::nullopt) {
        replies.clear();
        ConsumerGroupHeartbeatRequest request;
        request.group = the_group;
        request.consumer = ConsumerIndex{id};
        request.instance = instance;
        request.member = MemberId{id + 1};
        request.rebalance_timeout = sim::seconds(60);
        request.member_epoch = Generation{epoch};
        request.has_subscription = epoch == 0;
        request.has_owned = owned.has_value();
        const MemberContent said{{TopicIndex{0}}, owned.value_or(std::vector<PartitionIndex>{}), assignor};
        act([&](GroupTurn& turn) { consumer::on_heartbeat(coordinator, waiter(id), request, said, turn); });
        decide();
        return got<ConsumerGroupHeartbeatResponse>(id);
    }
    std::vector<std::int32_t> told(const ConsumerGroupHeartbeatResponse& response) {
        std::vector<std::int32_t> numbers;
        for (const PartitionIndex partition : kernel.slabs.partitions.open(response.content).partitions)
            numbers.push_back(partition.value);
        return numbers;
    }
    ConsumerGroup& modern() { return find_group(coordinator, the_group)->consumer; }
};

} // namespace

TEST_CASE("consumer group: a first member has all partitions at once, without waiting for anybody") {
    Beats desk;
    const ConsumerGroupHeartbeatResponse response = desk.beat(0, 0);
    CHECK(response.error == ErrorCode::none);
    CHECK(response.member_epoch == Generation{1});
    CHECK(response.heartbeat_interval == sim::seconds(5));
    CHECK(response.has_assignment);
    CHECK(desk.told(response) == Numbers{0, 1, 2, 3});
    CHECK(desk.modern().state == GroupState::stable);
    CHECK(!desk.beat(0, 1).has_assignment); // nothing new
}

TEST_CASE("consumer group: a newcomer gets what the other has given up, partition by partition") {
    Beats desk;
    desk.beat(0, 0);
    const ConsumerGroupHeartbeatResponse joined = desk.beat(1, 0);
    CHECK(joined.member_epoch == Generation{2});
    CHECK(desk.told(joined).empty()); // the first still holds them
    CHECK(desk.modern().state == GroupState::reconciling);
    const ConsumerGroupHeartbeatResponse asked = desk.beat(0, 1);
    CHECK(asked.member_epoch == Generation{1}); // stays until it has given up
    CHECK(desk.told(asked) == Numbers{0, 1});
    CHECK(desk.told(desk.beat(1, 2)).empty());
    CHECK(desk.beat(0, 1, partitions({0, 1})).member_epoch == Generation{2});
    CHECK(desk.told(desk.beat(1, 2)) == Numbers{2, 3});
    CHECK(desk.modern().state == GroupState::stable);
}

TEST_CASE("consumer group: who does not give up within its rebalance timeout is fenced") {
    Beats desk;
    desk.beat(0, 0);
    desk.beat(1, 0);
    desk.beat(0, 1);
    for (int i = 0; i < 5; ++i) { // both are alive
        desk.wait(sim::seconds(10));
        desk.beat(1, 2);
        CHECK(desk.beat(0, 1).error == ErrorCode::none);
    }
    desk.wait(sim::seconds(10));
    CHECK(desk.beat(0, 1).error == ErrorCode::unknown_member_id);
    CHECK(desk.told(desk.beat(1, 2)) == Numbers{0, 1, 2, 3});
}

TEST_CASE("consumer group: epochs that are ahead are fenced, the one before counts if the answer was lost") {
    Beats desk;
    desk.beat(0, 0);
    CHECK(desk.beat(0, 2).error == ErrorCode::fenced_member_epoch);
    desk.beat(1, 0);
    desk.beat(0, 1);
    desk.beat(0, 1, partitions({0, 1})); // now at epoch 2
    CHECK(desk.beat(0, 1, partitions({0, 1})).error == ErrorCode::none);
    CHECK(desk.beat(0, 1, partitions({0, 3})).error == ErrorCode::fenced_member_epoch);
    CHECK(desk.beat(5, 3).error == ErrorCode::unknown_member_id);
}

TEST_CASE("consumer group: silence for the session timeout, or leaving, gives the partitions to the others") {
    Beats desk;
    desk.beat(0, 0);
    desk.beat(1, 0);
    desk.beat(0, 1);
    desk.beat(0, 1, partitions({0, 1}));
    desk.beat(1, 2);
    CHECK(desk.beat(0, -1).member_epoch == left_epoch);
    CHECK(desk.told(desk.beat(1, 2)) == Numbers{0, 1, 2, 3});
    desk.wait(sim::seconds(45));
    CHECK(desk.modern().members.empty());
    CHECK(desk.modern().state == GroupState::empty);
}

TEST_CASE("consumer group: a static member that left for a while comes back to its partitions") {
    Beats desk;
    desk.instance = InstanceIndex{0};
    desk.beat(0, 0);
    CHECK(desk.beat(1, 0).error == ErrorCode::unreleased_instance_id);
    desk.beat(0, -2);
    const ConsumerGroupHeartbeatResponse back = desk.beat(1, 0);
    CHECK(back.member_epoch == Generation{1}); // no new epoch of the group
    CHECK(desk.told(back) == Numbers{0, 1, 2, 3});
    CHECK(desk.beat(0, 1).error == ErrorCode::fenced_instance_id);
    CHECK(desk.beat(0, -2).error == ErrorCode::fenced_instance_id);
}

TEST_CASE("consumer group: most members' favourite assignor is used, an unknown one is refused") {
    Beats desk;
    desk.assignor = AssignorKind::range;
    desk.beat(0, 0);
    CHECK(desk.modern().members[0].assignor == AssignorKind::range);
    desk.assignor = AssignorKind::sticky;
    CHECK(desk.beat(1, 0).error == ErrorCode::unsupported_assignor);
    CHECK(desk.modern().members.size() == 1);
}

TEST_CASE("consumer group: commits with another epoch than the member's are stale") {
    Beats desk;
    desk.beat(0, 0);
    desk.commit(0, MemberId{1}, Generation{1}, 7);
    desk.decide();
    CHECK(desk.committed(0) == ErrorCode::none);
    desk.commit(0, MemberId{1}, Generation{0}, 8);
    CHECK(desk.committed(0) == ErrorCode::stale_member_epoch);
    desk.commit(0, MemberId{9}, Generation{1}, 8);
    CHECK(desk.committed(0) == ErrorCode::unknown_member_id);
    desk.join(1, no_member); // a member of the other protocol
    CHECK(desk.got<JoinGroupResponse>(1).error == ErrorCode::inconsistent_group_protocol);
}

TEST_CASE("consumer group: the next coordinator knows members, targets and epochs from the log") {
    Beats desk;
    std::vector<CoordinatorRecord> records;
    const auto copy = [&] {
        for (const GroupAppend& append : desk.appends)
            records.insert(records.end(), append.records.begin(), append.records.end());
    };
    ConsumerGroupHeartbeatRequest request;
    request.group = the_group;
    request.member = MemberId{1};
    request.has_subscription = true;
    const MemberContent said{{TopicIndex{0}}, {}};
    desk.act([&](GroupTurn& turn) {
        consumer::on_heartbeat(desk.coordinator, Desk::waiter(0), request, said, turn);
    });
    copy();
    CHECK(desk.silent(0)); // answered once the records are committed
    desk.decide();
    Beats fresh;
    const std::vector<LoadedGroupBatch> batches{{Offset{0}, no_producer_id, ControlType::none, records}};
    fresh.act([&](GroupTurn& turn) { load(fresh.coordinator, the_partition, batches, turn); });
    CHECK(fresh.modern().epoch == desk.modern().epoch);
    CHECK(fresh.modern().members.front().assigned == desk.modern().members.front().assigned);
    CHECK(fresh.modern().members.front().target == desk.modern().members.front().target);
    CHECK(fresh.beat(0, 1).error == ErrorCode::none);
}
