#pragma once
// A controller alone on a network without latency: the test plays all brokers.

#include "models/control/kraft/controller.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace kafka::control_test {

/// Hands on what falls due within `length`, its end included.
template <class Handle> void run_for(Kernel& kernel, sim::Duration length, const Handle& handle) {
    const sim::SimTime until = kernel.now + length;
    while (kernel.queue.next_time() <= until) {
        const EventQueue::Event event = kernel.queue.pop();
        kernel.now = event.time;
        handle(event.payload);
    }
    kernel.now = until;
}

inline BrokerSet set_of(std::initializer_list<int> slots) {
    BrokerSet set;
    for (const int slot : slots)
        set.add(BrokerSlot{slot});
    return set;
}
inline Assignment assignment_of(std::initializer_list<int> slots) {
    Assignment assignment;
    for (const int slot : slots)
        assignment.add(BrokerSlot{slot});
    return assignment;
}

/// One topic with one partition for each assignment.
inline Configuration configuration_of(int brokers, const std::vector<Assignment>& assignments,
                                      int min_isr = 1) {
    Configuration configuration;
    configuration.controllers.push_back({BrokerId{101}, no_slot});
    for (int i = 0; i < brokers; ++i) {
        BrokerConfiguration broker;
        broker.id = BrokerId{i};
        configuration.brokers.push_back(broker);
    }
    TopicConfiguration topic;
    topic.name = "orders";
    topic.partitions = static_cast<std::int32_t>(assignments.size());
    topic.replication_factor = assignments.front().count;
    topic.settings.min_insync_replicas = min_isr;
    configuration.topics.push_back(topic);
    for (const Assignment& assignment : assignments) {
        PartitionConfiguration partition;
        partition.number = static_cast<std::int32_t>(configuration.partitions.size());
        partition.assignment = assignment;
        configuration.partitions.push_back(partition);
    }
    return configuration;
}

struct Received {
    sim::SimTime at;
    BrokerSlot broker;
    Mail mail;
};

/// What one partition's history shows, as the files in reference/real do.
struct Step {
    int leader = -1;
    BrokerSet isr;
    BrokerSet elr;
    BrokerSet last_known;
    bool operator==(const Step&) const = default;
};

class ControlTest {
  public:
    explicit ControlTest(Configuration asked, std::uint64_t seed = 1) : configuration(std::move(asked)) {
        kernel.choices.key = seed;
        kernel.network.latency = {};
        const std::size_t count = configuration.brokers.size() + configuration.controllers.size();
        for (std::size_t i = 0; i < count; ++i)
            kernel.network.add_process(kernel.network.add_host(), sim::ProcessState::up);
        controller = make_controller(configuration);
        start_controller();
        for (std::size_t i = 0; i + 1 < count; ++i)
            connect(BrokerSlot{static_cast<std::int32_t>(i)});
        incarnations.resize(count - 1, 1);
        advance(sim::milliseconds(0));
    }

    const Configuration configuration;
    Kernel kernel;
    Controller controller;
    std::vector<sim::ConnectionId> connections;
    std::vector<std::uint64_t> incarnations;
    std::vector<Received> inbox;
    std::vector<std::pair<sim::SimTime, Fact>> facts;

    Turn turn() { return Turn(kernel, configuration, process()); }
    sim::ProcessId process() const { return Addresses::controller(configuration, 0); }
    sim::SimTime now() const { return kernel.now; }

    void start_controller() {
        Turn turn(kernel, configuration, process());
        start(controller, turn);
        collect();
    }
    void crash_controller() { kernel.network.kill(process(), kernel.now, kernel.choices, scheduler()); }
    void restart_controller() {
        kernel.network.start(process());
        start_controller();
        for (std::size_t i = 0; i < connections.size(); ++i)
            connect(BrokerSlot{static_cast<std::int32_t>(i)});
        advance(sim::milliseconds(0));
    }
    void connect(BrokerSlot broker) {
        const sim::ConnectionId id = kernel.network.open(Addresses::broker(broker), process(), 2, kernel.now,
                                                         kernel.choices, scheduler());
        const auto at = static_cast<std::size_t>(broker.value);
        if (connections.size() <= at) connections.resize(at + 1);
        connections[at] = id;
    }
    void send(BrokerSlot broker, const Mail& mail) {
        kernel.network.send(connections[static_cast<std::size_t>(broker.value)], sim::Side::client, mail, 100,
                            kernel.now, kernel.choices, scheduler());
    }
    /// Runs for `length`, everything that falls due at its end included.
    void advance(sim::Duration length) {
        run_for(kernel, length, [&](const Event& event) {
            handle(event);
            collect();
        });
        collect();
    }
    /// Sends and runs until the append linger is over; the last answer of that type to that broker.
    template <class Answer> Answer ask(BrokerSlot broker, const Mail& request) {
        inbox.clear();
        send(broker, request);
        advance(sim::milliseconds(30));
        Answer silence;
        silence.error = ErrorCode::unknown_server_error;
        return last<Answer>(broker).value_or(silence);
    }
    template <class Answer> std::optional<Answer> last(BrokerSlot broker) const {
        for (auto at = inbox.rbegin(); at != inbox.rend(); ++at)
            if (at->broker == broker && std::holds_alternative<Answer>(at->mail))
                return std::get<Answer>(at->mail);
        return std::nullopt;
    }

