// Facts of disks, read back.

#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

using namespace kafka;

std::optional<Fact> FactReader::of_disk(const std::string& kind) {
    if (kind == "LogDirectoryFailed")
        return fact::LogDirectoryFailed{broker("broker"), number<std::int32_t>("directory"),
                                        word<fact::DirectoryFailure>("cause", words::directory_failures),
                                        flag("halts")};
    return std::nullopt;
}

} // namespace highwater
