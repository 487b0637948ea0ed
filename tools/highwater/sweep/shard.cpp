#include "tools/highwater/sweep/shard.hpp"

#include <charconv>
#include <cstdlib>

namespace highwater {

namespace {

std::optional<std::uint64_t> number_in(const std::string& digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
    return whole && value <= 1000000 ? std::optional(value) : std::nullopt;
}

/// A scheduler that gives each of its processes a number.
struct Scheduler {
    const char* name;
    const char* number;
    const char* first; // variable with the least number; null = 0
    const char* step;  // variable with the distance of numbers; null = 1
    const char* count;
};
constexpr Scheduler schedulers[] = {
    {"a Slurm job array", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP",
     "SLURM_ARRAY_TASK_COUNT"},
    {"a Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", nullptr, nullptr, "JOB_COMPLETIONS"},
    {"Open MPI", "OMPI_COMM_WORLD_RANK", nullptr, nullptr, "OMPI_COMM_WORLD_SIZE"},
};

/// The number in a variable: nothing, with `problem`, when it is missing or no number.
std::optional<std::uint64_t> variable(const Environment& environment, const char* name,
                                      std::string& problem) {
    const auto text = environment(name);
    const auto value = text ? number_in(*text) : std::nullopt;
    if (!value) problem = std::string(name) + (text ? " is \"" + *text + "\", no number" : " is not set");
    return value;
}

std::optional<Shard> from_scheduler(const Scheduler& scheduler, std::optional<std::uint64_t> of,
                                    const Environment& environment, std::string& problem) {
    const auto number = variable(environment, scheduler.number, problem);
    if (!number) return std::nullopt;
    std::uint64_t first = 0;
    std::uint64_t step = 1;
    if (scheduler.first != nullptr && environment(scheduler.first)) {
        const auto given = variable(environment, scheduler.first, problem);
        if (!given) return std::nullopt;
        first = *given;
    }
    if (scheduler.step != nullptr && environment(scheduler.step)) {
        const auto given = variable(environment, scheduler.step, problem);
        if (!given) return std::nullopt;
        step = *given;
    }
    if (!of) {
        of = variable(environment, scheduler.count, problem);
        if (!of) {
            problem += "; say how many shards there are: --shard auto/8";
            return std::nullopt;
        }
    }
    const bool fits = *of >= 1 && step >= 1 && *number >= first && (*number - first) % step == 0 &&
                      (*number - first) / step < *of;
    if (!fits) {
        problem = std::string(scheduler.number) + " is " + std::to_string(*number) + ", which is none of " +
                  std::to_string(*of) + " shards from " + std::to_string(first) + " on";
        return std::nullopt;
    }
    return Shard{(*number - first) / step + 1, *of};
}

} // namespace

std::optional<Shard> parse_shard(const std::string& text, const Environment& environment,
                                 std::string& problem) {
    const std::size_t slash = text.find('/');
    const std::string word = text.substr(0, slash);
    std::optional<std::uint64_t> of;
    if (slash != std::string::npos) of = number_in(text.substr(slash + 1));
    const bool auto_word = word == "auto";
    const auto number = number_in(word);
    const bool counted = slash == std::string::npos ? auto_word : of && *of >= 1;
    if (!counted || (!auto_word && (!number || *number < 1 || *number > *of))) {
        problem = "expected a part such as 2/8 (from 1), or auto, or auto/8";
        return std::nullopt;
    }
    if (!auto_word) return Shard{*number, *of};
    const Scheduler* found = nullptr;
    for (const Scheduler& one : schedulers) {
        if (!environment(one.number)) continue;
        if (found != nullptr) {
            problem = std::string(found->number) + " and " + one.number +
                      " are both set; say which part this is, such as --shard 2/8";
            return std::nullopt;
        }
        found = &one;
    }
    if (found != nullptr) return from_scheduler(*found, of, environment, problem);
    problem = "none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and OMPI_COMM_WORLD_RANK is set";
    return std::nullopt;
}

std::optional<std::string> from_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string for_shard(const std::string& text, const Shard& shard) {
    const std::size_t at = text.find("{shard}");
    if (at == std::string::npos) return text;
    return text.substr(0, at) + std::to_string(shard.number) + text.substr(at + 7);
}

} // namespace highwater
