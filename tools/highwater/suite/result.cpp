#include "tools/highwater/suite/result.hpp"

#include "models/scenario/source.hpp"
#include "tools/highwater/files.hpp"

namespace highwater {

const char* word(Check::Kind kind) {
    switch (kind) {
    case Check::Kind::expectation:
        return "expectation";
    case Check::Kind::guarantee:
        return "guarantee";
    case Check::Kind::golden:
        return "golden trace";
    case Check::Kind::determinism:
        return "determinism";
    }
    return "";
}

const char* word(TestState state) {
    switch (state) {
    case TestState::passed:
        return "passed";
    case TestState::failed:
        return "failed";
    case TestState::not_reproducible:
        return "not_reproducible";
    case TestState::bad_input:
        return "bad_input";
    case TestState::bug:
        return "bug";
    }
    return "";
}

int line_of(const std::string& file, const std::string& pointer) {
    if (pointer.empty()) return 0;
    std::string text;
    if (file == "-" || !read_text(file, text)) return 0;
    return kafka::parse_source(text, file).line_of(pointer);
}

} // namespace highwater
