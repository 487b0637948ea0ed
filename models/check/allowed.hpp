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

} // namespace kafka
