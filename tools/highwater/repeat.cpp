#include "tools/highwater/repeat.hpp"

#include <fmt/format.h>

namespace highwater {

std::string quoted(const std::string& word) {
    const bool plain =
        !word.empty() &&
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:") ==
            std::string::npos;
    if (plain) return word;
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::string repeat_command(const std::string& file, std::uint64_t seed,
                           const std::vector<std::string>& changes) {
    std::string command = fmt::format("highwater run {} --seed {}", quoted(file), seed);
    for (const std::string& word : changes)
        command += " " + quoted(word);
    return command;
}

} // namespace highwater
