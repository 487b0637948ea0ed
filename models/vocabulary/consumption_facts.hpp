#pragma once
// Facts of the code around a consumer: records that fail, and what it keeps of them.

#include "models/vocabulary/ids.hpp"

#include <cstdint>

namespace kafka::fact {

struct RecordForwarded { // the record at this offset was handed to the producer, for another topic
    ConsumerIndex consumer;
    PartitionIndex partition; // of the input
    Offset offset;
    StreamIndex stream; // of the copy
    Value first;
};
struct ConsumerPaused { // pause() or resume() of a partition
    ConsumerIndex consumer;
    PartitionIndex partition;
    bool paused = false;
};
struct ApplicationHalted { // it ends itself, because of the record at this offset or (offset -1) of an error
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset offset = no_offset;
};
struct StateWritten { // what the code made of the records [from, to) went into its store
    ConsumerIndex consumer;
    PartitionIndex partition;
    Offset from, to;
    bool refused = false; // another member has written since: nothing was changed
};

} // namespace kafka::fact
