#pragma once
// What a user asks of a configuration, as the chapter's last tip lists it.

#include "tools/highwater/study/figures.hpp"

#include <string>
#include <vector>

namespace highwater {

enum class RequirementKind : std::uint8_t {
    no_loss,         // acknowledged records, and records that a group or reader went past
    no_duplicates,   // in the log, and in the effects of groups
    in_order,        // no record behind a later one of the same producer
    no_refusals,     // nothing reported as failed
    max_unavailable, // longest span without writes, of any partition
    p50,             // of acknowledgements, over all records of all runs
    p99,
    end_to_end_p99, // from send() to the reader's hands, likewise
};

struct Requirement {
    RequirementKind kind{};
    sim::Duration limit; // of the kinds that have one
    std::string text;    // as asked: "max-unavailable=10s"
};

/// Reads "no-loss" or "p99=50ms"; `problem` says what is wrong.
std::vector<Requirement> read_requirements(const std::vector<std::string>& words, std::string& problem);
/// Whether the requirement is one of each run; the others look at all records of all runs.
bool is_of_each_run(RequirementKind kind);
/// Whether one run, or the sum of all of them, meets the requirement. Shape: a run that ends with a partition
/// without a leader does not meet no-loss: what it had acknowledged is not known to be there.
bool meets(const Requirement& requirement, const RunFigures& run, bool effects_are_idempotent);
/// What was seen of it, in words: "3 lost, 0 skipped", "41 ms".
std::string seen_text(const Requirement& requirement, const RunFigures& run);

} // namespace highwater
