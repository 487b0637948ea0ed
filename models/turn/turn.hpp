#pragma once
// What a handler may do in its turn: say things. It never sees the effect of what it says.

#include "models/turn/configuration.hpp"
#include "models/turn/fact_hash.hpp"
#include "models/turn/messages.hpp"
#include "models/vocabulary/facts.hpp"
#include "models/vocabulary/groups.hpp"
#include "sim/choices/choices.hpp"
#include "sim/core/assert.hpp"
#include "sim/core/shared_chunks.hpp"
#include "sim/physics/network.hpp"
#include "sim/queue/timing_wheel.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

namespace kafka {

/// Purposes of random draws; 1 is the network's. A new purpose never shifts another.
enum class Purpose : std::uint32_t {
    link = 1,
    request_service,
    metadata_apply,
    process_start,
    heartbeat_phase,
    isr_check_phase,
    retry_jitter,
    reconnect_jitter,
    sticky_partition,
    fault_time,
    power_loss_tail,
    incarnation,
    fencing_phase,
    load_phase,
    checkpoint_phase,
    target_choice,
    process_exit,
    coordinator_load,
    member_id,
    weather,
    process_time,
    election_timeout,
    election_backoff,
    observer_voter,
    idle_phase,
    failing_record,
    disk_latency,
    zookeeper_tick,
    zookeeper_ping_phase,
    zookeeper_reconnect,
    cleaner_phase,
};

using Signal = sim::Signal<Mail>;
using Network = sim::Network<Mail>;

/// A timer on its way to the process that set it.
struct TimerEvent {
    sim::ProcessId process;
    std::uint32_t incarnation = 0;
    Timer timer;
    bool operator==(const TimerEvent&) const = default;
};
/// A line of the fault script falls due: to do it, or to undo it after its "for".
struct FaultEvent {
    std::int32_t fault = 0;
    bool undo = false;
    BrokerSlot target = no_slot; // undo: whom it had hit
    bool operator==(const FaultEvent&) const = default;
};
/// The process of a started broker is up after its time to start; a killed one is gone after its time to
/// exit.
struct StartEvent {
    sim::ProcessId process;
    std::uint32_t round = 0;
    bool exits = false;
    bool operator==(const StartEvent&) const = default;
};

/// What the queue carries.
using Event = std::variant<TimerEvent, Signal, FaultEvent, StartEvent>;
using EventQueue = sim::TimingWheel<Event>;

/// What the records of internal topics say; their logs name them by stream and value.
/// Shape: by internal partition in order of index; only grows, forks share it. A record that left every log
/// stays here and is read by nobody. Only a broker that has the batch in its log may ask for the content.
struct RecordContents {
    std::vector<sim::SharedChunks<CoordinatorRecord>> streams;
    bool operator==(const RecordContents&) const = default;
};

/// What faults have done to the machine that a process runs on.
struct Strain {
    std::int32_t factor = 1;    // its work takes so many times longer
    sim::Duration clock_step;   // of its wall clock, ahead of the true time
    std::int64_t drift_ppm = 0; // what its wall clock gains, since the time below
    sim::SimTime drifting_since;
    bool operator==(const Strain&) const = default;
};

/// The database of applications that keep offsets beside their results: offset of the next record, by group
/// and partition; no_offset = nothing is stored. It is outside of Kafka, and never fails.
struct ApplicationStore {
    std::vector<std::vector<Offset>> next;
    bool operator==(const ApplicationStore&) const = default;
};

/// The part of the world that every turn needs, as one value.
struct Kernel {
    sim::SimTime now;
    EventQueue queue;
    Network network;
    sim::Choices choices;
    Slabs slabs;
    RecordContents contents;
    std::vector<Strain> strains; // by process; empty = none has any
    ApplicationStore store;
    std::vector<Fact> facts; // noted in this step; the run loop hands them on and clears them
    bool observed = true;    // else only the facts that the world itself reads are kept
    FactHashPort hashing;    // like `observed` set by the run loop, and no part of the world
    template <class F> void note(const F& fact) {
        constexpr bool read_by_conditions = std::is_same_v<F, fact::RecordsAcknowledged> ||
                                            std::is_same_v<F, fact::OffsetCommitted> ||
                                            std::is_same_v<F, fact::OffsetForgotten>;
        if (hashing.hash != nullptr) hashing.hash->add(now, *hashing.event, fact);
        if (observed || read_by_conditions) facts.emplace_back(fact);
    }
    bool operator==(const Kernel& other) const {
        return now == other.now && queue == other.queue && network == other.network &&
               choices == other.choices && slabs == other.slabs && contents == other.contents &&
               strains == other.strains && store == other.store;
    }
};

/// Puts the network's signals into the queue.
struct SignalScheduler {
    EventQueue& queue;
    void operator()(sim::SimTime when, const Signal& signal) const { queue.schedule(when, signal); }
};

/// One handler's turn.
class Turn {
  public:
    Turn(Kernel& kernel, const Configuration& asked, sim::ProcessId self)
        : now(kernel.now), configuration(asked), kernel_(kernel), self_(self) {}

