#pragma once
// Layers of raw values merged into one typed map. Not for callers outside this folder.

#include "models/settings/resolve.hpp"

#include <boost/program_options/variables_map.hpp>

namespace kafka::parts {

/// Result of merging: typed values, and the story of each.
struct Merged {
    boost::program_options::variables_map values;
    std::vector<EffectiveSetting> effective;
    std::vector<SettingProblem> problems;
    std::vector<std::string> warnings;

    const EffectiveSetting* find(std::string_view name) const;
    bool was_given(std::string_view name) const;
    /// Whether it is the default of another client library.
    bool was_preset(std::string_view name) const;
    /// Values as numbers, flags and text; `otherwise` when the release has no such setting or it is null.
    std::int64_t number(const std::string& name, std::int64_t otherwise) const;
    bool flag(const std::string& name, bool otherwise) const;
    std::string text(const std::string& name, const std::string& otherwise) const;
    sim::Duration millis(const std::string& name, sim::Duration otherwise) const;
    /// Replaces the effective value by what Kafka derives.
    void derive(const std::string& name, const std::string& value);
};

Merged merge(const SettingTables& tables, SettingScope scope, Release release, std::span<const Layer> layers);

// --- cleanup.cpp ---
void fill_cleanup(Merged& merged, TopicSettings& settings);

// --- coordination.cpp ---
/// ASCII letters made small; Kafka takes words of many settings in any case.
std::string lower(std::string text);
/// The text, or nothing where Kafka's default is null, "(empty)" or "(required)".
std::string given_text(const Merged& merged, const std::string& name);
MemberSettings member_settings(const Merged& merged);
/// Settings that the chosen group.protocol does not know.
void check_protocol(Merged& merged, const MemberSettings& settings);
/// Bounds of the coordinator's own settings of the consumer protocol.
void check_consumer_groups(Merged& merged);
GroupCoordinatorSettings group_settings(const Merged& merged);
TransactionCoordinatorSettings transaction_settings(const Merged& merged);
/// Milliseconds as a length; the greatest integer means never.
sim::Duration from_millis(std::int64_t millis);

} // namespace kafka::parts
