#pragma once
// Assertions that stay on in release builds. The run loop adds seed, time and sequence to the report.

#include <stdexcept>
#include <string>

namespace sim {

/// A bug in the simulator: what did not hold, and where. Caught by the run loop, which names the event.
struct AssertionFailure : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn]] void fail_assertion(const char* condition, const char* sentence, const char* file, int line);

} // namespace sim

#define SIM_ASSERT(condition, sentence)                                                                      \
    do {                                                                                                     \
        if (!(condition)) [[unlikely]]                                                                       \
            ::sim::fail_assertion(#condition, sentence, __FILE__, __LINE__);                                 \
    } while (false)
