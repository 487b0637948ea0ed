#pragma once
// What observers are told of disks.

#include "models/vocabulary/ids.hpp"

#include <cstdint>

namespace kafka::fact {

enum class DirectoryFailure : std::uint8_t { full, failed };
struct LogDirectoryFailed { // this process writes and reads there no more
    BrokerSlot broker;
    std::int32_t directory = 1; // from 1
    DirectoryFailure cause{};
    bool halts = false; // it was the last one, or the one of the metadata log: the process ends
};

} // namespace kafka::fact
