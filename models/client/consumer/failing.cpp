// Records that fail, in the thread that polls.

#include "models/client/consumer/member.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

/// Source: SubscriptionState.pause; KafkaConsumer.pause.
void set_paused(Reader& self, PartitionIndex partition, bool paused, Turn& turn) {
    ReaderPosition* position = position_at(self, partition);
    if (position == nullptr || position->paused == paused) return;
    position->paused = paused;
    turn.note(fact::ConsumerPaused{self.index, partition, paused});
}

/// The chapter's "pause and retry". What came behind the record waits too, so that order is kept.
void hold(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const PartitionIndex partition = thread.batch[thread.at].partition;
    const sim::SimTime retry_at = turn.now + application_of(self, turn).on_failure.retry_after;
    HeldRecords held{partition, take_rest(thread.batch, thread.at, thread.record), thread.failing.attempts,
                     retry_at};
    if (thread.record > 0) thread.at += 1;
    thread.record = 0;
    thread.ahead = false;
    thread.failing.attempts = 0;
    if (thread.failing.retried == partition) thread.failing.retried = PartitionIndex{-1}; // still paused
    thread.failing.held.push_back(std::move(held));
    set_paused(self, partition, true, turn);
    begin_record(self, turn);
}

void dealt_with(Reader& self, ProcessingOutcome outcome, Turn& turn) {
    Consuming& thread = self.thread;
    const PolledRecords& piece = thread.batch[thread.at];
    thread.taking = 1;
    turn.note(fact::ProcessingEnded{self.index, piece.partition, next(piece.base_offset, thread.record),
                                    piece.stream, next(piece.first, thread.record), 1, outcome});
    after_record(self, turn);
}

/// The record goes to another topic, by the producer of the process.
bool forward(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const ConsumerApplication& application = application_of(self, turn);
    const bool for_good = thread.failing.reaction == FailureReaction::dead_letter;
    if (!thread.failing.handed_over) {
        const FailurePolicy& policy = application.on_failure;
        const Outgoing what{for_good ? policy.dead_letter : policy.retry_topic, 1, -1};
        const Taken taken = send_records(self.output.front(), what, turn);
        if (taken.count == 0) return false;
        const PolledRecords& piece = thread.batch[thread.at];
        turn.note(fact::RecordForwarded{self.index, piece.partition, next(piece.base_offset, thread.record),
                                        taken.stream, taken.first});
        thread.failing.handed_over = true;
    }
    if (application.output.wait == ResultWait::each_record && !results_are_known(self, turn)) return false;
    thread.failing.handed_over = false;
    if (thread.stage == ConsumingStage::ended) return true;
    dealt_with(self, for_good ? ProcessingOutcome::dead_letter : ProcessingOutcome::retry_topic, turn);
    return true;
}

} // namespace

bool attempt_fails(const Reader& self, const Turn& turn) {
    const FailingRecords& which = application_of(self, turn).fails;
    if (!which.any()) return false;
    const Consuming& thread = self.thread;
    const PolledRecords& piece = thread.batch[thread.at];
    const Value value = next(piece.first, thread.record);
    const std::uint64_t bits =
        which.share.num == 0
            ? 0
            : turn.draw_of(Purpose::failing_record, static_cast<std::uint64_t>(piece.stream.value),
                           static_cast<std::uint64_t>(value.value));
    return attempt_fails(which, value, thread.failing.attempts, turn.now, bits);
}

void react_to_failure(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const PolledRecords& piece = thread.batch[thread.at];
    const FailurePolicy& policy = application_of(self, turn).on_failure;
    const Offset offset = next(piece.base_offset, thread.record);
    turn.note(fact::ProcessingEnded{self.index, piece.partition, offset, piece.stream,
                                    next(piece.first, thread.record), 1, ProcessingOutcome::failed});
    thread.failing.attempts += 1;
    thread.failing.reaction = reaction_to(policy, thread.failing.attempts);
    switch (thread.failing.reaction) {
    case FailureReaction::halt:
        return end_by_itself(self, piece.partition, offset, turn);
    case FailureReaction::skip:
        return dealt_with(self, ProcessingOutcome::skipped, turn);
    case FailureReaction::block:
        thread.stage = ConsumingStage::waiting_to_retry;
        thread.failing.retry_at = turn.now + policy.retry_after;
        return;
    case FailureReaction::pause_and_retry:
        return hold(self, turn);
    case FailureReaction::retry_topic:
    case FailureReaction::dead_letter:
        thread.stage = ConsumingStage::forwarding;
        return;
    }
}

bool step_failing(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    if (thread.stage == ConsumingStage::forwarding) return forward(self, turn);
    if (thread.failing.retry_at > turn.now) return false;
    begin_record(self, turn);
    return true;
}

/// What is no longer the member's to process, or was assigned anew and is read again, is forgotten.
bool take_held(Reader& self, Turn& turn) {
    Failing& failing = self.thread.failing;
    if (failing.held.empty() || self.thread.stop_requested) return false;
    std::erase_if(failing.held, [&](const HeldRecords& held) {
        const ReaderPosition* position = position_at(self, held.partition);
        return position == nullptr || !position->paused;
    });
    const auto due = std::find_if(failing.held.begin(), failing.held.end(),
                                  [&](const HeldRecords& held) { return held.retry_at <= turn.now; });
    if (due == failing.held.end()) return false;
    self.thread.batch = std::move(due->records);
    self.thread.at = 0;
    self.thread.record = 0;
    self.thread.batches += 1;
    failing.attempts = due->attempts;
    failing.retried = due->partition;
    failing.held.erase(due);
    begin_record(self, turn);
    return true;
}

void resume_retried(Reader& self, Turn& turn) {
    Failing& failing = self.thread.failing;
    if (failing.retried.value >= 0) set_paused(self, failing.retried, false, turn);
    failing.retried = PartitionIndex{-1};
}

void end_by_itself(Reader& self, PartitionIndex partition, Offset offset, Turn& turn) {
    turn.note(fact::ApplicationHalted{self.index, partition, offset});
    self.thread.failing.halted = true;
    end_application(self, "a record could not be processed: the application ends without close()", turn);
}

sim::SimTime retry_due(const Reader& self) {
    const Consuming& thread = self.thread;
    if (thread.stage == ConsumingStage::waiting_to_retry) return thread.failing.retry_at;
    sim::SimTime due = sim::SimTime::never();
    if (thread.stage != ConsumingStage::polling) return due;
    for (const HeldRecords& held : thread.failing.held)
        due = std::min(due, held.retry_at);
    return due;
}

} // namespace kafka::parts
