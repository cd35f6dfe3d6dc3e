#include "thimble/client/list_view.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/base/terminal_lines.hpp"
#include "thimble/client/cell.hpp"
#include "thimble/client/short_id.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace thimble::client {
namespace {

constexpr std::array kDeploymentColumns{
    ViewColumn{"id", "DEPLOYMENT", 12, CellKind::Id},
    ViewColumn{"created_at", "MADE", 11},
    ViewColumn{"hosts", "HOSTS", 5},
    ViewColumn{"verified", "LIVE", 5},
    ViewColumn{"under_way", "BUSY", 5},
    ViewColumn{"why", "WHY", 32, CellKind::Prose},
};
constexpr std::array kJobColumns{
    ViewColumn{"id", "JOB", 8, CellKind::Id},
    ViewColumn{"host", "HOST", 14},
    ViewColumn{"kind", "KIND", 14},
    ViewColumn{"state", "STATE", 11},
    ViewColumn{"created_at", "MADE", 11},
    ViewColumn{"why", "WHY", 12, CellKind::Prose},
};
constexpr std::array kPatchStateColumns{
    ViewColumn{"host", "HOST", 14},
    ViewColumn{"source", "SOURCE", 16},
    ViewColumn{"to", "TO", 19},
    ViewColumn{"state", "STATE", 25},
};
constexpr std::array kPlanColumns{
    ViewColumn{"host", "HOST", 16},
    ViewColumn{"created_at", "MADE", 11},
    ViewColumn{"steps", "STEPS", 5},
    ViewColumn{"problems", "REFUSED", 7},
    ViewColumn{"restart", "RESTART", 8},
    ViewColumn{"patches", "PATCHES", 23, CellKind::List},
};
constexpr std::array kPolicyColumns{
    ViewColumn{"name", "POLICY", 32},
    ViewColumn{"changed_at", "CHANGED", 11},
    ViewColumn{"by", "BY", 32},
};
constexpr std::array kReviewColumns{
    ViewColumn{"id", "ROLLOUT", 12, CellKind::Id},
    ViewColumn{"created_at", "BEGUN", 11},
    ViewColumn{"phase", "PHASE", 9},
    ViewColumn{"succeeded", "LIVE", 5},
    ViewColumn{"hosts", "HOSTS", 6},
    ViewColumn{"due_at", "DUE", 11},
    ViewColumn{"closed_at", "REVIEWED", 11},
};
constexpr std::array kRolloutColumns{
    ViewColumn{"id", "ROLLOUT", 32},
    ViewColumn{"policy", "POLICY", 12},
    ViewColumn{"phase", "PHASE", 9},
    ViewColumn{"hosts", "HOSTS", 6},
    ViewColumn{"created_at", "BEGUN", 11},
};
constexpr std::array kRunColumns{
    ViewColumn{"host", "HOST", 16},
    ViewColumn{"run", "RUN", 19},
    ViewColumn{"kind", "KIND", 8},
    ViewColumn{"result", "RESULT", 15},
    ViewColumn{"why", "WHY", 14, CellKind::Prose},
};
constexpr std::array kUserColumns{
    ViewColumn{"name", "NAME", 20},
    ViewColumn{"role", "ROLE", 13},
    ViewColumn{"group", "GROUP", 12},
    ViewColumn{"subject", "SUBJECT", 14},
    ViewColumn{"disabled_at", "DISABLED", 11},
};

constexpr std::array kAdvisoryColumns{
    ViewColumn{"id", "ADVISORY", 24},
    ViewColumn{"vulnerabilities", "CLOSES", 6},
    ViewColumn{"hosts", "HOSTS", 6},
    ViewColumn{"kev", "KEV", 3},
    ViewColumn{"public_exploit", "POC", 3},
    ViewColumn{"vulnerability_ids", "WHICH", 28, CellKind::List},
};
constexpr std::array kApiTokenColumns{
    ViewColumn{"id", "ID", 12, CellKind::Id},
    ViewColumn{"name", "NAME", 18},
    ViewColumn{"user", "USER", 12},
    ViewColumn{"actions", "MAY", 15, CellKind::List},
    ViewColumn{"expires_at", "ENDS", 11},
};
constexpr std::array kAuditColumns{
    ViewColumn{"sequence", "ENTRY", 7},
    ViewColumn{"at", "AT", 11},
    ViewColumn{"by", "WHO", 14},
    ViewColumn{"action", "DID", 18},
    ViewColumn{"why", "WHY", 22, CellKind::Prose},
};
constexpr std::array kEnrolmentTokenColumns{
    ViewColumn{"id", "ID", 12, CellKind::Id},
    ViewColumn{"name", "NAME", 19},
    ViewColumn{"group", "GROUP", 12},
    ViewColumn{"tags", "TAGS", 12, CellKind::List},
    ViewColumn{"used", "USED", 4},
    ViewColumn{"expires_at", "ENDS", 11},
};
constexpr std::array kExceptionColumns{
    ViewColumn{"id", "EXCEPTION", 9, CellKind::Id},
    ViewColumn{"state", "STATE", 9},
    ViewColumn{"expires_at", "ENDS", 10},
    ViewColumn{"patches", "COVERS", 6},
    ViewColumn{"packages", "PACKAGES", 13, CellKind::List},
    ViewColumn{"vulnerabilities", "CVES", 14, CellKind::List},
};
constexpr std::array kFeedColumns{
    ViewColumn{"feed", "FEED", 14},
    ViewColumn{"as_of", "DATA OF", 11},
    ViewColumn{"records", "RECORDS", 8},
    ViewColumn{"quarantined", "LEFT OUT", 8},
    ViewColumn{"stale_why", "STALE", 31, CellKind::Prose},
};
/// Of one vulnerability.
constexpr std::array kFindingColumns{
    ViewColumn{"host", "HOST", 14},
    ViewColumn{"package", "PACKAGE", 13},
    ViewColumn{"fixed_version", "FIXED BY", 14},
    ViewColumn{"outcome", "URGENCY", 12},
    ViewColumn{"due_at", "DUE", 10},
    ViewColumn{"kev", "KEV", 3},
};
constexpr std::array kHostFindingColumns{
    ViewColumn{"vulnerability", "VULNERABILITY", 16},
    ViewColumn{"package", "PACKAGE", 13},
    ViewColumn{"fixed_version", "FIXED BY", 14},
    ViewColumn{"outcome", "URGENCY", 12},
    ViewColumn{"due_at", "DUE", 10},
    ViewColumn{"kev", "KEV", 3},
};
constexpr std::array kGroupColumns{
    ViewColumn{"name", "GROUP", 30},
    ViewColumn{"hosts", "HOSTS", 7},
    ViewColumn{"unknown", "UNKNOWN", 7},
    ViewColumn{"overdue", "OVERDUE", 7, CellKind::Count},
    ViewColumn{"exploited", "EXPLOITED", 9, CellKind::Count},
};
constexpr std::array kPackageColumns{
    ViewColumn{"name", "PACKAGE", 22},
    ViewColumn{"version", "VERSION", 24},
    ViewColumn{"release", "RELEASE", 14},
    ViewColumn{"hosts", "HOSTS", 6},
    ViewColumn{"open", "OPEN", 5},
};
constexpr std::array kTakenBackColumns{
    ViewColumn{"id", "SET", 9, CellKind::Id},
    ViewColumn{"state", "STATE", 8},
    ViewColumn{"taken_back_at", "AT", 11},
    ViewColumn{"host", "HOST", 12},
    ViewColumn{"group", "GROUP", 10},
    ViewColumn{"patches", "PATCHES", 18, CellKind::List},
};
constexpr std::array kTagColumns{
    ViewColumn{"tag", "TAG", 60},
    ViewColumn{"hosts", "HOSTS", 7},
};
constexpr std::array kVulnerabilityColumns{
    ViewColumn{"id", "VULNERABILITY", 16},
    ViewColumn{"outcome", "URGENCY", 12},
    ViewColumn{"severity", "SEVERITY", 8},
    ViewColumn{"kev", "KEV", 3},
    ViewColumn{"exploited", "USED", 4},
    ViewColumn{"public_exploit", "POC", 3},
    ViewColumn{"fixed", "FIX", 3},
    ViewColumn{"packages", "PACKAGES", 8},
    ViewColumn{"hosts", "HOSTS", 5},
};

constexpr std::array kBoardColumns{
    ViewColumn{"host", "HOST", 9},
    ViewColumn{"source", "SOURCE", 9},
    ViewColumn{"reason", "WHY NOT", 9, CellKind::Prose},
    ViewColumn{"kev", "KEV", 3},
    ViewColumn{"due_at", "DUE", 10},
    ViewColumn{"control", "SHIELD", 8, CellKind::Prose},
    ViewColumn{"control_state", "STANDS", 8},
    ViewColumn{"ends_at", "ENDS", 10},
};
constexpr std::array kControlColumns{
    ViewColumn{"id", "CONTROL", 9, CellKind::Id},
    ViewColumn{"name", "NAME", 11, CellKind::Prose},
    ViewColumn{"kind", "KIND", 13},
    ViewColumn{"state", "STATE", 8},
    ViewColumn{"hosts", "HOSTS", 5},
    ViewColumn{"last_verified_at", "PROVEN", 11},
    ViewColumn{"expires_at", "ENDS", 11},
};
constexpr std::array kControlHostColumns{
    ViewColumn{"host", "HOST", 14},
    ViewColumn{"state", "STATE", 9},
    ViewColumn{"mode", "MODE", 6},
    ViewColumn{"last_verified_at", "PROVEN", 11},
    ViewColumn{"why", "WHY", 30, CellKind::Prose},
};
constexpr std::array kControlCheckColumns{
    ViewColumn{"at", "AT", 11},
    ViewColumn{"host", "HOST", 14},
    ViewColumn{"action", "WHAT", 7},
    ViewColumn{"said", "SAID", 9},
    ViewColumn{"why", "WHY", 31, CellKind::Prose},
};

constexpr std::array kViews{
    ListView{
        "advisories",
        "advisories",
        "Advisories that close something that is open on a host",
        "No advisory is known to close anything that is open.",
        kAdvisoryColumns},
    ListView{"api-tokens", "", "Tokens of programs", "No program has a token.", kApiTokenColumns},
    ListView{
        "audit", "audit-log", "Every change, the last first", "Nothing was done.", kAuditColumns},
    ListView{
        "board",
        "board",
        "What cannot be patched and what shields it, lapsing first",
        "Nothing is known that cannot be patched.",
        kBoardColumns,
        true},
    ListView{
        "control-checks", "", "What was said of a control", "Nothing yet.", kControlCheckColumns},
    ListView{
        "control-hosts", "", "Hosts of a control", "No host is in its scope.", kControlHostColumns},
    ListView{
        "controls",
        "",
        "Compensating controls",
        "There is no control yet: thimble control request FILE",
        kControlColumns},
    ListView{
        "deployments",
        "deployments",
        "Patch sets on their way to hosts",
        "There is no deployment yet: thimble deployments start --help",
        kDeploymentColumns},
    ListView{
        "enrolment-tokens",
        "",
        "Tokens with which hosts enrol",
        "There is no enrolment token: thimble tokens enrol",
        kEnrolmentTokenColumns},
    ListView{
        "exceptions",
        "",
        "Why patches may be missing for a while",
        "There is no exception: thimble exception request --help",
        kExceptionColumns},
    ListView{
        "feeds",
        "feed-states",
        "The feeds of the catalog that the server judges by",
        "The catalog of the server names no feed.",
        kFeedColumns},
    ListView{
        "findings",
        "findings",
        "What is open on one host, or where one vulnerability is",
        "Nothing is known to be open.",
        kFindingColumns,
        true,
        kHostFindingColumns},
    ListView{"groups", "groups", "Groups of hosts", "There is no host yet.", kGroupColumns},
    ListView{"jobs", "jobs", "Signed jobs of hosts", "There is no job.", kJobColumns, true},
    ListView{
        "packages",
        "packages",
        "Versions of packages that hosts have",
        "No inventory has been judged yet.",
        kPackageColumns},
    ListView{
        "patch-states",
        "patch-states",
        "Where each patch of each host stands: missing, verified, rolled back …",
        "No patch of a host is followed yet: thimble patches lists what hosts miss.",
        kPatchStateColumns,
        true},
    ListView{
        "plans",
        "plans",
        "Plans that were frozen on hosts",
        "There is no plan yet.",
        kPlanColumns,
        true},
    ListView{
        "policies",
        "",
        "Which patches go to which hosts, and when",
        "There is no policy yet: thimble policy apply FILE",
        kPolicyColumns},
    ListView{
        "reviews",
        "reviews",
        "Emergencies, and whether somebody has looked back on them",
        "There was no emergency.",
        kReviewColumns},
    ListView{
        "rollouts",
        "",
        "Patch sets on their way through rings",
        "There is no rollout yet: thimble rollout start POLICY --why REASON",
        kRolloutColumns},
    ListView{
        "runs",
        "runs",
        "Transactions of hosts, there or back",
        "There is no run yet.",
        kRunColumns,
        true},
    ListView{
        "tags",
        "tags",
        "Tags of hosts",
        "No host is tagged: thimble hosts tag --help",
        kTagColumns},
    ListView{
        "taken-back",
        "",
        "What hosts took back, kept from their groups until somebody has looked",
        "No host has taken anything back.",
        kTakenBackColumns},
    ListView{"users", "users", "Who may sign in", "There is nobody.", kUserColumns},
    ListView{
        "vulnerabilities",
        "vulnerabilities",
        "Vulnerabilities that are open on hosts, the exploited first",
        "Nothing is known to be open on a host that was judged.",
        kVulnerabilityColumns},
};

/// "2026-11-24T20:19:31Z" as "11-24 20:19".
std::string short_instant(const std::string& text) {
    constexpr std::size_t kLength = 20;
    return text.size() == kLength ? text.substr(5, 5) + " " + text.substr(11, 5) : text;
}

/// Dates of which the year matters as dates, other instants without it.
std::string instant_cell(std::string_view member, const std::string& text) {
    constexpr std::size_t kDate = 10;
    if (member == "as_of" || member == "due_at" || member == "expires_at" || member == "ends_at") {
        return text.substr(0, kDate);
    }
    return member.ends_with("_at") || member == "at" ? short_instant(text) : text;
}

/// What is shown of each item in a column.
std::vector<std::string> cells_of(const ViewColumn& column, std::span<const JsonValue> items) {
    std::vector<std::string> cells;
    cells.reserve(items.size());
    for (const JsonValue& item : items) {
        cells.push_back(
            member_text(item, column.member).value_or(column.kind == CellKind::Count ? "?" : "-"));
    }
    const std::size_t id_width = column.kind == CellKind::Id ? short_id_width(cells) : 0;
    for (std::string& cell : cells) {
        switch (column.kind) {
            case CellKind::Count:
            case CellKind::Whole: cell = whole_text(instant_cell(column.member, cell)); break;
            case CellKind::Id: cell = whole_text(cell.substr(0, id_width)); break;
            case CellKind::Prose: cell = prose_text(cell, column.width); break;
            case CellKind::List: cell = list_text(cell, column.width); break;
        }
    }
    return cells;
}

}  // namespace

