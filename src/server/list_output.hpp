#pragma once
/// @file Rows of a list as JSON, NDJSON and CSV (RFC 4180). Pure.

#include "thimble/server/exchange.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/store/list_table.hpp"

#include <span>

namespace thimble::server {

/// One item as a JSON object, members in the order of the columns.
std::string format_item(const store::ListTable& table, const store::Row& row);

/// A page. `rows` may hold one more than `query.limit`, as plan_list asks for: then there is a next
/// page, named by `next_cursor` in JSON and by the header Thimble-Next-Cursor in every form.
Response list_response(
    const store::ListTable& table,
    const store::ListQuery& query,
    std::span<const store::Row> rows,
    ListFormat format);

}  // namespace thimble::server
