#include "thimble/base/json_writer.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/parse_cursor.hpp"
#include "thimble/store/fleet.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace thimble::server {
namespace {

using Ids = std::vector<std::string>;

/// Who may see every group, as the store has it.
std::string group_of(const Principal& principal) {
    return principal.host_group == kEveryGroup ? "" : principal.host_group;
}

/// What is said of a vulnerability to one who may see some hosts.
struct Affected {
    bool is_known = false;
    Ids ids;      ///< ascending
    Ids unknown;  ///< ascending; none of `ids`
};

Result<Affected> affected_for(
    Context& context, const std::string& vulnerability, const std::string& group) {
    THIMBLE_TRY(auto hosts, context.fleet.with([&](const IndexedFleet& fleet) {
        return fleet.affected(vulnerability);
    }));
    Affected affected{hosts.is_known, std::move(hosts.ids), {}};
    return context.database.look([&](store::Connection& connection) -> Result<Affected> {
        if (!group.empty()) {
            THIMBLE_TRY(const Ids visible, store::hosts_of_group(connection, group));
            Ids both;
            std::ranges::set_intersection(affected.ids, visible, std::back_inserter(both));
            affected.ids = std::move(both);
        }
        THIMBLE_TRY(const Ids unknown, store::unknown_hosts(connection, group));
        std::ranges::set_difference(unknown, affected.ids, std::back_inserter(affected.unknown));
        return std::move(affected);
    });
}

}  // namespace

Result<Answer> affected_hosts(Context& context, const Call& call) {
    THIMBLE_TRY(
        const std::string vulnerability, model::vulnerability_id_of(call.parameters.front()));
    THIMBLE_TRY(const PageQuery query, parse_page_query(call.request.target));
    THIMBLE_TRY(
        const Affected affected, affected_for(context, vulnerability, group_of(*call.principal)));
    const auto first = std::ranges::upper_bound(affected.ids, query.after);
    const auto left = static_cast<std::size_t>(affected.ids.end() - first);
    const std::span<const std::string> page(first, std::min(left, query.limit));
    THIMBLE_TRY(const auto names, context.database.look([&](store::Connection& connection) {
        return store::host_names(connection, page);
    }));
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("vulnerability", vulnerability);
    json.key("known").boolean(affected.is_known);
    json.key("affected").number(static_cast<std::int64_t>(affected.ids.size()));
    json.key("unknown").number(static_cast<std::int64_t>(affected.unknown.size()));
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
