// How a member of the consumer protocol gets from the partitions that it has to those that it shall have.
// Source: AbstractMembershipManager (4.3), KIP-848.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

bool is_among(const std::vector<PartitionIndex>& partitions, PartitionIndex partition) {
    return std::find(partitions.begin(), partitions.end(), partition) != partitions.end();
}

bool revokes_any(const Reader& self) {
    return std::any_of(self.positions.begin(), self.positions.end(),
                       [](const ReaderPosition& one) { return one.pending_revocation; });
}

/// Adds what is new, tells the application, and owes the coordinator an acknowledgement.
void assign_resolved(Reader& self, Turn& turn) {
    Membership& member = self.member;
    ProtocolMember& protocol = member.protocol;
    for (const PartitionIndex partition : protocol.resolved.partitions) {
        if (position_at(self, partition) != nullptr) continue;
        add_partition(self, partition, turn);
        turn.note(fact::PartitionAssigned{self.index, partition, member.generation});
    }
    sort_positions(self);
    protocol.current = protocol.resolved;
    protocol.resolved = {};
    protocol.step = ReconciliationStep::none;
    protocol.state = ProtocolState::acknowledging;
    member.auto_commit_due = timer_time(self.clock, turn) + member_settings(self, turn).auto_commit_interval;
    member.fetch_offsets_not_before = turn.now;
}

/// Marks what must go, and commits first. Partitions that wait to be revoked are not fetched any more.
void begin_reconciliation(Reader& self, Turn& turn) {
    ProtocolMember& protocol = self.member.protocol;
    const MemberSettings& set = member_settings(self, turn);
    protocol.resolved = protocol.target;
    for (ReaderPosition& position : self.positions)
        position.pending_revocation = !is_among(protocol.resolved.partitions, position.partition);
    protocol.step = ReconciliationStep::committing;
    protocol.committing = {};
    if (!set.enable_auto_commit) return;
    protocol.committing.offsets = consumed_positions(self);
    protocol.committing.cause = CommitCause::automatic;
    protocol.committing.deadline = turn.now + set.max_poll_interval;
    begin_commit(self, protocol.committing, turn);
}

} // namespace

/// Source: AbstractMembershipManager.processAssignmentReceived.
void take_target(Reader& self, std::vector<PartitionIndex> partitions, Turn&) {
    ProtocolMember& protocol = self.member.protocol;
    if (protocol.target.number < 0 || partitions != protocol.target.partitions)
        protocol.target = {protocol.target.number + 1, std::move(partitions)};
    if (protocol.target != protocol.current)
        protocol.state = ProtocolState::reconciling;
    else if (protocol.state == ProtocolState::reconciling || protocol.state == ProtocolState::joining)
        protocol.state = ProtocolState::stable;
}

bool awaits_listener(const Reader& self, const Turn& turn) {
    return self.member.protocol.step == ReconciliationStep::revoking && has_listener(self, turn);
}

bool finish_revocation(Reader& self, Turn& turn) {
    ProtocolMember& protocol = self.member.protocol;
    if (protocol.step != ReconciliationStep::revoking) return false; // thrown out meanwhile
    std::vector<PartitionIndex> gone;
    for (const ReaderPosition& position : self.positions)
        if (position.pending_revocation) gone.push_back(position.partition);
    for (const PartitionIndex partition : gone)
        drop_partition(self, partition, turn);
    protocol.step = ReconciliationStep::assigning;
    return !gone.empty();
}

/// With enable.auto.commit it begins only in poll(), right after the automatic commit: so no record is
/// committed that the application has not polled past (4.1; KIP-848). Without it the network thread goes
/// ahead while the application still processes what it polled.
/// Leaves out: 4.0, which began in the network thread in either case.
bool reconcile(Reader& self, bool can_commit, Turn& turn) {
    ProtocolMember& protocol = self.member.protocol;
    const bool waits = protocol.state != ProtocolState::reconciling || self.member.fatal != ErrorCode::none;
    if (waits || !self.metadata.known) return false; // names of topics come with metadata
    if (protocol.step == ReconciliationStep::none) {
        const bool same =
            protocol.current.number >= 0 && protocol.current.partitions == protocol.target.partitions;
        if (same) {
            protocol.current = protocol.target;
            protocol.state = ProtocolState::acknowledging;
            return false;
        }
        if (member_settings(self, turn).enable_auto_commit && !can_commit) return false;
        begin_reconciliation(self, turn);
    }
    bool changed = false;
    if (protocol.step == ReconciliationStep::committing) {
        drive_commit(self, protocol.committing, turn);
        if (!protocol.committing.done) return false; // goes on with whatever came of it
        protocol.step = ReconciliationStep::revoking;
        if (!revokes_any(self)) protocol.step = ReconciliationStep::assigning;
    }
    if (protocol.step == ReconciliationStep::revoking && !has_listener(self, turn))
        changed = finish_revocation(self, turn);
    const bool polls = self.thread.stage == ConsumingStage::polling;
    if (protocol.step != ReconciliationStep::assigning || (has_listener(self, turn) && !polls))
        return changed;
    assign_resolved(self, turn);
    return true;
}

void protocol_poll(Reader& self, Turn& turn) {
    Membership& member = self.member;
    switch (member.protocol.state) {
    case ProtocolState::unsubscribed: { // the member's id is its own choice and stays
        const std::uint64_t owner = (std::uint64_t{1} << 63) | static_cast<std::uint32_t>(self.index.value);
        member.member = MemberId{static_cast<std::int64_t>(turn.draw(Purpose::member_id, owner) >> 1)};
        member.auto_commit_due =
            timer_time(self.clock, turn) + member_settings(self, turn).auto_commit_interval;
        return protocol_joins(self, turn);
    }
    case ProtocolState::fenced:
    case ProtocolState::stale:
        if (!self.positions.empty()) give_up(self, true, turn); // onPartitionsLost, then all over again
        return protocol_joins(self, turn);
    case ProtocolState::joining:
    case ProtocolState::reconciling:
    case ProtocolState::acknowledging:
    case ProtocolState::stable:
        return;
    }
}

} // namespace kafka::parts
