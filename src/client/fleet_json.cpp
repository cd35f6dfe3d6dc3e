#include "thimble/client/fleet_json.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/model/host_tags.hpp"

namespace thimble::client {
namespace {

void write_count(JsonWriter& json, JsonKey name, const std::optional<std::uint64_t>& count) {
    json.key(name);
    if (count) {
        json.number(static_cast<std::int64_t>(*count));
    } else {
        json.null();
    }
}

void write_host(JsonWriter& json, const ListedHost& host) {
    json.open_object().member("id", host.id).member("name", host.name);
    json.member("group", host.group).member("reach", host.reach);
    json.key("tags").open_array();
    for (const std::string& tag : model::parse_tags(host.tags)) {
        json.text(tag);
    }
    json.close_array();
    write_count(json, "overdue", host.overdue);
    write_count(json, "exploited", host.exploited);
    write_count(json, "pending", host.pending);
    write_count(json, "blocked", host.blocked);
    write_count(json, "unknown", host.unknown);
    json.member_or_null("unknown_why", host.unknown_why);
    json.member_or_null("superseded_by", host.superseded_by);
    json.member_or_null("waits_why", host.waits_why);
    json.key("unread_changelogs").boolean(host.has_unread_changelogs);
    json.member_or_null("last_seen", host.last_seen ? format_instant(*host.last_seen) : "");
    json.close_object();
}

void write_due(JsonWriter& json, const ListedPatch& patch) {
    json.member_or_null("due", patch.due ? format_date(*patch.due) : "");
}

void write_patch(JsonWriter& json, const ListedPatch& patch, bool of_one_host) {
    json.open_object().member("source", patch.source);
    if (of_one_host) {
        json.member_or_null("from", patch.from);
    }
    json.member_or_null("to", patch.to);
    if (of_one_host) {
        json.member("vulnerabilities", patch.vulnerabilities);
    } else {
        json.key("hosts").number(patch.hosts).key("ready").number(patch.ready);
    }
    json.key("kev").boolean(patch.kev);
    json.key("exploited").boolean(patch.exploited);
    json.key("public_exploit").boolean(patch.public_exploit);
    write_due(json, patch);
    if (of_one_host) {
        json.member("outcome", patch.outcome).member("rule", patch.due_rule);
        json.member("state", patch.state).member_or_null("blocker", patch.blocker);
        json.member("restart", patch.restart);
        json.member_or_null("exception", patch.exception);
        json.member_or_null(
            "excepted_until", patch.excepted_until ? format_instant(*patch.excepted_until) : "");
    }
    json.close_object();
}

}  // namespace

std::string hosts_json(std::span<const ListedHost> hosts) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.hosts/1").key("hosts").open_array();
    for (const ListedHost& host : hosts) {
        if (!host.is_revoked) {
            write_host(json, host);
        }
    }
    json.close_array().close_object();
    return text;
}

std::string patches_json(
    std::span<const ListedPatch> patches, bool of_one_host, std::size_t unknown_hosts) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("format", "thimble.patches/1");
    if (!of_one_host) {
        json.key("unknown_hosts").number(static_cast<std::int64_t>(unknown_hosts));
    }
    json.key("patches").open_array();
    for (const ListedPatch& patch : patches) {
        write_patch(json, patch, of_one_host);
    }
    json.close_array().close_object();
    return text;
}

}  // namespace thimble::client
