#include "thimble/shield/control_report.hpp"

#include "thimble/base/json_writer.hpp"

#include <algorithm>
#include <array>

namespace thimble::shield {

std::string_view control_action_name(ControlAction action) {
    constexpr auto kNames = std::to_array<std::string_view>({"deploy", "verify", "remove"});
    return kNames.at(static_cast<std::size_t>(action));
}

std::string_view control_state_name(ControlState state) {
    constexpr auto kNames =
        std::to_array<std::string_view>({"deployed", "holding", "broken", "removed", "failed"});
    return kNames.at(static_cast<std::size_t>(state));
}

bool all_hold(const std::vector<ControlCheck>& checks) {
    return std::ranges::none_of(
        checks, [](const ControlCheck& check) { return check.passed == std::optional(false); });
}

bool is_as_it_should_be(const ControlReport& report) {
    return report.state != ControlState::Broken && report.state != ControlState::Failed;
}

std::string format_control_report(const ControlReport& report) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.control-report/1")
        .member("id", report.id)
        .member("digest", report.digest)
        .member("kind", mitigate::control_kind_name(report.kind))
        .member("action", control_action_name(report.action))
        .member("state", control_state_name(report.state))
        .member("at", format_instant(report.at))
        .member_or_null("mode", report.mode ? mitigate::shield_mode_name(*report.mode) : "");
    json.key("checks").open_array();
    for (const ControlCheck& check : report.checks) {
        json.open_object().member("name", check.name).member("expected", check.expected);
        json.member("seen", check.seen).key("passed");
        check.passed ? json.boolean(*check.passed) : json.null();
        json.close_object();
    }
    json.close_array().member("bypass", report.bypass).close_object();
    return text;
}

}  // namespace thimble::shield
