#include "tools/highwater/verdict/liveness.hpp"

#include "tools/highwater/names.hpp"

#include <fmt/format.h>

namespace highwater {

using kafka::Json;

Json liveness_of(const kafka::Liveness& liveness, const kafka::Configuration& configuration) {
    Json open = Json::array();
    for (const kafka::OpenEnd& one : liveness.open) {
        const std::string action = action_of(one, configuration);
        open.push_back({{"what", word_of(one.property)},
                        {"who", subject_of(one, configuration)},
                        {"action", action.empty() ? Json(nullptr) : Json(action)}});
    }
    return {{"state", std::string(name(liveness.state))},
            {"began_us", liveness.began_at.micros},
            {"bound_us", (liveness.until - liveness.began_at).micros},
            {"took_us", liveness.converged_at ? Json((*liveness.converged_at - liveness.began_at).micros)
                                              : Json(nullptr)},
            {"open", std::move(open)}};
}

std::string liveness_text(const Json& liveness) {
    const auto state = liveness["state"].get<std::string>();
    std::string out =
        fmt::format("\n  healed from {} on: ", time_text(liveness["began_us"].get<std::int64_t>()));
    const std::string bound = time_text(liveness["bound_us"].get<std::int64_t>());
    if (state == "stuck")
        out += fmt::format("stuck, {} later\n", bound);
    else
        out += fmt::format("{} after {} (bound {})\n",
                           state == "converged" ? "all came back" : "the rest came back",
                           time_text(liveness["took_us"].get<std::int64_t>()), bound);
    for (const Json& one : liveness["open"]) {
        out += fmt::format("    {}: {}\n", one["who"].get<std::string>(),
                           one["what"].get<std::string>() + " does not hold");
        if (!one["action"].is_null())
            out += fmt::format("      by design; what would end it: {}\n", one["action"].get<std::string>());
    }
    return out;
}

} // namespace highwater
