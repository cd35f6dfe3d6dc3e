#include "thimble/client/list_view.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/cell.hpp"

#include <algorithm>
#include <array>

namespace thimble::client {
namespace {

constexpr std::array kDeploymentColumns{
    ViewColumn{"id", "DEPLOYMENT", 32},
    ViewColumn{"created_at", "MADE", 11},
    ViewColumn{"hosts", "HOSTS", 5},
    ViewColumn{"verified", "LIVE", 5},
    ViewColumn{"under_way", "BUSY", 5},
    ViewColumn{"why", "WHY", 12},
};
constexpr std::array kJobColumns{
    ViewColumn{"host", "HOST", 16},
    ViewColumn{"kind", "KIND", 16},
    ViewColumn{"state", "STATE", 11},
    ViewColumn{"created_at", "MADE", 11},
    ViewColumn{"why", "WHY", 18},
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
    ViewColumn{"patches", "PATCHES", 23},
};
constexpr std::array kPolicyColumns{
    ViewColumn{"name", "POLICY", 32},
    ViewColumn{"changed_at", "CHANGED", 11},
    ViewColumn{"changed_by", "BY", 32},
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
    ViewColumn{"why", "WHY", 14},
};
constexpr std::array kUserColumns{
    ViewColumn{"name", "NAME", 20},
    ViewColumn{"role", "ROLE", 13},
    ViewColumn{"group", "GROUP", 12},
    ViewColumn{"subject", "SUBJECT", 14},
    ViewColumn{"disabled_at", "DISABLED", 11},
};

constexpr std::array kViews{
    ListView{
        "deployments",
        "Patch sets on their way to hosts",
        "There is no deployment yet: thimble deployments start --help",
        kDeploymentColumns},
    ListView{"jobs", "Signed jobs of hosts", "There is no job.", kJobColumns},
    ListView{
        "patch-states",
        "Where each patch of each host stands: missing, verified, rolled back …",
        "No host has been judged yet.",
        kPatchStateColumns},
    ListView{"plans", "Plans that were frozen on hosts", "There is no plan yet.", kPlanColumns},
    ListView{
        "policies",
        "Which patches go to which hosts, and when",
        "There is no policy yet: thimble policy apply FILE",
        kPolicyColumns},
    ListView{
        "rollouts",
        "Patch sets on their way through rings",
        "There is no rollout yet: thimble rollout start POLICY --why REASON",
        kRolloutColumns},
    ListView{"runs", "Transactions of hosts, there or back", "There is no run yet.", kRunColumns},
    ListView{"users", "Who may sign in", "There is nobody.", kUserColumns},
};

/// "2026-11-24T20:19:31Z" as "11-24 20:19".
std::string short_instant(const std::string& text) {
    constexpr std::size_t kLength = 20;
    return text.size() == kLength ? text.substr(5, 5) + " " + text.substr(11, 5) : text;
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
    return std::nullopt;
}

std::string view_table(const ListView& view, std::span<const JsonValue> items) {
    if (items.empty()) {
        return std::string(view.empty) + "\n";
    }
    std::string out;
    TableLine heading;
    for (const ViewColumn& column : view.columns) {
        heading.cell(column.heading, column.width);
    }
    out += heading.text();
    for (const JsonValue& item : items) {
        TableLine line;
        for (const ViewColumn& column : view.columns) {
            const std::string text = member_text(item, column.member).value_or("-");
            line.cell(column.member.ends_with("_at") ? short_instant(text) : text, column.width);
        }
        out += line.text();
    }
    return out;
}

std::string view_json(std::string_view list, std::span<const JsonValue> items) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble." + std::string(list) + "/1");
    json.key(list).open_array();
    for (const JsonValue& item : items) {
        write_json(json, item);
    }
    json.close_array().close_object();
    return text;
}

}  // namespace thimble::client
