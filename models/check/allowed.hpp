#pragma once
// What each configuration may lose, duplicate and reorder. Source: reference/anomalies.md, B4.

#include "models/check/ledger.hpp"

#include <string>

namespace kafka {

/// Whether a loss is one that the configuration permits; the reason names the setting. Empty = it is not
/// permitted.
std::string allowed_loss(const Loss& loss, const Ledger& ledger, const Configuration& configuration);

enum class GuaranteeState : std::uint8_t { held, allowed, violated, not_applicable };
std::string_view name(GuaranteeState state);

/// One guarantee of the run. Shape: `because` says which setting permits, or what was broken.
struct Guarantee {
    std::string name;
    GuaranteeState state = GuaranteeState::held;
    std::string because;
};

/// Whether a leader that has appended nothing cannot say where older epochs end, so that a follower falls
/// back on its high watermark: from 0.11 to 1.1 (KAFKA-7415).
inline bool forgets_epochs(const Dialect& dialect) {
    return dialect.truncation != TruncationRule::to_high_watermark && !dialect.epoch_starts_at_election;
}

} // namespace kafka
