// The thread that polls: what poll() does, and the application between two polls.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr sim::Duration close_timeout = sim::seconds(30); // KafkaConsumer.DEFAULT_CLOSE_TIMEOUT_MS
constexpr int most_steps = 50000000;

/// Hands over up to max.poll.records of what was fetched. Source: FetchCollector.collectFetch; semantics
/// 7.2.1, 7.2.4.
std::int32_t collect(Reader& self, Turn& turn) {
    std::int32_t left = member_settings(self, turn).max_poll_records;
    std::size_t at = 0;
    while (left > 0 && at < self.buffered.size()) {
        BufferedRecords& data = self.buffered[at];
        ReaderPosition* position = position_at(self, data.partition);
        if (position != nullptr && position->paused) { // what is fetched is kept (KAFKA-7548)
            ++at;
            continue;
        }
        const bool held = position != nullptr && position->pending_revocation;
        const bool wanted = position != nullptr && !held && position->phase == PositionPhase::fetching &&
                            position->offset == data.offset && data.at < data.batches.size();
        if (!wanted) {
            self.buffered.erase(self.buffered.begin() + static_cast<std::ptrdiff_t>(at));
            continue;
        }
        const Batch& batch = data.batches[data.at];
        if (batch.corrupt) { // its CRC is wrong, and poll() throws until somebody seeks past it
            refuse_corrupt(self, *position, batch, data.from, turn);
            continue;
        }
        const std::int64_t skip = std::max<std::int64_t>(0, distance(batch.base_offset, data.offset));
        const auto count = static_cast<std::int32_t>(
            std::min<std::int64_t>(left, std::max<std::int64_t>(0, batch.count - skip)));
        const bool hidden = data.hidden[data.at];
        if (count > 0 && !hidden) {
            const PolledRecords piece{data.partition, next(batch.base_offset, skip),
                                      batch.stream,   next(batch.value_first, skip),
                                      count,          batch.leader_epoch};
            turn.note(fact::Delivered{self.index, piece.partition, piece.base_offset, piece.stream,
                                      piece.first, count, batch.leader_epoch, data.from});
            self.thread.batch.push_back(piece);
            left -= count;
        }
        const bool whole = hidden || skip + count >= batch.count;
        data.offset =
            whole ? std::max(data.offset, end_offset(batch)) : next(batch.base_offset, skip + count);
        if (whole) data.at += 1;
        position->offset = data.offset;
        position->offset_epoch = batch.leader_epoch;
    }
    return member_settings(self, turn).max_poll_records - left;
}

// --- the application ---

std::vector<OffsetContent::Entry> what_to_commit(const Reader& self, const Turn& turn) {
    const CommittedOffsets what = application_of(self, turn).offsets;
    return what == CommittedOffsets::position ? consumed_positions(self)
                                              : offsets_to_commit(self.thread, what);
}

void commit_now(Reader& self, std::vector<OffsetContent::Entry> offsets, ConsumingStage stage, Turn& turn) {
    self.thread.stage = stage;
    if (application_of(self, turn).commit_waits)
        return begin_commit(self, std::move(offsets), CommitCause::synchronous,
                            turn.now + member_settings(self, turn).default_api_timeout, turn);
    self.thread.awaited = AwaitedCommit{};
    commit_in_background(self, std::move(offsets), CommitCause::asynchronous, turn);
}

} // namespace

void end_application(Reader& self, const char* reason, Turn& turn) {
    turn.ignore(reason);
    self.thread.stage = ConsumingStage::ended;
    self.positions.clear();
    self.buffered.clear();
    if (!self.thread.failing.halted && application_of(self, turn).on_failure.restart_after) {
        self.thread.failing.halted = true;
        turn.note(fact::ApplicationHalted{self.index, PartitionIndex{-1}, no_offset});
    }
    for (Producer& output : self.output)
        end_producer(output, ProducerEnd::exited, turn);
}

