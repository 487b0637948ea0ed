// Facts of an administrator's undertakings, read back.

#include "tools/highwater/trace/fact_reader.hpp"

namespace highwater {

using namespace kafka;

std::optional<Fact> FactReader::of_operation(const std::string& kind) {
    if (kind == "OperationMoved") {
        fact::OperationMoved f;
        f.fault = fault();
        f.step = word<OperationStep>("what", words::operation_steps);
        if (object.contains("target")) f.target = target();
        if (object.contains("partition")) f.partition = partition();
        return f;
    }
    if (kind == "ReplicasChanged") {
        fact::ReplicasChanged f;
        f.partition = partition();
        const TraceLine* ids = get("replicas");
        if (ids == nullptr || !ids->is_array() ||
            ids->size() > static_cast<std::size_t>(Assignment::capacity)) {
            wrong("replicas", "a list of broker ids");
            return f;
        }
        for (const TraceLine& id : *ids)
            if (id.is_number_integer()) f.replicas.add(slot_of(id.get<std::int64_t>()));
        f.adding = set("adding");
        f.removing = set("removing");
        return f;
    }
    if (kind == "FeaturesFinalized") return fact::FeaturesFinalized{fault()};
    return std::nullopt;
}

} // namespace highwater
