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
/// `COLUMN=`, of texts `COLUMN.prefix=`, of words `COLUMN.has=`, of numbers and instants `COLUMN.from=`
/// and `COLUMN.below=`. Ids of vulnerabilities may be spelled in any case. Of a list with ListScope::Within also `group=`: whose hosts alone count.
/// @error Invalid "server.bad_parameter", "server.bad_cursor"; "model.no_vulnerability": a word that is no id of one
Result<store::ListQuery> parse_list_query(const store::ListTable& table, const Target& target);

/// One page of what is in the order of one text.
struct PageQuery {
    std::size_t limit = 100;
    std::string after;  ///< empty: from the start
    bool operator==(const PageQuery&) const = default;
};

/// Reads `limit` and `cursor`, as for a list that is sorted by its text key, and nothing else.
/// @error as parse_list_query
Result<PageQuery> parse_page_query(const Target& target);

}  // namespace thimble::server
