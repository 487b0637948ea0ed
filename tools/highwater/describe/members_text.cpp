// kafka-consumer-groups --describe --members and --state.

#include "tools/highwater/describe/parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace highwater {

namespace {

using kafka::AdminTools;
using kafka::OffsetsTable;
using parts::left;

std::string text_or_dash(const std::optional<int>& number) { return number ? std::to_string(*number) : "-"; }

/// "orders(0,1), other(2)"; in 3.8 and 3.9 without the topics. Source: printMembers.
std::string old_assignment(const std::vector<TopicPartition>& assignment, const AdminTools& tools) {
    if (assignment.empty()) return "-";
    std::map<std::string, std::vector<int>> grouped;
    for (const TopicPartition& one : assignment)
        grouped[one.topic].push_back(one.partition);
    std::vector<std::string> texts;
    for (const auto& [topic, numbers] : grouped)
        texts.push_back((tools.assignment_names_topic ? topic : "") +
                        fmt::format("({})", fmt::join(numbers, ",")));
    std::sort(texts.begin(), texts.end());
    return fmt::format("{}", fmt::join(texts, ", "));
}

/// "orders:0,1;other:2". Source: getAssignmentString (4.0).
std::string new_assignment(const std::vector<TopicPartition>& assignment) {
    if (assignment.empty()) return "-";
    std::string text;
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        const bool same = i > 0 && assignment[i - 1].topic == assignment[i].topic;
        text += same ? "," : (i == 0 ? "" : ";") + assignment[i].topic + ":";
        text += std::to_string(assignment[i].partition);
    }
    return text;
}

struct MemberWidths {
    std::size_t group = 15, consumer = 15, instance = 17, host = 15, client = 15, current = 20, target = 20;
    bool has_instances = false;
};

MemberWidths widths_of(const DescribedGroup& group, const AdminTools& tools) {
    MemberWidths width;
    width.group = std::max(width.group, group.name.size());
    for (const DescribedMember& member : group.members) {
        width.consumer = std::max(width.consumer, member.consumer_id.size());
        width.instance = std::max(width.instance, member.instance_id.size());
        width.host = std::max(width.host, member.host.size());
        width.client = std::max(width.client, member.client_id.size());
        width.current = std::max(width.current, new_assignment(member.assignment).size());
        width.target = std::max(width.target, new_assignment(member.target).size());
        width.has_instances = width.has_instances || (tools.instance_ids && !member.instance_id.empty());
    }
    return width;
}

std::string member_line(const std::string& group, const DescribedMember& member,
                        const std::string& partitions, const MemberWidths& width, const AdminTools& tools) {
    std::string line;
    if (tools.offsets == OffsetsTable::with_group) line = left(group, width.group) + " ";
    line += left(member.consumer_id, width.consumer) + " ";
    if (width.has_instances) line += left(member.instance_id, width.instance) + " ";
    return line + left(member.host, width.host) + " " + left(member.client_id, width.client) + " " +
           left(partitions, 15) + " ";
}

std::string epochs_line(const std::string& epoch, const std::string& current, const std::string& target_epoch,
                        const std::string& target, const MemberWidths& width) {
    return left(epoch, 15) + " " + left(current, width.current) + " " + left(target_epoch, 15) + " " +
           left(target, width.target);
}

/// Leaves out: UPGRADED, for groups whose members speak both protocols: they do not exist here.
std::string members_table(const DescribedGroup& group, const AdminTools& tools, bool verbose) {
    const MemberWidths width = widths_of(group, tools);
    const DescribedMember header{"CONSUMER-ID", "HOST", "CLIENT-ID", "GROUP-INSTANCE-ID", {}, {}, {}};
    std::string out = "\n" + member_line("GROUP", header, "#PARTITIONS", width, tools);
    if (verbose)
        out += tools.epochs ? epochs_line("CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH",
                                          "TARGET-ASSIGNMENT", width)
                            : "ASSIGNMENT";
    out += "\n";
    for (const DescribedMember& member : group.members) {
        out += member_line(group.name, member, std::to_string(member.assignment.size()), width, tools);
        if (verbose)
            out += tools.epochs
                       ? epochs_line(text_or_dash(member.epoch), new_assignment(member.assignment),
                                     text_or_dash(group.target_epoch), new_assignment(member.target), width)
                       : old_assignment(member.assignment, tools);
        out += "\n";
    }
    return out;
}

std::string state_table(const DescribedGroup& group, const AdminTools& tools, bool verbose) {
    const std::string coordinator =
        fmt::format("broker-{}:9092{}({})", group.coordinator, tools.is_java ? "  " : " ", group.coordinator);
    const std::size_t wide = std::max<std::size_t>(25, coordinator.size());
    const std::string count = std::to_string(group.members.size());
    if (tools.offsets != OffsetsTable::with_group)
        return "\n" + left("COORDINATOR (ID)", wide) + " " + left("ASSIGNMENT-STRATEGY", 25) + " " +
               left("STATE", 20) + " #MEMBERS\n" + left(coordinator, wide) + " " + left(group.strategy, 25) +
               " " + left(group.state, 20) + " " + count + "\n";
    if (!tools.epochs)
        return "\n" + left("GROUP", wide) + " " + left("COORDINATOR (ID)", 25) + " " +
               left("ASSIGNMENT-STRATEGY", 20) + " " + left("STATE", 15) + " #MEMBERS\n" +
               left(group.name, wide) + " " + left(coordinator, 25) + " " + left(group.strategy, 20) + " " +
               left(group.state, 15) + " " + count + "\n";
    const std::size_t name = std::max<std::size_t>(15, group.name.size());
    const std::string strategy = group.strategy.empty() ? "-" : group.strategy;
    const auto line = [&](const std::string& first, const std::string& second, const std::string& third,
                          const std::string& fourth, const std::string& epoch, const std::string& target,
                          const std::string& last) {
        return left(first, name) + " " + left(second, wide) + " " + left(third, 20) + " " + left(fourth, 20) +
               " " + (verbose ? left(epoch, 15) + " " + left(target, 25) + " " : "") + last + "\n";
    };
    return "\n" +
           line("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "GROUP-EPOCH",
                "TARGET-ASSIGNMENT-EPOCH", "#MEMBERS") +
           line(group.name, coordinator, strategy, group.state, text_or_dash(group.epoch),
                text_or_dash(group.target_epoch), count);
}

Printed unknown_option(const char* option) {
    return {"", std::string("kafka-consumer-groups has ") + option + " since release 1.1\n"};
}

} // namespace

Printed print_members(const Description& description, bool verbose) {
    const AdminTools tools = kafka::admin_tools_of(description.release);
    if (!tools.members_and_state) return unknown_option("--members");
    Printed printed;
    for (const DescribedGroup& group : description.groups) {
        const bool prints = parts::introduces(group, group.members.size(), tools, printed);
        if (prints || (tools.is_java && group.answered && group.exists))
            printed.out += members_table(group, tools, verbose);
    }
    return printed;
}

Printed print_states(const Description& description, bool verbose) {
    const AdminTools tools = kafka::admin_tools_of(description.release);
    if (!tools.members_and_state) return unknown_option("--state");
    Printed printed;
    for (const DescribedGroup& group : description.groups)
        if (parts::introduces(group, 1, tools, printed)) printed.out += state_table(group, tools, verbose);
    return printed;
}

} // namespace highwater
