// "application": what the user's own code does around a client.

#include "models/scenario/parts.hpp"

namespace kafka::parts {

namespace {

/// The value of a -X as JSON would have it: numbers and true or false as such, anything else as text.
Json value_of(const std::string& text) {
    const Json parsed = Json::parse(text, nullptr, false);
    return parsed.is_number_integer() || parsed.is_boolean() ? parsed : Json(text);
}

template <class Word, std::size_t count>
Word word_of(Fields& fields, const char* key, const std::pair<const char*, Word> (&words)[count],
             Word otherwise) {
    std::vector<std::string> known;
    for (const auto& [text, word] : words)
        known.emplace_back(text);
    const auto given = fields.word(key, known);
    for (const auto& [text, word] : words)
        if (given && *given == text) return word;
    return otherwise;
}

void check_producer_application(Fields& fields, const ProducerApplication& application, Reading& reading) {
    const auto uses = [&](ErrorReaction reaction) {
        const bool retries = application.on_error == ErrorReaction::retry;
        return application.on_error == reaction || (retries && application.then == reaction);
    };
    if (uses(ErrorReaction::dead_letter) && application.dead_letter.value < 0)
        reading.problems.add(fields.at("dead_letter"), "expected the topic that takes dead letters");
    if (application.dead_letter.value >= 0 && !uses(ErrorReaction::dead_letter))
        reading.problems.add(fields.at("dead_letter"), "goes with \"on_error\" or \"then\": \"dead_letter\"");
    for (const char* key : {"retries", "retry_after", "then"})
        if (fields.has(key) && application.on_error != ErrorReaction::retry)
            reading.problems.add(fields.at(key), "goes with \"on_error\": \"retry\"");
    if (fields.has("close_timeout") && application.close != CloseStyle::flush)
        reading.problems.add(fields.at("close_timeout"), "goes with \"close\": \"flush\"");
    const bool blind = application.send == SendStyle::fire_and_forget;
    if (blind && application.restart == RestartStyle::resend)
        reading.problems.add(fields.at("restart"),
                             "code that never looks at results cannot know what to send again");
}

} // namespace

Json with_application_overrides(SortedOverrides& overrides, const Json* given, const std::string& scope,
                                const std::string& place, const std::vector<std::string>& keys) {
    Json merged = given != nullptr && given->is_object() ? *given : Json::object();
    for (SortedOverrides::One& one : overrides.all) {
        const std::string addressed = scope + "." + place + ".application.";
        std::string key;
        if (one.given.key.rfind("application.", 0) == 0)
            key = one.given.key.substr(12);
        else if (one.given.key.rfind(addressed, 0) == 0)
            key = one.given.key.substr(addressed.size());
        for (const std::string& known : keys) {
            if (key != known) continue;
            merged[key] = value_of(one.given.value);
            one.hit = true;
        }
    }
    return merged;
}

std::vector<std::string> producer_application_keys() {
    std::vector<std::string> keys = transaction_key_names();
    for (const char* own : {"send", "on_error", "then", "retries", "retry_after", "dead_letter", "restart",
                            "close", "close_timeout"})
        keys.emplace_back(own);
    return keys;
}

void read_producer_application(Fields& producer_fields, ProducerConfiguration& producer, Reading& reading) {
    const Json* given = producer_fields.get("application");
    if (given != nullptr && !given->is_object()) return producer_fields.wrong("application", "an object");
    const Json merged = with_application_overrides(reading.overrides, given, "producer", producer.name,
                                                   producer_application_keys());
    Fields fields(merged, producer_fields.at("application"), reading.problems);
    ProducerApplication& application = producer.application;
    const std::pair<const char*, SendStyle> styles[] = {{"callback", SendStyle::callback},
                                                        {"sync", SendStyle::sync},
                                                        {"fire-and-forget", SendStyle::fire_and_forget}};
    const std::pair<const char*, ErrorReaction> reactions[] = {
        {"log", ErrorReaction::log},     {"drop", ErrorReaction::drop},
        {"alert", ErrorReaction::alert}, {"dead_letter", ErrorReaction::dead_letter},
        {"halt", ErrorReaction::halt},   {"retry", ErrorReaction::retry}};
    const std::pair<const char*, RestartStyle> restarts[] = {{"continue", RestartStyle::go_on},
                                                             {"resend", RestartStyle::resend}};
    const std::pair<const char*, CloseStyle> closes[] = {
        {"stay_open", CloseStyle::stay_open}, {"flush", CloseStyle::flush}, {"exit", CloseStyle::exit}};
    application.send = word_of(fields, "send", styles, application.send);
    application.on_error = word_of(fields, "on_error", reactions, application.on_error);
    application.then = word_of(fields, "then", reactions, application.then);
    if (application.then == ErrorReaction::retry) fields.wrong("then", "what to do when retries are used up");
    application.retries = static_cast<std::int32_t>(fields.whole("retries", 1, 100).value_or(3));
    application.retry_after = fields.duration("retry_after").value_or(sim::Duration{0});
    application.restart = word_of(fields, "restart", restarts, application.restart);
    application.close = word_of(fields, "close", closes, application.close);
    if (const auto timeout = fields.duration("close_timeout")) application.close_timeout = *timeout;
    if (const auto topic = fields.text("dead_letter")) {
        const auto found = find_topic(*topic, reading.configuration);
        if (!found)
            reading.problems.add(fields.at("dead_letter"), "no such topic: \"" + *topic + "\"");
        else if (*found == producer.topic)
            reading.problems.add(fields.at("dead_letter"), "expected another topic than the producer's own");
        else
            application.dead_letter = *found;
    }
    read_transacting(fields, producer, reading);
    fields.finish();
    check_producer_application(fields, application, reading);
}

} // namespace kafka::parts
