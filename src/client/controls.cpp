#include "thimble/client/controls.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/approval_words.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/fleet_coverage.hpp"
#include "thimble/client/list_view.hpp"
#include "thimble/client/outside_words.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace thimble::client {
namespace {

constexpr std::size_t kKindWidth = 16;
constexpr std::size_t kOutcomeWidth = 12;
constexpr std::size_t kDueWidth = 20;

std::string said(const JsonValue& item, std::string_view name) {
    return printable(member_text(item, name).value_or(""));
}

std::span<const JsonValue> items_of(const JsonValue& object, std::string_view name) {
    return JsonMembers(object).array(name);
}

std::string due_of(const JsonValue& item, std::string_view member = "due_at") {
    const std::string due = said(item, member);
    return due.empty() ? "next upgrade" : due;
}

std::string proposal_line(const JsonValue& proposal) {
    const bool counts = said(proposal, "counts") == "yes";
    const std::string rest = counts
        ? (said(proposal, "changes_decision") == "yes" ? "" : "changes no date; ")
            + std::string("remains: ") + said(proposal, "remains")
        : "does not count: " + said(proposal, "refusal");
    return TableLine()
        .cell("  " + said(proposal, "kind"), kKindWidth)
        .cell(said(proposal, "outcome"), kOutcomeWidth)
        .cell(due_of(proposal), kDueWidth)
        .prose(rest)
        .text();
}

std::string_view who_attacks(std::string_view needs_privileges) {
    if (needs_privileges.empty()) {
        return ", by whom is not known";
    }
    return needs_privileges == "no" ? ", by anybody" : ", with privileges";
}

std::string shield_line(const JsonValue& finding) {
    const std::string control = said(finding, "control");
    const std::string until = said(finding, "mitigated_until");
    std::string out = said(finding, "vulnerability") + " in " + said(finding, "package") + " on "
        + said(finding, "host") + ": ";
    if (until.empty()) {
        out.append("control ").append(control).append(" does not count: ");
        out.append(said(finding, "control_refusal"));
        return wrapped_text(out, {.further = "  "});
    }
    out.append("mitigated by ").append(control).append(" until ").append(until).append("; ");
    out.append(said(finding, "outcome")).append(", due ").append(due_of(finding));
    out.append("; without it ").append(said(finding, "unmitigated_outcome"));
    out.append(", due ").append(due_of(finding, "unmitigated_due_at"));
    return wrapped_text(out, {.further = "  "});
}

/// "web1, web2"
std::string names_of(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text.append(text.empty() ? "" : ", ").append(printable(name));
    }
    return text;
}

/// On which hosts it may be open all the same.
std::string unknown_host_lines(const JsonValue& proposals) {
    const std::int64_t unknown = member_number(proposals, "unknown");
    const std::int64_t unread = member_number(proposals, "unread_changelogs");
    if (unknown == 0 && unread == 0) {
        return "";
    }
    std::string out = "\n";
    if (const auto names = JsonMembers(proposals).texts("unknown_hosts"); !names.empty()) {
        const bool is_cut = static_cast<std::int64_t>(names.size()) < unknown;
        out += wrapped_text(
            "It may be open on hosts of which something is not known: " + names_of(names)
                + (is_cut ? " and others" : ""),
            {.further = "    "});
    }
    return out + not_known_lines(unknown, unread);
}

/// Lines "Owner: …" of the members that say something.
std::string member_lines(const JsonValue& control) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kMembers{{
        {"stopped_why", "Stopped"},
        {"covers", "Covers"},
        {"sources", "In"},
        {"vector", "Against"},
        {"residual_risk", "Remains"},
        {"scope", "Hosts"},
        {"owner", "Owner"},
        {"expires_at", "Ends"},
        {"retirement", "Then"},
        {"at_once", "At once"},
        {"digest", "Document"},
        {"why", "Why"},
    }};
    std::string out;
    for (const auto& [member, heading] : kMembers) {
        std::string text = said(control, member);
        if (member == "scope" && !text.empty()) {
            text = scope_in_words(member_text(control, member).value_or(""));
        }
        if (!text.empty()) {
            out.append(heading).append(": ").append(text).append("\n");
        }
    }
    return out;
}

std::string said_outside(std::span<const JsonValue> hosts) {
    std::vector<OutsideSaying> sayings;
    for (const JsonValue& host : hosts) {
        sayings.push_back({said(host, "host"), said(host, "outside"), said(host, "outside_why")});
    }
    return outside_lines(std::move(sayings));
}

}  // namespace

Result<RequestedControl> request_control(
    const FleetContext& context, std::string_view request, const std::string& why) {
    auto parsed = parse_json(request);
    // clang 19 must have met a whole value before it meets the members of an object.
    JsonValue value = parsed ? *std::move(parsed) : JsonValue{};
    auto* object = std::get_if<JsonValue::Object>(&value.value);
    if (object == nullptr) {
        return failure(
            ErrorKind::Invalid, "client.bad_request", "the request of a control is a JSON object");
    }
    if (!why.empty()) {
        std::erase_if(*object, [](const auto& member) { return member.first == "why"; });
        object->emplace_back("why", JsonValue{why});
    }
    std::string body;
    JsonWriter json(body);
    write_json(json, value);
    THIMBLE_TRY(
        const std::string text, call_api(context, {"POST", "/api/v1/controls", std::move(body)}));
    THIMBLE_TRY(const JsonValue answer, parse_json(text));
    JsonMembers members(answer);
    RequestedControl made{members.text("id"), members.text("digest"), warnings_of(answer)};
    THIMBLE_TRY(members.done());
    return made;
}