    const BrokerRegistrationState& broker(int slot) const {
        return registration(controller, BrokerSlot{slot});
    }
    const PartitionState& partition(int at) const { return partition_state(controller, PartitionIndex{at}); }
    Offset last_offset() const { return next(high_watermark(controller), -1); }

    BrokerHeartbeatRequest heartbeat_of(int slot) const {
        return {BrokerSlot{slot}, broker(slot).epoch, last_offset(), false, false};
    }
    BrokerHeartbeatResponse heartbeat(int slot) {
        return ask<BrokerHeartbeatResponse>(BrokerSlot{slot}, heartbeat_of(slot));
    }
    BrokerHeartbeatResponse shut_down(int slot) {
        BrokerHeartbeatRequest request = heartbeat_of(slot);
        request.want_shut_down = true;
        return ask<BrokerHeartbeatResponse>(BrokerSlot{slot}, request);
    }
    /// A new incarnation registers. `previous` is what its clean shutdown file says.
    BrokerRegistrationResponse register_again(int slot, BrokerEpoch previous) {
        const auto at = static_cast<std::size_t>(slot);
        const std::uint64_t incarnation = (static_cast<std::uint64_t>(slot) << 32) + ++incarnations[at];
        return ask<BrokerRegistrationResponse>(
            BrokerSlot{slot}, BrokerRegistrationRequest{BrokerSlot{slot}, incarnation, previous,
                                                        static_cast<std::uint64_t>(slot) + 1});
    }
    AlterPartitionContent::Entry proposal(int at, BrokerSet isr) const {
        AlterPartitionContent::Entry entry;
        entry.partition = PartitionIndex{at};
        entry.leader_epoch = partition(at).leader_epoch;
        entry.partition_epoch = partition(at).partition_epoch;
        entry.new_isr = isr;
        std::size_t member = 0;
        for (BrokerSlot slot = isr.first(); slot != no_slot; slot = isr.after(slot))
            entry.epochs[member++] = broker(slot.value).epoch;
        return entry;
    }
    AlterPartitionAnswer::Entry alter(int sender, const AlterPartitionContent::Entry& entry) {
        const sim::SlabHandle content = kernel.slabs.alter_partition.acquire();
        kernel.slabs.alter_partition.open(content).entries.push_back(entry);
        const auto answer = ask<AlterPartitionResponse>(
            BrokerSlot{sender}, AlterPartitionRequest{BrokerSlot{sender}, broker(sender).epoch, content});
        AlterPartitionAnswer::Entry first;
        first.error = answer.error;
        if (answer.error != ErrorCode::none) return first;
        first = kernel.slabs.alter_partition_answer.open(answer.content).entries.front();
        kernel.slabs.alter_partition_answer.release(answer.content);
        return first;
    }
    AlterPartitionAnswer::Entry propose(int sender, BrokerSet isr, int at = 0) {
        return alter(sender, proposal(at, isr));
    }

    /// Steps of a partition since the start, its creation included.
    std::vector<Step> history(int at) const {
        std::vector<Step> steps;
        for (const auto& [when, fact] : facts)
            if (const auto* changed = std::get_if<fact::PartitionChanged>(&fact))
                if (changed->partition == PartitionIndex{at})
                    steps.push_back(
                        {changed->leader.value, changed->isr, changed->elr, changed->last_known_elr});
        return steps;
    }
    /// When the n-th such event of a broker happened, n from 1.
    std::optional<sim::SimTime> time_of(int slot, BrokerEvent event, int nth = 1) const {
        for (const auto& [when, fact] : facts)
            if (const auto* changed = std::get_if<fact::BrokerChanged>(&fact))
                if (changed->broker == BrokerSlot{slot} && changed->event == event && --nth == 0) return when;
        return std::nullopt;
    }
    int ignored() const {
        int count = 0;
        for (const auto& [when, fact] : facts)
            count += std::holds_alternative<fact::Ignored>(fact) ? 1 : 0;
        return count;
    }

  private:
    SignalScheduler scheduler() { return SignalScheduler{kernel.queue}; }
    void collect() {
        for (const Fact& fact : kernel.facts)
            facts.emplace_back(kernel.now, fact);
        kernel.facts.clear();
        check(controller);
    }
    void handle(const Event& event) {
        Turn turn(kernel, configuration, process());
        if (const auto* timer = std::get_if<TimerEvent>(&event)) {
            const bool alive = timer->incarnation == kernel.network.incarnation(timer->process);
            if (alive) on(controller, timer->timer, turn);
            return;
        }
        const auto* signal = std::get_if<Signal>(&event);
        if (signal == nullptr) return;
        using Notice = sim::Notice<Mail>;
        const Notice notice = kernel.network.on(*signal, kernel.now, kernel.choices, scheduler());
        if (notice.kind == Notice::Kind::dropped) return turn.release(notice.mail);
        if (notice.process != process()) {
            if (notice.kind == Notice::Kind::mail)
                inbox.push_back(
                    {kernel.now, BrokerSlot{static_cast<std::int32_t>(notice.process.value)}, notice.mail});
            return;
        }
        if (notice.kind == Notice::Kind::mail) on(controller, notice.connection, notice.mail, turn);
        if (notice.kind == Notice::Kind::disconnected) on(controller, Disconnected{notice.connection}, turn);
    }
};

} // namespace kafka::control_test
