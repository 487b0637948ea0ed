#pragma once
// Why one record was lost, duplicated or skipped: its life, the point of no return, who failed, what would
// have saved it.

#include "tools/highwater/explain/counterfactuals.hpp"
#include "tools/highwater/explain/turning_point.hpp"

#include <functional>

namespace highwater {

/// The layer of the chapter's stack that failed. Source: chapter section 8, "The reliability stack".
struct Blame {
    std::string layer; // "broker", "producer", "consumer", "application", "operations"; empty = nobody
    std::string why;   // a sentence
};

struct Explanation {
    std::string scenario, file, release;
    std::uint64_t seed = 1;
    std::string repeat;
    bool found = false; // a record to explain
    std::string note;   // why not
    RecordId record;
    std::string name, partition; // "shop:17", "orders-0"
    Fate fate;
    Mishap mishap = Mishap::none;
    std::int64_t companions = 0; // records in a row with the same mishap, itself included
    std::vector<Step> steps;
    TurningPoint point;
    Blame blame;
    RunFigures figures; // of the run as it is
    Counterfactuals counterfactuals;
    std::shared_ptr<const kafka::Configuration> configuration;
};

/// What is asked.
struct Inquiry {
    std::string text; // of the scenario file
    std::string file;
    std::vector<kafka::Override> overrides;
    const kafka::Preset* preset = nullptr;
    std::uint64_t seed = 1;
    std::string repeat;
    std::string record; // "shop:17", "shop/2:17", "orders-0:17"; empty = the first with a mishap
    std::size_t threads = 1;
    std::function<void(const char*)> progress; // what is being done
};

/// Error:  `problem` says why the record that was asked for does not exist.
Explanation explain(const Inquiry& inquiry, const kafka::Scenario& scenario,
                    const kafka::SettingTables& tables, std::string& problem);

/// The record that a word names: "shop:17" is the 18th that shop sent (to its only partition), "shop/2:17"
/// the 18th it sent to partition 2, "orders-0:17" the record at offset 17, the lost one if one was
/// acknowledged there. Error: `problem` says what is wrong with it.
std::optional<RecordId> record_named(const std::string& word, const kafka::Configuration& configuration,
                                     const Fates& fates, std::string& problem);

/// Who failed, from what the biography found.
Blame blame_for(const Explanation& explanation, const Biography& biography, const Fates& fates);

/// highwater.explanation/1.
kafka::Json json_of(const Explanation& explanation);
std::string text_of(const Explanation& explanation, bool colour);

} // namespace highwater
