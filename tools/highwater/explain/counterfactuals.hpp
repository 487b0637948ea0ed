#pragma once
// The same seed and the same faults under another setting: would it have saved the record, and at what price?

#include "tools/highwater/explain/fates.hpp"
#include "tools/highwater/study/figures.hpp"

#include "models/scenario/preset.hpp"

namespace highwater {

/// A setting as -X takes it.
struct Change {
    std::string key, value;
    std::string text() const { return key + "=" + value; }
};

/// What became of the record under other settings.
enum class Rescue : std::uint8_t {
    saved,      // acknowledged, there, and in the whole run no record has this mishap
    spared,     // nothing went wrong with it, but with others: only the time of things has moved
    told,       // not written, but its sender was told that it failed
    undecided,  // its sender was told nothing until the end, or nobody leads
    not_saved,  // the same mishap
    otherwise,  // another mishap
    never_sent, // its application did not get that far
};
constexpr const char* rescue_names[] = {"saved",     "spared",    "told",      "undecided",
                                        "not_saved", "otherwise", "never_sent"};
constexpr const char* name(Rescue rescue) { return rescue_names[static_cast<std::size_t>(rescue)]; }
/// `others`: how many records of the whole run have the mishap.
Rescue rescue_of(const Fate& fate, Mishap mishap, std::int64_t others);

struct Counterfactual {
    std::vector<Change> changes;
    Rescue rescue = Rescue::not_saved;
    Fate fate;
    RunFigures figures;
    std::string fingerprint;
};

/// What all counterfactuals of one run share.
struct Question {
    std::string file;
    std::string text;                       // of the scenario: weather replaced by what the seed drew
    std::vector<kafka::Override> overrides; // strongest first
    const kafka::Preset* preset = nullptr;
    std::uint64_t seed = 1;
    RecordId record;
    std::int64_t ordinal = -1; // of the record among its producer's
    Mishap mishap = Mishap::lost;
    std::string fingerprint; // of the run as it is
    std::size_t threads = 1;
};

/// The scenario's text with the faults that the seed drew in place of its weather: no setting can move them.
std::string text_with_drawn_faults(const std::string& text, const kafka::Json& drawn);
/// The same text with these settings where -X does not reach: in every "set" fault that names them, so that
/// no operator undoes them, and of a replication.factor in assignments.
std::string text_with_changes(const std::string& text, const std::vector<Change>& changes);

/// Single changes that might matter to a scenario of this configuration: each differs from what is in force
/// somewhere. In the order of layers: producer, topic and broker, consumer, application.
std::vector<Change> changes_for(const kafka::Configuration& configuration);

/// Runs the scenario under these changes; nothing when they contradict each other or the scenario.
std::optional<Counterfactual> run_under(const Question& question, const std::vector<Change>& changes,
                                        const kafka::SettingTables& tables);

struct Counterfactuals {
    std::vector<Counterfactual> singles; // that change the run
    std::vector<Counterfactual> pairs;   // only when no single one saves the record
    int without_effect = 0;              // the same run
    int impossible = 0;                  // contradict the scenario
};
/// Every single change, and every pair of them when none saves the record.
Counterfactuals counterfactuals_of(const Question& question, const kafka::Configuration& configuration,
                                   const kafka::SettingTables& tables);

} // namespace highwater
