#include "models/log/transactions.hpp"

#include <algorithm>

namespace kafka {

void begin_transaction(LogTransactions& self, ProducerId producer_id, Offset first) {
    self.any = true;
    self.open.push_back({producer_id, first}); // offsets grow
}

void end_transaction(LogTransactions& self, ProducerId producer_id, Offset marker, ControlType outcome) {
    self.any = true;
    const auto at = std::find_if(self.open.begin(), self.open.end(), [&](const LogTransactions::Open& one) {
        return one.producer_id == producer_id;
    });
    if (at == self.open.end()) return;
    const LogTransactions::Ended ended{producer_id, at->first_offset, marker};
    self.open.erase(at);
    self.unreplicated.push_back(ended);
    if (outcome == ControlType::abort) self.aborted.push_back(ended);
}

void forget_replicated(LogTransactions& self, Offset high_watermark) {
    std::erase_if(self.unreplicated,
                  [&](const LogTransactions::Ended& one) { return one.marker < high_watermark; });
}

Offset last_stable_offset(const LogTransactions& self, Offset high_watermark) {
    Offset stable = high_watermark;
    if (!self.open.empty()) stable = std::min(stable, self.open.front().first_offset);
    for (const LogTransactions::Ended& one : self.unreplicated)
        if (one.marker >= high_watermark) stable = std::min(stable, one.first_offset);
    return stable;
}

void collect_aborted(const LogTransactions& self, Offset from, Offset end,
                     std::vector<AbortedTransaction>& into) {
    const auto first = std::lower_bound(
        self.aborted.begin(), self.aborted.end(), from,
        [](const LogTransactions::Ended& one, Offset wanted) { return one.marker < wanted; });
    const auto begin = static_cast<std::ptrdiff_t>(into.size());
    for (auto one = first; one != self.aborted.end(); ++one)
        if (one->first_offset < end) into.push_back({one->producer_id, one->first_offset});
    std::sort(into.begin() + begin, into.end(), [](const AbortedTransaction& a, const AbortedTransaction& b) {
        return a.first_offset < b.first_offset;
    });
}

} // namespace kafka
