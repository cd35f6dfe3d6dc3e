#include "thimble/base/json_writer.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/parse_cursor.hpp"
#include "thimble/server/whom_it_affects.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <span>

namespace thimble::server {
Result<Answer> affected_hosts(Context& context, const Call& call) {
    THIMBLE_TRY(
        const std::string vulnerability, model::vulnerability_id_of(call.parameters.front()));
    THIMBLE_TRY(const PageQuery query, parse_page_query(call.request.target));
    THIMBLE_TRY(
        const WhomItAffects whom,
        whom_it_affects(context, vulnerability, group_seen_by(*call.principal)));
    const auto first = std::ranges::upper_bound(whom.affected, query.after);
    const auto left = static_cast<std::size_t>(whom.affected.end() - first);
    const std::span<const std::string> page(first, std::min(left, query.limit));
    THIMBLE_TRY(const auto names, context.database.look([&](store::Connection& connection) {
        return store::host_names(connection, page);
    }));
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("vulnerability", vulnerability);
    json.key("known").boolean(whom.is_known);
    json.key("affected").number(static_cast<std::int64_t>(whom.affected.size()));
    json.key("unknown").number(static_cast<std::int64_t>(whom.unknown.size()));
    json.key("unread_changelogs").number(static_cast<std::int64_t>(whom.unread.size()));
    json.key("items").open_array();
    for (const store::HostName& host : names) {
        json.open_object().member("id", host.id).member("name", host.name);
        json.member("group", host.host_group).close_object();
    }
    json.close_array();
    json.member_or_null(
        "next_cursor", left > page.size() ? format_cursor({page.back(), page.back()}) : "");
    json.close_object();
    return Answer(Response{200, "application/json", std::move(text), {}});
}

}  // namespace thimble::server
