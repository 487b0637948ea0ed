#include "tools/highwater/commands/common.hpp"

int main(int argc, char** argv) {
    return highwater::run_command(std::vector<std::string>(argv + 1, argv + argc));
}
