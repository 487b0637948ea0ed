// Code that sends in transactions: keys of "application" that go with transactional.id.

#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

const char* const transaction_keys[] = {"transaction_records", "abort_every", "commit_after", "on_abort",
                                        "on_fatal"};

/// What a failed record does is a matter of its whole transaction.
void check_failures(Fields& fields, const ProducerConfiguration& producer, Reading& reading) {
    const ProducerApplication& application = producer.application;
    const bool of_record = application.on_error == ErrorReaction::retry ||
                           application.on_error == ErrorReaction::dead_letter ||
                           application.on_error == ErrorReaction::halt;
    if (of_record)
        reading.problems.add(fields.at("on_error"),
                             "expected \"log\", \"drop\" or \"alert\" with transactional.id: a failed record "
                             "fails its transaction, see \"on_abort\"");
}

} // namespace

std::vector<std::string> transaction_key_names() {
    return {std::begin(transaction_keys), std::end(transaction_keys)};
}

void read_transacting(Fields& fields, ProducerConfiguration& producer, Reading& reading) {
    ProducerTransacting& asked = producer.application.transacting;
    const bool transactional = !producer.settings.transactional_id.empty();
    for (const char* key : transaction_keys)
        if (fields.has(key) && !transactional)
            reading.problems.add(fields.at(key), "goes with the setting transactional.id");
    asked.records = fields.whole("transaction_records", 1, 1000000000).value_or(asked.records);
    asked.abort_every = fields.whole("abort_every", 1, 1000000000).value_or(0);
    asked.commit_after = fields.duration("commit_after").value_or(sim::Duration{0});
    const std::string abort = fields.word("on_abort", {"retry", "skip", "halt"}).value_or("retry");
    asked.on_abort = abort == "retry"  ? AbortReaction::retry
                     : abort == "skip" ? AbortReaction::skip
                                       : AbortReaction::halt;
    if (fields.word("on_fatal", {"halt", "new_producer"}).value_or("halt") == "new_producer")
        asked.on_fatal = FatalReaction::new_producer;
    if (transactional) check_failures(fields, producer, reading);
}

} // namespace kafka::parts
