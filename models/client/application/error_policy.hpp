#pragma once
// What the code around a producer does about a record that failed.

#include "models/vocabulary/application.hpp"
#include "models/vocabulary/errors.hpp"

namespace kafka {

/// A record that failed, as the code meets it.
struct FailedSend {
    SendFailure failure{};
    bool thrown = false;      // by send() itself, not through the future
    bool dead_letter = false; // it was a dead letter already
    std::int32_t resend = 0;  // how often the code has handed it over before
};

/// The reaction of `application`. Pure. Source: the chapter, "Additional Error Handling";
/// KafkaProducer.doSend for what is thrown (SerializationException) and what comes through the future (every
/// ApiException). Leaves out: a reaction of its own for each exception.
ErrorReaction reaction_to(const FailedSend& failed, const ProducerApplication& application);

} // namespace kafka
