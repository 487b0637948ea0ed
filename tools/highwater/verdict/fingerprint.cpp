#include "tools/highwater/verdict/fingerprint.hpp"

namespace highwater {

void Fingerprint::on(sim::SimTime time, std::uint64_t event, const kafka::Fact& fact, const kafka::World&) {
    hash_.add(time.micros);
    hash_.add(event);
    hash_.add(fact.index());
    if (const auto* appended = std::get_if<kafka::fact::BatchAppended>(&fact)) {
        hash_.add(appended->broker.value);
        hash_.add(appended->partition.value);
        hash_.add(appended->base_offset.value);
        hash_.add(appended->first.value);
        hash_.add(appended->count);
    } else if (const auto* acked = std::get_if<kafka::fact::RecordsAcknowledged>(&fact)) {
        hash_.add(acked->stream.value);
        hash_.add(acked->first.value);
        hash_.add(acked->base_offset.value);
    } else if (const auto* moved = std::get_if<kafka::fact::HighWatermarkMoved>(&fact)) {
        hash_.add(moved->broker.value);
        hash_.add(moved->partition.value);
        hash_.add(moved->high_watermark.value);
    } else if (const auto* changed = std::get_if<kafka::fact::PartitionChanged>(&fact)) {
        hash_.add(changed->leader.value);
        hash_.add(changed->leader_epoch.value);
        hash_.add(changed->isr.bits);
    }
}

void Fingerprint::at_end(const kafka::World& world) {
    const sim::Digest final_state = outline(world);
    hash_.add(final_state.low);
    hash_.add(final_state.high);
}

} // namespace highwater
