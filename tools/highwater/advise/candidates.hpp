#pragma once
// Configurations that may be advised, from cheap to dear.

#include "tools/highwater/explain/counterfactuals.hpp"

namespace highwater {

struct Candidate {
    std::string name;                      // "fast", "acks=all min.insync.replicas=2", "as it is"
    const kafka::Preset* preset = nullptr; // may be none
    std::vector<Change> changes;
    std::vector<kafka::Scenario> scenarios; // one for each failure that takes its turn
    bool effects_are_idempotent = false;    // of every group: a second processing has no effect
};

/// What the scenario may be put through besides its own faults: the loss of one rack, or of one broker.
struct Hardship {
    std::string word; // "one-zone", "one-broker"; empty = nothing more
    std::vector<std::string>
        targets; // the racks or brokers that take turns by seed; one empty word = nothing
    kafka::Json fault(const kafka::Configuration& configuration, std::size_t turn) const;
};
/// `problem` says why the scenario cannot be put through it.
Hardship hardship_of(const std::string& word, const kafka::Configuration& configuration,
                     std::string& problem);

/// What the requirements speak of, and so what is worth varying.
struct Asks {
    bool latency = false;
    bool availability = false;
};

/// What is searched: the file's own settings, every combination of the settings that the chapter's four
/// questions decide (acks, min.insync.replicas, enable.idempotence, the replication factor, when groups
/// commit; flush.messages where power may be lost; linger.ms when latency is asked for, unclean elections
/// when availability is), and presets. Sorted by what a setting costs: fewer copies, no flush for each
/// record, the leader's word, fewer in-sync replicas, clean elections, no idempotence, fewer changes to code;
/// then by how little is changed. Leaves out: combinations that contradict each other or the scenario.
std::vector<Candidate> candidates_for(const std::string& text, const std::string& file,
                                      const std::vector<kafka::Override>& overrides,
                                      const std::vector<kafka::Preset>& presets, const Hardship& hardship,
                                      const Asks& asks, const kafka::SettingTables& tables);

} // namespace highwater
