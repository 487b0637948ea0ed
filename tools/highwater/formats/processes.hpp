#pragma once
// Where a fact happened: which process noted it, or decided it.

#include "tools/highwater/trace/trace.hpp"

#include <string>

namespace highwater {

/// Follows who the active controller is. Shape: processes are numbered as in FaultHappened (brokers,
/// controllers, ZooKeeper, producers, consumers), and one more stands for a control plane that the facts do
/// not name.
class Processes {
  public:
    explicit Processes(const kafka::Configuration& configuration);
    /// -1: it happened to no process.
    int of(const kafka::Fact& fact);
    int count() const { return control_ + 1; }
    int of_broker(kafka::BrokerSlot slot) const { return slot.value; }
    int of_voter(kafka::Voter voter) const { return brokers_ + voter.value; }
    int of_producer(kafka::ProducerIndex index) const; // its own process, or that of its consumer
    int of_consumer(kafka::ConsumerIndex index) const { return consumers_ + index.value; }
    int controller() const { return active_; }
    /// "broker 1", "producer shop".
    std::string name(int process) const;

  private:
    const kafka::Configuration& configuration_;
    int brokers_, producers_, consumers_, control_;
    int active_;
};

/// The partition that a fact is about, or -1.
kafka::PartitionIndex partition_of(const kafka::Fact& fact);

} // namespace highwater
