#include "models/cluster/dispatch.hpp"

namespace kafka::parts {

// Who reads which clock (Kafka 4.0):
// - the wall clock (Time.milliseconds): a leader's replica lag (Partition.isFollowerOutOfSync, and the time
//   of a fetch in ReplicaManager.readFromLog), time-outs of transactions (TransactionStateManager), the age
//   of files (UnifiedLog.deleteOldSegments); these are modelled. Also all time-outs of Java clients and of
//   KafkaRaftClient, the expiry of producer ids and the timestamps of records: the reader refuses a clock
//   fault on clients and controllers, the rest has no model.
// - the monotonic clock (Time.nanoseconds, hiResClockMs): sessions of brokers (BrokerHeartbeatManager,
//   BrokerLifecycleManager), delayed requests and sessions of group members (SystemTimer), and when a
//   scheduled task such as the check of the ISR comes again (KafkaScheduler). A step moves none of these.
void strain(World& world, const Fault& fault, sim::ProcessId process, bool undo) {
    std::vector<Strain>& strains = world.kernel.strains;
    if (strains.empty()) strains.resize(world.kernel.network.process_count());
    Strain& one = strains[process.value];
    if (fault.kind == FaultKind::starve) {
        one.factor = undo ? 1 : fault.factor;
        return;
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

} // namespace kafka::parts
