#pragma once
// The releases of Kafka that Highwater knows, oldest first.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kafka {

/// One minor release. Shape: ordered by age, so that ranges of releases are ranges of enumerators.
/// Source: facts/kafka-settings.tsv (last patch of each minor). Leaves out: 0.10.1, which was not measured.
enum class Release : std::uint8_t {
    v0_8_2,
    v0_9_0,
    v0_10_0,
    v0_10_2,
    v0_11_0,
    v1_0,
    v1_1,
    v2_0,
    v2_1,
    v2_2,
    v2_3,
    v2_4,
    v2_5,
    v2_6,
    v2_7,
    v2_8,
    v3_0,
    v3_1,
    v3_2,
    v3_3,
    v3_4,
    v3_5,
    v3_6,
    v3_7,
    v3_8,
    v3_9,
    v4_0,
    v4_1,
    v4_2,
    v4_3,
};

inline constexpr Release newest_release = Release::v4_3;
/// The last one that runs without KRaft.
inline constexpr Release last_zookeeper_release = Release::v3_9;
inline constexpr int release_count = static_cast<int>(newest_release) + 1;

/// The name people write: "0.10.2", "3.9".
std::string_view name(Release release);

/// Reads "3.9", "3.9.1" or "0.10.2.2" as its minor release; nothing when Highwater does not know it.
std::optional<Release> parse_release(std::string_view text);

/// All releases, oldest first.
std::array<Release, release_count> all_releases();

} // namespace kafka
