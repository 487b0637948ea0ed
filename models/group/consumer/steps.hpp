#pragma once
// The one request of the consumer protocol. Source: KIP-848; GroupMetadataManager.consumerGroupHeartbeat,
// consumerGroupLeave, consumerGroupFenceMember; semantics 7.8.

#include "models/group/steps.hpp"

namespace kafka::consumer {

void refuse_heartbeat(Waiter waiter, MemberId member, ErrorCode error, GroupTurn& turn);
void on_heartbeat(GroupCoordinator& self, Waiter waiter, const ConsumerGroupHeartbeatRequest& request,
                  const MemberContent& content, GroupTurn& turn);
/// The records of a heartbeat are decided: it is answered.
void heartbeat_ended(GroupStep& step, Write& write, ErrorCode error);
void on_timer(GroupStep& step, GroupTimerKind what, std::uint32_t round);
void loaded(GroupStep& step);
/// Source: GroupMetadataManager.replay of ConsumerGroup... records.
void replay(ConsumerGroup& group, const ConsumerGroupRecord& record);
void replay(ConsumerGroup& group, const ConsumerGroupMemberRecord& record);

} // namespace kafka::consumer
