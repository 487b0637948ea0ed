#pragma once
// Test results as JUnit's XML, as CI servers read it.

#include "tools/highwater/suite/result.hpp"

namespace highwater {

/// One testsuite for each scenario file, one testcase for each expectation and guarantee, and for the golden
/// trace and the repetition when they were looked at. A check that failed under some seed has failed; its
/// message names the seeds. Only the attributes "time" come from a clock.
/// Source: the common schema at github.com/testmoapp/junitxml; there is no standard.
std::string junit_of(const SuiteResult& result);

/// `text` as it may stand between tags or in a double-quoted attribute. What XML 1.0 cannot hold becomes "?".
std::string xml_text(const std::string& text);

} // namespace highwater
