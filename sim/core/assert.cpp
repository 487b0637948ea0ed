#include "sim/core/assert.hpp"

namespace sim {

void fail_assertion(const char* condition, const char* sentence, const char* file, int line) {
    throw AssertionFailure(std::string(sentence) + " [" + condition + " at " + file + ":" +
                           std::to_string(line) + "]");
}

} // namespace sim
