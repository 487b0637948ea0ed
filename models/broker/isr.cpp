#include "models/broker/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool has_entry(const std::vector<AlterPartitionContent::Entry>& entries, PartitionIndex partition) {
    return std::any_of(entries.begin(), entries.end(), [&](const AlterPartitionContent::Entry& entry) {
        return entry.partition == partition;
    });
}

void drop_entry(std::vector<AlterPartitionContent::Entry>& entries, PartitionIndex partition) {
    std::erase_if(entries, [&](const AlterPartitionContent::Entry& e) { return e.partition == partition; });
}

bool is_forgotten(const AlterPartitionQueue& queue, PartitionIndex partition) {
    return std::find(queue.forgotten.begin(), queue.forgotten.end(), partition) != queue.forgotten.end();
}

/// What was sent and not dealt with is sent again, but for what a new leadership has dropped.
/// Leaves out: to 2.8 a request whose connection is lost is sent again as it was, with what was dropped.
void queue_again(AlterPartitionQueue& queue) {
    for (const PartitionIndex partition : queue.forgotten)
        drop_entry(queue.sent, partition);
    queue.forgotten.clear();
    queue.queued.insert(queue.queued.begin(), queue.sent.begin(), queue.sent.end());
    queue.sent.clear();
}

/// Proposes an ISR. Source: Partition.prepareIsrExpand, prepareIsrShrink, submitAlterPartition; KIP-497.
void propose(Broker& broker, int position, BrokerSet new_isr, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Leader& leader = std::get<Leader>(replica.role);
    const bool asks_controller = dialect_of(broker, turn.configuration).isr_change_is_asynchronous;
    if (has_zookeeper(turn) && !asks_controller) return write_isr(broker, position, new_isr, turn);
    // One change of a partition at a time: a second one is not attempted, and a later fetch or check proposes
    // again. It meets a change of a former leadership, or of an older partition epoch, that is not answered
    // yet. Source: DefaultAlterPartitionManager.submit (DefaultAlterIsrManager to 3.2):
    // unsentIsrUpdates.putIfAbsent; Partition.handleAlterPartitionError: OPERATION_NOT_ATTEMPTED gives back
    // the committed state.
    const AlterPartitionQueue& queue = broker.memory.alter_partition;
    const bool in_flight =
        has_entry(queue.sent, replica.partition) && !is_forgotten(queue, replica.partition);
    if (in_flight || has_entry(queue.queued, replica.partition)) {
        leader.isr_state = Committed{};
        return turn.ignore("a change of this ISR is under way already");
    }
    const Assignment& replicas = replicas_of(broker, replica.partition, turn.configuration);
    AlterPartitionContent::Entry entry{
        replica.partition, leader.leader_epoch, leader.partition_epoch, new_isr, {}};
    entry.epochs.fill(no_broker_epoch);
    std::size_t next_epoch = 0;
    for (BrokerSlot slot = new_isr.first(); slot != no_slot; slot = new_isr.after(slot)) {
        BrokerEpoch epoch = broker.memory.lifecycle.epoch;
        if (slot != broker.slot) {
            const int at = position_of(replicas, slot);
            epoch = leader.remotes[static_cast<std::size_t>(at)].broker_epoch;
        }
        const bool given = dialect_of(broker, turn.configuration).join == JoinRule::same_broker_epoch;
        entry.epochs[next_epoch++] = given ? epoch : no_broker_epoch;
    }
    turn.note(fact::IsrProposed{broker.slot, replica.partition, leader.leader_epoch, leader.isr, new_isr});
    broker.memory.alter_partition.queued.push_back(entry);
    send_alter_partition(broker, turn);
}

