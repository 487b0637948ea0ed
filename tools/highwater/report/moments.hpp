#pragma once
// A fact in the life of a record, in words, with the rule that allowed it.

#include "models/turn/configuration.hpp"
#include "models/vocabulary/facts.hpp"

#include <cstddef>
#include <string>

namespace highwater {

/// An empty title: nothing worth telling.
struct Moment {
    std::string title;
    std::string text;
    std::string rule;
};

/// What is known of the record when the fact is read.
struct Situation {
    const kafka::Configuration& configuration;
    kafka::PartitionIndex partition;
    std::int64_t offset;
    bool appended;             // some log has it, or had it
    std::size_t copies_before; // replicas that had it before this fact
    std::size_t copies;        // and have it now
    bool is_here;              // on the broker that the fact is about
};

/// "1 replica has it".
std::string copies_text(std::size_t copies);

/// Tells each kind of moment once where once is enough: the first answer, the first read.
class Teller {
  public:
    Moment of(const kafka::Fact& fact, const Situation& situation);

  private:
    bool passed_ = false, answered_ = false, read_ = false, heard_ = false;

    Moment tell(const kafka::fact::RecordsSent& f, const Situation& now);
    Moment tell(const kafka::fact::BatchAppended& f, const Situation& now);
    Moment tell(const kafka::fact::ProduceAnswered& f, const Situation& now);
    Moment tell(const kafka::fact::RecordsAcknowledged& f, const Situation& now);
    Moment tell(const kafka::fact::RecordsFailed& f, const Situation& now);
    Moment tell(const kafka::fact::HighWatermarkMoved& f, const Situation& now);
    Moment tell(const kafka::fact::Delivered& f, const Situation& now);
    Moment tell(const kafka::fact::BrokerChanged& f, const Situation& now);
    Moment tell(const kafka::fact::PartitionChanged& f, const Situation& now);
    Moment tell(const kafka::fact::BecameLeader& f, const Situation& now);
    Moment tell(const kafka::fact::BatchRemoved& f, const Situation& now);
    template <class F> Moment tell(const F&, const Situation&) { return {}; }
};

} // namespace highwater