    const sim::SimTime now;
    const Configuration& configuration;

    /// Opens a connection to `server`; Connected, Refused or silence follows.
    sim::ConnectionId open(sim::ProcessId server, LinkKind kind) {
        return kernel_.network.open(self_, server, kind_bit(kind), now, kernel_.choices,
                                    SignalScheduler{kernel_.queue});
    }
    void close(sim::ConnectionId connection, sim::Side own) {
        kernel_.network.close(connection, own, now, kernel_.choices, SignalScheduler{kernel_.queue});
    }
    /// Sends mail; nothing happens when this end is closed already (the handler then learns it from
    /// Disconnected).
    void send(sim::ConnectionId connection, sim::Side own, const Mail& mail, std::int32_t bytes) {
        const bool sent = kernel_.network.send(connection, own, mail, bytes, now, kernel_.choices,
                                               SignalScheduler{kernel_.queue});
        if (!sent) release(mail);
    }
    bool may_write(sim::ConnectionId connection, sim::Side own) {
        return kernel_.network.may_write(connection, own);
    }

    /// Sets a timer of this actor.
    sim::EventHandle at(sim::SimTime when, const Timer& timer) {
        return kernel_.queue.schedule(std::max(when, now),
                                      TimerEvent{self_, kernel_.network.incarnation(self_), timer});
    }
    sim::EventHandle after(sim::Duration delay, const Timer& timer) { return at(now + delay, timer); }
    void cancel(sim::EventHandle handle) { kernel_.queue.cancel(handle); }

    /// Notes a fact for observers.
    template <class F> void note(const F& fact) { kernel_.note(fact); }
    /// Says why something that was heard is not acted on.
    void ignore(const char* reason) { kernel_.note(fact::Ignored{reason}); }

    /// A draw from the stream (purpose, owner).
    std::uint64_t draw(Purpose purpose, std::uint64_t owner) {
        return kernel_.choices.next_bits(static_cast<std::uint32_t>(purpose), owner);
    }
    /// A draw that belongs to a thing: whoever asks, and how often, it is the same.
    std::uint64_t draw_of(Purpose purpose, std::uint64_t owner, std::uint64_t number) const {
        return sim::draw_bits(kernel_.choices.key, static_cast<std::uint32_t>(purpose), owner, number);
    }
    sim::Duration draw(const sim::LatencyTable& table, Purpose purpose, std::uint64_t owner) {
        return sim::sample(table, draw(purpose, owner));
    }

    /// What the host's wall clock shows (Time.milliseconds). Everything else here is the monotonic clock
    /// (Time.nanoseconds, hiResClockMs), which no fault moves.
    sim::SimTime wall_time() const {
        if (kernel_.strains.empty()) return now;
        const Strain& strain = kernel_.strains[self_.value];
        const sim::Duration gained = (now - strain.drifting_since) * strain.drift_ppm / 1000000;
        return now + (strain.clock_step + gained);
    }
    /// How far that is ahead of the true time.
    sim::Duration clock_ahead() const { return wall_time() - now; }
    /// How long work takes that needs so much CPU.
    sim::Duration busy_for(sim::Duration work) const {
        return kernel_.strains.empty() ? work : work * kernel_.strains[self_.value].factor;
    }

