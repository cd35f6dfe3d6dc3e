#pragma once
/// @file Cursors of pages and the questions that lists are asked, out of the parameters of an address.

#include "thimble/base/result.hpp"
#include "thimble/server/exchange.hpp"
#include "thimble/store/list_table.hpp"

#include <string>
#include <string_view>

namespace thimble::server {

/// A position as text that means nothing to the client: base64url of a JSON object.
std::string format_cursor(const store::ListPosition& position);

/// @param sorted, key  the types of the columns; a cursor of another sort is refused
/// @error Invalid "server.bad_cursor"
Result<store::ListPosition> parse_cursor(
    std::string_view text, store::ColumnType sorted, store::ColumnType key);

/// Reads `limit` (1 to 1000, else 100), `cursor`, `sort` (a column, after "-" descending), and filters:
/// `COLUMN=`, of texts `COLUMN.prefix=`, of numbers and instants `COLUMN.from=` and `COLUMN.below=`.
/// @error Invalid "server.bad_parameter", "server.bad_cursor"
Result<store::ListQuery> parse_list_query(const store::ListTable& table, const Target& target);

}  // namespace thimble::server
