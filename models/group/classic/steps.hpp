#pragma once
// Requests and time-outs of the classic protocol. Source: GroupMetadataManager (classicGroup...), before 4.0
// GroupCoordinator.scala; semantics 7.6.

#include "models/group/steps.hpp"

namespace kafka::classic {

// --- join.cpp ---
void refuse_join(Waiter waiter, MemberId member, ErrorCode error, GroupTurn& turn);
void on_join(GroupCoordinator& self, Waiter waiter, const JoinGroupRequest& request,
             const JoinGroupContent& content, GroupTurn& turn);
/// The record that gives a static member its new id is decided.
void static_member_ended(GroupStep& step, const Write& write, ErrorCode error);

// --- rebalance.cpp ---
void become(GroupStep& step, GroupState state);
/// Answers a waiting JoinGroup with the group as it is.
void answer_join(GroupStep& step, ClassicMember& member, bool with_members, bool skip_assignment = false);
void prepare_rebalance(GroupStep& step);
void prepare_rebalance_or_complete_join(GroupStep& step);
void maybe_complete_join(GroupStep& step);
void complete_join(GroupStep& step);
void on_initial_delay(GroupStep& step);

// --- sync.cpp ---
void refuse_sync(Waiter waiter, ErrorCode error, GroupTurn& turn);
void on_sync(GroupCoordinator& self, Waiter waiter, const SyncGroupRequest& request,
             const SyncGroupContent& content, GroupTurn& turn);
void assignment_ended(GroupStep& step, const Write& write, ErrorCode error);
/// Nobody gets an assignment of this generation; whoever waits for it hears `error`.
void drop_assignments(GroupStep& step, ErrorCode error);
void on_sync_expired(GroupStep& step);

// --- sessions.cpp ---
void on_heartbeat(GroupCoordinator& self, Waiter waiter, const HeartbeatRequest& request, GroupTurn& turn);
void refuse_heartbeat(Waiter waiter, ErrorCode error, GroupTurn& turn);
void on_leave(GroupCoordinator& self, Waiter waiter, const LeaveGroupRequest& request, GroupTurn& turn);
void refuse_leave(Waiter waiter, ErrorCode error, GroupTurn& turn);
/// The member is alive: its session ends `timeout` from now.
void renew_session(GroupStep& step, ClassicMember& member, sim::Duration timeout);
/// Takes a member out and says so; whoever waits for its JoinGroup hears UNKNOWN_MEMBER_ID.
void expel(GroupStep& step, MemberId member, LeaveCause cause);
void on_timer(GroupStep& step, GroupTimerKind what, std::uint32_t round);
void loaded(GroupStep& step);
void unloaded(GroupStep& step);

} // namespace kafka::classic
