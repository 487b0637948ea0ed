// "fails" and "on_failure" of a consumer's application: which records cannot be processed, and what then.

#include "models/scenario/parts.hpp"

#include <algorithm>

namespace kafka::parts {

namespace {

constexpr std::int64_t most_counted = 1000000000000;

void read_outage(const Json& value, const std::string& pointer, FailingRecords& fails, Reading& reading) {
    Fields fields(value, pointer, reading.problems);
    const auto from = fields.duration("from");
    const auto to = fields.duration("to");
    if (!from || !to)
        reading.problems.add(pointer, "expected \"from\" and \"to\", times such as \"10s\"");
    else if (*to <= *from)
        reading.problems.add(fields.at("to"), "expected a time after \"from\"");
    else
        fails.down.push_back({sim::SimTime{from->micros}, sim::SimTime{to->micros}});
    fields.finish();
}

/// "down": one span of time, or a list of them.
void read_outages(Fields& fields, FailingRecords& fails, Reading& reading) {
    const Json* down = fields.get("down");
    if (down == nullptr) return;
    if (!down->is_array()) return read_outage(*down, fields.at("down"), fails, reading);
    for (std::size_t i = 0; i < down->size(); ++i)
        read_outage((*down)[i], fields.at("down") + "/" + std::to_string(i), fails, reading);
}

void read_fails(Fields& application, FailingRecords& fails, Reading& reading) {
    const Json* given = application.get("fails");
    if (given == nullptr) return;
    if (!given->is_object()) return application.wrong("fails", R"(an object such as {"every": 100})");
    Fields fields(*given, application.at("fails"), reading.problems);
    fails.every = fields.whole("every", 1, most_counted).value_or(0);
    const auto percent = fields.whole("percent", 1, 100);
    if (percent) fails.share = {*percent, 100};
    const auto attempts = fields.whole("attempts", 1, 1000000);
    fails.attempts = static_cast<std::int32_t>(attempts.value_or(0));
    read_outages(fields, fails, reading);
    if (fails.every > 0 && percent)
        reading.problems.add(fields.at("percent"), "\"every\" and \"percent\" exclude each other");
    if (attempts && fails.every == 0 && !percent)
        reading.problems.add(fields.at("attempts"), "goes with \"every\" or \"percent\"");
    if (given->empty())
        reading.problems.add(fields.pointer(), "expected which records: \"every\", \"percent\" or \"down\"");
    fields.finish();
}

const std::pair<const char*, FailureReaction> reactions[] = {
    {"halt", FailureReaction::halt},
    {"skip", FailureReaction::skip},
    {"block", FailureReaction::block},
    {"pause_and_retry", FailureReaction::pause_and_retry},
    {"retry_topic", FailureReaction::retry_topic},
    {"dead_letter", FailureReaction::dead_letter}};

FailureReaction read_reaction(Fields& fields, const char* key, FailureReaction usual) {
    std::vector<std::string> words;
    for (const auto& [word, reaction] : reactions)
        words.emplace_back(word);
    const auto given = fields.word(key, words);
    for (const auto& [word, reaction] : reactions)
        if (given && *given == word) return reaction;
    return usual;
}

TopicIndex read_target_topic(Fields& fields, const char* key, const FailurePolicy& policy,
                             FailureReaction use, Reading& reading) {
    const bool used = policy.reaction == use || (policy.retries >= 0 && policy.then == use);
    const auto topic = fields.text(key);
    const std::string word = key;
    if (topic && !used)
        reading.problems.add(fields.at(key), "goes with \"on_failure\" or \"then\": \"" + word + "\"");
    if (!topic && used)
        reading.problems.add(fields.at(key), "expected the topic that takes records that failed");
    if (!topic) return TopicIndex{-1};
    const auto found = find_topic(*topic, reading.configuration);
    if (!found) reading.problems.add(fields.at(key), "no such topic: \"" + *topic + "\"");
    return found.value_or(TopicIndex{-1});
}

void read_retries(Fields& fields, FailurePolicy& policy, Reading& reading) {
    const bool retries =
        policy.reaction == FailureReaction::block || policy.reaction == FailureReaction::pause_and_retry;
    const auto count = fields.whole("retries", 0, 1000000);
    policy.retries = static_cast<std::int32_t>(count.value_or(-1));
    const auto after = fields.duration("retry_after");
    policy.retry_after = after.value_or(sim::seconds(1));
    if (after && *after < sim::milliseconds(1))
        reading.problems.add(fields.at("retry_after"), "expected at least \"1ms\"");
    policy.then = read_reaction(fields, "then", FailureReaction::halt);
    const bool again =
        policy.then == FailureReaction::block || policy.then == FailureReaction::pause_and_retry;
    if (again) reading.problems.add(fields.at("then"), "expected what to do when retries are used up");
    for (const char* key : {"retries", "retry_after", "then"})
        if (fields.has(key) && !retries)
            reading.problems.add(fields.at(key),
                                 "goes with \"on_failure\": \"block\" or \"pause_and_retry\"");
    if (count.has_value() != fields.has("then"))
        reading.problems.add(fields.pointer(), "\"retries\" and \"then\" go together");
}

} // namespace

void read_failing(Fields& fields, ConsumerConfiguration& consumer, Reading& reading) {
    FailurePolicy& policy = consumer.application.on_failure;
    read_fails(fields, consumer.application.fails, reading);
    policy.reaction = read_reaction(fields, "on_failure", FailureReaction::halt);
    read_retries(fields, policy, reading);
    policy.retry_topic =
        read_target_topic(fields, "retry_topic", policy, FailureReaction::retry_topic, reading);
    policy.dead_letter =
        read_target_topic(fields, "dead_letter", policy, FailureReaction::dead_letter, reading);
    for (const TopicIndex read : consumer.topics)
        if (policy.dead_letter.value >= 0 && read == policy.dead_letter)
            reading.problems.add(fields.at("dead_letter"),
                                 "expected a topic that the consumer does not read");
    if (fields.has("on_failure") && !consumer.application.fails.any())
        reading.problems.add(fields.at("on_failure"), "goes with \"fails\": nothing fails here");
    policy.restart_after = fields.duration("restart_after");
}

} // namespace kafka::parts