std::span<const ListView> list_views() {
    return kViews;
}

const ListView* list_view_named(std::string_view list) {
    const auto* const found = std::ranges::find(kViews, list, &ListView::list);
    return found == kViews.end() ? nullptr : found;
}

Result<ItemPage> parse_item_page(std::string_view text) {
    auto document = parse_json(text);
    if (!document) {
        return failure(ErrorKind::Corrupt, "client.odd_answer", "the server's list is not JSON");
    }
    JsonMembers members(*document);
    ItemPage page;
    page.items = members.array("items");
    page.next_cursor = members.text_or_null("next_cursor");
    const auto is_object = [](const JsonValue& item) {
        return std::holds_alternative<JsonValue::Object>(item.value);
    };
    if (!members.done() || !std::ranges::all_of(page.items, is_object)) {
        return failure(
            ErrorKind::Corrupt, "client.odd_answer", "the server's list is not as documented");
    }
    return page;
}

namespace {

/// "a,b"; none: it has no texts.
std::optional<std::string> joined(std::span<const JsonValue> words) {
    std::string all;
    for (const JsonValue& word : words) {
        if (const auto* const text = std::get_if<std::string>(&word.value)) {
            all.append(all.empty() ? "" : ",").append(*text);
        }
    }
    return all.empty() ? std::nullopt : std::optional(std::move(all));
}

}  // namespace

