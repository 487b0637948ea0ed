#pragma once
// Pieces of the lines that both tools print. Not for callers outside this folder.

#include "tools/highwater/verifiable/verifiable.hpp"

namespace highwater::parts {

std::string quoted(const std::string& text);
/// "topic" and "partition", as fields of an object.
std::string place_of(const kafka::Configuration& configuration, kafka::PartitionIndex partition);
std::string list_of(const std::vector<std::string>& items);

} // namespace highwater::parts
