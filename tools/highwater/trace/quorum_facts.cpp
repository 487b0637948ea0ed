// Facts of the KRaft quorum, read back.

#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

using namespace kafka;

std::optional<Fact> FactReader::of_quorum(const std::string& kind) {
    if (kind == "QuorumRoleChanged")
        return fact::QuorumRoleChanged{voter("voter"), word<QuorumRole>("role", words::quorum_roles),
                                       epoch("epoch"), voter("quorum_leader")};
    if (kind == "ControllerActivated")
        return fact::ControllerActivated{voter("voter"), epoch("epoch"), flag("active")};
    if (kind == "MetadataCommitted")
        return fact::MetadataCommitted{voter("voter"), epoch("epoch"), offset("high_watermark")};
    if (kind == "MetadataTruncated")
        return fact::MetadataTruncated{voter("voter"), offset("from_offset"), offset("to_offset")};
    if (kind == "MetadataSnapshotLoaded") return fact::MetadataSnapshotLoaded{voter("voter"), offset("end")};
    if (kind == "ControllerChanged")
        return fact::ControllerChanged{broker("broker"), epoch("epoch"), flag("active")};
    return std::nullopt;
}

} // namespace highwater
