#pragma once
// How brokers, partitions, records and times are written in verdicts and traces.

#include "models/turn/configuration.hpp"

#include <string>
#include <vector>

namespace highwater {

int broker_id(const kafka::Configuration& configuration, kafka::BrokerSlot slot); // -1 = none
std::vector<int> broker_ids(const kafka::Configuration& configuration, kafka::BrokerSet set);
/// "broker 2", "controller", "producer shop".
std::string process_name(const kafka::Configuration& configuration, kafka::BrokerSlot process);
/// "shop:17"; with several partitions "shop/2:17": the n-th record of that producer to partition 2, from 0.
std::string record_name(const kafka::Configuration& configuration, kafka::StreamIndex stream,
                        std::int64_t value);
/// "shop:17-20" or "shop:17".
std::string records_name(const kafka::Configuration& configuration, kafka::StreamIndex stream,
                         std::int64_t first, std::int64_t end);
/// "12.345 s", "1.5 ms".
std::string time_text(std::int64_t micros);
/// "1,234,567".
std::string count_text(std::int64_t count);

/// Brokers that have a replica of the partition at the start, in that order, then those that a reassignment
/// of the script may give it.
std::vector<kafka::BrokerSlot> every_replica(const kafka::PartitionConfiguration& partition);

} // namespace highwater