/// What the controller's answer means for one partition. A proposal that newer metadata has replaced is not
/// answered any more: what became of it comes with the metadata. Source: Partition.submitAlterPartition,
/// handleAlterPartitionUpdate, -Error; 1.5.5, 1.5.6.
void apply_answer(Broker& broker, const AlterPartitionAnswer::Entry& entry,
                  const AlterPartitionContent::Entry& sent, Turn& turn) {
    const int position = position_of(broker, entry.partition);
    Replica& replica = replica_at(broker, position);
    Leader* leader = std::get_if<Leader>(&replica.role);
    if (leader == nullptr || leader->leader_epoch != sent.leader_epoch ||
        leader->partition_epoch != sent.partition_epoch || !isr_change_in_flight(*leader))
        return turn.ignore("the partition has moved on since the ISR was proposed");
    if (entry.error == ErrorCode::none) {
        if (entry.leader_epoch != leader->leader_epoch || entry.partition_epoch < leader->partition_epoch)
            return turn.ignore("answer of another leadership");
        leader->isr = entry.isr;
        leader->partition_epoch = entry.partition_epoch;
        leader->isr_state = Committed{};
        advance_high_watermark(broker, position, turn); // KAFKA-13091
        complete_delayed_produces(broker, entry.partition, turn);
        return;
    }
    if (entry.error == ErrorCode::operation_not_attempted || entry.error == ErrorCode::ineligible_replica) {
        leader->isr_state = Committed{}; // a later fetch or check proposes again
        return;
    }
    const bool settled =
        entry.error == ErrorCode::unknown_topic_or_partition ||
        entry.error == ErrorCode::fenced_leader_epoch || entry.error == ErrorCode::invalid_update_version ||
        entry.error == ErrorCode::new_leader_elected || entry.error == ErrorCode::invalid_request;
    if (settled) return turn.ignore("stays pending until newer metadata arrives");
    broker.memory.alter_partition.queued.push_back(sent); // anything else is sent again
}

} // namespace

void advance_high_watermark(Broker& broker, int position, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    const Leader& leader = std::get<Leader>(replica.role);
    const LeaderView view = view_of(broker, replica.partition, turn);
    const Offset end = log_at(broker, position).log_end_offset;
    const Offset moved = advanced_high_watermark(view, leader, end, replica.high_watermark);
    if (moved == replica.high_watermark) return;
    replica.high_watermark = moved;
    turn.note(fact::HighWatermarkMoved{broker.slot, replica.partition, moved, leader.leader_epoch, true});
    advance_last_stable_offset(broker, replica, turn);
    complete_delayed_produces(broker, replica.partition, turn);
    complete_delayed_fetches(broker, replica.partition,
                             turn); // consumers; followers wait for the end, not for this
}

void advance_last_stable_offset(const Broker& broker, Replica& replica, Turn& turn) {
    LogTransactions& transactions = replica.producers.transactions;
    if (!transactions.any) return;
    forget_replicated(transactions, replica.high_watermark);
    const Offset stable = last_stable_offset(transactions, replica.high_watermark);
    if (stable == transactions.last_stable_offset) return;
    transactions.last_stable_offset = stable;
    turn.note(fact::LastStableOffsetMoved{broker.slot, replica.partition, stable});
}

/// To 2.8 a new leadership drops the partition's change, although it may be in flight.
/// 1. A change is sent, and its answer is slow. 2. The same broker leads again, in a newer epoch: the change
/// is dropped, and a second one is queued behind the request in flight. 3. The answer to the first comes. It
/// belongs to the former leadership and is ignored, but the entry of its partition goes from the queue: by
/// now that is the second one, which is never sent. 4. The leader waits for an answer to it until it is
/// elected anew, and proposes nothing else. Source: DefaultAlterIsrManager.clearPending,
/// handleAlterIsrResponse; Partition.makeLeader; KAFKA-12686 (fixed in 3.0).
void forget_isr_change(Broker& broker, PartitionIndex partition, const Turn& turn) {
    if (dialect_of(broker, turn.configuration).mended.isr_change_outlives_election) return;
    AlterPartitionQueue& queue = broker.memory.alter_partition;
    drop_entry(queue.queued, partition);
    if (has_entry(queue.sent, partition) && !is_forgotten(queue, partition))
        queue.forgotten.push_back(partition);
}

void maybe_expand_isr(Broker& broker, int position, BrokerSlot follower, Turn& turn) {
    Replica& replica = replica_at(broker, position);
    Leader& leader = std::get<Leader>(replica.role);
    const LeaderView view = view_of(broker, replica.partition, turn);
    if (!may_join_isr(view, leader, follower, replica.high_watermark)) return;
    leader.isr_state = PendingExpand{follower};
    propose(broker, position, leader.isr | only(follower), turn);
}

