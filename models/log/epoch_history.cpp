#include "models/log/epoch_history.hpp"

namespace kafka {

Epoch latest_epoch(const EpochHistory& history) {
    return history.entries.empty() ? no_epoch : history.entries.back().epoch;
}

void assign(EpochHistory& history, Epoch epoch, Offset start) {
    if (latest_epoch(history) == epoch) return;
    std::erase_if(history.entries, [&](const EpochHistory::Entry& entry) {
        return entry.epoch >= epoch || entry.start >= start;
    });
    history.entries.push_back({epoch, start});
}

EpochEnd end_offset_for(const EpochHistory& history, Epoch requested, Offset log_end_offset) {
    if (requested == no_epoch || history.entries.empty()) return {};
    if (requested == latest_epoch(history)) return {requested, log_end_offset};
    if (requested > latest_epoch(history)) return {};
    if (requested < history.entries.front().epoch) return {requested, history.entries.front().start};
    std::size_t floor = 0;
    while (floor + 1 < history.entries.size() && history.entries[floor + 1].epoch <= requested)
        ++floor;
    return {history.entries[floor].epoch, history.entries[floor + 1].start};
}

void truncate_from_end(EpochHistory& history, Offset end) {
    std::erase_if(history.entries, [&](const EpochHistory::Entry& entry) { return entry.start >= end; });
}

} // namespace kafka
