// The harness of libFuzzer; tools/dev fuzz builds one program from it for each target.
#ifdef HIGHWATER_FUZZ_TARGET

#include "tests/fuzz/targets.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string complaint = fuzz::HIGHWATER_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    if (complaint.empty()) return 0;
    std::fprintf(stderr, "FOUND: %s\n", complaint.c_str());
    std::abort();
}

#endif
