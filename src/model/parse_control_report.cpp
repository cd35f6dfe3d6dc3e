#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/model/control_report.hpp"

#include <algorithm>
#include <array>

namespace thimble::model {
namespace {

constexpr std::string_view kFormat = "thimble.control-report/1";
constexpr std::size_t kMostChecks = 200;
constexpr std::size_t kMostBypasses = 20;
constexpr std::size_t kMaxTextBytes = 500;
constexpr std::size_t kMaxAddressBytes = 45;  // of IPv6 with an IPv4 address in it
constexpr std::array kActions{
    ControlAction::Deploy, ControlAction::Verify, ControlAction::Remove, ControlAction::Probe};
constexpr std::array kOutcomes{
    ControlOutcome::Deployed,
    ControlOutcome::Holding,
    ControlOutcome::Broken,
    ControlOutcome::Removed,
    ControlOutcome::Failed};
constexpr std::array kModes{ShieldMode::Detect, ShieldMode::Block};

/// The one of that name; else the first, and the member is rejected.
template <class Value, std::size_t Size>
Value named(
    JsonMembers& members,
    std::string_view member,
    const std::array<Value, Size>& values,
    std::string_view (*name_of)(Value)) {
    const auto* const found = std::ranges::find(values, members.text(member), name_of);
    if (found == values.end()) {
        members.reject(member);
        return values.front();
    }
    return *found;
}

Result<ControlCheck> read_check(const JsonValue& value) {
    JsonMembers members(value);
    ControlCheck check{
        printable(members.text("name"), kMaxTextBytes),
        printable(members.text_or_null("expected"), kMaxTextBytes),
        printable(members.text_or_null("seen"), kMaxTextBytes),
        std::nullopt};
    if (!members.is_null("passed")) {
        check.passed = members.boolean("passed");
    }
    THIMBLE_TRY(members.done());
    return check;
}

Error bad_report(const std::string& what) {
    return failure(ErrorKind::Corrupt, "model.bad_control_report", what);
}

void read_names(ControlReport& report, JsonMembers& members) {
    if (members.text("format") != kFormat) {
        members.reject("format");
    }
    report.id = members.text("id");
    report.digest = members.text("digest");
    report.job = members.text_or_null("job");
    if (!is_control_id(report.id)) {
        members.reject("id");
    }
    if (!is_sha256(report.digest)) {
        members.reject("digest");
    }
    if (!report.job.empty() && !is_control_id(report.job)) {
        members.reject("job");
    }
}

Result<ControlReport> read_report(const JsonValue& document) {
    JsonMembers members(document);
    ControlReport report;
    read_names(report, members);
    report.kind = named(members, "kind", kControlKinds, control_kind_name);
    report.action = named(members, "action", kActions, control_action_name);
    report.state = named(members, "state", kOutcomes, control_outcome_name);
    if (!members.is_null("mode")) {
        report.mode = named(members, "mode", kModes, shield_mode_name);
    }
    report.source = members.is_null("source") ? "" : members.text("source");
    if (report.source.size() > kMaxAddressBytes
        || report.source.find_first_not_of("0123456789abcdef.:") != std::string::npos) {
        members.reject("source");
    }
    const auto at = parse_instant(members.text("at"));
    const JsonValue::Array& checks = members.array("checks");
    const std::vector<std::string> bypass = members.texts("bypass");
    if (!at || checks.size() > kMostChecks || bypass.size() > kMostBypasses) {
        members.reject(at ? "checks" : "at");
    }
    THIMBLE_TRY(members.done());
    report.at = *at;
    THIMBLE_TRY(report.checks, read_items<ControlCheck>(checks, read_check));
    report.bypass.reserve(bypass.size());
    for (const std::string& way : bypass) {
        report.bypass.push_back(printable(way, kMaxTextBytes));
    }
    return report;
}

}  // namespace

Result<ControlReport> parse_control_report(std::string_view text) {
    if (text.size() > kMaxControlReportBytes) {
        return bad_report("it is longer than 256 KiB");
    }
    const auto document = parse_json(text);
    if (!document) {
        return bad_report("it is no JSON");
    }
    auto report = read_report(*document);
    return report ? std::move(report) : bad_report(report.error().message);
}

}  // namespace thimble::model
