#include "thimble/store/list_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace thimble::store {
namespace {

/// Gives every bound value a name of its own.
class Binding {
public:
    std::string bind(const Value& value) {
        values_.push_back(value);
        return fmt::format(":v{}", values_.size());
    }
    Row take() { return std::move(values_); }

private:
    Row values_;
};

std::string condition(const ListTable& table, const ListFilter& filter, Binding& binding) {
    const std::string_view expression = table.columns[filter.column].expression;
    switch (filter.comparison) {
        case Comparison::Equal:
            return fmt::format("{} = {}", expression, binding.bind(filter.value));
        case Comparison::Prefix: {
            // Not LIKE: its letters of either case and its wild cards differ by database.
            const auto length = static_cast<std::int64_t>(std::ranges::count_if(
                std::get<std::string>(filter.value),
                [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
            return fmt::format(
                "substr({}, 1, {}) = {}", expression, length, binding.bind(filter.value));
        }
        case Comparison::AtLeast:
            return fmt::format("{} >= {}", expression, binding.bind(filter.value));
        case Comparison::Below:
            // What is not known is not below anything.
            return fmt::format(
                "{0} < {1}{2}",
                expression,
                binding.bind(filter.value),
                table.columns[filter.column].type == ColumnType::Count
                    ? fmt::format(" AND {} >= 0", expression)
                    : "");
        case Comparison::Has:
            // The word between its commas; both databases know replace, and no other search of a text.
            return fmt::format(
                "replace(',' || {0} || ',', ',' || {1} || ',', '') <> ',' || {0} || ','",
                expression,
                binding.bind(filter.value));
    }
    return "1 = 0";
}

/// What a list is read from, limited to the hosts of a group.
std::string source_of(const ListTable& table, const ListQuery& query, Binding& binding) {
    std::string text(table.from);
    for (std::size_t at = text.find(kGroupMark); at != std::string::npos;
         at = text.find(kGroupMark, at)) {
        const std::string limit = query.host_group.empty()
            ? ""
            : fmt::format(" AND h.host_group = {}", binding.bind(query.host_group));
        text.replace(at, kGroupMark.size(), limit);
    }
    return text;
}

std::string beyond(
    const ListTable& table, const ListQuery& query, const ListPosition& after, Binding& binding) {
    const std::string_view direction = query.descending ? "<" : ">";
    const std::string_view key = table.columns.front().expression;
    if (query.sort == 0) {
        return fmt::format("{} {} {}", key, direction, binding.bind(after.key));
    }
    const std::string_view sorted = table.columns[query.sort].expression;
    const std::string last = binding.bind(after.sorted);
    // One comparison, which an index serves; with OR a page would read all that is beyond.
    return fmt::format(
        "({}, {}) {} ({}, {})", sorted, key, direction, last, binding.bind(after.key));
}

}  // namespace

std::optional<std::size_t> column_of(const ListTable& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name, &ListColumn::name);
    return found == table.columns.end()
        ? std::nullopt
        : std::optional(static_cast<std::size_t>(found - table.columns.begin()));
}

ListStatement plan_list(const ListTable& table, const ListQuery& query) {
    Binding binding;
    std::string text = "SELECT ";
    for (const ListColumn& column : table.columns) {
        text.append(&column == table.columns.data() ? "" : ", ").append(column.expression);
    }
    text.append(" FROM ").append(source_of(table, query, binding));
    std::string_view join = " WHERE ";
    for (const ListFilter& filter : query.filters) {
        text.append(join).append(condition(table, filter, binding));
        join = " AND ";
    }
    if (query.after) {
        text.append(join).append(beyond(table, query, *query.after, binding));
    }
    const std::string_view direction = query.descending ? " DESC" : "";
    text.append(" ORDER BY ");
    if (query.sort != 0) {
        text.append(table.columns[query.sort].expression).append(direction).append(", ");
    }
    text.append(table.columns.front().expression).append(direction);
    text += fmt::format(" LIMIT {}", query.limit + 1);
    return {std::move(text), binding.take()};
}

bool is_text(ColumnType type) {
    return type == ColumnType::Text || type == ColumnType::Words;
}

std::vector<Row> typed_rows(const ListTable& table, std::vector<Row> rows) {
    for (Row& row : rows) {
        for (std::size_t at = 0; at < std::min(row.size(), table.columns.size()); ++at) {
            const auto* text = std::get_if<std::string>(&row[at]);
            if (is_text(table.columns[at].type) || text == nullptr) {
                continue;
            }
            std::int64_t number = 0;
            std::from_chars(text->data(), text->data() + text->size(), number);
            row[at] = number;
        }
    }
    return rows;
}

}  // namespace thimble::store