std::optional<std::string> member_text(const JsonValue& item, std::string_view member) {
    const JsonValue* found = member_of(item, member);
    if (found == nullptr) {
        return std::nullopt;
    }
    if (const auto* text = std::get_if<std::string>(&found->value)) {
        return text->empty() ? std::nullopt : std::optional(*text);
    }
    if (const auto* number = std::get_if<std::int64_t>(&found->value)) {
        return std::to_string(*number);
    }
    if (const auto* truth = std::get_if<bool>(&found->value)) {
        return *truth ? "yes" : "no";
    }
    if (const auto* words = std::get_if<JsonValue::Array>(&found->value)) {
        return joined(*words);
    }
    return std::nullopt;
}

std::int64_t member_number(const JsonValue& item, std::string_view member) {
    const JsonValue* const found = member_of(item, member);
    const auto* const number =
        found == nullptr ? nullptr : std::get_if<std::int64_t>(&found->value);
    return number == nullptr ? 0 : *number;
}

namespace {

constexpr std::size_t kGap = 2;

std::size_t sum_of(std::span<const std::size_t> widths) {
    std::size_t sum = 0;
    for (const std::size_t width : widths) {
        sum += width + (sum == 0 ? 0 : kGap);
    }
    return sum;
}

/// Room for everything, without more than is needed where that fits alone; else that of the view, and long cells go into
/// further lines.
std::vector<std::size_t> widths_of(
    const ListView& view, const std::vector<std::vector<std::string>>& columns) {
    std::vector<std::size_t> declared;
    std::vector<std::size_t> needed;
    std::vector<std::size_t> roomy;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        const ViewColumn& column = view.columns[at];
        declared.push_back(column.width);
        needed.push_back(column.heading.size());
        for (const std::string& cell : columns[at]) {
            needed.back() = std::max(needed.back(), columns_of(cell));
        }
        roomy.push_back(std::max(needed.back(), column.width));
    }
    if (sum_of(roomy) <= kTerminalColumns) {
        return roomy;
    }
    return sum_of(needed) <= kTerminalColumns ? needed : declared;
}

}  // namespace

