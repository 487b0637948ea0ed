#pragma once
// Steps of a world's work that its files share. Not for callers outside this folder.

#include "models/cluster/world.hpp"

namespace kafka::parts {

/// Which actor a process is.
struct ActorOf {
    enum class Kind : std::uint8_t { broker, controller, zookeeper, producer, consumer } kind;
    std::size_t index;
};
ActorOf actor_of(const Configuration& configuration, sim::ProcessId process);

/// Gives a timer, or what the network tells, to its actor; then ends a process that asked for it.
void deliver(World& world, sim::ProcessId process, const Timer& timer);
void deliver(World& world, const sim::Notice<Mail>& notice);
/// Starts the actor of a process that is up now.
void start_actor(World& world, sim::ProcessId process);
/// The process of a broker whose exit was requested ends in good order.
void end_if_requested(World& world, BrokerSlot broker);
/// The process of a controller that has handed over ends.
void end_if_over(World& world, sim::ProcessId process);
/// A consumer whose application has closed it: the process exits.
void end_if_closed(World& world, std::size_t reader);
/// A consumer whose application ended itself without close(); a supervisor may start it again.
void exit_by_itself(World& world, sim::ProcessId process, std::size_t reader);
/// Why a process stands still; it goes on when no reason is left.
enum class Standstill : std::uint8_t { stopped = 1, collecting = 2 };
/// Handles what arrived while the process stood still; `last` is why it did.
void replay_held(World& world, sim::ProcessId process, Standstill last);
void release_held(World& world, sim::ProcessId process);

// --- faults.cpp ---
void schedule_first_faults(World& world);
void on_fault(World& world, const FaultEvent& event);
void check_conditions(World& world);
bool faults_are_over(const World& world);
/// A combined broker and controller is one process: what hits one hits the other.
std::vector<sim::ProcessId> with_twins(const World& world, FaultKind kind,
                                       const std::vector<sim::ProcessId>& hit);
/// Faults that come after this one get their time.
void schedule_followers(World& world, std::int32_t fault);
// --- operations.cpp ---
/// A rolling restart of these processes begins; false when there are none.
bool begin_roll(World& world, std::int32_t fault, const std::vector<sim::ProcessId>& among);
/// Orders what kind of fault this is, of the controller. False when none answers.
bool order_operation(World& world, std::int32_t fault);
/// Looks how far it is, and does the next step. Time-outs are looked at here, too.
void go_on(World& world, std::int32_t fault);
// --- targets.cpp ---
/// Processes that a target means now; empty when it names nobody.
std::vector<sim::ProcessId> resolve(const World& world, const Target& target, std::int32_t fault);
PartitionIndex partition_of(const Target& target);
// --- process_faults.cpp ---
void crash(World& world, sim::ProcessId process);
/// SIGSTOP and SIGCONT, or a garbage collection that stops the world, and its end.
void pause(World& world, sim::ProcessId process, Standstill why);
void resume(World& world, sim::ProcessId process, Standstill why);
void stop(World& world, sim::ProcessId process);
void start_later(World& world, sim::ProcessId process);
void lose_power(World& world, sim::ProcessId process);
void wipe(World& world, sim::ProcessId process);
void on_start_event(World& world, const StartEvent& event);
// --- strains.cpp ---
/// Starves the process of CPU, or changes its host's wall clock, as the fault says; or takes that back.
void strain(World& world, const Fault& fault, sim::ProcessId process, bool undo);
/// Before the actor acts: what its wall clock has done since is laid on its time-outs.
void follow_clock(World& world, const ActorOf& actor, Turn& turn);
// --- disk_faults.cpp ---
/// Something is wrong with the broker's disks, as the fault says; or that is over.
void trouble_disk(World& world, const Fault& fault, sim::ProcessId process, bool undo);
/// Its disks are well; a broker that has given up a directory is started again.
void mend_disk(World& world, sim::ProcessId process);
/// The process ends itself at once. Source: Exit.halt.
void halt(World& world, BrokerSlot broker);
void halt_controller(World& world, sim::ProcessId process);
// --- deletions.cpp ---
/// DeleteRecords of the fault's partitions; false when no leader has done it.
bool delete_records_of(World& world, const Fault& fault);
// --- swizzle.cpp ---
/// Plans who of `among` is clogged and set free, when and in which order; false without "for" or brokers.
bool begin_swizzle(World& world, std::int32_t fault, const std::vector<sim::ProcessId>& among);
/// One broker is clogged, or set free.
void swizzle_one(World& world, const FaultEvent& event);

inline void note_broker(World& world, sim::ProcessId process, BrokerEvent event) {
    if (process.value >= world.brokers.size()) return;
    world.kernel.note(
        fact::BrokerChanged{BrokerSlot{static_cast<std::int32_t>(process.value)}, event, no_broker_epoch});
}
inline SignalScheduler scheduler(World& world) { return SignalScheduler{world.kernel.queue}; }

} // namespace kafka::parts