Result<void> approve_control(const FleetContext& context, const ControlApproval& approval) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("digest", approval.digest);
    json.member_or_null("until", approval.until).member_or_null("why", approval.why);
    json.close_object();
    THIMBLE_TRY(call_api(
        context,
        {"POST", "/api/v1/controls/" + encoded(approval.control) + "/approvals", std::move(body)}));
    return {};
}

Result<void> enforce_control(
    const FleetContext& context, const std::string& control, const std::string& why) {
    std::string body;
    JsonWriter(body).open_object().member("why", why).close_object();
    THIMBLE_TRY(call_api(
        context,
        {"POST", "/api/v1/controls/" + encoded(control) + "/enforcement", std::move(body)}));
    return {};
}

Result<void> act_on_control(const FleetContext& context, const ControlAct& act) {
    std::string body;
    JsonWriter json(body);
    json.open_object().member("act", act.act).member_or_null("host_id", act.host_id);
    json.member_or_null("until", act.until).member("why", act.why).close_object();
    THIMBLE_TRY(call_api(
        context, {"POST", "/api/v1/controls/" + encoded(act.control) + "/acts", std::move(body)}));
    return {};
}

Result<JsonValue> control_proposals(const FleetContext& context, const std::string& vulnerability) {
    THIMBLE_TRY(
        const std::string text,
        call_api(
            context, {"GET", "/api/v1/vulnerabilities/" + encoded(vulnerability) + "/controls"}));
    return parse_json(text);
}

std::string shield_lines(std::span<const JsonValue> findings) {
    std::string out;
    for (const JsonValue& finding : findings) {
        if (!said(finding, "control").empty()) {
            out += shield_line(finding);
        }
    }
    return out;
}

std::string proposal_lines(const JsonValue& proposals) {
    const auto places = items_of(proposals, "places");
    const std::string vector = said(proposals, "vector");
    std::string out = said(proposals, "vulnerability") + ": "
        + (vector.empty() || vector == "unknown" ? "how it is attacked is not known"
                                                 : "attacked over " + vector);
    out.append(who_attacks(said(proposals, "needs_privileges"))).append("\n");
    for (const JsonValue& place : places) {
        out += "\n"
            + wrapped_text(
                   said(place, "source") + " on " + names_of(JsonMembers(place).texts("hosts"))
                       + ": " + said(place, "exposure") + ", " + said(place, "outcome") + ", due "
                       + due_of(place),
                   {.further = "    "});
        for (const JsonValue& proposal : items_of(place, "proposals")) {
            out += proposal_line(proposal);
        }
    }
    if (places.empty()) {
        out += said(proposals, "known") == "yes"
            ? "\nIt is open on no host that was judged: nothing is to be shielded.\n"
            : "\nNo advisory for a release of these hosts names it, nor a changelog of one:\n"
              "whether it is open there is not known.\n";
    }
    return out + unknown_host_lines(proposals);
}

bool is_whole(const JsonValue& proposals) {
    const bool is_unread = member_number(proposals, "unread_changelogs") > 0;
    const bool is_none = items_of(proposals, "places").empty();
    return member_number(proposals, "unknown") == 0
        && !(is_none && (is_unread || said(proposals, "known") != "yes"));
}

Result<void> check_is_named(const JsonValue& proposals) {
    if (said(proposals, "named") == "yes") {
        return {};
    }
    return failure(
        ErrorKind::NotFound,
        "client.no_vulnerability",
        "no feed that the server has names " + said(proposals, "vulnerability")
            + ", nor a changelog of a host; how old the feeds are: thimble feed-states");
}

std::string renewal_line(const JsonValue& control) {
    const std::string by = said(control, "renewal_by");
    return by.empty()
        ? ""
        : "More time is asked for by " + by + ", until " + said(control, "renewal_until") + "\n";
}

std::string control_lines(
    const JsonValue& control, std::span<const JsonValue> hosts, std::span<const JsonValue> checks) {
    std::string out = "Control " + said(control, "id") + ", " + said(control, "name") + " ("
        + said(control, "kind") + "): " + said(control, "state") + " since "
        + said(control, "since") + "\n" + member_lines(control);
    const std::string approver = said(control, "approver");
    out += "Asked for by " + said(control, "requester") + " at " + said(control, "requested_at")
        + (approver.empty() ? ", not approved yet"
                            : ", approved by " + approver + " at " + said(control, "approved_at"))
        + "\n" + renewal_line(control) + "\n" + view_table(*list_view_named("control-hosts"), hosts)
        + said_outside(hosts);
    if (!checks.empty()) {
        out += "\n" + view_table(*list_view_named("control-checks"), checks);
    }
    return out;
}

}  // namespace thimble::client
