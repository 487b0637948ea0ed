#include "sim/physics/link.hpp"

#include <algorithm>

namespace sim {

Duration retransmission_gap(int attempt) {
    constexpr std::int64_t first = 200000;
    constexpr std::int64_t longest = 120000000;
    return Duration{std::min(longest, first << std::min(attempt, 20))};
}

Duration connect_retransmission_gap(int attempt) { return seconds(std::int64_t{1} << std::min(attempt, 6)); }

namespace {

// Far above the purposes of models, which are counted from 1.
constexpr std::uint32_t jitter_purpose = 0x10000;
constexpr std::uint32_t loss_purpose = 0x10001;

bool applies(const LinkRule& rule, const Way& way) {
    return rule.from.has(way.from) && rule.to.has(way.to) && ((rule.kinds >> way.kind) & 1U) != 0;
}

} // namespace

const LinkRule* cut_on(const std::vector<LinkRule>& rules, const Way& way) {
    for (const LinkRule& rule : rules)
        if (rule.verdict != Verdict::slow && applies(rule, way)) return &rule;
    return nullptr;
}

Slowness slowness_of(const std::vector<LinkRule>& rules, const Way& way) {
    Slowness slow;
    for (const LinkRule& rule : rules) {
        if (rule.verdict != Verdict::slow || !applies(rule, way)) continue;
        if (rule.latency) slow.latency = &*rule.latency;
        if (rule.jitter) slow.jitter = &*rule.jitter;
        if (rule.bandwidth_bits > 0) slow.bandwidth_bits = rule.bandwidth_bits;
        if (rule.loss_ppm > 0) slow.loss_ppm = rule.loss_ppm;
        if (rule.close_delay > Duration{0}) slow.close_delay = rule.close_delay;
    }
    return slow;
}

Duration extra_time(const Slowness& slow, std::int64_t bytes, bool opens_connection, std::uint64_t link,
                    Choices& choices) {
    constexpr int most_attempts = 15; // Linux tcp_retries2
    constexpr std::uint64_t one = 1000000000;
    Duration extra;
    if (slow.jitter != nullptr) extra = sample(*slow.jitter, choices.next_bits(jitter_purpose, link));
    for (int attempt = 0; slow.loss_ppm > 0 && attempt < most_attempts; ++attempt) {
        const auto whole = static_cast<std::uint64_t>(arrives_whole(bytes, slow.loss_ppm));
        if (below(choices.next_bits(loss_purpose, link), one) < whole) break;
        extra =
            extra + (opens_connection ? connect_retransmission_gap(attempt) : retransmission_gap(attempt));
        bytes = 1; // only what was lost goes again
    }
    return extra;
}

std::int64_t arrives_whole(std::int64_t bytes, std::int32_t loss_ppm) {
    constexpr std::int64_t one = 1000000000;
    constexpr std::int64_t segment = 1448;
    std::int64_t left = std::max<std::int64_t>(1, (bytes + segment - 1) / segment);
    std::int64_t power = one - std::int64_t{loss_ppm} * 1000; // of one segment
    std::int64_t whole = one;
    for (; left > 0; left /= 2) {
        if (left % 2 == 1) whole = whole * power / one;
        power = power * power / one;
    }
    return whole;
}

Duration transmission_time(std::int64_t bytes, std::int64_t bits_per_second) {
    if (bits_per_second == 0) return Duration{0};
    return Duration{(bytes * 8 * 1000000 + bits_per_second - 1) / bits_per_second};
}

} // namespace sim
