#include "thimble/model/control_report.hpp"

#include "thimble/base/json_writer.hpp"

#include <array>

namespace thimble::model {

std::string_view control_action_name(ControlAction action) {
    constexpr auto kNames =
        std::to_array<std::string_view>({"deploy", "verify", "remove", "probe"});
    return kNames.at(static_cast<std::size_t>(action));
}

std::string_view control_outcome_name(ControlOutcome outcome) {
    constexpr auto kNames =
        std::to_array<std::string_view>({"deployed", "holding", "broken", "removed", "failed"});
    return kNames.at(static_cast<std::size_t>(outcome));
}

std::string format_control_report(const ControlReport& report) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.control-report/1")
        .member("id", report.id)
        .member("digest", report.digest)
        .member("kind", control_kind_name(report.kind))
        .member("action", control_action_name(report.action))
        .member("state", control_outcome_name(report.state))
        .member("at", format_instant(report.at))
        .member_or_null("mode", report.mode ? shield_mode_name(*report.mode) : "");
    json.key("checks").open_array();
    for (const ControlCheck& check : report.checks) {
        json.open_object().member("name", check.name).member("expected", check.expected);
        json.member("seen", check.seen).key("passed");
        check.passed ? json.boolean(*check.passed) : json.null();
        json.close_object();
    }
    json.close_array().member("bypass", report.bypass);
    json.member_or_null("job", report.job);
    if (!report.source.empty()) {
        json.member("source", report.source);
    }
    json.close_object();
    return text;
}

}  // namespace thimble::model
