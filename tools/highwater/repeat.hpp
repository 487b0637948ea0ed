#pragma once
// The command that repeats a run, so that it can be pasted into a shell.

#include <cstdint>
#include <string>
#include <vector>

namespace highwater {

/// `word` as a POSIX shell reads it back.
std::string quoted(const std::string& word);

/// "highwater run FILE --seed N", with the options that were given: "-X", "acks=1", ...
std::string repeat_command(const std::string& file, std::uint64_t seed,
                           const std::vector<std::string>& changes);

} // namespace highwater
