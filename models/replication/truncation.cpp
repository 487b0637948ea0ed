#include "models/replication/truncation.hpp"

#include <algorithm>

namespace kafka {

TruncationPoint truncation_point(TruncationRule rule, const Log& log, Offset high_watermark,
                                 EpochEnd answer) {
    const Offset own_end = log.log_end_offset;
    if (rule == TruncationRule::to_high_watermark || answer.end == no_offset) return {high_watermark, true};
    if (rule == TruncationRule::by_epoch_end ||
        answer.epoch == no_epoch) // KIP-101: the answer is an offset only
        return {std::min(answer.end, own_end), true};
    // KIP-279, KIP-595: what does this log know of the leader's epoch, or of the one before it?
    const EpochEnd own = end_offset_for(log.epochs, answer.epoch, own_end);
    if (own.end == no_offset) return {std::min(answer.end, own_end), true};
    if (own.epoch != answer.epoch)
        return {std::min(own.end, own_end), false}; // lacks that epoch: cut, ask again
    return {std::min({own.end, answer.end, own_end}), true};
}

} // namespace kafka
