#pragma once
// What the code around each producer knew of its records, and what it did about failures.

#include "models/check/ranges.hpp"
#include "models/cluster/observer.hpp"

#include <array>
#include <map>
#include <utility>
#include <vector>

namespace kafka {

/// Counts of one producer's application.
struct ApplicationSummary {
    std::array<std::int64_t, error_reaction_count> reactions{}; // records, by ErrorReaction
    std::array<std::int64_t, error_class_count> told{};         // errors that it was told, by ErrorClass
    std::int64_t told_error = 0;                                // records, at the end
    std::int64_t dead_letters_failed = 0;
    std::int64_t resent_after_restart = 0;
    std::int64_t blocked = 0; // times that send() blocked
    sim::Duration blocked_total, blocked_longest;
    std::int64_t died_unsent = 0, died_in_flight = 0; // with the process, or as it closed by force
    std::int64_t not_sent = 0;                        // of the load: never handed to send()
    std::int64_t duplicates_by_producer = 0;          // by the producer's own retries
    std::int64_t duplicates_by_application = 0;       // by the code's retries
    std::int64_t duplicates_by_restart = 0;           // by a restarted process that sends again
};

/// Part of the ledger: follows what applications say.
class Applications {
  public:
    explicit Applications(const Configuration& configuration);
    void on(sim::SimTime time, const Fact& fact);
    /// A batch that the final log serves, in the order of the log.
    void on_served(const Batch& batch);
    void at_end(const World& world);

    std::vector<ApplicationSummary> producers;

  private:
    /// Copies of one stream, by who handed them over. Shape: key = (life, resend).
    struct Copies {
        Ranges all;
        std::map<std::uint8_t, Ranges> by_life;
        std::map<std::pair<std::uint8_t, std::uint8_t>, Ranges> by_send;
    };
    const Configuration& configuration_;
    std::vector<Ranges> told_error_;          // by stream
    std::vector<Copies> copies_;              // by stream
    std::vector<sim::SimTime> blocked_since_; // by producer; never = not blocked

    ApplicationSummary& summary_of(StreamIndex stream) {
        return producers[static_cast<std::size_t>(configuration_.stream(stream).producer.value)];
    }
    void unblocked(ProducerIndex producer, sim::Duration waited);
};

} // namespace kafka
