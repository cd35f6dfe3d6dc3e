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
};

/// One column of a list. The first of a list is its key.
struct ListColumn {
    std::string_view name;        ///< in the output
    std::string_view expression;  ///< in the statement
    ColumnType type = ColumnType::Text;
    std::string_view description;
};

/// One list.
struct ListTable {
    std::string_view name;  ///< as in the address: "enrolment-tokens"
    std::string_view from;
    std::span<const ListColumn> columns;
    bool is_grouped = false;        ///< its column `group` is what rights may be limited to
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
    Below,    ///< numbers and instants
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

/// Rows in the types of their columns: SQLite does not tell the type of an expression, so that its numbers
/// come as texts.
std::vector<Row> typed_rows(const ListTable& table, std::vector<Row> rows);

}  // namespace thimble::store
