#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/protocol/identifier.hpp"
#include "thimble/server/control_report.hpp"

#include <algorithm>
#include <array>

namespace thimble::server {
namespace {

using rollout::ControlEvent;

constexpr std::string_view kFormat = "thimble.control-report/1";
constexpr std::size_t kMostChecks = 200;
constexpr std::size_t kMostBypasses = 20;
constexpr std::size_t kMaxTextBytes = 500;
constexpr std::array<std::string_view, 3> kActions{"deploy", "verify", "remove"};
constexpr std::array<std::string_view, 5> kStates{
    "deployed", "holding", "broken", "removed", "failed"};
constexpr std::array<std::string_view, 3> kModes{"", "detect", "block"};

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

Result<ControlReport::Check> read_check(const JsonValue& value) {
    JsonMembers members(value);
    ControlReport::Check check{
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
    return failure(ErrorKind::Corrupt, "server.bad_control_report", what);
}

void check_words(const ControlReport& report, JsonMembers& members) {
    if (!protocol::is_identifier(report.id)) {
        members.reject("id");
    }
    if (!is_sha256(report.digest)) {
        members.reject("digest");
    }
    if (!is_one_of(kActions, report.action)) {
        members.reject("action");
    }
    if (!is_one_of(kStates, report.state)) {
        members.reject("state");
    }
    if (!is_one_of(kModes, report.mode)) {
        members.reject("mode");
    }
}

Result<ControlReport> read_report(const JsonValue& document) {
    JsonMembers members(document);
    ControlReport report;
    if (members.text("format") != kFormat) {
        members.reject("format");
    }
    report.id = members.text("id");
    report.digest = members.text("digest");
    const auto kind = model::control_kind_named(members.text("kind"));
    if (!kind) {
        members.reject("kind");
    }
    report.kind = kind.value_or(model::ControlKind::External);
    report.action = members.text("action");
    report.state = members.text("state");
    report.mode = members.text_or_null("mode");
    check_words(report, members);
    const auto at = parse_instant(members.text("at"));
    const JsonValue::Array& checks = members.array("checks");
    const std::vector<std::string> bypass = members.texts("bypass");
    if (!at || checks.size() > kMostChecks || bypass.size() > kMostBypasses) {
        members.reject(at ? "checks" : "at");
    }
    THIMBLE_TRY(members.done());
    report.at = *at;
    THIMBLE_TRY(report.checks, read_items<ControlReport::Check>(checks, read_check));
    report.bypass.reserve(bypass.size());
    for (const std::string& way : bypass) {
        report.bypass.push_back(printable(way, kMaxTextBytes));
    }
    return report;
}

bool has_failed(const ControlReport::Check& check) {
    return check.passed == false;
}

bool has_passed(const ControlReport::Check& check) {
    return check.passed == true;
}

/// The job, its exit status and its report say that, and no check failed.
bool ended_as(const ControlJobEnd& end, std::string_view state) {
    return end.is_done && end.exit_status == 0 && end.report && end.report->state == state
        && std::ranges::none_of(end.report->checks, has_failed);
}

bool is_broken(const ControlJobEnd& end) {
    const bool says_so = end.report
        && (end.report->state == "broken" || std::ranges::any_of(end.report->checks, has_failed));
    return says_so || end.exit_status == 1;
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

std::optional<ControlEvent> event_of(const ControlJobEnd& end) {
    if (end.job_kind == "deploy-control") {
        const bool is_up = ended_as(end, "deployed") || ended_as(end, "holding");
        return is_up ? ControlEvent::WasDeployed : ControlEvent::WasNotDeployed;
    }
    if (end.job_kind == "remove-control") {
        return ended_as(end, "removed") ? std::optional(ControlEvent::WasRemoved) : std::nullopt;
    }
    if (is_broken(end)) {
        return ControlEvent::DoesNotHold;
    }
    const bool is_proven = end.report && std::ranges::any_of(end.report->checks, has_passed);
    return is_proven && ended_as(end, "holding") ? std::optional(ControlEvent::Holds)
                                                 : std::nullopt;
}

std::string first_doubt(const ControlReport& report) {
    auto found = std::ranges::find_if(report.checks, has_failed);
    if (found == report.checks.end()) {
        found = std::ranges::find_if(
            report.checks, [](const ControlReport::Check& check) { return !check.passed; });
    }
    if (found == report.checks.end()) {
        return {};
    }
    return found->name + ": expected " + found->expected + ", seen " + found->seen;
}

}  // namespace thimble::server
