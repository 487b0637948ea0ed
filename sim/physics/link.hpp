#pragma once
// Who is on the wire, and what the wire does to them: hosts, processes, link rules.

#include "sim/choices/choices.hpp"
#include "sim/core/strong.hpp"
#include "sim/core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sim {

using HostId = Strong<struct HostIdTag, std::uint32_t>;
using ProcessId = Strong<struct ProcessIdTag, std::uint32_t>;

/// A connection of two processes. Shape: `generation` tells a reused index from the one that was meant.
struct ConnectionId {
    std::uint32_t index = 0xffffffff;
    std::uint32_t generation = 0;
    constexpr auto operator<=>(const ConnectionId&) const = default;
    constexpr bool valid() const { return index != 0xffffffff; }
};
inline constexpr ConnectionId no_connection{};

/// The two ends of a connection: who opened it, and who was called.
enum class Side : std::uint8_t { client = 0, server = 1 };
constexpr Side other(Side side) { return side == Side::client ? Side::server : Side::client; }

enum class ProcessState : std::uint8_t { up, paused, down };

/// What a rule does to traffic that it matches.
enum class Verdict : std::uint8_t {
    slow,    // passes with another latency or bandwidth
    silence, // every packet is lost; senders retransmit with growing gaps
    stall,   // packets are acknowledged on the way (a proxy, a full middlebox) but go no further until healed
    reset,   // existing connections are reset, new ones refused
};

/// A set of processes. Shape: at most `capacity` of them.
struct ProcessSet {
    static constexpr std::size_t capacity = 1024;
    std::array<std::uint64_t, capacity / 64> words{};

    constexpr bool has(ProcessId process) const {
        return ((words[process.value / 64] >> (process.value % 64)) & 1U) != 0;
    }
    constexpr void add(ProcessId process) {
        words[process.value / 64] |= std::uint64_t{1} << (process.value % 64);
    }
    constexpr bool empty() const { return *this == ProcessSet{}; }
    constexpr bool operator==(const ProcessSet&) const = default;
};
constexpr ProcessSet all_except(const ProcessSet& set) {
    ProcessSet rest;
    for (std::size_t i = 0; i < rest.words.size(); ++i)
        rest.words[i] = ~set.words[i];
    return rest;
}

/// One row of the rule table. A cut is stronger than a slow link, and of cuts the first row decides; of slow
/// links each property is the last row's that names it, so that a fault changes what a link is from the
/// start.
struct LinkRule {
    std::uint32_t id = 0; // names the row, so that it can be removed
    ProcessSet from;
    ProcessSet to;
    std::uint8_t kinds = 0xff; // of connections, by bit
    Verdict verdict = Verdict::silence;
    std::optional<LatencyTable> latency; // slow
    std::int64_t bandwidth_bits = 0;     // slow; 0 = unchanged
    std::optional<LatencyTable> jitter;  // slow; on top of the latency, drawn for each message
    std::int32_t loss_ppm = 0;           // slow; of segments, in parts per million
    Duration close_delay;                // slow; how much later the end of a connection is told
    bool operator==(const LinkRule&) const = default;
};

/// One way of a connection, and the kind of it.
struct Way {
    ProcessId from;
    ProcessId to;
    std::uint8_t kind = 0;
};
/// The cut that this way is under: the first row that is one; null = none.
const LinkRule* cut_on(const std::vector<LinkRule>& rules, const Way& way);

/// What slow links do to one way, all rows together.
struct Slowness {
    const LatencyTable* latency = nullptr;
    const LatencyTable* jitter = nullptr;
    std::int64_t bandwidth_bits = 0;
    std::int32_t loss_ppm = 0;
    Duration close_delay;
};
Slowness slowness_of(const std::vector<LinkRule>& rules, const Way& way);
/// What jitter and lost segments add to the time of a message. Each loss costs a retransmission time-out, as
/// the last segments of a request do, behind which nothing comes that would tell of a gap; what comes later
/// waits behind it. Draws only for what is there, from streams of its own.
/// Leaves out: fast retransmit inside a large message, tail loss probes (RFC 8985).
Duration extra_time(const Slowness& slow, std::int64_t bytes, bool opens_connection, std::uint64_t link,
                    Choices& choices);

/// Gap before the n-th retransmission of a segment on an open connection, n from 0.
/// Source: RFC 6298 doubling; Linux TCP_RTO_MIN 200 ms, TCP_RTO_MAX 120 s.
Duration retransmission_gap(int attempt);
/// Gap before the n-th repetition of a connection request. Source: Linux TCP_TIMEOUT_INIT 1 s, doubling.
Duration connect_retransmission_gap(int attempt);
/// Chance in a billion that none of the segments of a message of this size is lost. Shape: loss_ppm below a
/// million. Source: segments of 1448 bytes (Ethernet's 1500 less headers and time stamps).
std::int64_t arrives_whole(std::int64_t bytes, std::int32_t loss_ppm);
/// Time that `bytes` need at `bits_per_second`; zero when the rate is 0 (unlimited).
Duration transmission_time(std::int64_t bytes, std::int64_t bits_per_second);

} // namespace sim
