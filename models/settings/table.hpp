#pragma once
// Kafka's own option tables: what each setting is called, what it takes, and its default by release.

#include "models/dialect/release.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kafka {

enum class SettingScope : std::uint8_t { producer, consumer, topic, broker };
std::string_view name(SettingScope scope);

/// One setting. Shape: cells that changed over time are "from..to=value|from..to=value".
/// Source: facts/kafka-settings.tsv, read from the published jars.
struct SettingRow {
    std::string name;
    std::string type; // BOOLEAN INT LONG SHORT DOUBLE STRING LIST CLASS PASSWORD, by release
    std::string valid;
    std::string update_mode;
    std::string defaults;
    std::string broker_synonyms;
    bool modelled = false; // the simulator acts on it
};

/// All four tables, parsed once by whoever needs them.
class SettingTables {
  public:
    SettingTables();
    const std::vector<SettingRow>& rows(SettingScope scope) const {
        return scopes_[static_cast<std::size_t>(scope)];
    }
    /// The row, or null when this scope has no such setting in any release.
    const SettingRow* find(SettingScope scope, std::string_view name) const;

  private:
    std::vector<SettingRow> scopes_[4];
};

/// The part of a cell that holds in `release`; nothing when none does.
std::optional<std::string> cell_at(std::string_view cell, Release release);
/// Default in `release`; nothing when the release does not have the setting. "null" and "(empty)" are as in
/// the facts.
std::optional<std::string> default_of(const SettingRow& row, Release release);

/// The candidate nearest in spelling, or nothing when none is near.
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates);

} // namespace kafka
