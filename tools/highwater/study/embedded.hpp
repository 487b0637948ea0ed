#pragma once
// Texts that the program carries with it; the build makes the list of them.

namespace embedded {

/// One file: its name, and where its text stands.
struct Text {
    const char* name;
    const char* const* text;
};
/// The files of scenarios/presets; the last row is empty.
extern const Text preset_all[];

} // namespace embedded