std::string view_table(const ListView& view, std::span<const JsonValue> items) {
    if (items.empty()) {
        return std::string(view.empty) + "\n";
    }
    std::vector<std::vector<std::string>> columns;
    columns.reserve(view.columns.size());
    for (const ViewColumn& column : view.columns) {
        columns.push_back(cells_of(column, items));
    }
    const std::vector<std::size_t> widths = widths_of(view, columns);
    std::vector<TableLine> lines(items.size() + 1);
    for (std::size_t at = 0; at < columns.size(); ++at) {
        lines.front().cell(view.columns[at].heading, widths[at]);
        for (std::size_t row = 0; row < items.size(); ++row) {
            lines[row + 1].cell(columns[at][row], widths[at]);
        }
    }
    std::string out;
    for (const TableLine& line : lines) {
        out += line.text();
    }
    return out;
}

std::string view_json(
    std::string_view list,
    std::span<const JsonValue> items,
    const std::optional<FleetCoverage>& coverage) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble." + std::string(list) + "/1");
    if (coverage) {
        json.key("unknown_hosts").number(coverage->unknown);
        json.key("unread_changelogs").number(coverage->unread_changelogs);
    }
    json.key(list).open_array();
    for (const JsonValue& item : items) {
        write_json(json, item);
    }
    json.close_array().close_object();
    return text;
}

}  // namespace thimble::client
