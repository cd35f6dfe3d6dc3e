#include "thimble/base/json_members.hpp"
#include "thimble/client/fleet_page.hpp"

namespace thimble::client {
namespace {

Error odd_answer() {
    return failure(
        ErrorKind::Corrupt,
        "client.odd_answer",
        "what the server answers is not what was asked for");
}

std::optional<Instant> instant_of(JsonMembers& members, std::string_view name) {
    const std::string text = members.text_or_null(name);
    if (text.empty()) {
        return std::nullopt;
    }
    const auto instant = parse_instant(text);
    if (!instant) {
        members.reject(name);
        return std::nullopt;
    }
    return *instant;
}

Result<ListedHost> host_of(const JsonValue& value) {
    JsonMembers members(value);
    ListedHost host;
    host.id = members.text("id");
    host.name = members.text("name");
    host.group = members.text("group");
    host.reach = members.text("reach");
    for (const std::string& tag : members.texts("tags")) {
        host.tags.append(host.tags.empty() ? "" : ",").append(tag);
    }
    host.overdue = members.count_or_null("overdue");
    host.exploited = members.count_or_null("exploited");
    host.pending = members.count_or_null("pending");
    host.blocked = members.count_or_null("blocked");
    host.unknown = members.count_or_null("unknown");
    host.unknown_why = members.text("unknown_why");
    host.superseded_by = members.text("superseded_by");
    host.waits_why = members.text_or_null("waits_why");
    host.has_unread_changelogs =
        members.text_or_null("gaps").contains("\"inventory.no_changelog\"");
    host.last_seen = instant_of(members, "last_seen_at");
    host.is_revoked = !members.is_null("revoked_at");
    THIMBLE_TRY(members.done());
    return host;
}

/// What both lists of patches say.
ListedPatch common_of(JsonMembers& members) {
    ListedPatch patch;
    patch.source = members.text("source");
    patch.to = members.text("to");
    patch.kev = members.boolean("kev");
    patch.exploited = members.boolean("exploited");
    patch.public_exploit = members.boolean("public_exploit");
    patch.due = instant_of(members, "due_at");
    return patch;
}

Result<ListedPatch> patch_of(const JsonValue& value) {
    JsonMembers members(value);
    ListedPatch patch = common_of(members);
    patch.from = members.text("from");
    patch.state = members.text("state");
    patch.blocker = members.text("blocker");
    patch.due_rule = members.text("due_rule");
    patch.outcome = members.text("outcome");
    patch.restart = members.text("restart");
    patch.vulnerabilities = members.texts("vulnerability_ids");
    patch.exception = members.text("exception");
    patch.excepted_until = instant_of(members, "excepted_until");
    THIMBLE_TRY(members.done());
    return patch;
}

Result<ListedPatch> fleet_patch_of(const JsonValue& value) {
    JsonMembers members(value);
    ListedPatch patch = common_of(members);
    patch.hosts = members.number("hosts");
    patch.ready = members.number("ready");
    THIMBLE_TRY(members.done());
    return patch;
}

template <class Item>
Result<ListPage<Item>> page_of(std::string_view text, Result<Item> (*read)(const JsonValue&)) {
    const auto document = parse_json(text);
    if (!document) {
        return odd_answer();
    }
    JsonMembers members(*document);
    ListPage<Item> page;
    page.next_cursor = members.text_or_null("next_cursor");
    auto items = read_items<Item>(members.array("items"), read);
    if (!members.done() || !items) {
        return odd_answer();
    }
    page.items = *std::move(items);
    return page;
}

}  // namespace

Result<ListPage<ListedHost>> parse_host_page(std::string_view text) {
    return page_of<ListedHost>(text, host_of);
}

Result<ListPage<ListedPatch>> parse_patch_page(std::string_view text) {
    return page_of<ListedPatch>(text, patch_of);
}

Result<ListPage<ListedPatch>> parse_fleet_patch_page(std::string_view text) {
    return page_of<ListedPatch>(text, fleet_patch_of);
}

Result<std::string> parse_answer_member(std::string_view text, std::string_view member) {
    const auto document = parse_json(text);
    if (!document) {
        return odd_answer();
    }
    JsonMembers members(*document);
    std::string value = members.text(member);
    if (!members.done()) {
        return odd_answer();
    }
    return value;
}

}  // namespace thimble::client
