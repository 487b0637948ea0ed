#pragma once
// Connections that keep order, over links that rules may cut or slow.
//
// What TCP does that matters to Kafka: a dead process on a live host answers with a reset at once; a dead
// host or a cut link answers with silence; a paused process keeps its connections open, the kernel goes on
// accepting and acknowledging for it. Nobody is told of a silence: each side finds out by its own time-out.

#include "sim/core/assert.hpp"
#include "sim/physics/signal.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace sim {

/// Hosts, processes, connections and rules, as one value.
/// Shape: at most ProcessSet::capacity processes. Mail must be trivially copyable.
/// Leaves out: congestion control, packet sizes (but for the chance of loss), keep-alive, socket buffer
/// limits of a running receiver.
template <class Mail> class Network {
  public:
    struct Process {
        HostId host;
        ProcessState state = ProcessState::down;
        std::uint32_t incarnation = 0;
        bool listens = true; // its port is open
        bool operator==(const Process&) const = default;
    };
    struct Host {
        bool up = true;
        SimTime busy_until; // of its outgoing interface
        bool operator==(const Host&) const = default;
    };
    struct End {
        ProcessId process;
        std::uint32_t incarnation = 0;
        bool closed = false;           // this end closed it, or was told that it is closed
        SimTime last_arrival;          // latest arrival at this end so far: order is kept
        SimTime busy_until;            // of a slowed link towards this end
        std::int32_t attempts = 0;     // retransmissions towards this end since something passed
        bool retransmitting = false;   // a retransmit signal is on its way
        std::int64_t unread_bytes = 0; // sent towards this end and not yet read by its process
        bool writer_waits = false;     // the other end wants to know when there is room again
        bool operator==(const End&) const = default;
    };
    struct Connection {
        std::uint32_t generation = 0;
        bool open = false; // the slot is used
        std::uint8_t kind = 0;
        std::int32_t syn_attempts = 0;
        std::array<End, 2> ends{}; // by side
        bool operator==(const Connection&) const = default;
    };

    LatencyTable latency;
    std::int64_t bandwidth_bits = 0;

    HostId add_host() {
        hosts_.push_back(Host{});
        return HostId{static_cast<std::uint32_t>(hosts_.size() - 1)};
    }
    ProcessId add_process(HostId host, ProcessState state) {
        SIM_ASSERT(processes_.size() < ProcessSet::capacity, "a rule can name each process");
        processes_.push_back(Process{host, state, 1, true});
        return ProcessId{static_cast<std::uint32_t>(processes_.size() - 1)};
    }

    ProcessState state(ProcessId process) const { return processes_[process.value].state; }
    bool listens(ProcessId process) const { return processes_[process.value].listens; }
    std::uint32_t incarnation(ProcessId process) const { return processes_[process.value].incarnation; }
    HostId host_of(ProcessId process) const { return processes_[process.value].host; }
    bool host_is_up(HostId host) const { return hosts_[host.value].up; }
    std::size_t process_count() const { return processes_.size(); }
    const std::vector<LinkRule>& rules() const { return rules_; }

    /// Opens a connection. The client later learns `connected` or `refused`, or nothing at all.
    template <class Schedule>
    ConnectionId open(ProcessId client, ProcessId server, std::uint8_t kind, SimTime now, Choices& choices,
                      Schedule&& schedule) {
        const std::uint32_t index = free_slot();
        Connection& connection = connections_[index];
        connection.open = true;
        connection.kind = kind;
        connection.syn_attempts = 0;
        connection.ends[0] =
            End{client, processes_[client.value].incarnation, false, {}, {}, 0, false, 0, false};
        connection.ends[1] =
            End{server, processes_[server.value].incarnation, false, {}, {}, 0, false, 0, false};
        const ConnectionId id{index, connection.generation};
        send_syn(id, now, choices, schedule);
        return id;
    }

    /// Sends mail from `from` to the other end. False when this end knows the connection as closed.
    template <class Schedule>
    bool send(ConnectionId id, Side from, const Mail& mail, std::int32_t bytes, SimTime now, Choices& choices,
              Schedule&& schedule) {
        if (!is_open(id, from)) return false;
        Signal<Mail> signal{Signal<Mail>::Kind::mail, other(from), id, bytes, mail};
        find(id)->ends[static_cast<std::size_t>(other(from))].unread_bytes += bytes;
        carry(signal, now, choices, schedule);
        return true;
    }

    /// Whether the socket buffers towards the other end have room. When not, a `writable` notice follows once
    /// they have. Source: SO_SNDBUF and SO_RCVBUF of Kafka's sockets: 128 KiB (send.buffer.bytes) and about
    /// as much again for the receiver's side.
    bool may_write(ConnectionId id, Side from) {
        Connection* connection = find(id);
        if (connection == nullptr) return false;
        End& peer = connection->ends[static_cast<std::size_t>(other(from))];
        if (peer.unread_bytes < socket_buffer_bytes) return true;
        peer.writer_waits = true;
        return false;
    }
    static constexpr std::int64_t socket_buffer_bytes = 256 * 1024;

    /// Whether the process at this end still holds the connection open.
    bool is_open(ConnectionId id, Side side) const {
        const Connection* connection = find(id);
        return connection != nullptr && !connection->ends[static_cast<std::size_t>(side)].closed;
    }
    ProcessId process_at(ConnectionId id, Side side) const {
        return connections_[id.index].ends[static_cast<std::size_t>(side)].process;
    }

    /// Closes this end; the other learns `disconnected` when the link lets it.
    template <class Schedule>
    void close(ConnectionId id, Side side, SimTime now, Choices& choices, Schedule&& schedule) {
        Connection* connection = find(id);
        if (connection == nullptr || connection->ends[static_cast<std::size_t>(side)].closed) return;
        connection->ends[static_cast<std::size_t>(side)].closed = true;
        forget_stalled(id, side);
        if (connection->ends[static_cast<std::size_t>(other(side))].closed) return free(id);
        Signal<Mail> fin{Signal<Mail>::Kind::fin, other(side), id, 40, Mail{}};
        carry(fin, now, choices, schedule);
    }

    /// kill -9 or exit: the host's kernel closes every connection of the process.
    template <class Schedule>
    void kill(ProcessId process, SimTime now, Choices& choices, Schedule&& schedule) {
        Process& dying = processes_[process.value];
        dying.state = ProcessState::down;
        dying.incarnation += 1;
        for (std::uint32_t index = 0; index < connections_.size(); ++index) {
            if (!connections_[index].open) continue;
            const ConnectionId id{index, connections_[index].generation};
            for (const Side side : {Side::client, Side::server})
                if (connections_[index].open &&
                    connections_[index].ends[static_cast<std::size_t>(side)].process == process)
                    close(id, side, now, choices, schedule);
        }
    }

    /// Power is gone: nobody is told anything.
    void lose_power(HostId host) {
        hosts_[host.value].up = false;
        for (Process& process : processes_) {
            if (process.host != host) continue;
            process.state = ProcessState::down;
            process.incarnation += 1;
        }
        std::erase_if(stalled_, [&](const Signal<Mail>& signal) {
            const Connection* connection = find(signal.connection);
            if (connection == nullptr) return true;
            return host_of(connection->ends[static_cast<std::size_t>(other(signal.to))].process) == host;
        });
    }
    void restore_power(HostId host) { hosts_[host.value].up = true; }

    /// `listens` = its port is open at once; else connections are refused until it says so.
    void start(ProcessId process, bool listens = true) {
        SIM_ASSERT(processes_[process.value].state == ProcessState::down,
                   "only a process that is down can start");
        processes_[process.value].state = ProcessState::up;
        processes_[process.value].listens = listens;
    }
    void listen(ProcessId process) { processes_[process.value].listens = true; }
    void pause(ProcessId process) { processes_[process.value].state = ProcessState::paused; }
    void resume(ProcessId process) { processes_[process.value].state = ProcessState::up; }

    template <class Schedule>
    void add_rule(const LinkRule& rule, SimTime now, Choices& choices, Schedule&& schedule) {
        rules_.push_back(rule);
        if (rule.verdict != Verdict::reset) return;
        for (std::uint32_t index = 0; index < connections_.size(); ++index) {
            Connection& connection = connections_[index];
            if (!connection.open) continue;
            const bool matches = cut_on(connection, Side::server) == &rules_.back() ||
                                 cut_on(connection, Side::client) == &rules_.back();
            if (!matches) continue;
            const ConnectionId id{index, connection.generation};
            for (const Side side : {Side::client, Side::server})
                if (!connection.ends[static_cast<std::size_t>(side)].closed)
                    schedule(now, Signal<Mail>{Signal<Mail>::Kind::fin, side, id, 0, Mail{}});
        }
        (void)choices;
    }

    /// Removes the rows named `id`; what a stall held back flows at once, what was lost waits for its next
    /// retransmission.
    template <class Schedule>
    void remove_rule(std::uint32_t id, SimTime now, Choices& choices, Schedule&& schedule) {
        const bool stalls = std::any_of(rules_.begin(), rules_.end(), [&](const LinkRule& rule) {
            return rule.id == id && rule.verdict == Verdict::stall;
        });
        std::erase_if(rules_, [&](const LinkRule& rule) { return rule.id == id; });
        if (stalls) flush_all(now, choices, schedule);
    }

    /// Takes a signal that has arrived. What it means for a process comes back as a notice.
    template <class Schedule>
    Notice<Mail> on(const Signal<Mail>& signal, SimTime now, Choices& choices, Schedule&& schedule) {
        using Kind = typename Signal<Mail>::Kind;
        Connection* connection = find(signal.connection);
        if (connection == nullptr) return dropped(signal);
        if (signal.kind == Kind::retransmit) return retransmit(signal, now, choices, schedule);
        if (signal.kind == Kind::syn_retransmit) {
            connection->syn_attempts += 1;
            send_syn(signal.connection, now, choices, schedule);
            return {};
        }
        End& end = connection->ends[static_cast<std::size_t>(signal.to)];
        const Process& process = processes_[end.process.value];
        if (!hosts_[process.host.value].up) { // packets to a host without power are lost
            if (signal.kind == Kind::syn)
                schedule_syn_retransmit(signal.connection, now, schedule);
            else
                hold(signal, now, schedule);
            return {};
        }
        if (signal.kind == Kind::syn) return accept(signal, now, choices, schedule);
        if (end.closed) return dropped(signal);
        if (process.state == ProcessState::down ||
            process.incarnation != end.incarnation) { // the kernel resets
            end.closed = true;
            Signal<Mail> reset{Signal<Mail>::Kind::fin, other(signal.to), signal.connection, 40, Mail{}};
            carry(reset, now, choices, schedule);
            return dropped(signal);
        }
        if (signal.kind == Kind::mail) read(signal, end, *connection, now, choices, schedule);
        return tell(signal, *connection, end);
    }

    template <class Visit> void for_each_part(Visit&& visit) const {
        const auto all = [&](const auto&... parts) { (visit(parts), ...); };
        all(latency, bandwidth_bits, hosts_, processes_, connections_, free_, rules_, stalled_);
    }
    bool operator==(const Network&) const = default;

  private:
    std::vector<Host> hosts_;
    std::vector<Process> processes_;
    std::vector<Connection> connections_;
    std::vector<std::uint32_t> free_;
    std::vector<LinkRule> rules_;
    std::vector<Signal<Mail>> stalled_; // in order of sending

    /// Mail that reaches nobody; whoever owns its contents releases them.
    static Notice<Mail> dropped(const Signal<Mail>& signal) {
        Notice<Mail> notice;
        if (signal.kind == Signal<Mail>::Kind::mail) notice.kind = Notice<Mail>::Kind::dropped;
        notice.mail = signal.mail;
        return notice;
    }

    Connection* find(ConnectionId id) {
        if (id.index >= connections_.size()) return nullptr;
        Connection& connection = connections_[id.index];
        return connection.open && connection.generation == id.generation ? &connection : nullptr;
    }
    const Connection* find(ConnectionId id) const { return const_cast<Network*>(this)->find(id); }

    std::uint32_t free_slot() {
        if (free_.empty()) {
            connections_.push_back(Connection{});
            return static_cast<std::uint32_t>(connections_.size() - 1);
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        return index;
    }
    void free(ConnectionId id) {
        connections_[id.index].open = false;
        connections_[id.index].generation += 1;
        free_.push_back(id.index);
    }

    /// The cut that this way is under, or null.
    const LinkRule* cut_on(const Connection& connection, Side to) const {
        return sim::cut_on(rules_, way_of(connection, to));
    }
    static Way way_of(const Connection& connection, Side to) {
        return {connection.ends[static_cast<std::size_t>(other(to))].process,
                connection.ends[static_cast<std::size_t>(to)].process, connection.kind};
    }
    static bool blocks(const LinkRule* cut) { return cut != nullptr && cut->verdict != Verdict::reset; }

    /// Puts a signal on the wire: schedules its arrival, or holds it when the link is cut.
    template <class Schedule>
    void carry(const Signal<Mail>& signal, SimTime now, Choices& choices, Schedule&& schedule) {
        Connection& connection = *find(signal.connection);
        End& end = connection.ends[static_cast<std::size_t>(signal.to)];
        if (blocks(cut_on(connection, signal.to)) || end.retransmitting) return hold(signal, now, schedule);
        pass(signal, connection, end, now, choices, schedule);
    }

    template <class Schedule>
    void pass(const Signal<Mail>& signal, Connection& connection, End& end, SimTime now, Choices& choices,
              Schedule&& schedule) {
        const Slowness slow = slowness_of(rules_, way_of(connection, signal.to));
        const ProcessId from = connection.ends[static_cast<std::size_t>(other(signal.to))].process;
        Host& sender = hosts_[host_of(from).value];
        const SimTime departure =
            std::max(now, sender.busy_until) + transmission_time(signal.bytes, bandwidth_bits);
        sender.busy_until = departure;
        const std::uint64_t link = (std::uint64_t{from.value} << 32) | end.process.value;
        const LatencyTable& usual = slow.latency != nullptr ? *slow.latency : latency;
        SimTime arrival = departure + sample(usual, choices.next_bits(link_purpose, link));
        if (slow.bandwidth_bits > 0) {
            end.busy_until =
                std::max(departure, end.busy_until) + transmission_time(signal.bytes, slow.bandwidth_bits);
            arrival = std::max(arrival, end.busy_until + usual.p50);
        }
        const bool opens =
            signal.kind == Signal<Mail>::Kind::syn || signal.kind == Signal<Mail>::Kind::connected;
        arrival = arrival + extra_time(slow, signal.bytes, opens, link, choices);
        if (signal.kind == Signal<Mail>::Kind::fin) arrival = arrival + slow.close_delay;
        arrival = std::max(arrival, end.last_arrival);
        end.last_arrival = arrival;
        end.attempts = 0;
        schedule(arrival, signal);
    }

    static constexpr std::uint32_t link_purpose = 1;

    template <class Schedule> void hold(const Signal<Mail>& signal, SimTime now, Schedule&& schedule) {
        stalled_.push_back(signal);
        End& end = find(signal.connection)->ends[static_cast<std::size_t>(signal.to)];
        if (end.retransmitting) return;
        end.retransmitting = true;
        Signal<Mail> again{Signal<Mail>::Kind::retransmit, signal.to, signal.connection, 0, Mail{}};
        schedule(now + retransmission_gap(end.attempts++), again);
    }

    template <class Schedule>
    Notice<Mail> retransmit(const Signal<Mail>& signal, SimTime now, Choices& choices, Schedule&& schedule) {
        Connection& connection = *find(signal.connection);
        End& end = connection.ends[static_cast<std::size_t>(signal.to)];
        end.retransmitting = false;
        const bool blocked = blocks(cut_on(connection, signal.to));
        const bool anything = std::any_of(stalled_.begin(), stalled_.end(), [&](const Signal<Mail>& held) {
            return held.connection == signal.connection && held.to == signal.to;
        });
        if (!anything) return {};
        if (blocked || !hosts_[host_of(end.process).value].up) {
            end.retransmitting = true;
            schedule(now + retransmission_gap(end.attempts++), signal);
            return {};
        }
        flush(signal.connection, signal.to, now, choices, schedule);
        return {};
    }

    template <class Schedule>
    void flush(ConnectionId id, Side to, SimTime now, Choices& choices, Schedule&& schedule) {
        Connection& connection = *find(id);
        End& end = connection.ends[static_cast<std::size_t>(to)];
        for (const Signal<Mail>& held : stalled_)
            if (held.connection == id && held.to == to) pass(held, connection, end, now, choices, schedule);
        std::erase_if(stalled_,
                      [&](const Signal<Mail>& held) { return held.connection == id && held.to == to; });
    }

    template <class Schedule> void flush_all(SimTime now, Choices& choices, Schedule&& schedule) {
        for (std::uint32_t index = 0; index < connections_.size(); ++index) {
            Connection& connection = connections_[index];
            if (!connection.open) continue;
            for (const Side to : {Side::client, Side::server}) {
                End& end = connection.ends[static_cast<std::size_t>(to)];
                const bool passes = cut_on(connection, to) == nullptr;
                if (!end.retransmitting || !passes || !hosts_[host_of(end.process).value].up) continue;
                end.retransmitting = false;
                flush({index, connection.generation}, to, now, choices, schedule);
            }
        }
    }

    void forget_stalled(ConnectionId id, Side from) {
        std::erase_if(stalled_, [&](const Signal<Mail>& held) {
            return held.connection == id && held.to == from && held.kind == Signal<Mail>::Kind::mail;
        });
    }

    template <class Schedule>
    void send_syn(ConnectionId id, SimTime now, Choices& choices, Schedule&& schedule) {
        Connection& connection = *find(id);
        const LinkRule* cut = cut_on(connection, Side::server);
        if (cut != nullptr && cut->verdict == Verdict::silence)
            return schedule_syn_retransmit(id, now, schedule);
        Signal<Mail> syn{Signal<Mail>::Kind::syn, Side::server, id, 60, Mail{}};
        pass(syn, connection, connection.ends[1], now, choices, schedule);
    }

    template <class Schedule>
    void schedule_syn_retransmit(ConnectionId id, SimTime now, Schedule&& schedule) {
        Signal<Mail> again{Signal<Mail>::Kind::syn_retransmit, Side::server, id, 0, Mail{}};
        schedule(now + connect_retransmission_gap(find(id)->syn_attempts), again);
    }

    /// A connection request reached a live host. A paused process is still accepted for by its kernel.
    template <class Schedule>
    Notice<Mail> accept(const Signal<Mail>& signal, SimTime now, Choices& choices, Schedule&& schedule) {
        Connection& connection = *find(signal.connection);
        if (connection.ends[0].closed) return {};
        const LinkRule* back = cut_on(connection, Side::client);
        if (back != nullptr && back->verdict == Verdict::silence) {
            schedule_syn_retransmit(signal.connection, now, schedule);
            return {};
        }
        const LinkRule* there = cut_on(connection, Side::server);
        const Process& server = processes_[connection.ends[1].process.value];
        const bool refused = server.state == ProcessState::down || !server.listens ||
                             (there != nullptr && there->verdict == Verdict::reset) ||
                             (back != nullptr && back->verdict == Verdict::reset);
        connection.ends[1].incarnation = server.incarnation;
        Signal<Mail> answer{refused ? Signal<Mail>::Kind::refused : Signal<Mail>::Kind::connected,
                            Side::client, signal.connection, 60, Mail{}};
        pass(answer, connection, connection.ends[0], now, choices, schedule);
        return {};
    }

    /// The process reads its mail: the socket buffer has room again.
    template <class Schedule>
    void read(const Signal<Mail>& signal, End& end, Connection& connection, SimTime now, Choices& choices,
              Schedule&& schedule) {
        end.unread_bytes -= signal.bytes;
        if (!end.writer_waits || end.unread_bytes >= socket_buffer_bytes) return;
        end.writer_waits = false;
        if (connection.ends[static_cast<std::size_t>(other(signal.to))].closed) return;
        Signal<Mail> room{Signal<Mail>::Kind::writable, other(signal.to), signal.connection, 40, Mail{}};
        carry(room, now, choices, schedule);
    }

    Notice<Mail> tell(const Signal<Mail>& signal, Connection& connection, End& end) {
        using Kind = typename Signal<Mail>::Kind;
        Notice<Mail> notice;
        notice.process = end.process;
        notice.connection = signal.connection;
        notice.side = signal.to;
        if (signal.kind == Kind::mail) {
            notice.kind = Notice<Mail>::Kind::mail;
            notice.mail = signal.mail;
        } else if (signal.kind == Kind::connected) {
            notice.kind = Notice<Mail>::Kind::connected;
        } else if (signal.kind == Kind::writable) {
            notice.kind = Notice<Mail>::Kind::writable;
        } else {
            notice.kind =
                signal.kind == Kind::refused ? Notice<Mail>::Kind::refused : Notice<Mail>::Kind::disconnected;
            end.closed = true;
            const bool alone = signal.kind == Kind::refused ||
                               connection.ends[static_cast<std::size_t>(other(signal.to))].closed;
            if (alone) free(signal.connection);
        }
        return notice;
    }
};

} // namespace sim
