#include "tools/highwater/formats/causes.hpp"

#include <algorithm>

namespace highwater {

using namespace kafka;

const char* word(MessageKind kind) {
    switch (kind) {
    case MessageKind::produce:
        return "produce";
    case MessageKind::replicate:
        return "replicate";
    case MessageKind::acknowledge:
        return "acknowledge";
    case MessageKind::control:
        return "control";
    case MessageKind::consume:
        return "consume";
    case MessageKind::group:
        return "group";
    case MessageKind::transaction:
        return "transaction";
    }
    return "";
}

const std::vector<Cause>& Causes::of(const Fact& fact) {
    found_.clear();
    std::visit([this](const auto& f) { read(f); }, fact);
    ++at_;
    return found_;
}

/// A batch reached a broker: the k-th arrival of the same batch was caused by the k-th send, or a later one.
void Causes::arrived(BrokerSlot broker, StreamIndex stream, Value first) {
    const auto sends = sends_.find({broker.value, stream.value, first.value});
    if (sends == sends_.end()) return;
    cause(sends->second.front(), MessageKind::produce);
    if (sends->second.size() > 1) sends->second.pop_front();
}

/// The producer learned an answer: the first that its last broker gave after the last send, or a later one.
void Causes::answered(StreamIndex stream, Value first, const ErrorCode* error) {
    const auto sent = last_send_.find({stream.value, first.value});
    if (sent == last_send_.end()) return;
    const auto answers = answers_.find({sent->second.broker, stream.value, first.value});
    if (answers == answers_.end()) return;
    for (const Answer& answer : answers->second) {
        if (answer.at < sent->second.at) continue;
        if (error != nullptr && answer.error != *error) continue;
        return cause(answer.at, MessageKind::acknowledge);
    }
}

void Causes::marked(BrokerSlot broker, PartitionIndex partition, Offset high_watermark) {
    auto& risen = marks_[{broker.value, partition.value}].risen;
    if (risen.empty() || risen.back().first < high_watermark.value)
        risen.emplace_back(high_watermark.value, at_);
}

// --- producers ---

void Causes::read(const fact::ProduceSent& f) {
    sends_[{f.broker.value, f.stream.value, f.first.value}].push_back(at_);
    last_send_[{f.stream.value, f.first.value}] = {f.broker.value, at_};
}

void Causes::read(const fact::DuplicateDetected& f) {
    if (f.stream != no_stream) arrived(f.broker, f.stream, f.first);
}

void Causes::read(const fact::ProduceAnswered& f) {
    if (f.stream == no_stream) return;
    const bool was_appended = f.error == ErrorCode::none || f.error == ErrorCode::request_timed_out ||
                              f.error == ErrorCode::not_enough_replicas_after_append;
    if (!was_appended) arrived(f.broker, f.stream, f.first);
    answers_[{f.broker.value, f.stream.value, f.first.value}].push_back({at_, f.error});
    if (f.error != ErrorCode::none || f.acks != -1) return;
    for (BrokerSlot slot = f.in_sync.first(); slot != no_slot; slot = f.in_sync.after(slot)) {
        if (slot == f.broker) continue;
        const auto copy = appended_.find({slot.value, f.partition.value, f.stream.value, f.first.value});
        if (copy != appended_.end()) cause(copy->second, MessageKind::replicate);
    }
}

void Causes::read(const fact::RecordsAcknowledged& f) { answered(f.stream, f.first, nullptr); }

void Causes::read(const fact::ProduceRetried& f) {
    if (f.error != ErrorCode::network_exception) answered(f.stream, f.first, &f.error);
}

// --- replicas ---

void Causes::read(const fact::BatchAppended& f) {
    if (f.as_leader && f.stream != no_stream) arrived(f.broker, f.stream, f.first);
    if (!f.as_leader) {
        const auto leader = leader_of_follower_.find({f.broker.value, f.partition.value});
        if (leader != leader_of_follower_.end()) {
            const auto served = served_.find({leader->second, f.partition.value, f.broker.value});
            if (served != served_.end() && served->second.first <= f.base_offset &&
                f.base_offset < served->second.end)
                cause(served->second.at, MessageKind::replicate);
        }
    }
    appended_.emplace(std::tuple{f.broker.value, f.partition.value, f.stream.value, f.first.value}, at_);
    auto& ends = ends_[{f.broker.value, f.partition.value}].risen;
    if (ends.empty() || ends.back().first < f.base_offset.value + f.count)
        ends.emplace_back(f.base_offset.value + f.count, at_);
    last_append_[{f.broker.value, f.partition.value}] = {f.base_offset.value + f.count, at_};
}

void Causes::read(const fact::FetchServed& f) {
    if (f.follower == no_slot) return;
    const auto append = last_append_.find({f.follower.value, f.partition.value});
    if (append != last_append_.end() && append->second.first == f.fetch_offset.value)
        cause(append->second.second, MessageKind::replicate);
    served_[{f.broker.value, f.partition.value, f.follower.value}] = {at_, f.fetch_offset, f.end};
}

/// A leader moves it when every replica in sync has come so far; it may count more as in sync, never fewer.
void Causes::read(const fact::HighWatermarkMoved& f) {
    marked(f.broker, f.partition, f.high_watermark);
    const auto decided = decided_.find(f.partition.value);
    if (!f.as_leader || decided == decided_.end() || decided->second.leader != f.broker.value ||
        decided->second.leader_epoch != f.leader_epoch.value)
        return;
    const BrokerSet isr = decided->second.isr;
    for (BrokerSlot slot = isr.first(); slot != no_slot; slot = isr.after(slot)) {
        const auto ends = ends_.find({slot.value, f.partition.value});
        if (slot == f.broker || ends == ends_.end()) continue;
        const auto& risen = ends->second.risen;
        const auto first =
            std::lower_bound(risen.begin(), risen.end(), f.high_watermark.value,
                             [](const auto& end, std::int64_t offset) { return end.first < offset; });
        if (first != risen.end()) cause(first->second, MessageKind::replicate);
    }
}

void Causes::read(const fact::BecameLeader& f) {
    leader_of_follower_.erase({f.broker.value, f.partition.value});
    const auto change = by_partition_epoch_.find({f.partition.value, f.partition_epoch.value});
    if (change != by_partition_epoch_.end()) cause(change->second, MessageKind::control);
    marked(f.broker, f.partition, f.high_watermark);
}

void Causes::read(const fact::BecameFollower& f) {
    leader_of_follower_[{f.broker.value, f.partition.value}] = f.leader.value;
    const auto change = by_leader_epoch_.find({f.partition.value, f.leader_epoch.value});
    if (change != by_leader_epoch_.end()) cause(change->second, MessageKind::control);
    marked(f.broker, f.partition, f.high_watermark);
}

// --- control plane ---

void Causes::read(const fact::PartitionChanged& f) {
    by_leader_epoch_.emplace(Key2{f.partition.value, f.leader_epoch.value}, at_);
    by_partition_epoch_.emplace(Key2{f.partition.value, f.partition_epoch.value}, at_);
    decided_[f.partition.value] = {f.leader.value, f.leader_epoch.value, f.isr};
    if (f.cause != ChangeCause::isr_shrink && f.cause != ChangeCause::isr_expand) return;
    const auto proposal = proposals_.find({f.partition.value, f.leader_epoch.value, f.isr.bits});
    if (proposal == proposals_.end()) return;
    cause(proposal->second, MessageKind::control);
    proposals_.erase(proposal); // the next change of this kind had its own
}

void Causes::read(const fact::IsrProposed& f) {
    proposals_.emplace(std::tuple{f.partition.value, f.leader_epoch.value, f.proposed.bits}, at_);
}

void Causes::read(const fact::ClientMetadataUpdated& f) {
    const auto change = by_leader_epoch_.find({f.partition.value, f.leader_epoch.value});
    if (change != by_leader_epoch_.end()) cause(change->second, MessageKind::control);
}

void Causes::read(const fact::BrokerChanged& f) {
    if (f.event == BrokerEvent::started) started_[f.broker.value] = at_;
    const auto start = started_.find(f.broker.value);
    if (f.event == BrokerEvent::registered && start != started_.end())
        cause(start->second, MessageKind::control);
}

void Causes::read(const fact::QuorumRoleChanged& f) {
    if (f.role == QuorumRole::leader) elected_.emplace(Key2{f.voter.value, f.epoch.value}, at_);
    const auto leader = elected_.find({f.leader.value, f.epoch.value});
    if (f.role == QuorumRole::follower && leader != elected_.end())
        cause(leader->second, MessageKind::control);
}

// --- consumers and groups ---

void Causes::read(const fact::Delivered& f) {
    const auto marks = marks_.find({f.from.value, f.partition.value});
    if (marks == marks_.end()) return;
    const auto& risen = marks->second.risen;
    const auto first =
        std::upper_bound(risen.begin(), risen.end(), f.base_offset.value,
                         [](std::int64_t offset, const auto& mark) { return offset < mark.first; });
    if (first != risen.end()) cause(first->second, MessageKind::consume);
}

void Causes::read(const fact::CommitSent& f) {
    commits_.emplace(Key3{f.consumer.value, f.partition.value, f.offset.value}, at_);
}

void Causes::read(const fact::OffsetCommitted& f) {
    const Key3 key{f.consumer.value, f.partition.value, f.offset.value};
    const auto sent = commits_.find(key);
    if (sent == commits_.end()) return;
    cause(sent->second, MessageKind::group);
    commits_stored_.emplace(key, at_);
}

void Causes::read(const fact::CommitAnswered& f) {
    const Key3 key{f.consumer.value, f.partition.value, f.offset.value};
    const auto stored = commits_stored_.find(key);
    if (stored != commits_stored_.end()) cause(stored->second, MessageKind::group);
    commits_.erase(key);
    commits_stored_.erase(key);
}

void Causes::read(const fact::MemberJoined& f) { group_of_[f.consumer.value] = f.group.value; }

void Causes::read(const fact::GroupChanged& f) {
    generations_.emplace(Key2{f.group.value, f.generation.value}, at_);
}

void Causes::read(const fact::PartitionAssigned& f) {
    const auto group = group_of_.find(f.consumer.value);
    if (group == group_of_.end()) return;
    const auto generation = generations_.find({group->second, f.generation.value});
    if (generation != generations_.end()) cause(generation->second, MessageKind::group);
}

// --- transactions ---

void Causes::read(const fact::TransactionBegun& f) { id_of_[f.producer.value] = f.producer_id.value; }

void Causes::read(const fact::TransactionChanged& f) {
    if (f.state == TransactionState::prepare_commit || f.state == TransactionState::prepare_abort)
        prepared_[f.producer_id.value] = at_;
}

void Causes::read(const fact::MarkerWritten& f) {
    const auto prepared = prepared_.find(f.producer_id.value);
    if (prepared != prepared_.end()) cause(prepared->second, MessageKind::transaction);
}

void Causes::read(const fact::TransactionEnded& f) {
    const auto id = id_of_.find(f.producer.value);
    if (id == id_of_.end() || f.error != ErrorCode::none) return;
    const auto prepared = prepared_.find(id->second);
    if (prepared != prepared_.end()) cause(prepared->second, MessageKind::transaction);
}

} // namespace highwater