/// Commits, once the results of what was processed are known when the code waits for them.
void commit(Reader& self, std::vector<OffsetContent::Entry> offsets, ConsumingStage stage, Turn& turn) {
    if (writes_transactions(self, turn)) return end_output_transaction(self, std::move(offsets), stage, turn);
    if (!flushes_before_commit(self, turn)) return commit_now(self, std::move(offsets), stage, turn);
    begin_flush(self.output.front());
    self.thread.stage = ConsumingStage::flushing;
    self.thread.next = stage;
    self.thread.after_flush = std::move(offsets);
}

void begin_record(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const ConsumerApplication& application = application_of(self, turn);
    if (thread.at == thread.batch.size()) {
        thread.batch.clear();
        thread.at = 0;
        resume_retried(self, turn);
        write_state(self, turn);
        if (commits_batch(thread, application, CommitStyle::after_processing))
            return commit(self, what_to_commit(self, turn), ConsumingStage::committing_batch, turn);
        thread.stage = ConsumingStage::polling;
        return;
    }
    const PolledRecords& piece = thread.batch[thread.at];
    const Offset offset = next(piece.base_offset, thread.record);
    const bool before =
        application.commit == CommitStyle::before_processing && application.commit_each_record;
    if (before && !thread.ahead) {
        thread.ahead = true;
        const bool all = application.offsets == CommittedOffsets::position;
        const OffsetContent::Entry own{piece.partition, next(offset), piece.leader_epoch};
        return commit(self, all ? consumed_positions(self) : std::vector<OffsetContent::Entry>{own},
                      ConsumingStage::committing_ahead, turn);
    }
    sim::Duration drawn;
    if (application.process_time_varies)
        drawn = turn.draw(application.process_time, Purpose::process_time,
                          static_cast<std::uint64_t>(self.index.value));
    const bool at_once = !application.process_time_varies &&
                         application.process_time.p50 == sim::Duration{0} && application.spike_every == 0 &&
                         !application.commit_each_record && !application.state_each_record &&
                         !application.fails.any() && application.output.wait != ResultWait::each_record;
    thread.taking = at_once ? piece.count - thread.record : 1;
    thread.busy_until = turn.now + turn.busy_for(processing_time(thread, application, drawn));
    thread.stage = ConsumingStage::processing;
    turn.note(fact::ProcessingBegan{self.index, piece.partition, offset, piece.stream,
                                    next(piece.first, thread.record), thread.taking});
}

namespace {

void finish_record(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    if (attempt_fails(self, turn)) return react_to_failure(self, turn);
    const PolledRecords& piece = thread.batch[thread.at];
    turn.note(fact::ProcessingEnded{self.index, piece.partition, next(piece.base_offset, thread.record),
                                    piece.stream, next(piece.first, thread.record), thread.taking,
                                    ProcessingOutcome::done});
    keep_state(self, turn);
    thread.stage = ConsumingStage::sending_result;
    thread.unsent = makes_results(self, turn) ? thread.taking : 0;
}

} // namespace

void after_record(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const PolledRecords piece = thread.batch[thread.at];
    thread.record += thread.taking;
    thread.records += thread.taking;
    thread.ahead = false;
    thread.failing.attempts = 0;
    advance_progress(thread, piece.partition, next(piece.base_offset, thread.record), piece.leader_epoch);
    if (thread.record == piece.count) {
        thread.record = 0;
        thread.at += 1;
    }
    const ConsumerApplication& application = application_of(self, turn);
    if (application.commit == CommitStyle::after_processing && application.commit_each_record)
        return commit(self, what_to_commit(self, turn), ConsumingStage::committing_record, turn);
    begin_record(self, turn);
}

