#pragma once
// How facts of disks are written.

#include "tools/highwater/trace/pen.hpp"
#include "tools/highwater/trace/words.hpp"

namespace highwater {

struct DiskPen : Pen {
    void operator()(const kafka::fact::LogDirectoryFailed& f) {
        name("LogDirectoryFailed");
        broker("broker", f.broker);
        number("directory", f.directory);
        text("cause", words::directory_failures[static_cast<std::size_t>(f.cause)]);
        flag("halts", f.halts);
    }
};

} // namespace highwater
