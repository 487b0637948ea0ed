// The producer in the process of a consumer: results of records, written apart from the offsets.

#include "models/client/consumer/member.hpp"

namespace kafka::parts {

bool has_output(const Reader& self, const Turn& turn) {
    return application_of(self, turn).output.producer.value >= 0;
}

bool makes_results(const Reader& self, const Turn& turn) {
    return application_of(self, turn).output.topic.value >= 0;
}

bool flushes_before_commit(const Reader& self, const Turn& turn) {
    return has_output(self, turn) && !writes_transactions(self, turn) &&
           application_of(self, turn).output.wait == ResultWait::before_commit;
}

bool send_results(Reader& self, Turn& turn) {
    Consuming& thread = self.thread;
    const ConsumerOutput& output = application_of(self, turn).output;
    const PolledRecords& piece = thread.batch[thread.at];
    while (thread.unsent > 0) {
        if (!may_send_result(self, turn)) return true;
        Outgoing what{output.topic, thread.unsent, -1};
        if (output.partition == ResultPartition::same)
            what.partition = turn.configuration.partition(piece.partition).number %
                             turn.configuration.topic(output.topic).partitions;
        const Taken taken = send_records(self.output.front(), what, turn);
        if (taken.count == 0) return false;
        const std::int32_t done = thread.taking - thread.unsent;
        turn.note(fact::ResultSent{self.index, piece.partition, next(piece.base_offset, thread.record + done),
                                   taken.stream, taken.first, taken.count});
        thread.unsent -= taken.count;
    }
    return output.wait != ResultWait::each_record || results_are_known(self, turn);
}

bool results_are_known(Reader& self, Turn& turn) {
    if (!is_flushed(self.output.front())) return false;
    const std::int64_t failures = self.output.front().sending.failures;
    const bool failed = failures > self.thread.failures_known;
    self.thread.failures_known = failures;
    if (failed && application_of(self, turn).output.on_failure == ResultFailure::halt)
        end_application(self, "a result could not be written: the application ends without a commit", turn);
    return true;
}

bool close_output(Reader& self, Turn& turn) {
    for (Producer& output : self.output) {
        begin_flush(output);
        if (!is_flushed(output)) return false;
        end_producer(output, ProducerEnd::closed, turn);
    }
    return true;
}

void run_output(Reader& self, Turn& turn) {
    for (Producer& output : self.output) {
        std::int64_t undecided = 0;
        TransactionCall call{};
        TransactionPhase phase{};
        const auto has_news = [&] {
            return output.undecided != undecided || output.transactions.call != call ||
                   output.transactions.phase != phase;
        };
        do { // with acks=0 results are decided at once, and so is a transaction with nothing in it
            undecided = output.undecided;
            call = output.transactions.call;
            phase = output.transactions.phase;
            run_sender(output, turn);
            if (has_news()) pump_member(self, turn);
        } while (has_news());
    }
}

} // namespace kafka::parts
