#pragma once
// Everything that can influence the future, and nothing else.

#include "models/broker/broker.hpp"
#include "models/client/consumer/reader.hpp"
#include "models/client/producer/producer.hpp"
#include "models/control/kraft/controller.hpp"
#include "models/control/zookeeper/store.hpp"
#include "models/turn/turn.hpp"
#include "sim/core/hash.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace kafka {

/// Something that arrived for a paused process; it is handled in order when the process continues.
using HeldEvent = std::variant<TimerEvent, Signal>;

/// What the fault script is waiting for, and what it has done.
struct FaultState {
    std::int32_t happened = 0;   // how often
    sim::SimTime last;           // of the latest time
    BrokerSlot target = no_slot; // whom it hit
    PartitionIndex partition{-1};
    bool armed = false;     // waits for its condition
    std::uint32_t rule = 0; // link rule that it added, 0 = none
    bool over = false;      // undone, or nothing to undo
    bool operator==(const FaultState&) const = default;
};

/// An administrator's undertaking that goes on for a while: a rolling restart, or a reassignment that is
/// watched. See operations.cpp.
struct Operation {
    enum class Phase : std::uint8_t { stopping, starting, pausing, watching };
    std::int32_t fault = 0;
    Phase phase = Phase::watching;
    sim::SimTime since;                // when it began; of a roll, the turn of the present processes
    std::vector<sim::ProcessId> left;  // roll: whose turn has not come
    std::vector<sim::ProcessId> group; // roll: whose turn it is
    bool operator==(const Operation&) const = default;
};

/// The healing after the faults, when the scenario asks for it; see heal.hpp.
struct HealPhase {
    bool began = false;
    sim::SimTime began_at;
    sim::SimTime until; // when it is over at the latest
    std::optional<sim::SimTime> converged_at;
    bool operator==(const HealPhase&) const = default;
};

/// The world of one run. Copying it forks the run; equal worlds have equal futures.
struct World {
    std::shared_ptr<const Configuration> configuration;
    std::uint64_t seed = 1;
    Kernel kernel;
    std::vector<Broker> brokers;         // by slot
    std::vector<Controller> controllers; // KRaft voters, as configured; empty under ZooKeeper
    std::vector<ZooKeeper> zookeeper;    // the ensemble; empty under KRaft
    std::vector<Producer> producers;
    std::vector<Reader> readers;
    std::vector<FaultState> faults;           // by fault
    std::vector<std::vector<HeldEvent>> held; // by process
    std::vector<std::uint8_t> standing;       // by process: why it stands still, see Standstill
    std::vector<bool> exiting;      // by process: killed, its kernel has not closed its connections yet
    std::vector<bool> starting;     // by process: told to start, and not up yet
    std::vector<bool> starts_again; // by process: was told to start while it was shutting down
    std::vector<std::uint32_t> start_rounds;  // by process: a later start replaces an earlier one
    std::uint64_t events = 0;                 // steps so far
    std::vector<std::int64_t> acknowledged;   // records, by producer; for conditions of faults
    std::vector<Offset> committed;            // by group x partition; for conditions of faults
    std::optional<sim::SimTime> settle_until; // loads are done and faults are over
    std::uint32_t next_rule = 1;
    Offset announced{0}; // quorum of several: observers have been told of metadata up to here
    HealPhase heal;
    std::vector<Operation> operations; // under way
    bool finished = false;
    bool operator==(const World&) const = default;
};

/// Builds the world of `configuration` and `seed` at time 0: a healthy cluster that already runs. Weather is
/// drawn unless it was drawn before.
World make_world(std::shared_ptr<const Configuration> configuration, std::uint64_t seed);

/// Handles the next event. Facts of this step are in `world.kernel.facts` until the next one.
/// False when nothing is left to do, or the end of the run is reached.
bool step(World& world);

/// Digest over all that influences the future, the configuration included. Equal worlds have equal digests,
/// and equal digests equal futures.
sim::Digest digest(const World& world);
/// Digest over chosen ingredients, for fingerprints that are kept: a member added to a model leaves them
/// alone as long as the run goes the same way.
sim::Digest outline(const World& world);

// --- for observers ---

/// The log of `partition` on `broker`; null when it has no replica there.
const Log* log_of(const World& world, BrokerSlot broker, PartitionIndex partition);
/// The replica's memory; null when it has none there. A process that is down has an Unassigned role.
const Replica* replica_of(const World& world, BrokerSlot broker, PartitionIndex partition);
/// What the controller has decided last about the partition.
const PartitionState& decided_state(const World& world, PartitionIndex partition);
/// The producer, also when it lives in a consumer's process (its place in `producers` is then unused).
const Producer& producer_of(const World& world, ProducerIndex producer);
/// What the group's coordinator has committed last; no_offset = nothing.
Offset committed_offset(const World& world, GroupIndex group, PartitionIndex partition);
/// Whether the broker's process is up (paused counts as up).
bool is_running(const World& world, BrokerSlot broker);
bool is_paused(const World& world, BrokerSlot broker);

} // namespace kafka
