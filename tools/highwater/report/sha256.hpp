#pragma once
// SHA-256 in base64, as a Content-Security-Policy names the scripts and styles that it lets run.

#include <string>
#include <string_view>

namespace highwater {

/// Source: FIPS 180-4; RFC 4648, section 4.
std::string sha256_base64(std::string_view text);

} // namespace highwater
