#pragma once
// How facts of an administrator's undertakings are written.

#include "tools/highwater/trace/disk_pen.hpp"
#include "tools/highwater/trace/words.hpp"

namespace highwater {

struct OperationPen : DiskPen {
    using DiskPen::operator();
    void of_fault(std::int32_t fault) {
        text("fault", configuration.faults[static_cast<std::size_t>(fault)].name);
    }
    void operator()(const kafka::fact::OperationMoved& f) {
        name("OperationMoved");
        of_fault(f.fault);
        text("what", words::operation_steps[static_cast<std::size_t>(f.step)]);
        if (f.target != kafka::no_slot) text("target", process_name(configuration, f.target));
        if (f.partition.value >= 0) partition(f.partition);
    }
    void operator()(const kafka::fact::ReplicasChanged& f) {
        name("ReplicasChanged");
        partition(f.partition);
        key("replicas");
        out += '[';
        for (std::int32_t i = 0; i < f.replicas.count; ++i) {
            if (i > 0) out += ',';
            digits(broker_id(configuration, f.replicas.slots[static_cast<std::size_t>(i)]));
        }
        out += ']';
        set("adding", f.adding);
        set("removing", f.removing);
    }
    void operator()(const kafka::fact::FeaturesFinalized& f) {
        name("FeaturesFinalized");
        of_fault(f.fault);
    }
};

} // namespace highwater
