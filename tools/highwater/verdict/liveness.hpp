#pragma once
// The judgement of a heal phase, as the verdict tells it.

#include "tools/highwater/verdict/outcome.hpp"

namespace highwater {

/// `liveness` of the verdict.
kafka::Json liveness_of(const kafka::Liveness& liveness, const kafka::Configuration& configuration);
/// The same in words, from the verdict.
std::string liveness_text(const kafka::Json& liveness);

} // namespace highwater
