#include "models/dialect/release.hpp"

namespace kafka {

namespace {

constexpr std::array<std::string_view, release_count> names{
    "0.8.2", "0.9.0", "0.10.0", "0.10.2", "0.11.0", "1.0", "1.1", "2.0", "2.1", "2.2",
    "2.3",   "2.4",   "2.5",    "2.6",    "2.7",    "2.8", "3.0", "3.1", "3.2", "3.3",
    "3.4",   "3.5",   "3.6",    "3.7",    "3.8",    "3.9", "4.0", "4.1", "4.2", "4.3"};

} // namespace

std::string_view name(Release release) { return names[static_cast<std::size_t>(release)]; }

std::optional<Release> parse_release(std::string_view text) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool exact = text == names[i];
        const bool patch =
            text.size() > names[i].size() + 1 && text.substr(0, names[i].size()) == names[i] &&
            text[names[i].size()] == '.' &&
            text.find_first_not_of("0123456789", names[i].size() + 1) == std::string_view::npos;
        if (exact || patch) return static_cast<Release>(i);
    }
    return std::nullopt;
}

std::array<Release, release_count> all_releases() {
    std::array<Release, release_count> all{};
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<Release>(i);
    return all;
}

} // namespace kafka
