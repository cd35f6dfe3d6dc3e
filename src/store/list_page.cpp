// A page of a list that is not read from tables: what the database does for the others.
#include "thimble/store/list_table.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace thimble::store {
namespace {

/// Whether one of the words of a column is `word`.
bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(','), words.size());
        if (words.substr(0, end) == word) {
            return true;
        }
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

bool passes(const ListTable& table, const ListFilter& filter, const Row& row) {
    const Value& value = row[filter.column];
    switch (filter.comparison) {
        case Comparison::Equal: return value == filter.value;
        case Comparison::Prefix:
            return std::get<std::string>(value).starts_with(std::get<std::string>(filter.value));
        case Comparison::AtLeast: return value >= filter.value;
        case Comparison::Below:
            return value < filter.value
                && (table.columns[filter.column].type != ColumnType::Count
                    || value >= Value(std::int64_t{0}));
        case Comparison::Has:
            return has_word(std::get<std::string>(value), std::get<std::string>(filter.value));
    }
    return false;
}

}  // namespace

std::vector<Row> page_of(const ListTable& table, const ListQuery& query, std::vector<Row> rows) {
    const auto comes_before = [&query](const auto& left, const auto& right) {
        return query.descending ? right < left : left < right;
    };
    const auto place_of = [&query](const Row& row) {
        return std::tie(row[query.sort], row.front());
    };
    std::erase_if(rows, [&](const Row& row) {
        const bool is_of_earlier_page = query.after
            && !comes_before(std::tie(query.after->sorted, query.after->key), place_of(row));
        return is_of_earlier_page
            || !std::ranges::all_of(query.filters, [&](const ListFilter& filter) {
                   return passes(table, filter, row);
               });
    });
    const auto end =
        rows.begin() + static_cast<std::ptrdiff_t>(std::min(query.limit + 1, rows.size()));
    std::ranges::partial_sort(rows, end, [&](const Row& left, const Row& right) {
        return comes_before(place_of(left), place_of(right));
    });
    rows.erase(end, rows.end());
    return rows;
}

}  // namespace thimble::store
