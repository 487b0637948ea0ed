// .properties files: the same answers as java.util.Properties, and what a user meets.

#include "models/settings/properties.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

using namespace kafka;

namespace {

std::string bytes_of(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

std::string hex_of(const std::string& bytes) {
    const char* const digits = "0123456789abcdef";
    std::string hex;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

/// In the form of tests/settings/properties/Answers.java.
std::string answer(const std::string& bytes) {
    const PropertiesFile file = parse_properties(bytes);
    if (!file.problems.empty()) return "!";
    std::map<std::string, std::string> pairs;
    for (const auto& [key, value] : file.values)
        pairs[hex_of(key)] = hex_of(value);
    std::string text;
    for (const auto& [key, value] : pairs)
        text += (text.empty() ? "" : ",") + key + "=" + value;
    return text;
}

} // namespace

TEST_CASE("properties files: the stored answers of java.util.Properties") {
    std::ifstream stored(HIGHWATER_SOURCE_DIR "/tests/settings/properties/answers.txt");
    std::string line;
    int cases = 0;
    while (std::getline(stored, line)) {
        const std::size_t blank = line.find(' ');
        const std::string bytes = bytes_of(line.substr(0, blank));
        CHECK_MESSAGE(answer(bytes) == line.substr(blank + 1), line);
        ++cases;
    }
    CHECK(cases >= 500);
}

TEST_CASE("properties files: what people write") {
    const PropertiesFile file = parse_properties("# comment\n! another\nacks = all\nlinger.ms:5\n"
                                                 "sasl.jaas.config=Module required \\\n   password=\"a#b\";\n"
                                                 "trailing=x  \nacks=1\n[section]\nempty\n");
    REQUIRE(file.problems.empty());
    CHECK(file.values.size() == 6);
    CHECK(file.values[0] == std::pair<std::string, std::string>{"acks", "1"});
    CHECK(file.lines[0] == 8);
    CHECK(file.values[2].second == "Module required password=\"a#b\";");
    CHECK(file.values[3].second == "x  ");
    CHECK(file.values[4].first == "[section]");
    CHECK(parse_properties("a=1\nb=\\u12g4\n").problems.front().line == 2);
    CHECK(parse_properties(std::string(5 << 20, 'x')).problems.size() == 1);
}
