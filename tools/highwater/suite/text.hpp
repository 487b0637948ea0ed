#pragma once
// Test results for people: a line for each scenario, failures explained.

#include "tools/highwater/suite/result.hpp"

namespace highwater {

/// "ok    scenarios/tour/first_record.json  0.012 s", and what is wrong with the command that repeats it.
/// Shape:  `timed` is off when the text is to be compared.
std::string text_of(const ScenarioResult& result, bool colour, bool timed = true);

/// "12 passed, 1 failed": the last line.
std::string summary_of(const SuiteResult& result);

/// "wanted ..., got ...", with the reason; one or more lines. For text, JUnit and annotations alike.
std::string explanation(const Check& check);
/// "seed 3", "seeds 3, 4 and 9 more".
std::string seeds_text(const CheckSummary& summary);

} // namespace highwater