    /// Slabs hold what varies in size. A handle that was received must be released once it is read.
    Slabs& slabs() { return kernel_.slabs; }
    /// Releases whatever `mail` holds in a slab.
    void release(const Mail& mail) { release_content(kernel_.slabs, mail); }

    /// Keeps the content of a record of an internal topic; returns its value in `stream`.
    Value keep(StreamIndex stream, const CoordinatorRecord& record) {
        auto& kept = content_of(stream);
        kept.push_back(record);
        return Value{static_cast<std::int64_t>(kept.size()) - 1};
    }
    const CoordinatorRecord& content(StreamIndex stream, Value value) {
        return content_of(stream)[static_cast<std::size_t>(value.value)];
    }

    /// The offset that the group's application has stored for the partition.
    Offset& stored(GroupIndex group, PartitionIndex partition) {
        std::vector<std::vector<Offset>>& all = kernel_.store.next;
        if (all.empty()) all.resize(configuration.groups.size());
        std::vector<Offset>& own = all[static_cast<std::size_t>(group.value)];
        if (own.empty()) own.resize(configuration.partitions.size(), no_offset);
        return own[static_cast<std::size_t>(partition.value)];
    }

    sim::ProcessId self() const { return self_; }

    static void release_content(Slabs& slabs, const Mail& mail);

  private:
    Kernel& kernel_;
    sim::ProcessId self_;

    sim::SharedChunks<CoordinatorRecord>& content_of(StreamIndex stream) {
        const auto at = static_cast<std::size_t>(distance(configuration.internal_stream_first, stream));
        SIM_ASSERT(stream >= configuration.internal_stream_first, "only internal topics keep contents");
        if (kernel_.contents.streams.size() <= at) kernel_.contents.streams.resize(at + 1);
        return kernel_.contents.streams[at];
    }
    static std::uint8_t kind_bit(LinkKind kind) {
        return static_cast<std::uint8_t>(std::countr_zero(static_cast<unsigned>(kind)));
    }
};

/// Which process belongs to which actor: brokers by slot, then controllers or ZooKeeper servers, producers,
/// consumers. The number of a producer that lives in a consumer's process stays unused.
struct Addresses {
    static sim::ProcessId broker(BrokerSlot slot) {
        return sim::ProcessId{static_cast<std::uint32_t>(slot.value)};
    }
    static sim::ProcessId controller(const Configuration& c, std::size_t voter) {
        return at(c.brokers.size() + voter);
    }
    static sim::ProcessId zookeeper(const Configuration& c, std::size_t server) {
        return at(c.brokers.size() + c.controllers.size() + server);
    }
    static sim::ProcessId producer(const Configuration& c, ProducerIndex index) {
        if (c.producer(index).owner.value >= 0) return consumer(c, c.producer(index).owner);
        return at(c.brokers.size() + c.control_processes() + static_cast<std::size_t>(index.value));
    }
    static sim::ProcessId consumer(const Configuration& c, ConsumerIndex index) {
        return at(c.brokers.size() + c.control_processes() + c.producers.size() +
                  static_cast<std::size_t>(index.value));
    }

    /// The other half of a combined broker and controller (process.roles=broker,controller): here two
    /// processes on one host that share their faults.
    static std::optional<sim::ProcessId> twin_of(const Configuration& c, sim::ProcessId process) {
        const std::size_t brokers = c.brokers.size();
        for (std::size_t i = 0; i < c.controllers.size(); ++i) {
            const BrokerSlot slot = c.controllers[i].combined_with;
            if (slot == no_slot) continue;
            if (process == controller(c, i)) return broker(slot);
            if (process.value < brokers && process == broker(slot)) return controller(c, i);
        }
        return std::nullopt;
    }

  private:
    static sim::ProcessId at(std::size_t number) {
        return sim::ProcessId{static_cast<std::uint32_t>(number)};
    }
};

} // namespace kafka
