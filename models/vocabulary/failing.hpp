#pragma once
// Records that an application cannot process, and what its code does then.

#include "models/vocabulary/ids.hpp"
#include "sim/core/ratio.hpp"
#include "sim/core/time.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace kafka {

/// A span of time in which the system that the code writes to is down.
struct Outage {
    sim::SimTime from;
    sim::SimTime until;
};

/// Which records cannot be processed. It belongs to the record: every member that takes it meets the same.
struct FailingRecords {
    std::int64_t every = 0;    // each n-th record that a producer sent to a partition; 0 = none
    sim::Ratio share;          // of all records, drawn for each by the seed
    std::int32_t attempts = 0; // attempts of one process that fail before one succeeds; 0 = all
    std::vector<Outage> down;  // meanwhile every attempt fails
    bool any() const { return every > 0 || share.num > 0 || !down.empty(); }
};

/// What the code does about a record that it could not process.
enum class FailureReaction : std::uint8_t {
    halt,            // nobody catches the exception: the process ends, nothing more is committed
    skip,            // logs, and goes on with the next one
    block,           // sleeps and tries again inside its loop: poll() is not called meanwhile
    pause_and_retry, // pauses the partition, goes on polling, tries again later
    retry_topic,     // hands the record to another topic, for later
    dead_letter,     // hands it to another topic, for good
};
inline constexpr int failure_reaction_count = 6;

struct FailurePolicy {
    FailureReaction reaction = FailureReaction::halt;
    std::int32_t retries = -1; // of block and pause_and_retry; -1 = without end
    sim::Duration retry_after;
    FailureReaction then = FailureReaction::halt; // when retries are used up
    TopicIndex retry_topic{-1}, dead_letter{-1};  // -1 = none
    std::optional<sim::Duration> restart_after;   // a supervisor starts the process again that has ended
    bool forwards() const { return retry_topic.value >= 0 || dead_letter.value >= 0; }
};

} // namespace kafka
