#pragma once
// Reading the members of one JSON object: every key is known or a problem, every value has its type.

#include "models/scenario/source.hpp"
#include "models/settings/resolve.hpp"
#include "sim/choices/choices.hpp"
#include "sim/core/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kafka {

/// Collects problems of one file while it is read.
class Problems {
  public:
    explicit Problems(Source& source) : source_(source) {}
    void add(const std::string& pointer, const std::string& message) {
        source_.problems.push_back({source_.file, source_.line_of(pointer), pointer, message});
    }
    /// A problem of another file that the scenario is read with; each is told once.
    void add_elsewhere(const InputProblem& problem) {
        for (const InputProblem& known : source_.problems)
            if (known == problem) return;
        source_.problems.push_back(problem);
    }
    void add_override(const std::string& key, const std::string& message) {
        source_.problems.push_back({source_.file, 0, "-X " + key, message});
    }

  private:
    Source& source_;
};

/// One object of the file. Getters note what they were asked for; `finish` reports what nobody asked for.
class Fields {
  public:
    Fields(const Json& object, std::string pointer, Problems& problems);

    bool has(const std::string& key);
    /// The member, or null. Asking makes the key known.
    const Json* get(const std::string& key);
    std::optional<std::string> text(const std::string& key);
    std::optional<std::int64_t> whole(const std::string& key, std::int64_t least, std::int64_t most);
    std::optional<bool> flag(const std::string& key);
    std::optional<sim::Duration> duration(const std::string& key);
    /// A duration, with "-" before it one back in time.
    std::optional<sim::Duration> signed_duration(const std::string& key);
    /// A duration, or {"from": ..., "to": ...} that the seed decides.
    std::optional<std::pair<sim::Duration, sim::Duration>> duration_range(const std::string& key);
    std::optional<sim::LatencyTable> latency(const std::string& key);
    std::optional<std::int64_t> bandwidth(const std::string& key);
    std::optional<std::string> word(const std::string& key, const std::vector<std::string>& words);
    ConfigMap config(const std::string& key);

    std::string at(const std::string& key) const { return pointer_ + "/" + key; }
    const std::string& pointer() const { return pointer_; }
    Problems& problems() { return problems_; }
    void wrong(const std::string& key, const std::string& expected);
    /// Reports unknown keys, with the nearest known one.
    void finish();

  private:
    const Json& object_;
    std::string pointer_;
    Problems& problems_;
    std::vector<std::string> known_;
};

/// "1500ms", "4.5s", "250us", "2min", "1h". Nothing when it is no whole number of microseconds.
std::optional<sim::Duration> parse_duration(const std::string& text);
/// "1Gbit", "100Mbit", "64kbit", "unlimited" (0), in bits per second.
std::optional<std::int64_t> parse_bandwidth(const std::string& text);
/// "1%", "0.05%" in parts per million; at most 100 %.
std::optional<std::int32_t> parse_percent(const std::string& text);
/// The value as the file shows it, for messages.
std::string shown(const Json& value);
std::string did_you_mean(const std::string& got, const std::vector<std::string>& candidates);

} // namespace kafka
