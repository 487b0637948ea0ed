#include "models/group/offsets.hpp"

#include <algorithm>

namespace kafka {

namespace {

/// A later record wins. Source: GroupMetadata.onOffsetCommitAppend, completePendingTxnOffsetCommit.
void keep_latest(std::vector<CommittedOffset>& offsets, const CommittedOffset& fresh) {
    const auto at = std::find_if(offsets.begin(), offsets.end(), [&](const CommittedOffset& one) {
        return !(one.partition < fresh.partition);
    });
    if (at == offsets.end() || at->partition != fresh.partition)
        offsets.insert(at, fresh);
    else if (fresh.record >= at->record)
        *at = fresh;
}

void forget(std::vector<CommittedOffset>& offsets, PartitionIndex partition) {
    std::erase_if(offsets, [&](const CommittedOffset& one) { return one.partition == partition; });
}

CommittedOffset committed_by(const OffsetCommitRecord& record, Offset at) {
    return {record.partition, record.offset, record.leader_epoch, at, record.commit_time};
}

bool is_for(const TransactionalOffsets& transaction, PartitionIndex partition) {
    return std::any_of(transaction.offsets.begin(), transaction.offsets.end(),
                       [&](const CommittedOffset& one) { return one.partition == partition; });
}

TransactionalOffsets* transaction_of(Group& group, ProducerId producer_id) {
    for (TransactionalOffsets& one : group.transactions)
        if (one.producer_id == producer_id) return &one;
    return nullptr;
}

TransactionalOffsets& transaction_or_add(Group& group, ProducerId producer_id) {
    if (TransactionalOffsets* known = transaction_of(group, producer_id)) return *known;
    group.transactions.push_back({producer_id, {}});
    return group.transactions.back();
}

SlabHandle errors_of(const OffsetContent& content, ErrorCode error, GroupTurn& turn) {
    const SlabHandle handle = turn.turn.slabs().partition_errors.acquire();
    PartitionErrors& errors = turn.turn.slabs().partition_errors.open(handle);
    for (const OffsetContent::Entry& entry : content.entries)
        errors.entries.push_back({entry.partition, error});
    return handle;
}

std::int32_t commit_bytes(std::size_t entries) { return static_cast<std::int32_t>(40 + 10 * entries); }

/// Commits whose client was told of a time-out, and which the high watermark has passed since.
/// Source: CoordinatorRuntime: the state is in the timeline already and becomes visible when it is committed.
void settle_late(Group& group, Offset high_watermark) {
    std::erase_if(group.late, [&](const CommittedOffset& late) {
        if (late.record >= high_watermark) return false;
        keep_latest(group.offsets, late);
        return true;
    });
}

void note_commit(GroupIndex group, const Write& write, const CommittedOffset& offset, ErrorCode error,
                 BrokerSet in_sync, GroupTurn& turn) {
    turn.turn.note(fact::OffsetCommitted{turn.broker, group, write.consumer, offset.partition, offset.offset,
                                         offset.record, write.generation, error, in_sync});
}

/// Source: OffsetMetadataManager.validateOffsetCommit. Leaves out: GROUP_ID_NOT_FOUND of OffsetCommit v9; it
/// is ILLEGAL_GENERATION here for all.
ErrorCode check(GroupCoordinator& self, GroupIndex index, MemberId member, InstanceIndex instance,
                Generation generation, bool transactional) {
    const Group* group = find_group(self, index);
    if (group == nullptr) return generation < Generation{0} ? ErrorCode::none : ErrorCode::illegal_generation;
    if (group->protocol == GroupProtocol::classic)
        return check_commit(group->classic, member, instance, generation, transactional);
    // Of a transaction ILLEGAL_GENERATION stands for it (validateTransactionalOffsetCommit).
    const ErrorCode error = check_epoch(group->consumer, member, generation);
    return transactional && error == ErrorCode::stale_member_epoch ? ErrorCode::illegal_generation : error;
}

/// Commits keep the member's session. Source: OffsetMetadataManager.commitOffset.
void touch_session(Group& group, MemberId member, sim::SimTime now) {
    const GroupState state = group.classic.state;
    if (state != GroupState::stable && state != GroupState::preparing_rebalance) return;
    if (ClassicMember* known = find_member(group.classic, member))
        known->session_end = std::max(known->session_end, now + known->session_timeout);
}

Write write_of(GroupIndex group, const OffsetContent& content, sim::SimTime wall_time) {
    Write write;
    write.group = group;
    for (const OffsetContent::Entry& entry : content.entries)
        write.records.emplace_back(
            OffsetCommitRecord{group, entry.partition, entry.offset, entry.leader_epoch, wall_time, false});
    return write;
}

void note_refusal(const Write& write, ErrorCode error, GroupTurn& turn) {
    for (const CoordinatorRecord& record : write.records) {
        const auto& commit = std::get<OffsetCommitRecord>(record);
        note_commit(write.group, write, {commit.partition, commit.offset, commit.leader_epoch, no_offset, {}},
                    error, {}, turn);
    }
}

} // namespace

void refuse_commit(Waiter waiter, const OffsetContent& content, ErrorCode error, GroupTurn& turn) {
    const OffsetCommitResponse response{waiter.correlation, errors_of(content, error, turn)};
    reply(turn, waiter, response, commit_bytes(content.entries.size()));
}

void refuse_transactional_commit(Waiter waiter, const OffsetContent& content, ErrorCode error,
                                 GroupTurn& turn) {
    const TxnOffsetCommitResponse response{waiter.correlation, errors_of(content, error, turn)};
    reply(turn, waiter, response, commit_bytes(content.entries.size()));
}

void refuse_fetch(Waiter waiter, const PartitionList& asked, ErrorCode error, GroupTurn& turn) {
    const SlabHandle handle = turn.turn.slabs().offset_fetch_answer.acquire();
    OffsetFetchAnswer& answer = turn.turn.slabs().offset_fetch_answer.open(handle);
    for (const PartitionIndex partition : asked.partitions)
        answer.entries.push_back({partition, error, no_offset, no_epoch});
    reply(turn, waiter, OffsetFetchResponse{waiter.correlation, error, handle},
          commit_bytes(asked.partitions.size()));
}

void on_commit(GroupCoordinator& self, Waiter waiter, const OffsetCommitRequest& request,
               const OffsetContent& content, GroupTurn& turn) {
    Write one = write_of(request.group, content, turn.turn.wall_time());
    one.kind = WriteKind::offsets;
    one.consumer = request.consumer;
    one.generation = request.generation;
    const ErrorCode error =
        turn.dialect.broken == BrokenRule::stale_commits_accepted
            ? ErrorCode::none
            : check(self, request.group, request.member, request.instance, request.generation, false);
    if (error != ErrorCode::none) {
        note_refusal(one, error, turn);
        return refuse_commit(waiter, content, error, turn);
    }
    Group& group = find_or_add_group(self, request.group);
    touch_session(group, request.member, turn.now());
    settle_late(group, turn.high_watermark);
    if (content.entries.empty()) return refuse_commit(waiter, content, ErrorCode::none, turn);
    one.waiter = waiter;
    write(self, std::move(one), turn);
}

void on_transactional_commit(GroupCoordinator& self, Waiter waiter, const TxnOffsetCommitRequest& request,
                             const OffsetContent& content, GroupTurn& turn) {
    Write one = write_of(request.group, content, turn.turn.wall_time());
    one.kind = WriteKind::transactional_offsets;
    one.generation = request.generation;
    one.producer_id = request.producer_id;
    one.producer_epoch = request.producer_epoch;
    const ErrorCode error =
        check(self, request.group, request.member, request.instance, request.generation, true);
    if (error != ErrorCode::none) {
        note_refusal(one, error, turn);
        return refuse_transactional_commit(waiter, content, error, turn);
    }
    Group& group = find_or_add_group(self, request.group);
    if (content.entries.empty()) return refuse_transactional_commit(waiter, content, ErrorCode::none, turn);
    // Pending from now on, so that nobody reads past an open transaction (prepareTxnOffsetCommit).
    TransactionalOffsets& transaction = transaction_or_add(group, request.producer_id);
    for (const OffsetContent::Entry& entry : content.entries) {
        if (!is_for(transaction, entry.partition))
            keep_latest(transaction.offsets, {entry.partition, no_offset, no_epoch, no_offset, {}});
    }
    one.waiter = waiter;
    write(self, std::move(one), turn);
}

void on_fetch_offsets(GroupCoordinator& self, Waiter waiter, const OffsetFetchRequest& request,
                      const PartitionList& asked, GroupTurn& turn) {
    Group* group = find_group(self, request.group);
    if (group == nullptr) return refuse_fetch(waiter, asked, ErrorCode::none, turn); // nothing committed
    settle_late(*group, turn.high_watermark);
    if (group->protocol == GroupProtocol::consumer && request.member_epoch >= Generation{0}) {
        const ErrorCode error = check_epoch(group->consumer, request.member, request.member_epoch);
        if (error != ErrorCode::none) return refuse_fetch(waiter, asked, error, turn);
    }
    const SlabHandle handle = turn.turn.slabs().offset_fetch_answer.acquire();
    OffsetFetchAnswer& answer = turn.turn.slabs().offset_fetch_answer.open(handle);
    for (const PartitionIndex partition : asked.partitions) {
        OffsetFetchAnswer::Entry entry{partition, ErrorCode::none, no_offset, no_epoch};
        for (const CommittedOffset& offset : group->offsets) {
            if (offset.partition != partition) continue;
            entry.offset = offset.offset;
            entry.leader_epoch = offset.leader_epoch;
        }
        if (request.require_stable && is_in_open_transaction(*group, partition)) // KIP-447
            entry = {partition, ErrorCode::unstable_offset_commit, no_offset, no_epoch};
        answer.entries.push_back(entry);
    }
    reply(turn, waiter, OffsetFetchResponse{waiter.correlation, ErrorCode::none, handle},
          commit_bytes(asked.partitions.size() * 2));
}

bool is_in_open_transaction(const Group& group, PartitionIndex partition) {
    return std::any_of(
        group.transactions.begin(), group.transactions.end(),
        [&](const TransactionalOffsets& transaction) { return is_for(transaction, partition); });
}

void commit_ended(Group& group, Write& write, const GroupAppended& result, Offset first, GroupTurn& turn) {
    // Source: GroupCoordinator.commitOffsets: a batch that is too large is the commit's own fault.
    const ErrorCode answer =
        result.answer == ErrorCode::message_too_large ? ErrorCode::invalid_commit_offset_size : result.answer;
    const bool transactional = write.kind == WriteKind::transactional_offsets;
    // What timed out stays in the log. The old coordinators forget it until the next load; the runtime keeps
    // it and shows it once it is committed.
    const bool late = result.error == ErrorCode::request_timed_out && turn.dialect.group.coordinator_runtime;
    OffsetContent content;
    TransactionalOffsets* transaction = transactional ? transaction_of(group, write.producer_id) : nullptr;
    for (std::size_t i = 0; i < write.records.size(); ++i) {
        const auto& record = std::get<OffsetCommitRecord>(write.records[i]);
        const Offset at = first == no_offset ? no_offset : next(first, static_cast<std::int64_t>(i));
        const CommittedOffset offset = committed_by(record, at);
        content.entries.push_back({record.partition, record.offset, record.leader_epoch});
        const bool kept = answer == ErrorCode::none || late;
        if (transaction != nullptr && kept) keep_latest(transaction->offsets, offset);
        if (transaction != nullptr && !kept)
            std::erase_if(transaction->offsets, [&](const CommittedOffset& o) {
                return o.partition == record.partition && o.record == no_offset;
            });
        if (transactional) continue;
        note_commit(group.index, write, offset, answer, result.in_sync, turn);
        if (answer == ErrorCode::none) keep_latest(group.offsets, offset);
        if (late) group.late.push_back(offset);
    }
    std::erase_if(group.transactions, [](const TransactionalOffsets& one) { return one.offsets.empty(); });
    if (transactional)
        refuse_transactional_commit(write.waiter, content, answer, turn);
    else
        refuse_commit(write.waiter, content, answer, turn);
    write.waiter = {};
}

void end_transaction(Group& group, ProducerId producer_id, ControlType outcome, GroupTurn& turn) {
    const TransactionalOffsets* transaction = transaction_of(group, producer_id);
    if (transaction == nullptr) return;
    Write of_transaction;
    for (const CommittedOffset& offset : transaction->offsets) {
        if (outcome != ControlType::commit || offset.record == no_offset) continue;
        keep_latest(group.offsets, offset);
        note_commit(group.index, of_transaction, offset, ErrorCode::none, {}, turn);
    }
    std::erase_if(group.transactions,
                  [&](const TransactionalOffsets& one) { return one.producer_id == producer_id; });
}

void replay(Group& group, const OffsetCommitRecord& record, Offset at, ProducerId producer_id) {
    const CommittedOffset offset = committed_by(record, at);
    if (producer_id != no_producer_id)
        keep_latest(transaction_or_add(group, producer_id).offsets, offset);
    else if (record.tombstone)
        forget(group.offsets, record.partition);
    else
        keep_latest(group.offsets, offset);
}

} // namespace kafka
