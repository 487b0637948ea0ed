#include "models/client/application/error_policy.hpp"

namespace kafka {

ErrorReaction reaction_to(const FailedSend& failed, const ProducerApplication& application) {
    if (application.send == SendStyle::fire_and_forget && !failed.thrown) return ErrorReaction::unseen;
    ErrorReaction reaction = application.on_error;
    if (reaction == ErrorReaction::retry && failed.resend >= application.retries) reaction = application.then;
    if (!failed.dead_letter) return reaction;
    // A dead letter that fails has nowhere else to go.
    const bool again = reaction == ErrorReaction::dead_letter || reaction == ErrorReaction::retry;
    return again ? ErrorReaction::log : reaction;
}

} // namespace kafka
