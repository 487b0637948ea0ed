#pragma once
// Test results as JSON: the same bytes for any number of threads.

#include "models/scenario/source.hpp"
#include "tools/highwater/suite/result.hpp"

namespace highwater {

/// "format": "highwater.test/1". Shape: holds no wall-clock time.
kafka::Json json_of(const SuiteResult& result);

} // namespace highwater
