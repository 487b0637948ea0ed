#include "tools/highwater/describe/description.hpp"

#include "sim/core/hash.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace {

/// Source: java.lang.String.hashCode, and the spreading of java.util.HashMap.
std::uint32_t bucket_of(const std::string& name) {
    std::uint32_t hash = 0;
    for (const char letter : name)
        hash = hash * 31 + static_cast<unsigned char>(letter);
    return (hash ^ (hash >> 16)) & 63U;
}

} // namespace

std::string uuid_of(std::uint64_t number) {
    const std::uint64_t rest = sim::mix(number, 0x756964);
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", number >> 32, (number >> 16) & 0xffffU,
                       (number >> 4) & 0xfffU, 0x8000U | ((rest >> 48) & 0x3fffU), rest & 0xffffffffffffULL);
}

std::string base64_id(std::uint64_t seed, const std::string& what) {
    constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::uint64_t high = seed;
    for (const char letter : what)
        high = sim::mix(high, static_cast<unsigned char>(letter));
    std::uint64_t low = sim::mix(high, 1);
    high = (high & ~0xf000ULL) | 0x4000U;       // version 4
    high &= ~(std::uint64_t{1} << 63);          // never a leading '-', which Kafka draws again
    low = (low & ~(3ULL << 62)) | (2ULL << 62); // variant
    std::string text;
    for (int bit = 0; bit < 128; bit += 6) {
        std::uint64_t six = 0;
        for (int i = bit; i < bit + 6; ++i) {
            const std::uint64_t word = i < 64 ? high : low;
            six = (six << 1) | (i < 128 ? (word >> (63 - i % 64)) & 1U : 0U);
        }
        text += letters[six];
    }
    return text;
}

void sort_as_hash_map(std::vector<std::pair<std::string, std::string>>& entries) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return bucket_of(a.first) < bucket_of(b.first); });
}

} // namespace highwater
