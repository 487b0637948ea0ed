#include "sim/core/hash.hpp"

#include <xxhash.h>

#include <utility>

namespace sim {

std::string to_hex(Digest digest) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t i = 0; i < 16; ++i) {
        text[15 - i] = digits[(digest.high >> (4 * i)) & 15U];
        text[31 - i] = digits[(digest.low >> (4 * i)) & 15U];
    }
    return text;
}

Hash::Hash() : state_(XXH3_createState()), pieces_{} { XXH3_128bits_reset(state_); }
Hash::Hash(const Hash& other)
    : state_(XXH3_createState()), pieces_(other.pieces_), gathered_(other.gathered_) {
    XXH3_copyState(state_, other.state_);
}
Hash::Hash(Hash&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)), pieces_(other.pieces_), gathered_(other.gathered_) {}
Hash& Hash::operator=(const Hash& other) {
    if (this == &other) return *this;
    XXH3_copyState(state_, other.state_);
    pieces_ = other.pieces_;
    gathered_ = other.gathered_;
    return *this;
}
Hash& Hash::operator=(Hash&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(pieces_, other.pieces_);
    std::swap(gathered_, other.gathered_);
    return *this;
}
Hash::~Hash() {
    if (state_ != nullptr) XXH3_freeState(state_);
}

void Hash::pass_on() {
    XXH3_128bits_update(state_, pieces_.data(), gathered_);
    gathered_ = 0;
}

void Hash::add_bytes(const void* bytes, std::size_t count) {
    pass_on();
    XXH3_128bits_update(state_, bytes, count);
}

Digest Hash::digest() const {
    Hash complete = *this;
    complete.pass_on();
    const XXH128_hash_t value = XXH3_128bits_digest(complete.state_);
    return {value.low64, value.high64};
}

} // namespace sim
