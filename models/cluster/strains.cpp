#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

// Who reads which clock (Kafka 4.0):
// - the wall clock (Time.milliseconds): a leader's replica lag (Partition.isFollowerOutOfSync, and the time
//   of a fetch in ReplicaManager.readFromLog), time-outs of transactions (TransactionStateManager), the age
//   of files (UnifiedLog.deleteOldSegments), timestamps of records and their bounds (LogValidator); all
//   time-outs of Java clients (client/producer/clock.cpp, client/consumer/clock.cpp); the roles of voters
//   (control/kraft/clock.cpp).
// - the monotonic clock (Time.nanoseconds, hiResClockMs): sessions of brokers (BrokerHeartbeatManager,
//   BrokerLifecycleManager), the events of QuorumController, delayed requests and sessions of group members
//   (SystemTimer), when a scheduled task such as the check of the ISR comes again (KafkaScheduler), and
//   sessions under ZooKeeper (Time.currentElapsedTime, for server and client). A step moves none of these.
// - other client libraries time by a monotonic clock (librdkafka's rd_clock, Go's time.Time, aiokafka's
//   time.monotonic); only the timestamps of their records follow the wall clock.
// Leaves out: requests of brokers to brokers and controllers (a step forward ends them as a time-out would),
// the expiry of producer ids.
void strain(World& world, const Fault& fault, sim::ProcessId process, bool undo) {
    std::vector<Strain>& strains = world.kernel.strains;
    if (strains.empty()) strains.resize(world.kernel.network.process_count());
    Strain& one = strains[process.value];
    if (fault.kind == FaultKind::starve) {
        one.factor = undo ? 1 : fault.factor;
        return;
    }
    const ActorOf actor = actor_of(*world.configuration, process);
    const bool runs = world.kernel.network.state(process) == sim::ProcessState::up;
    if (actor.kind == ActorOf::Kind::producer && runs) {
        Turn turn(world.kernel, *world.configuration, process);
        stamp_arrivals(world.producers[actor.index], turn);
    }
    const sim::Duration drifted = (world.kernel.now - one.drifting_since) * one.drift_ppm / 1000000;
    one.clock_step = one.clock_step + drifted + fault.clock_step;
    one.drift_ppm += fault.clock_drift_ppm;
    one.drifting_since = world.kernel.now;
    if (undo) { // the time service has set it right
        one.clock_step = sim::Duration{0};
        one.drift_ppm = 0;
    }
}

void follow_clock(World& world, const ActorOf& actor, Turn& turn) {
    if (world.kernel.strains.empty()) return;
    switch (actor.kind) {
    case ActorOf::Kind::broker:
    case ActorOf::Kind::zookeeper:
        return;
    case ActorOf::Kind::controller:
        return kafka::follow_clock(world.controllers[actor.index], turn);
    case ActorOf::Kind::producer:
        return kafka::follow_clock(world.producers[actor.index], turn);
    case ActorOf::Kind::consumer:
        return kafka::follow_clock(world.readers[actor.index], turn);
    }
}

} // namespace kafka::parts
