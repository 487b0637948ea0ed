#pragma once
// The life of one record, step by step, in plain words with the rule behind each step.

#include "tools/highwater/explain/fates.hpp"

#include <string>
#include <vector>

namespace highwater {

/// One thing that happened to the record, or around it.
struct Step {
    sim::SimTime time, until; // the same, unless `times` is above one
    std::uint64_t event = 0;  // number of the step of the simulation, from 1
    std::string kind;         // one word: "appended", "removed", "fault", ...
    std::string what;         // a sentence
    std::string rule;         // Kafka's class, KIP or setting; may be empty
    std::int32_t broker = -1; // its id; -1 = none
    std::int64_t offset = -1;
    std::int64_t times = 1; // so often in a row
};

/// Writes the biography while the run goes on; facts that do not concern the record are passed over.
/// Leaves out: requests of followers and of readers; high watermarks that move without passing the record.
class Biography : public kafka::Observer {
  public:
    Biography(const kafka::Configuration& configuration, const RecordId& record);
    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    const std::vector<Step>& steps() const { return steps_; }

    // What the reason is found from.
    std::optional<kafka::fact::ProduceAnswered>
        evidence;                                     // of the acknowledgement: the first without an error
    std::optional<kafka::fact::BatchRemoved> removal; // the last
    bool unclean_election = false;                    // after it was sent
    bool unclean_by_operator = false, unclean_enabled = false;
    int lossy_failures = 0; // power losses and wiped disks of replicas
    bool resent_by_application = false;
    std::optional<kafka::CommitCause> passed_by; // how the first commit past it came

  private:
    const kafka::Configuration& configuration_;
    RecordId record_;
    kafka::PartitionIndex partition_;
    std::vector<Step> steps_;
    bool sent_ = false;
    std::int64_t batch_first_ = -1; // of the batch that carries it
    kafka::Offset offset_ = kafka::no_offset;
    std::int32_t attempts_ = 0;
    std::vector<kafka::Offset> high_watermarks_;    // by broker
    std::vector<bool> holds_;                       // by broker: its log has the record
    bool committed_ = false;                        // a high watermark has passed it
    std::vector<bool> committed_past_;              // by group
    std::vector<kafka::CommitCause> commit_causes_; // by consumer: of its latest commit
    kafka::fact::PartitionChanged state_;           // as decided last

    struct Moment {
        sim::SimTime time;
        std::uint64_t event;
    };
    template <class Records> bool covers(const Records& records) const {
        return records.stream == record_.stream && records.first.value <= record_.value &&
               record_.value < records.first.value + records.count;
    }
    void add(const Moment& now, const char* kind, std::string what, std::string rule,
             kafka::BrokerSlot broker = kafka::no_slot, kafka::Offset offset = kafka::no_offset);
    bool on_producer(const Moment& now, const kafka::Fact& fact);
    bool on_replica(const Moment& now, const kafka::Fact& fact);
    void on_answered(const Moment& now, const kafka::fact::ProduceAnswered& fact);
    void on_removed(const Moment& now, const kafka::fact::BatchRemoved& fact);
    bool on_partition(const Moment& now, const kafka::Fact& fact);
    void on_changed(const Moment& now, const kafka::fact::PartitionChanged& fact);
    bool on_reader(const Moment& now, const kafka::Fact& fact);
    void on_committed(const Moment& now, const kafka::fact::OffsetCommitted& fact);
    bool on_fault(const Moment& now, const kafka::Fact& fact);
    std::string brokers(kafka::BrokerSet set) const;
    std::string broker(kafka::BrokerSlot slot) const;
};

} // namespace highwater
