#include "tools/highwater/verdict/fingerprint.hpp"

namespace highwater {

std::string fingerprint_of(kafka::FactHash facts, const kafka::World& final_world) {
    const sim::Digest final_state = outline(final_world);
    facts.rest().add(final_state.low);
    facts.rest().add(final_state.high);
    return sim::to_hex(facts.rest().digest());
}

} // namespace highwater
