#pragma once
// Which part of the seeds one of many processes takes.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace highwater {

/// Part `number` of `of`, from 1: the seeds whose place in the range leaves number - 1 when divided by `of`,
/// so that parts are of equal length and each is a sample of the whole.
struct Shard {
    std::uint64_t number = 1;
    std::uint64_t of = 1;
    bool takes(std::uint64_t place) const { return place % of == number - 1; }
    bool operator==(const Shard&) const = default;
};

using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// "2/8", "auto", or "auto/8" where the environment tells the number and not how many there are.
/// Error:  nothing, and `problem` says what was expected.
/// Source: Slurm job arrays (SLURM_ARRAY_TASK_ID, _MIN, _STEP, _COUNT); Kubernetes Indexed Jobs
///         (JOB_COMPLETION_INDEX, from 0; the Job's completions are not in the environment: JOB_COMPLETIONS
///         is a name that the manifest sets); Open MPI (OMPI_COMM_WORLD_RANK, _SIZE).
std::optional<Shard> parse_shard(const std::string& text, const Environment& environment,
                                 std::string& problem);
/// This process's own environment.
std::optional<std::string> from_environment(const std::string& name);

/// `text` with "{shard}" replaced by the shard's number, so that one command line serves all.
std::string for_shard(const std::string& text, const Shard& shard);

} // namespace highwater
