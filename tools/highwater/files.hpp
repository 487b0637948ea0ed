#pragma once
// Whole files as text.

#include <string>

namespace highwater {

/// The text of a file ("-" = standard input). False when it cannot be read.
bool read_text(const std::string& file, std::string& text);
/// False when it cannot be written.
bool write_text(const std::string& file, const std::string& text);

} // namespace highwater
