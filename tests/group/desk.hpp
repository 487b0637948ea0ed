#pragma once
// A group coordinator on its own: the test plays the broker, its log and its members.

#include "models/group/classic/steps.hpp"
#include "models/group/offsets.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace kafka {

inline constexpr GroupIndex the_group{0};
inline constexpr PartitionIndex the_partition{9};

struct Desk {
    Configuration configuration;
    Kernel kernel;
    GroupCoordinator coordinator;
    GroupCoordinatorSettings settings;
    Dialect dialect;
    Offset log_end{0};
    Offset high_watermark{0};
    std::vector<GroupReply> replies;
    std::vector<GroupAppend> appends; // not decided yet
    std::vector<GroupTimer> timers;

    explicit Desk(Release release = newest_release) : dialect(dialect_of(release)) {
        configuration.groups.push_back({"billing", the_partition});
        for (int i = 0; i < 6; ++i) {
            ConsumerConfiguration consumer;
            consumer.group = the_group;
            consumer.release = release;
            consumer.dialect = dialect;
            configuration.consumers.push_back(consumer);
        }
    }

    GroupTurn begin(Turn& turn) {
        return {turn, BrokerSlot{1}, settings, dialect, high_watermark, {}, {}, {}, {}};
    }
    /// One turn of the coordinator.
    template <class Act> void act(Act&& act_in) {
        Turn turn(kernel, configuration, sim::ProcessId{1});
        GroupTurn group = begin(turn);
        act_in(group);
        replies.insert(replies.end(), group.replies.begin(), group.replies.end());
        appends.insert(appends.end(), group.appends.begin(), group.appends.end());
        timers.insert(timers.end(), group.timers.begin(), group.timers.end());
    }
    /// Time goes on; timers fall due in order.
    void wait(sim::Duration length) {
        const sim::SimTime end = kernel.now + length;
        while (true) {
            const auto first =
                std::min_element(timers.begin(), timers.end(),
                                 [](const GroupTimer& a, const GroupTimer& b) { return a.at < b.at; });
            if (first == timers.end() || first->at > end) break;
            const GroupTimer due = *first;
            timers.erase(first);
            kernel.now = due.at;
            act([&](GroupTurn& turn) { on_timer(coordinator, due.what, due.key, due.round, turn); });
        }
        kernel.now = end;
    }
    /// All appends are committed, or end with `error`.
    void decide(ErrorCode error = ErrorCode::none, ErrorCode answer = ErrorCode::none) {
        std::vector<GroupAppend> waiting;
        waiting.swap(appends);
        for (const GroupAppend& one : waiting) {
            const Offset base = log_end;
            log_end = next(log_end, static_cast<std::int64_t>(one.records.size()));
            if (error == ErrorCode::none) high_watermark = log_end;
            act([&](GroupTurn& turn) {
                append_ended(coordinator, {one.round, base, error, answer, only(BrokerSlot{1})}, turn);
            });
        }
    }

    static Waiter waiter(int consumer) { return {{static_cast<std::uint32_t>(consumer), 1}, 1}; }
    const Mail* answer(int consumer) const {
        for (std::size_t i = replies.size(); i > 0; --i)
            if (replies[i - 1].waiter.connection == waiter(consumer).connection) return &replies[i - 1].mail;
        return nullptr;
    }
    bool silent(int consumer) const { return answer(consumer) == nullptr; }
    template <class Response> const Response& got(int consumer) const {
        REQUIRE(answer(consumer) != nullptr);
        REQUIRE(std::holds_alternative<Response>(*answer(consumer)));
        return std::get<Response>(*answer(consumer));
    }

    JoinGroupContent content{{AssignorKind::range}, {TopicIndex{0}}, {}, no_generation};
    InstanceIndex instance = no_instance;

