#pragma once
// A run as Kafka's verifiable clients would tell it, one JSON object a line.

#include "models/cluster/observer.hpp"

#include <string>
#include <vector>

namespace highwater {

/// What kafka-verifiable-producer and kafka-verifiable-consumer print: each producer and each member of a
/// consumer is one process of the tool. Timestamps are milliseconds since the run began.
/// Source: VerifiableProducer, VerifiableConsumer (Jackson's order of fields: as they are declared).
/// Leaves out: exception messages (null), lists of partitions that are empty, what the tools print when they
/// are stopped: clients that still run at the end of the run are cut off there.
class Verifiable : public kafka::Observer {
  public:
    /// `verbose`: a record_data line for each consumed record, as the tool's own --verbose.
    explicit Verifiable(const kafka::Configuration& configuration, bool verbose);

    void on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact,
            const kafka::World& world) override;
    void after_step(const kafka::World& world) override;
    void at_end(const kafka::World& world) override;

    /// Names of all that speak: producers, then members of consumers.
    std::vector<std::string> clients() const;
    /// The lines of one client, or of all in order of time.
    std::string text(const std::string& client = "") const;

  private:
    struct Line {
        sim::SimTime time;
        std::size_t client = 0;
        std::string text;
    };
    struct ProducerTotals {
        bool runs = false;
        bool ended = false; // printed its last line
        sim::SimTime start, last;
        std::int64_t sent = 0, acknowledged = 0, failed = 0;
    };
    struct Taken { // of one partition, by one poll()
        kafka::PartitionIndex partition;
        std::int64_t first = 0, last = 0, count = 0;
    };
    struct MemberState {
        bool runs = true;
        bool closes = false;                                   // was told to end in good order
        std::vector<std::string> assigned, revoked, committed; // of the step under way
        std::vector<Taken> taken;
        std::string commit_error;
    };

    const kafka::Configuration& configuration_;
    bool verbose_;
    std::vector<Line> lines_;
    std::vector<ProducerTotals> producers_;
    std::vector<MemberState> members_;
    std::vector<std::vector<std::int64_t>> keys_; // by stream: the keys of its partition, in order

    void print(sim::SimTime time, std::size_t client, const std::string& name, const std::string& rest = "");
    std::size_t client_of(kafka::ConsumerIndex consumer) const;
    std::string key_and_value(kafka::StreamIndex stream, std::int64_t number) const;
    void told(sim::SimTime time, kafka::ProducerIndex producer, std::int64_t records, bool acknowledged);
    void end_producer(sim::SimTime time, std::size_t producer);
    void on_producer(sim::SimTime time, const kafka::Fact& fact);
    void on_member(sim::SimTime time, const kafka::Fact& fact);
    void take(sim::SimTime time, const kafka::fact::Delivered& given);
    void flush(sim::SimTime time, std::size_t member);
    void follow_process(std::size_t member, const kafka::World& world);
};

} // namespace highwater
