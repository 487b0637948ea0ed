#include "tools/highwater/describe/parts.hpp"

#include "models/dialect/admin_tools.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace highwater {

namespace parts {

std::string left(const std::string& text, std::size_t width) {
    return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

namespace {

std::string line_before(const kafka::AdminTools& tools) { return tools.line_before_message ? "\n" : ""; }

/// Why the command cannot say anything about a group, as it prints it; empty when it can.
/// Source: ConsumerGroupCommand.printError. Leaves out: the stack trace below it.
std::string failure_of(const DescribedGroup& group, const kafka::AdminTools& tools) {
    const std::string failed = line_before(tools) + "Error: Executing consumer group command failed due to "
                                                    "org.apache.kafka.common.errors.";
    if (!group.answered)
        return failed + (group.coordinator < 0
                             ? "CoordinatorNotAvailableException: The coordinator is not available.\n"
                             : "TimeoutException: Timed out waiting to send the call.\n");
    if (group.exists) return "";
    if (tools.absent_group_is_error)
        return failed + "GroupIdNotFoundException: Group " + group.name + " not found.\n";
    return line_before(tools) + "Error: Consumer group '" + group.name + "' does not exist.\n";
}

} // namespace

bool introduces(const DescribedGroup& group, std::size_t rows, const kafka::AdminTools& tools,
                Printed& printed) {
    const std::string failure = failure_of(group, tools);
    printed.out += failure;
    if (!failure.empty()) return false;
    if (group.state == "Empty")
        printed.err += line_before(tools) + "Consumer group '" + group.name + "' has no active members.\n";
    else if (group.state != "Stable" && group.state != "Dead")
        printed.err += line_before(tools) + "Warning: Consumer group '" + group.name + "' is rebalancing.\n";
    return rows > 0;
}

} // namespace parts

namespace {

using kafka::AdminTools;
using kafka::OffsetsTable;
using parts::left;

template <class Number> std::string or_dash(const std::optional<Number>& number) {
    return number ? std::to_string(*number) : "-";
}

struct Who {
    std::string consumer_id = "-", host = "-", client_id = "-";
};
Who who_of(const DescribedGroup& group, const DescribedOffset& offset) {
    if (offset.member < 0) return {};
    const DescribedMember& member = group.members[static_cast<std::size_t>(offset.member)];
    return {member.consumer_id, member.host, member.client_id};
}

/// 0.9.0 and 0.10: only what members have been assigned.
std::string old_table(const DescribedGroup& group, OffsetsTable table) {
    const bool commas = table == OffsetsTable::commas;
    std::string out = commas ? "GROUP, TOPIC, PARTITION, CURRENT OFFSET, LOG END OFFSET, LAG, OWNER\n"
                             : left("GROUP", 30) + " " + left("TOPIC", 30) + " " + left("PARTITION", 10) +
                                   " " + left("CURRENT-OFFSET", 15) + " " + left("LOG-END-OFFSET", 15) + " " +
                                   left("LAG", 15) + " OWNER\n";
    const auto known = [](const auto& number) { return number ? std::to_string(*number) : "unknown"; };
    for (const DescribedOffset& row : group.offsets) {
        if (row.member < 0) continue;
        const Who who = who_of(group, row);
        const std::string fields[] = {
            group.name,         row.partition.topic, std::to_string(row.partition.partition),
            known(row.current), known(row.end),      known(row.lag())};
        const std::size_t widths[] = {30, 30, 10, 15, 15, 15};
        for (std::size_t i = 0; i < 6; ++i)
            out += commas ? fields[i] + ", " : left(fields[i], widths[i]) + " ";
        out += who.client_id + "_" + who.host + "\n";
    }
    return out;
}

/// 0.10.2 to 1.0. There is no blank between the columns of CONSUMER-ID and HOST.
std::string fixed_table(const DescribedGroup& group) {
    const auto line = [](const std::string& topic, const std::string& partition, const std::string& current,
                         const std::string& end, const std::string& lag, const Who& who) {
        return left(topic, 30) + " " + left(partition, 10) + " " + left(current, 15) + " " + left(end, 15) +
               " " + left(lag, 10) + " " + left(who.consumer_id, 50) + left(who.host, 30) + " " +
               who.client_id + "\n";
    };
    std::string out = "\n" + line("TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG",
                                  {"CONSUMER-ID", "HOST", "CLIENT-ID"});
    for (const DescribedOffset& row : group.offsets)
        out += line(row.partition.topic, std::to_string(row.partition.partition), or_dash(row.current),
                    or_dash(row.end), or_dash(row.lag()), who_of(group, row));
    return out;
}

struct Widths {
    std::size_t group = 15, topic = 15, consumer = 15, host = 15;
};

/// 1.1 and later. From 3.8 on a row begins with the line's end of the one before; it looks the same.
std::string fitted_table(const DescribedGroup& group, const AdminTools& tools, bool verbose) {
    const bool epochs = verbose && tools.epochs;
    Widths width;
    width.group = std::max(width.group, group.name.size());
    for (const DescribedOffset& row : group.offsets) {
        const Who who = who_of(group, row);
        width.topic = std::max(width.topic, row.partition.topic.size());
        width.consumer = std::max(width.consumer, who.consumer_id.size());
        width.host = std::max(width.host, who.host.size());
    }
    const auto line = [&](const std::string& name, const std::string& topic, const std::string& partition,
                          const std::string& epoch, const std::string& current, const std::string& end,
                          const std::string& lag, const Who& who) {
        return (tools.offsets == OffsetsTable::with_group ? left(name, width.group) + " " : "") +
               left(topic, width.topic) + " " + left(partition, 10) + " " +
               (epochs ? left(epoch, 15) + " " : "") + left(current, 15) + " " + left(end, 15) + " " +
               left(lag, 15) + " " + left(who.consumer_id, width.consumer) + " " +
               left(who.host, width.host) + " " + who.client_id + "\n";
    };
    std::string out = "\n" + line("GROUP", "TOPIC", "PARTITION", "LEADER-EPOCH", "CURRENT-OFFSET",
                                  "LOG-END-OFFSET", "LAG", {"CONSUMER-ID", "HOST", "CLIENT-ID"});
    for (const DescribedOffset& row : group.offsets)
        out += line(group.name, row.partition.topic, std::to_string(row.partition.partition),
                    or_dash(row.leader_epoch), or_dash(row.current), or_dash(row.end), or_dash(row.lag()),
                    who_of(group, row));
    return out;
}

} // namespace

Printed print_offsets(const Description& description, bool verbose) {
    const AdminTools tools = kafka::admin_tools_of(description.release);
    Printed printed;
    if (tools.offsets == OffsetsTable::none) {
        printed.err = "release 0.8.2 has no kafka-consumer-groups\n";
        return printed;
    }
    for (const DescribedGroup& group : description.groups) {
        if (tools.offsets == OffsetsTable::commas || tools.offsets == OffsetsTable::owner) {
            const bool stable = group.answered && group.exists && group.state == "Stable";
            printed.out += stable ? old_table(group, tools.offsets)
                                  : "Consumer group `" + group.name + "` does not exist or is rebalancing.\n";
            continue;
        }
        // 0.10.2 to 1.0 print the header without rows as well.
        const bool fixed = tools.offsets == OffsetsTable::fixed;
        const bool prints = parts::introduces(group, group.offsets.size(), tools, printed);
        if (fixed && group.answered && group.exists)
            printed.out += fixed_table(group);
        else if (prints && !fixed)
            printed.out += fitted_table(group, tools, verbose);
    }
    return printed;
}

} // namespace highwater
