// Committed offsets: told to the coordinator, and asked for at assignment.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

/// Source: SubscriptionState.allConsumed.
std::vector<OffsetContent::Entry> consumed_positions(const Reader& self) {
    std::vector<OffsetContent::Entry> offsets;
    for (const ReaderPosition& position : self.positions)
        if (position.phase == PositionPhase::fetching || position.phase == PositionPhase::validating)
            offsets.push_back({position.partition, position.offset, position.offset_epoch});
    return offsets;
}

namespace {

/// Sends OffsetCommit; 0 when it cannot be sent. Source: ConsumerCoordinator.sendOffsetCommitRequest.
Correlation send_commit(Reader& self, const std::vector<OffsetContent::Entry>& offsets, CommitCause cause,
                        Turn& turn) {
    Membership& member = self.member;
    OffsetCommitRequest request;
    request.content = turn.slabs().offsets.acquire();
    turn.slabs().offsets.open(request.content).entries = offsets;
    request.correlation = ask_coordinator(self, GroupRequest::commit, turn);
    member.asked.back().cause = cause;
    member.asked.back().offsets = offsets;
    request.group = configured(self, turn).group;
    request.consumer = self.index;
    request.instance = configured(self, turn).instance;
    request.member = member.generation == no_generation ? no_member : member.member;
    request.generation = member.generation;
    for (const OffsetContent::Entry& entry : offsets)
        turn.note(fact::CommitSent{self.index, entry.partition, entry.offset, cause});
    turn.send(member.link.connection, sim::Side::client, request,
              100 + 20 * static_cast<std::int32_t>(offsets.size()));
    return request.correlation;
}

void tell(Reader& self, const std::vector<OffsetContent::Entry>& offsets, ErrorCode error, CommitCause cause,
          Turn& turn) {
    for (const OffsetContent::Entry& entry : offsets)
        turn.note(fact::CommitAnswered{self.index, entry.partition, entry.offset, error, cause});
}

/// A classic member that is not Stable may not commit: CommitFailedException, or
/// RebalanceInProgressException while it joins. One of the consumer protocol may always, without member id
/// while it has no epoch. Source: AbstractCoordinator.generationIfStable, CommitRequestManager.
ErrorCode may_commit(const Reader& self, const Turn& turn) {
    const Membership& member = self.member;
    if (member.state == MemberState::stable || speaks_consumer_protocol(self, turn)) return ErrorCode::none;
    return member.state == MemberState::unjoined ? ErrorCode::unknown_member_id
                                                 : ErrorCode::rebalance_in_progress;
}

/// Source: ConsumerCoordinator.OffsetCommitResponseHandler.
bool may_try_again(ErrorCode error) { return is_retriable(error) || error == ErrorCode::network_exception; }

} // namespace

/// commitAsync, and the automatic commit of poll(): not tried again by itself.
void commit_in_background(Reader& self, std::vector<OffsetContent::Entry> offsets, CommitCause cause,
                          Turn& turn) {
    if (offsets.empty()) return;
    const ErrorCode refused = may_commit(self, turn);
    if (refused != ErrorCode::none) return tell(self, offsets, refused, cause, turn);
    if (!coordinator_ready(self, turn))
        return tell(self, offsets, ErrorCode::coordinator_not_available, cause, turn);
    send_commit(self, offsets, cause, turn);
}

void begin_commit(Reader& self, std::vector<OffsetContent::Entry> offsets, CommitCause cause,
                  sim::SimTime deadline, Turn& turn) {
    AwaitedCommit& awaited = self.thread.awaited;
    awaited = AwaitedCommit{};
    awaited.offsets = std::move(offsets);
    awaited.cause = cause;
    awaited.deadline = deadline;
    begin_commit(self, awaited, turn);
}

void begin_commit(Reader& self, AwaitedCommit& awaited, Turn& turn) {
    awaited.done = awaited.offsets.empty();
    awaited.not_before = turn.now;
    drive_commit(self, awaited, turn);
}

namespace {

void settle(Reader& self, AwaitedCommit& awaited, ErrorCode error, bool told, Turn& turn) {
    if (!told) tell(self, awaited.offsets, error, awaited.cause, turn);
    awaited.done = true;
    awaited.error = error;
    awaited.correlation = 0;
}

} // namespace

void drive_commit(Reader& self, AwaitedCommit& awaited, Turn& turn) {
    if (awaited.done || awaited.correlation != 0) return;
    const ErrorCode refused = may_commit(self, turn);
    if (refused != ErrorCode::none) return settle(self, awaited, refused, false, turn);
    if (awaited.deadline <= turn.now) return settle(self, awaited, ErrorCode::request_timed_out, false, turn);
    if (awaited.not_before > turn.now || !coordinator_ready(self, turn)) return;
    awaited.correlation = send_commit(self, awaited.offsets, awaited.cause, turn);
}

