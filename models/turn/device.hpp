#pragma once
// What is wrong with a disk, as faults have left it.

#include "models/turn/configuration.hpp"

namespace kafka {

/// What faults have done to the device under a log directory.
struct DeviceState {
    bool full = false;
    bool failed = false;
    bool hung = false;
    std::optional<sim::LatencyTable> latency; // slow: of each write and flush, on top
    bool unreadable = false;
    bool operator==(const DeviceState&) const = default;
};

/// A change of one device: trouble, or its end.
inline void set_trouble(DeviceState& device, DiskTrouble trouble,
                        const std::optional<sim::LatencyTable>& latency, bool over) {
    switch (trouble) {
    case DiskTrouble::full:
        device.full = !over;
        return;
    case DiskTrouble::failed:
        device.failed = !over;
        return;
    case DiskTrouble::hung:
        device.hung = !over;
        return;
    case DiskTrouble::slow:
        device.latency = over ? std::nullopt : latency;
        return;
    case DiskTrouble::unreadable:
        device.unreadable = !over;
        return;
    }
}

} // namespace kafka