namespace {

void poll_returned(Reader& self, std::int32_t records, Turn& turn) {
    Consuming& thread = self.thread;
    thread.batches += 1;
    thread.at = 0;
    thread.record = 0;
    know_generation(self);
    turn.note(fact::Polled{self.index, records});
    if (commits_batch(thread, application_of(self, turn), CommitStyle::before_processing))
        return commit(self, consumed_positions(self), ConsumingStage::committing_ahead, turn);
    begin_record(self, turn);
}

// --- onJoinPrepare ---

/// onPartitionsRevoked with a commitSync in it.
void run_listener(Reader& self, ConsumingStage stage, sim::SimTime deadline, Turn& turn) {
    self.thread.stage = stage;
    self.thread.awaited = AwaitedCommit{};
    const ConsumerApplication& application = application_of(self, turn);
    const bool lost = self.member.generation == no_generation;
    if (lost || application.on_revoke == RevokeStyle::nothing || writes_transactions(self, turn)) return;
    const CommittedOffsets what = application.offsets == CommittedOffsets::last_processed
                                      ? CommittedOffsets::last_processed
                                      : CommittedOffsets::processed;
    begin_commit(self, offsets_to_commit(self.thread, what), CommitCause::on_revoke, deadline, turn);
}

void begin_prepare(Reader& self, Turn& turn) {
    self.thread.stage = ConsumingStage::preparing_auto_commit;
    self.thread.awaited = AwaitedCommit{};
    const MemberSettings& set = member_settings(self, turn);
    if (set.enable_auto_commit && self.member.state == MemberState::stable)
        begin_commit(self, consumed_positions(self), CommitCause::automatic, turn.now + set.max_poll_interval,
                     turn);
}

void end_prepare(Reader& self, Turn& turn) {
    const bool lost = self.member.generation == no_generation;
    if (lost || !is_cooperative(self, turn)) give_up(self, lost, turn);
    self.member.prepared = true;
    self.thread.stage = ConsumingStage::polling;
}

// --- close() ---

/// Source: ConsumerCoordinator.close, AbstractCoordinator.close: commit, listener, LeaveGroup.
void begin_close(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    thread.close_deadline = turn.now + close_timeout;
    thread.stage = ConsumingStage::closing_auto_commit;
    thread.awaited = AwaitedCommit{};
    const bool may = self.member.state == MemberState::stable || speaks_consumer_protocol(self, turn);
    if (member_settings(self, turn).enable_auto_commit && may)
        begin_commit(self, consumed_positions(self), CommitCause::on_close, thread.close_deadline, turn);
}

void end_close(Reader& self, Turn& turn) {
    give_up(self, self.member.generation == no_generation, turn);
    send_leave(self, turn);
    self.thread.stage = ConsumingStage::leaving;
}

/// A listener that commits ends the open transaction with its offsets.
bool listener_ends_transaction(Reader& self, Turn& turn) {
    const bool lost = self.member.generation == no_generation;
    const bool commits = application_of(self, turn).on_revoke == RevokeStyle::commit;
    if (lost || !commits || !has_open_output(self, turn)) return false;
    end_output_transaction(self, what_to_commit(self, turn), ConsumingStage::preparing_listener, turn);
    return true;
}

/// Source: AsyncKafkaConsumer.poll: the automatic commit, then reconciliation with its listener.
bool poll_protocol(Reader& self, Turn& turn) {
    protocol_poll(self, turn);
    const bool ready = coordinator_ready(self, turn);
    if (ready) maybe_auto_commit(self, turn);
    reconcile(self, true, turn);
    if (awaits_listener(self, turn)) {
        if (listener_ends_transaction(self, turn)) return true;
        const sim::Duration patience = member_settings(self, turn).default_api_timeout;
        run_listener(self, ConsumingStage::preparing_listener, turn.now + patience, turn);
        return true;
    }
    if (ready && self.member.generation != no_generation) ask_committed(self, turn);
    return false;
}

/// One look at what poll() can do now. True when the thread has come out of waiting.
/// Source: ClassicKafkaConsumer.poll, ConsumerCoordinator.poll; semantics 7.2.2.
bool poll(Reader& self, Turn& turn) {
    Membership& member = self.member;
    const bool too_early =
        configured(self, turn).dialect.broken == BrokenRule::automatic_commit_of_fresh_polls;
    if (self.thread.stop_requested && has_open_output(self, turn)) { // what is processed is committed first
        end_output_transaction(self, what_to_commit(self, turn), ConsumingStage::polling, turn);
        return true;
    }
    if (self.thread.stop_requested) { // wakeup(): poll throws WakeupException, the application closes
        begin_close(self, turn);
        return true;
    }
    if (!output_is_ready(self, turn)) return false;
    if (self.thread.stage == ConsumingStage::ended) return false;
    const bool stopped =
        std::any_of(self.positions.begin(), self.positions.end(), [](const ReaderPosition& one) {
            return one.phase ==
                   PositionPhase::stopped; // NoOffsetForPartitionException, OffsetOutOfRangeException
        });
    if (stopped) member.fatal = ErrorCode::offset_out_of_range;
    if (member.fatal != ErrorCode::none) {
        end_application(self, "poll() threw what the application does not survive: it ends without close()",
                        turn);
        return true;
    }
    if (speaks_consumer_protocol(self, turn)) {
        if (poll_protocol(self, turn)) return true;
    } else if (coordinator_ready(self, turn)) {
        // Source: ConsumerCoordinator.rejoinNeededOrPending: the leader compares metadata with its snapshot.
        const bool grew = member.assigned_among >= 0 && member.state == MemberState::stable &&
                          subscribed_partitions(self, turn) > member.assigned_among;
        if (grew) member.rejoin_needed = true;
        const bool idle = member.state == MemberState::stable || member.state == MemberState::unjoined;
        if (member.rejoin_needed && idle && !member.prepared) {
            begin_prepare(self, turn);
            return true;
        }
        if (member.rejoin_needed && idle) join_group(self, turn);
        if (member.state == MemberState::stable) ask_committed(self, turn);
        if (!too_early) maybe_auto_commit(self, turn);
    }
    if (!self.metadata.known) return false;
    ask_positions(self, turn);
    const std::int32_t records = collect(self, turn);
    if (too_early) maybe_auto_commit(self, turn);
    send_fetches(self, turn);
    if (records == 0) return false;
    poll_returned(self, records, turn);
    return true;
}

bool commit_is_over(Reader& self, Turn& turn) {
    drive_commit(self, turn);
    return self.thread.awaited.done;
}

/// A listener that commits waits for results first, as the code does elsewhere.
bool listener_has_flushed(Reader& self, Turn& turn) {
    const bool commits = application_of(self, turn).on_revoke == RevokeStyle::commit;
    const bool lost = self.member.generation == no_generation;
    if (!commits || lost || !flushes_before_commit(self, turn)) return true;
    begin_flush(self.output.front());
    if (!results_are_known(self, turn)) return false;
    end_flush(self.output.front());
    return true;
}

/// One step inside close(); false when the thread waits.
bool step_close(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    if (thread.stage == ConsumingStage::closing_auto_commit) {
        if (!commit_is_over(self, turn)) return false;
        thread.stage = ConsumingStage::closing_flush;
    } else if (thread.stage == ConsumingStage::closing_flush) {
        if (!listener_has_flushed(self, turn)) return false;
        if (thread.stage != ConsumingStage::ended)
            run_listener(self, ConsumingStage::closing_listener, thread.close_deadline, turn);
    } else if (thread.stage == ConsumingStage::closing_listener) {
        if (!commit_is_over(self, turn)) return false;
        end_close(self, turn);
    } else if (thread.stage == ConsumingStage::leaving) {
        if (is_asked(self.member, GroupRequest::leave) && thread.close_deadline > turn.now) return false;
        thread.stage = ConsumingStage::closing_producer;
    } else {
        if (!close_output(self, turn)) return false;
        thread.stage = ConsumingStage::ended;
    }
    return true;
}

/// One step between a record and its commit; false when the thread waits.
bool step_results(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    if (thread.stage == ConsumingStage::sending_result) {
        if (!send_results(self, turn)) return false;
        if (thread.stage == ConsumingStage::sending_result) after_record(self, turn);
    } else {
        if (!results_are_known(self, turn)) return false;
        end_flush(self.output.front());
        if (thread.stage != ConsumingStage::ended)
            commit_now(self, std::move(thread.after_flush), thread.next, turn);
    }
    return true;
}

/// One step; false when the thread waits.
bool step_thread(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const sim::Duration patience = member_settings(self, turn).default_api_timeout;
    switch (thread.stage) {
    case ConsumingStage::polling:
        return take_held(self, turn) || poll(self, turn);
    case ConsumingStage::preparing_auto_commit:
        if (!commit_is_over(self, turn)) return false;
        if (is_cooperative(self, turn))
            end_prepare(self, turn);
        else
            thread.stage = ConsumingStage::preparing_flush;
        return true;
    case ConsumingStage::preparing_flush:
        if (!listener_has_flushed(self, turn)) return false;
        if (thread.stage != ConsumingStage::ended && !listener_ends_transaction(self, turn))
            run_listener(self, ConsumingStage::preparing_listener, turn.now + patience, turn);
        return true;
    case ConsumingStage::preparing_listener:
        if (!commit_is_over(self, turn)) return false;
        if (speaks_consumer_protocol(self, turn)) {
            thread.stage = ConsumingStage::polling;
            finish_revocation(self, turn);
        } else {
            end_prepare(self, turn);
        }
        return true;
    case ConsumingStage::processing:
        if (thread.busy_until > turn.now) return false;
        finish_record(self, turn);
        return true;
    case ConsumingStage::committing_ahead:
    case ConsumingStage::committing_record:
        if (!commit_is_over(self, turn)) return false;
        begin_record(self, turn);
        return true;
    case ConsumingStage::committing_batch:
        if (!commit_is_over(self, turn)) return false;
        thread.stage = ConsumingStage::polling;
        return true;
    case ConsumingStage::sending_result:
    case ConsumingStage::flushing:
        return step_results(self, turn);
    case ConsumingStage::waiting_to_retry:
    case ConsumingStage::forwarding:
        return step_failing(self, turn);
    case ConsumingStage::sending_offsets:
    case ConsumingStage::committing_transaction:
    case ConsumingStage::aborting_transaction:
        return step_output_transaction(self, turn);
    case ConsumingStage::closing_auto_commit:
    case ConsumingStage::closing_flush:
    case ConsumingStage::closing_listener:
    case ConsumingStage::leaving:
    case ConsumingStage::closing_producer:
        return step_close(self, turn);
    case ConsumingStage::ended:
        return false;
    }
    return false;
}

} // namespace

