#include "models/scenario/parts.hpp"

namespace kafka::parts {

namespace {

void read_without(Fields& fields, HealConfiguration& heal, Reading& reading) {
    const Json* value = fields.get("without");
    if (value == nullptr) return;
    if (!value->is_array())
        return fields.wrong("without", "a list of brokers and racks, such as [\"broker 3\"]");
    for (std::size_t i = 0; i < value->size(); ++i) {
        const std::string pointer = fields.at("without") + "/" + std::to_string(i);
        const std::string text = (*value)[i].is_string() ? (*value)[i].get<std::string>() : "";
        if (text.rfind("broker ", 0) != 0 && text.rfind("rack ", 0) != 0) {
            reading.problems.add(pointer, "expected \"broker 3\" or \"rack c\", got " + shown((*value)[i]));
            continue;
        }
        if (const auto target = read_target(text, pointer, reading)) heal.without.push_back(*target);
    }
}

} // namespace

/// "heal": true, or {"without": [...], "bound": "3min"}.
void read_heal(Fields& top, Reading& reading) {
    const Json* value = top.get("heal");
    if (value == nullptr || *value == false) return;
    HealConfiguration heal;
    if (*value != true) {
        if (!value->is_object())
            return top.wrong("heal", "true, or {\"without\": [\"broker 3\"], \"bound\": \"3min\"}");
        Fields fields(*value, top.at("heal"), reading.problems);
        read_without(fields, heal, reading);
        heal.bound = fields.duration("bound");
        fields.finish();
    }
    reading.configuration.heal = std::move(heal);
}

} // namespace kafka::parts
