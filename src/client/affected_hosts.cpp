#include "thimble/client/affected_hosts.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"
#include "thimble/client/fleet_coverage.hpp"
#include "thimble/client/fleet_lists.hpp"
#include "thimble/client/list_view.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace thimble::client {
namespace {

constexpr std::array kColumns{
    ViewColumn{"name", "HOST", 30}, ViewColumn{"group", "GROUP", 20}, ViewColumn{"id", "ID", 26}};

}  // namespace

Result<AffectedHosts> parse_affected_page(std::string_view text) {
    const auto document = parse_json(text);
    if (!document) {
        return failure(ErrorKind::Corrupt, "client.odd_answer", "the server's answer is not JSON");
    }
    JsonMembers members(*document);
    AffectedHosts page;
    page.vulnerability = members.text("vulnerability");
    page.is_known = members.boolean("known");
    page.affected = members.number("affected");
    page.unknown = members.number("unknown");
    page.unread_changelogs = members.number("unread_changelogs");
    page.items = members.array("items");
    page.next_cursor = members.text_or_null("next_cursor");
    const auto is_object = [](const JsonValue& item) {
        return std::holds_alternative<JsonValue::Object>(item.value);
    };
    const bool is_counted = page.affected >= 0 && page.unknown >= 0 && page.unread_changelogs >= 0;
    if (!members.done() || !is_counted || !std::ranges::all_of(page.items, is_object)) {
        return failure(
            ErrorKind::Corrupt, "client.odd_answer", "the server's answer is not as documented");
    }
    return page;
}

Result<AffectedHosts> affected_hosts(
    const FleetContext& context, const std::string& vulnerability) {
    AffectedHosts affected;
    THIMBLE_TRY(each_page(
        context,
        {"vulnerabilities/" + encoded(vulnerability) + "/hosts"},
        [&](const std::string& body) -> Result<std::string> {
            THIMBLE_TRY(AffectedHosts page, parse_affected_page(body));
            std::vector<JsonValue> items = std::move(affected.items);
            std::ranges::move(page.items, std::back_inserter(items));
            affected = std::move(page);
            affected.items = std::move(items);
            return affected.next_cursor;
        }));
    if (!affected.is_known && affected.unknown == 0) {
        THIMBLE_TRY(
            const std::string body,
            call_api(context, {"GET", "/api/v1/hosts?limit=1&revoked_at=null"}));
        THIMBLE_TRY(const ItemPage hosts, parse_item_page(body));
        affected.is_fleet_empty = hosts.items.empty();
    }
    return affected;
}

Result<AffectedHosts> affected_numbers(
    const FleetContext& context, const std::string& vulnerability) {
    THIMBLE_TRY(
        const std::string body,
        call_api(
            context,
            {"GET", "/api/v1/vulnerabilities/" + encoded(vulnerability) + "/hosts?limit=1"}));
    return parse_affected_page(body);
}

std::string affected_json(const AffectedHosts& affected) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.affected/1");
    json.member("vulnerability", affected.vulnerability);
    json.key("known").boolean(affected.is_known);
    json.key("unknown").number(affected.unknown);
    json.key("unread_changelogs").number(affected.unread_changelogs);
    json.key("hosts").open_array();
    for (const JsonValue& item : affected.items) {
        write_json(json, item);
    }
    json.close_array().close_object();
    return text;
}

std::string affected_table(const AffectedHosts& affected) {
    std::string_view none = "Open on no host that was judged.";
    if (affected.is_fleet_empty) {
        none = "There is no host yet: thimble tokens enrol makes a token for some.";
    } else if (!affected.is_known) {
        none =
            "Neither an advisory for a release of these hosts names it, nor a changelog of\n"
            "an update that is pending on one.";
    }
    return view_table({"affected", "affected", "", none, kColumns}, affected.items)
        + not_known_lines(affected.unknown, affected.unread_changelogs);
}

int affected_exit_status(const AffectedHosts& affected) {
    if (affected.affected > 0) {
        return 1;
    }
    const bool is_told =
        affected.is_known && affected.unknown == 0 && affected.unread_changelogs == 0;
    return is_told ? 0 : 2;
}

}  // namespace thimble::client