namespace {

/// What a commit's error says of the membership. Under the consumer protocol only heartbeats do.
void membership_of_commit(Reader& self, ErrorCode error, Turn& turn) {
    Membership& member = self.member;
    if (speaks_consumer_protocol(self, turn)) return;
    if (error == ErrorCode::rebalance_in_progress) member.rejoin_needed = true;
    if (error == ErrorCode::unknown_member_id || error == ErrorCode::illegal_generation)
        reset_generation(self, error == ErrorCode::unknown_member_id);
    if (error == ErrorCode::fenced_instance_id) member.fatal = error;
}

/// Of a commit that somebody waits for: tried again, or over. The one before a reconciliation takes a newer
/// epoch and newer positions. Source: CommitRequestManager.autoCommitSyncBeforeRevocationWithRetries.
void waited_for(Reader& self, AwaitedCommit& awaited, ErrorCode error, Turn& turn) {
    const bool of_reconciliation = &awaited == &self.member.protocol.committing;
    const bool newer_epoch = of_reconciliation && error == ErrorCode::stale_member_epoch &&
                             self.member.generation != no_generation;
    if (!may_try_again(error) && !newer_epoch) return settle(self, awaited, error, true, turn);
    awaited.correlation = 0;
    awaited.not_before = turn.now + configured(self, turn).settings.retry_backoff;
    if (of_reconciliation) awaited.offsets = consumed_positions(self);
}

} // namespace

void commit_answered(Reader& self, const CoordinatorRequest& request, ErrorCode error, Turn& turn) {
    Membership& member = self.member;
    const sim::Duration pause = configured(self, turn).settings.retry_backoff;
    tell(self, request.offsets, error, request.cause, turn);
    membership_of_commit(self, error, turn);
    const auto waits = [&](const AwaitedCommit& awaited) {
        return !awaited.done && awaited.correlation == request.correlation;
    };
    if (waits(self.thread.awaited)) {
        waited_for(self, self.thread.awaited, error, turn);
    } else if (waits(member.protocol.committing)) {
        waited_for(self, member.protocol.committing, error, turn);
    } else if (request.cause == CommitCause::automatic && may_try_again(error)) {
        member.auto_commit_due = std::min(member.auto_commit_due, turn.now + pause);
    }
    const bool moves = error == ErrorCode::coordinator_not_available || error == ErrorCode::not_coordinator ||
                       error == ErrorCode::request_timed_out;
    if (moves) coordinator_unknown(self, turn);
}

/// In poll(): commits where the previous polls have come to. Source:
/// ConsumerCoordinator.maybeAutoCommitOffsetsAsync; semantics 7.4.
void maybe_auto_commit(Reader& self, Turn& turn) {
    Membership& member = self.member;
    const MemberSettings& set = member_settings(self, turn);
    if (!set.enable_auto_commit || member.auto_commit_due > turn.now) return;
    member.auto_commit_due = timer_time(self.clock, turn) + set.auto_commit_interval;
    commit_in_background(self, consumed_positions(self), CommitCause::automatic, turn);
}

/// Source: ConsumerCoordinator.initWithCommittedOffsetsIfNeeded.
void ask_committed(Reader& self, Turn& turn) {
    Membership& member = self.member;
    seek_stored(self, turn);
    if (is_asked(member, GroupRequest::fetch_offsets) || member.fetch_offsets_not_before > turn.now) return;
    const bool any = std::any_of(self.positions.begin(), self.positions.end(), [](const ReaderPosition& one) {
        return one.phase == PositionPhase::needs_committed;
    });
    if (!any) return;
    OffsetFetchRequest request;
    request.content = turn.slabs().partitions.acquire();
    for (const ReaderPosition& position : self.positions)
        if (position.phase == PositionPhase::needs_committed)
            turn.slabs().partitions.open(request.content).partitions.push_back(position.partition);
    request.correlation = ask_coordinator(self, GroupRequest::fetch_offsets, turn);
    request.group = configured(self, turn).group;
    request.member = member.member;
    if (speaks_consumer_protocol(self, turn)) request.member_epoch = member.generation;
    request.require_stable = member_settings(self, turn).isolation_level == IsolationLevel::read_committed;
    turn.send(member.link.connection, sim::Side::client, request, 100);
}

namespace {

void take_committed(Reader& self, const OffsetFetchAnswer::Entry& entry, Turn& turn) {
    ReaderPosition* position = position_at(self, entry.partition);
    if (position == nullptr || position->phase != PositionPhase::needs_committed) return;
    if (entry.error != ErrorCode::none) {
        self.member.fetch_offsets_not_before = turn.now + configured(self, turn).settings.retry_backoff;
        return;
    }
    const bool rewound = position->rewound;
    position->rewound = false;
    if (entry.offset == no_offset && rewound) { // seekToBeginning, whatever the policy for a first start
        begin_reset(self, *position, PositionCause::reset_earliest, turn);
        position->phase = PositionPhase::needs_reset;
        position->to_earliest = true;
        position->in_flight = false;
        return;
    }
    if (entry.offset == no_offset) return begin_reset(self, *position, PositionCause::start, turn);
    position->offset = entry.offset;
    position->offset_epoch = entry.leader_epoch;
    position->validated_epoch = no_epoch;
    position->phase = PositionPhase::fetching;
    turn.note(fact::ConsumerPositioned{self.index, entry.partition, entry.offset, PositionCause::committed});
}

} // namespace

void on_committed_offsets(Reader& self, const OffsetFetchResponse& answer, Turn& turn) {
    if (answer.error == ErrorCode::none) {
        const std::vector<OffsetFetchAnswer::Entry> entries =
            turn.slabs().offset_fetch_answer.open(answer.content).entries;
        for (const OffsetFetchAnswer::Entry& entry : entries)
            take_committed(self, entry, turn);
    } else {
        self.member.fetch_offsets_not_before = turn.now + configured(self, turn).settings.retry_backoff;
    }
    turn.slabs().offset_fetch_answer.release(answer.content);
    if (answer.error == ErrorCode::not_coordinator) coordinator_unknown(self, turn);
}

} // namespace kafka::parts
