#pragma once
// Files of Java properties, read as java.util.Properties reads them.

#include "models/settings/resolve.hpp"

#include <string_view>

namespace kafka {

/// What is wrong with a properties file. Shape: `line` from 1.
struct PropertiesProblem {
    int line = 0;
    std::string message;
};

struct PropertiesFile {
    ConfigMap values;       // in order of first appearance; of a key that stands twice the last value
    std::vector<int> lines; // beside `values`: where the value that counts begins
    std::vector<PropertiesProblem> problems;
};

/// Reads the bytes of a .properties file: `=`, `:` or blanks separate, `#` and `!` begin comments, a
/// backslash at the end of a line joins, `\uXXXX`, `\t`, `\n`, `\r`, `\f` and `\` before anything else
/// escape; bytes are ISO-8859-1, blanks at the end of a value stay. Keys and values come out as UTF-8. Error:
/// a malformed \uXXXX, or more than 4 MiB. A lone surrogate becomes '?', as String.getBytes has it. Source:
/// java.util.Properties.load of JDK 17 (LineReader, load0, loadConvert), which Kafka calls (Utils.loadProps).
/// Leaves out: ${provider:path:key}, which stays as it is.
PropertiesFile parse_properties(std::string_view bytes);

} // namespace kafka
