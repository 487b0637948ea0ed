#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Source: ReplicaManager.IsrChangePropagationInterval, IsrChangePropagationBlackOut,
/// maybePropagateIsrChanges.
constexpr sim::Duration propagation_check = sim::milliseconds(2500);
constexpr sim::Duration propagation_rest = sim::milliseconds(5000);
constexpr sim::Duration propagation_longest = sim::milliseconds(60000);

void remember_change(Broker& broker, PartitionIndex partition, Turn& turn) {
    if (!dialect_of(broker, turn.configuration).zookeeper.isr_changes_are_told) return;
    ZooKeeperMember& member = broker.memory.zookeeper;
    const auto at = std::lower_bound(member.isr_changes.begin(), member.isr_changes.end(), partition);
    if (at == member.isr_changes.end() || *at != partition) member.isr_changes.insert(at, partition);
    member.last_isr_change = turn.now;
    if (member.tells_isr) return;
    member.tells_isr = true;
    turn.after(propagation_check, timer(ZooKeeperTimer::propagate_isr));
}

/// The leader of the same leadership and version, as the write found it; else null.
Leader* writer_of(Broker& broker, const PartitionRecord& record) {
    Replica& replica = replica_at(broker, position_of(broker, record.partition));
    Leader* leader = std::get_if<Leader>(&replica.role);
    const bool same = leader != nullptr && leader->leader_epoch == record.state.leader_epoch &&
                      leader->partition_epoch == record.state.partition_epoch;
    return same ? leader : nullptr;
}

} // namespace

/// A conditional write in the version that the leader has cached. Kafka's thread waits for the answer with
/// the partition's lock held; here the partition goes on, and the high watermark waits for whoever may be in
/// the ISR, as it does there. Source: Partition.updateIsr, ReplicationUtils.updateLeaderAndIsr, to 2.6;
/// semantics 1.5.8. Leaves out: what else waits for that thread while the ensemble does not answer.
void write_isr(Broker& broker, int position, BrokerSet new_isr, Turn& turn) {
    const Replica& replica = replica_at(broker, position);
    const Leader& leader = std::get<Leader>(replica.role);
    turn.note(fact::IsrProposed{broker.slot, replica.partition, leader.leader_epoch, leader.isr, new_isr});
    PartitionState state;
    state.leader = broker.slot;
    state.leader_epoch = leader.leader_epoch;
    state.partition_epoch = leader.partition_epoch;
    state.isr = new_isr;
    ZooKeeperPending pending;
    pending.request.call = ZooKeeperCall::write_partitions;
    pending.of = CallOf::leader;
    const bool grows = new_isr.contains(leader.isr);
    pending.records.emplace_back(PartitionRecord{
        replica.partition, state, {}, grows ? ChangeCause::isr_expand : ChangeCause::isr_shrink, false});
    ask(broker.memory.zookeeper.client, broker.slot, std::move(pending), turn);
}

/// 1. The controller changes the node. 2. Its LeaderAndIsr does not reach the leader. 3. The leader's writes
/// fail, and fail again with every try: its version is not the node's. Only a LeaderAndIsr of a newer epoch
/// ends that. Source: "Cached zkVersion [%d] not equal to that in zookeeper"; semantics 9.21.
void isr_written(Broker& broker, const ZooKeeperPending& call, const ZooKeeperResponse& response,
                 Turn& turn) {
    if (response.error != ZooKeeperError::none) return isr_not_written(broker, call, turn);
    const std::vector<AlterPartitionAnswer::Entry> answers =
        turn.slabs().alter_partition_answer.open(response.content).entries;
    turn.slabs().alter_partition_answer.release(response.content);
    const auto& record = std::get<PartitionRecord>(call.records.front());
    Leader* leader = writer_of(broker, record);
    if (leader == nullptr) return turn.ignore("the partition has moved on since the ISR was written");
    const AlterPartitionAnswer::Entry& answer = answers.front();
    leader->isr_state = Committed{};
    // A write whose answer was lost is found done. Source: ReplicationUtils.checkLeaderAndIsrZkData.
    const bool done = answer.leader == broker.slot && answer.leader_epoch == record.state.leader_epoch &&
                      answer.isr == record.state.isr;
    if (answer.error != ErrorCode::none && !done)
        return turn.ignore("cached zkVersion is not equal to that in ZooKeeper: the ISR stays as it is");
    leader->isr = answer.isr;
    leader->partition_epoch = answer.partition_epoch;
    remember_change(broker, record.partition, turn);
    advance_high_watermark(broker, position_of(broker, record.partition), turn);
    complete_delayed_produces(broker, record.partition, turn);
}

void isr_not_written(Broker& broker, const ZooKeeperPending& call, Turn& turn) {
    const auto* record = call.records.empty() ? nullptr : std::get_if<PartitionRecord>(&call.records.front());
    if (call.request.call != ZooKeeperCall::write_partitions || record == nullptr) return;
    Leader* leader = writer_of(broker, *record);
    if (leader == nullptr) return;
    leader->isr_state = Committed{};
    turn.ignore("the session ended before the ISR was written");
}

void tell_isr_changes(Broker& broker, Turn& turn) {
    ZooKeeperMember& member = broker.memory.zookeeper;
    member.tells_isr = false;
    if (member.isr_changes.empty()) return;
    const bool rests = member.last_isr_change + propagation_rest < turn.now;
    const bool overdue = member.last_isr_told + propagation_longest < turn.now;
    if (!rests && !overdue) {
        member.tells_isr = true;
        turn.after(propagation_check, timer(ZooKeeperTimer::propagate_isr));
        return;
    }
    ZooKeeperPending pending;
    pending.request.call = ZooKeeperCall::notify_isr_changes;
    pending.of = CallOf::session;
    for (const PartitionIndex partition : member.isr_changes)
        pending.records.emplace_back(PartitionRecord{partition, {}, {}, ChangeCause::isr_shrink, false});
    member.isr_changes.clear();
    member.last_isr_told = turn.now;
    ask(member.client, broker.slot, std::move(pending), turn);
}

} // namespace kafka::parts
