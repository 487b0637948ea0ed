#pragma once
// Hashes that are the same on every machine and compiler: XXH3.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

struct XXH3_state_s;

namespace sim {

/// 128 bits that name a content.
struct Digest {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Digest&) const = default;
};

/// 32 hexadecimal digits, high half first.
std::string to_hex(Digest digest);

/// A running XXH3-128 over chosen ingredients. Shape: a value; a copy goes on from the same place.
/// Ingredients gather here and reach XXH3 in pieces: its result does not depend on how they are cut.
class Hash {
  public:
    Hash();
    Hash(const Hash& other);
    Hash(Hash&& other) noexcept;
    Hash& operator=(const Hash& other);
    Hash& operator=(Hash&& other) noexcept;
    ~Hash();

    void add_bytes(const void* bytes, std::size_t count);
    /// Adds an integer as 64 bits, little-endian, so that its type's width does not matter.
    template <class Integer>
    requires std::is_integral_v<Integer> || std::is_enum_v<Integer>
    void add(Integer number) {
        const auto wide = static_cast<std::uint64_t>(number);
        if (gathered_ + sizeof wide > pieces_.size()) pass_on();
        std::memcpy(pieces_.data() + gathered_, &wide, sizeof wide);
        gathered_ += sizeof wide;
    }
    Digest digest() const;

  private:
    XXH3_state_s* state_;
    std::array<unsigned char, 1024> pieces_; // only the first `gathered_` bytes say something
    std::size_t gathered_ = 0;

    void pass_on();
};

/// Folds `b` into `a`: a cheap, well-mixing step for running hashes (the finaliser of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    std::uint64_t x = a * 0x9e3779b97f4a7c15ULL + b + 0x632be59bd9b4e019ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

} // namespace sim
