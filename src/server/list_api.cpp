#include "thimble/server/computed_lists.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/list_output.hpp"
#include "thimble/server/parse_cursor.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/store/list_table.hpp"

#include <algorithm>
#include <charconv>

namespace thimble::server {
namespace {

const store::ListTable& table_of(const std::string& name) {
    const auto tables = store::list_tables();
    const auto found = std::ranges::find(tables, name, &store::ListTable::name);
    THIMBLE_CHECK(found != tables.end());  // the route was for a list that is there
    return *found;
}

/// Adds what the rights of who asks leave of the list.
/// @error Denied "server.not_allowed"
Result<void> limit_to_scope(
    const store::ListTable& table, const Principal& principal, store::ListQuery& query) {
    if (principal.host_group == kEveryGroup || table.scope == store::ListScope::Open) {
        return {};
    }
    if (table.scope == store::ListScope::Whole) {
        return failure(
            ErrorKind::Denied,
            "server.not_allowed",
            "this list is not for who is limited to one host group");
    }
    if (table.scope == store::ListScope::Within) {
        query.host_group = principal.host_group;
        return {};
    }
    const auto group = store::column_of(table, "group");
    THIMBLE_CHECK(group.has_value());
    query.filters.push_back({group.value_or(0), store::Comparison::Equal, principal.host_group});
    return {};
}

Result<std::vector<store::Row>> rows_of(
    Context& context, const store::ListTable& table, store::ListQuery& query, Instant now) {
    if (table.from.empty()) {
        return computed_rows(context, table, query, now);
    }
    const store::ListStatement statement = store::plan_list(table, query);
    THIMBLE_TRY(auto rows, context.database.look([&](store::Connection& connection) {
        return connection.query(statement.text, statement.values);
    }));
    return store::typed_rows(table, std::move(rows));
}

}  // namespace

Result<Answer> list(Context& context, const Call& call) {
    const store::ListTable& table = table_of(call.parameters.front());
    THIMBLE_TRY(store::ListQuery query, parse_list_query(table, call.request.target));
    THIMBLE_TRY(limit_to_scope(table, *call.principal, query));
    THIMBLE_TRY(const auto rows, rows_of(context, table, query, call.request.now));
    return Answer(list_response(table, query, rows, parse_accept(call.request.header("accept"))));
}

Result<Answer> item(Context& context, const Call& call) {
    const store::ListTable& table = table_of(call.parameters.front());
    const std::string_view key = table.columns.front().name;
    Target target;
    target.query.emplace_back(key, call.parameters.at(1));
    THIMBLE_TRY(store::ListQuery query, parse_list_query(table, target));
    THIMBLE_TRY(limit_to_scope(table, *call.principal, query));
    query.limit = 1;
    THIMBLE_TRY(const auto rows, rows_of(context, table, query, call.request.now));
    if (rows.empty()) {
        return failure(ErrorKind::NotFound, "server.no_item", "there is no such item");
    }
    return Answer(Response{200, "application/json", format_item(table, rows.front()), {}});
}

Result<Answer> events(Context& context, const Call& call) {
    if (call.principal->host_group != kEveryGroup) {
        return failure(
            ErrorKind::Denied, "server.not_allowed", "events tell of hosts of every group");
    }
    const std::string_view last = call.request.header("last-event-id");
    EventStream stream{context.events.with([](const EventLog& log) { return log.head(); })};
    if (!last.empty()) {
        const auto [end, error] =
            std::from_chars(last.data(), last.data() + last.size(), stream.after);
        if (error != std::errc() || end != last.data() + last.size()) {
            return failure(
                ErrorKind::Invalid, "server.bad_parameter", "Last-Event-ID is not a number");
        }
    }
    return Answer(stream);
}

}  // namespace thimble::server
