#pragma once
// The verdict as a colleague would tell it.

#include "models/scenario/source.hpp"

#include <string>

namespace highwater {

/// Plain text that fits a screen; colour only as an aid.
std::string text_of(const kafka::Json& verdict, const std::string& story, bool colour);

} // namespace highwater
