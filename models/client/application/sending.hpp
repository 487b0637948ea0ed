#pragma once
// Where the thread that sends stands: inside send(), waiting for a result, stopped.

#include "models/vocabulary/application.hpp"
#include "models/vocabulary/errors.hpp"

#include <deque>

namespace kafka {

/// Records that the code hands over once more, or as dead letters, which take the next values of their queue.
struct Again {
    std::int32_t queue = 0; // of the producer
    Value first;
    std::int32_t count = 0;
    std::uint8_t resend = 0;
    bool dead_letter = false;
    bool refused = false;   // send() will refuse it again
    SendFailure failure{};  // with `refused`
    std::int32_t bytes = 0; // of a single record with a size of its own, as a batch; 0 = the usual size
    sim::SimTime not_before;
    bool operator==(const Again&) const = default;
};

/// The sending thread of an application. What survives its process (`again` with RestartStyle::resend,
/// `life`) is what such code keeps in a store of its own. Leaves out: several threads on one producer.
struct Sending {
    bool blocked = false;       // inside send(), for metadata or for memory
    bool for_metadata = false;  // what it waits for
    sim::SimTime blocked_since; // of the record that it hands over
    sim::SimTime free_since;    // it was not free to send before
    bool halted = false;        // sends nothing more
    bool closing = false;       // inside close()
    sim::SimTime close_deadline = sim::SimTime::never();
    bool ended = false; // closed, or the process is gone
    std::uint8_t life = 0;
    std::int32_t next_dead_letter = 0; // partition number of its topic
    std::deque<Again> again;
    bool flushing = false;     // inside flush()
    std::int64_t failures = 0; // records of which the code was told that they failed
    bool operator==(const Sending&) const = default;
};

} // namespace kafka