    void join(int consumer, MemberId member) {
        replies.clear();
        JoinGroupRequest request;
        request.group = the_group;
        request.consumer = ConsumerIndex{consumer};
        request.instance = instance;
        request.member = member;
        request.session_timeout = sim::seconds(10);
        request.rebalance_timeout = sim::seconds(60);
        act([&](GroupTurn& turn) {
            classic::on_join(coordinator, waiter(consumer), request, content, turn);
        });
    }
    /// Both steps of KIP-394; the JoinGroup then waits. Returns the member id.
    MemberId enter(int consumer) {
        join(consumer, no_member);
        const JoinGroupResponse response = got<JoinGroupResponse>(consumer);
        REQUIRE(response.error == ErrorCode::member_id_required);
        join(consumer, response.member);
        return response.member;
    }
    void sync(int consumer, MemberId member, std::vector<SyncGroupContent::Entry> entries = {},
              std::int32_t back = 0) {
        replies.clear();
        SyncGroupRequest request;
        request.group = the_group;
        request.generation = Generation{group().generation.value - back};
        request.instance = instance;
        request.member = member;
        const SyncGroupContent assignment{std::move(entries)};
        act([&](GroupTurn& turn) {
            classic::on_sync(coordinator, waiter(consumer), request, assignment, turn);
        });
    }
    ErrorCode heartbeat(int consumer, MemberId member, std::int32_t back = 0) {
        replies.clear();
        const HeartbeatRequest request{1, the_group, Generation{group().generation.value - back}, instance,
                                       member};
        act([&](GroupTurn& turn) { classic::on_heartbeat(coordinator, waiter(consumer), request, turn); });
        return got<HeartbeatResponse>(consumer).error;
    }
    ErrorCode leave(int consumer, MemberId member) {
        replies.clear();
        const LeaveGroupRequest request{1, the_group, instance, member};
        act([&](GroupTurn& turn) { classic::on_leave(coordinator, waiter(consumer), request, turn); });
        return got<LeaveGroupResponse>(consumer).error;
    }
    void commit(int consumer, MemberId member, Generation generation, std::int64_t offset) {
        replies.clear();
        OffsetCommitRequest request;
        request.group = the_group;
        request.consumer = ConsumerIndex{consumer};
        request.instance = instance;
        request.member = member;
        request.generation = generation;
        const OffsetContent offsets{{{PartitionIndex{0}, Offset{offset}, Epoch{3}}}};
        act([&](GroupTurn& turn) { on_commit(coordinator, waiter(consumer), request, offsets, turn); });
    }
    ErrorCode committed(int consumer) {
        const SlabHandle handle = got<OffsetCommitResponse>(consumer).content;
        return kernel.slabs.partition_errors.open(handle).entries.front().error;
    }
    OffsetFetchAnswer::Entry fetched(bool require_stable = false) {
        replies.clear();
        OffsetFetchRequest request;
        request.group = the_group;
        request.require_stable = require_stable;
        const PartitionList asked{{PartitionIndex{0}}};
        act([&](GroupTurn& turn) { on_fetch_offsets(coordinator, waiter(0), request, asked, turn); });
        const SlabHandle handle = got<OffsetFetchResponse>(0).content;
        return kernel.slabs.offset_fetch_answer.open(handle).entries.front();
    }

    ClassicGroup& group() { return find_group(coordinator, the_group)->classic; }
    std::vector<PartitionIndex> assignment(int consumer) {
        return kernel.slabs.partitions.open(got<SyncGroupResponse>(consumer).content).partitions;
    }
    /// A stable group of `count` members, of which the first leads and has partition 0. Returns their ids.
    std::vector<MemberId> stable(int count) {
        std::vector<MemberId> ids;
        for (int i = 0; i < count; ++i)
            ids.push_back(enter(i));
        wait(sim::seconds(9));
        for (int i = count - 1; i >= 0; --i)
            sync(i, ids[static_cast<std::size_t>(i)], {{ids[0], PartitionIndex{0}}});
        decide();
        REQUIRE(group().state == GroupState::stable);
        return ids;
    }
};

} // namespace kafka
