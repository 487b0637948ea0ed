#include "models/dialect/admin_tools.hpp"

namespace kafka {

namespace {

OffsetsTable offsets_table_of(Release release) {
    if (release < Release::v0_9_0) return OffsetsTable::none;
    if (release < Release::v0_10_0) return OffsetsTable::commas;
    if (release < Release::v0_10_2) return OffsetsTable::owner;
    if (release < Release::v1_1) return OffsetsTable::fixed;
    return release < Release::v2_3 ? OffsetsTable::fitted : OffsetsTable::with_group;
}

} // namespace

AdminTools admin_tools_of(Release release) {
    AdminTools tools;
    tools.spaces_after_colons = release >= Release::v2_4;
    tools.effective_configs = release >= Release::v2_2;
    tools.topic_ids = release >= Release::v2_8;
    tools.eligible_replicas = release >= Release::v3_8;
    tools.says_no_leader = release >= Release::v2_2;
    tools.offsets = offsets_table_of(release);
    tools.members_and_state = release >= Release::v1_1;
    tools.instance_ids = release >= Release::v2_6;
    tools.line_before_message = release >= Release::v2_3;
    tools.is_java = release >= Release::v3_8;
    tools.assignment_names_topic = release < Release::v3_8 || release >= Release::v4_0;
    tools.epochs = release >= Release::v4_0;
    tools.absent_group_is_error = release >= Release::v4_0;
    tools.passes_leaderless = release >= Release::v4_2;
    tools.verifiable_events = release >= Release::v1_0;
    tools.client_id_names_group = release >= Release::v2_4;
    return tools;
}

} // namespace kafka
