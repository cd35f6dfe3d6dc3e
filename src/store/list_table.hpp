#pragma once
/// @file The lists that can be asked for: their columns are the one definition from which JSON, CSV,
/// sorting, filters and the API's description are made. Pure.

#include "thimble/base/result.hpp"
#include "thimble/store/connection.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::store {

enum class ColumnType : std::uint8_t {
    Text,
    Number,
    Instant,  ///< UTC seconds; 0 is never
    Boolean,  ///< 0 or 1
    Count,    ///< a number from 0 on; -1: it is not known
    Words,    ///< texts without commas, comma separated; in JSON an array
};

/// Whether rows hold texts in a column of that type, else numbers.
bool is_text(ColumnType type);

/// One column of a list. The first of a list is its key.
struct ListColumn {
    std::string_view name;        ///< in the output
    std::string_view expression;  ///< in the statement
    ColumnType type = ColumnType::Text;
    std::string_view description;
};

/// What of a list is for who may see one host group only.
enum class ListScope : std::uint8_t {
    Whole,   ///< nothing: it cannot be divided
    Column,  ///< the items whose column `group` says so
    Within,  ///< all items, made from the hosts of that group alone
    Open,    ///< everything: it tells of no host
};

/// Stands in `from` of a list with ListScope::Within where a condition on the host `h` may follow.
inline constexpr std::string_view kGroupMark = "$group";

/// One list.
struct ListTable {
    std::string_view name;  ///< as in the address: "enrolment-tokens"
    std::string_view from;  ///< empty: it is not read from tables, see page_of
    std::span<const ListColumn> columns;
    ListScope scope = ListScope::Whole;
    std::string_view default_sort;  ///< a column's name, after "-" for descending
    std::string_view description;   ///< of one item
};

/// Every list, by name.
std::span<const ListTable> list_tables();

/// @return the index of a column of that name
std::optional<std::size_t> column_of(const ListTable& table, std::string_view name);

enum class Comparison : std::uint8_t {
    Equal,
    Prefix,   ///< texts only
    AtLeast,  ///< numbers and instants
    Below,    ///< numbers and instants; of counts only those that are known
    Has,      ///< words only: one of them is
};

struct ListFilter {
    std::size_t column = 0;
    Comparison comparison = Comparison::Equal;
    Value value;
    bool operator==(const ListFilter&) const = default;
};

/// Where a page ended: the values of the sorted column and of the key.
struct ListPosition {
    Value sorted;
    Value key;
    bool operator==(const ListPosition&) const = default;
};

// NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that an initializer leaves out
/// One page of a list.
struct ListQuery {
    std::size_t limit = 100;
    std::size_t sort = 0;
    bool descending = false;
    std::vector<ListFilter> filters = {};
    std::optional<ListPosition> after = {};
    std::string host_group = {};  ///< of ListScope::Within: whose hosts alone count; empty: all
    bool operator==(const ListQuery&) const = default;
};
// NOLINTEND(readability-redundant-member-init)

/// A statement with its values.
struct ListStatement {
    std::string text;
    Row values;
};

/// The statement of a page; it asks for one row more, which tells whether there is a next page.
/// @param query  its columns are of the table
ListStatement plan_list(const ListTable& table, const ListQuery& query);

/// The page of a list that is not read from tables: out of all its rows, in any order, keys unique. As
/// plan_list has it, one row more than the limit. Texts are in the order of their bytes.
/// O(rows + those that pass the filters × log).
std::vector<Row> page_of(const ListTable& table, const ListQuery& query, std::vector<Row> rows);

/// Rows in the types of their columns: SQLite does not tell the type of an expression, so that its numbers
/// come as texts.
std::vector<Row> typed_rows(const ListTable& table, std::vector<Row> rows);

}  // namespace thimble::store
