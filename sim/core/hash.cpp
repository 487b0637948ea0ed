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

Hash::Hash() : state_(XXH3_createState()) { XXH3_128bits_reset(state_); }
Hash::Hash(const Hash& other) : state_(XXH3_createState()) { XXH3_copyState(state_, other.state_); }
Hash::Hash(Hash&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
Hash& Hash::operator=(const Hash& other) {
    if (this != &other) XXH3_copyState(state_, other.state_);
    return *this;
}
Hash& Hash::operator=(Hash&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}
Hash::~Hash() {
    if (state_ != nullptr) XXH3_freeState(state_);
}

void Hash::add_bytes(const void* bytes, std::size_t count) { XXH3_128bits_update(state_, bytes, count); }

Digest Hash::digest() const {
    const XXH128_hash_t value = XXH3_128bits_digest(state_);
    return {value.low64, value.high64};
}

} // namespace sim