void check_isrs(Broker& broker, Turn& turn) {
    for (std::size_t i = 0; i < broker.hosted.size(); ++i) {
        Replica& replica = broker.memory.replicas[i];
        Leader* leader = std::get_if<Leader>(&replica.role);
        if (leader == nullptr) continue;
        const LeaderView view = view_of(broker, replica.partition, turn);
        const BrokerSet behind = out_of_sync(view, *leader, broker.disk.logs[i].log_end_offset);
        if (behind.empty()) continue;
        leader->isr_state = PendingShrink{behind};
        if (view.dialect.broken == BrokenRule::isr_settled_before_answer) {
            leader->isr = leader->isr - behind;
            leader->isr_state = Committed{};
            advance_high_watermark(broker, static_cast<int>(i), turn);
            propose(broker, static_cast<int>(i), leader->isr, turn);
            continue;
        }
        propose(broker, static_cast<int>(i), leader->isr - behind, turn);
    }
}

/// One request in flight per broker, with all queued partitions. Source: DefaultAlterPartitionManager.
void send_alter_partition(Broker& broker, Turn& turn) {
    AlterPartitionQueue& queue = broker.memory.alter_partition;
    if (queue.channel.in_flight || queue.queued.empty()) return;
    if (!ready_for_controller(broker, queue.channel, turn)) {
        if (queue.channel.state == Channel::State::closed)
            turn.at(queue.channel.retry_at, timer(BrokerTimer::alter_partition_send, queue.channel.round));
        return;
    }
    queue.sent.swap(queue.queued);
    queue.queued.clear();
    const sim::SlabHandle handle = turn.slabs().alter_partition.acquire();
    turn.slabs().alter_partition.open(handle).entries = queue.sent;
    queue.channel.in_flight = true;
    const BrokerEpoch epoch =
        has_zookeeper(turn) ? broker.memory.zookeeper.epoch : broker.memory.lifecycle.epoch;
    turn.send(queue.channel.connection, sim::Side::client, AlterPartitionRequest{broker.slot, epoch, handle},
              80 + 60 * static_cast<std::int32_t>(queue.sent.size()));
    turn.after(settings_of(broker, turn.configuration).request_timeout,
               timer(BrokerTimer::alter_partition_timeout, queue.channel.round));
}

void on_alter_partition(Broker& broker, const AlterPartitionResponse& response, Turn& turn) {
    AlterPartitionQueue& queue = broker.memory.alter_partition;
    queue.channel.in_flight = false;
    queue.channel.round += 1;
    if (response.error != ErrorCode::none) { // top level: send again after 50 ms
        queue_again(queue);
        if (response.error == ErrorCode::not_controller) // the connection is given up, another one is found
            give_up(queue.channel, sim::milliseconds(50), turn);
        turn.after(sim::milliseconds(50), timer(BrokerTimer::alter_partition_send, queue.channel.round));
        return;
    }
    const std::vector<AlterPartitionAnswer::Entry> answers =
        turn.slabs().alter_partition_answer.open(response.content).entries;
    turn.slabs().alter_partition_answer.release(response.content);
    // One NOT_CONTROLLER in it, and the whole request goes to another controller.
    // Source: NodeToControllerRequestThread.handleResponse (errorCounts).
    if (std::any_of(answers.begin(), answers.end(), [](const AlterPartitionAnswer::Entry& entry) {
            return entry.error == ErrorCode::not_controller;
        })) {
        queue_again(queue);
        give_up(queue.channel, sim::milliseconds(50), turn);
        turn.at(queue.channel.retry_at, timer(BrokerTimer::alter_partition_send, queue.channel.round));
        return;
    }
    const std::vector<AlterPartitionContent::Entry> sent = queue.sent;
    queue.sent.clear();
    for (const AlterPartitionAnswer::Entry& entry : answers) {
        const auto asked =
            std::find_if(sent.begin(), sent.end(), [&](const AlterPartitionContent::Entry& one) {
                return one.partition == entry.partition;
            });
        if (asked != sent.end()) apply_answer(broker, entry, *asked, turn);
        // Step 3 of forget_isr_change: it is the newer change that goes.
        if (is_forgotten(queue, entry.partition)) drop_entry(queue.queued, entry.partition);
    }
    queue.forgotten.clear();
    send_alter_partition(broker, turn);
}

void alter_partition_failed(Broker& broker, Turn& turn) {
    AlterPartitionQueue& queue = broker.memory.alter_partition;
    queue_again(queue);
    turn.at(queue.channel.retry_at, timer(BrokerTimer::alter_partition_send, queue.channel.round));
}

} // namespace kafka::parts