void run_thread(Reader& self, Turn& turn) {
    int steps = 0;
    do {
        SIM_ASSERT(++steps < most_steps, "an application gets somewhere");
        if (is_inside_poll(self.thread.stage))
            self.member.poll_deadline =
                timer_time(self.clock, turn) + member_settings(self, turn).max_poll_interval;
    } while (step_thread(self, turn));
}

sim::SimTime thread_due(const Reader& self, const Turn& turn) {
    const Consuming& thread = self.thread;
    sim::SimTime due = sim::SimTime::never();
    const auto consider = [&](sim::SimTime when) {
        if (when > turn.now) due = std::min(due, when);
    };
    if (thread.stage == ConsumingStage::processing) consider(thread.busy_until);
    consider(retry_due(self));
    if (!thread.awaited.done) {
        if (thread.awaited.correlation == 0) consider(thread.awaited.not_before);
        consider(thread.awaited.deadline);
    }
    if (thread.stage == ConsumingStage::polling) {
        if (member_settings(self, turn).enable_auto_commit) consider(self.member.auto_commit_due);
        if (self.member.rejoin_needed) consider(self.member.join_not_before);
        consider(self.member.fetch_offsets_not_before);
    }
    if (thread.stage == ConsumingStage::leaving) consider(thread.close_deadline);
    return due;
}

} // namespace kafka::parts
