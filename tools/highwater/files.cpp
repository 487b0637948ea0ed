#include "tools/highwater/files.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace highwater {

bool read_text(const std::string& file, std::string& text) {
    std::ostringstream all;
    if (file == "-") {
        all << std::cin.rdbuf();
    } else {
        std::ifstream in(file, std::ios::binary);
        if (!in) return false;
        all << in.rdbuf();
        if (in.bad()) return false;
    }
    text = all.str();
    return true;
}

bool write_text(const std::string& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    return static_cast<bool>(out);
}

} // namespace highwater
