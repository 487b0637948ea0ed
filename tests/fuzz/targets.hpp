#pragma once
// The readers as a fuzzer meets them: any bytes in, a complaint out when a reader misbehaves.

#include <string>
#include <string_view>

namespace fuzz {

/// Empty when the reader behaved: what it rejects has a reason and a place, what it accepts keeps to its
/// limits.
std::string scenario(std::string_view bytes);
std::string properties(std::string_view bytes);
std::string trace(std::string_view bytes);

} // namespace fuzz
