#include "thimble/server/parse_cursor.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/protocol/base64url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace thimble::server {
namespace {

using store::ColumnType;
using store::Comparison;

constexpr std::size_t kMaxLimit = 1000;
constexpr std::size_t kMaxCursorBytes = 2048;

Error bad_cursor() {
    return failure(
        ErrorKind::Invalid, "server.bad_cursor", "the cursor is not one of this list and sort");
}

Error bad_parameter(std::string what) {
    return failure(ErrorKind::Invalid, "server.bad_parameter", std::move(what));
}

void write_value(JsonWriter& json, JsonKey name, const store::Value& value) {
    json.key(name);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        json.number(*number);
    } else {
        json.text(std::get<std::string>(value));
    }
}

store::Value value_of(JsonMembers& members, std::string_view name, ColumnType type) {
    if (store::is_text(type)) {
        return members.text(name);
    }
    return members.number(name);
}

Result<std::int64_t> parse_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return bad_parameter("\"" + std::string(text) + "\" is not a whole number");
    }
    return number;
}

/// A filter's value in the type of its column.
Result<store::Value> parse_value(std::string_view text, ColumnType type) {
    switch (type) {
        case ColumnType::Text:
        case ColumnType::Words: return store::Value(std::string(text));
        case ColumnType::Count:
            if (text == "null") {
                return store::Value(std::int64_t{-1});
            }
            [[fallthrough]];
        case ColumnType::Number: {
            THIMBLE_TRY(const std::int64_t number, parse_number(text));
            return store::Value(number);
        }
        case ColumnType::Instant: {
            if (text == "null") {
                return store::Value(std::int64_t{0});
            }
            const auto instant = parse_instant(text);
            if (!instant) {
                return bad_parameter("\"" + std::string(text) + "\" is no instant as of RFC 3339");
            }
            return store::Value(std::int64_t{instant->time_since_epoch().count()});
        }
        case ColumnType::Boolean:
            if (text != "true" && text != "false") {
                return bad_parameter("\"" + std::string(text) + "\" is neither true nor false");
            }
            return store::Value(std::int64_t{text == "true" ? 1 : 0});
    }
    return bad_parameter("unknown type");
}

Result<Comparison> parse_comparison(std::string_view word, ColumnType type) {
    const bool is_text = store::is_text(type);
    if (word == ".has" && type == ColumnType::Words) {
        return Comparison::Has;
    }
    if (word.empty()) {
        return Comparison::Equal;
    }
    if (word == ".prefix" && is_text) {
        return Comparison::Prefix;
    }
    if (word == ".from" && !is_text) {
        return Comparison::AtLeast;
    }
    if (word == ".below" && !is_text) {
        return Comparison::Below;
    }
    return bad_parameter("a column of this type cannot be asked for \"" + std::string(word) + "\"");
}

/// Whether texts in a column are ids of vulnerabilities.
bool holds_vulnerabilities(const store::ListTable& table, const store::ListColumn& column) {
    static constexpr std::array<std::string_view, 4> kNames{
        "vulnerability", "vulnerabilities", "vulnerability_ids", "covers"};
    return store::is_text(column.type)
        && (std::ranges::find(kNames, column.name) != kNames.end()
            || (table.name == "vulnerabilities" && column.name == "id"));
}

/// "cve-2024" as the beginning of ids.
void spell_beginning(std::string& text) {
    constexpr std::string_view kCve = "CVE-";
    const auto is_alike = [](char given, char feeds) {
        return given == feeds || (given >= 'a' && given <= 'z' && given - 'a' + 'A' == feeds);
    };
    const std::size_t length = std::min(text.size(), kCve.size());
    if (std::ranges::equal(text.substr(0, length), kCve.substr(0, length), is_alike)) {
        text.replace(0, length, kCve.substr(0, length));
    }
}

/// "cve-2024-3094" finds what "CVE-2024-3094" does. What is no id is refused: nothing would have it.
/// @error Invalid "model.no_vulnerability"
Result<void> spell_vulnerability(const store::ListTable& table, store::ListFilter& filter) {
    const store::ListColumn& column = table.columns[filter.column];
    if (filter.comparison == Comparison::Prefix && holds_vulnerabilities(table, column)) {
        spell_beginning(std::get<std::string>(filter.value));
    }
    const bool is_one = filter.comparison == Comparison::Has
        || (filter.comparison == Comparison::Equal && column.type == ColumnType::Text);
    if (is_one && holds_vulnerabilities(table, column)) {
        auto& text = std::get<std::string>(filter.value);
        if (!text.empty()) {
            THIMBLE_TRY(text, model::vulnerability_id_of(text));
        }
    }
    return {};
}

Result<store::ListFilter> parse_filter(
    const store::ListTable& table, std::string_view name, std::string_view value) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    const auto column = store::column_of(table, name.substr(0, dot));
    if (!column) {
        return bad_parameter(
            "this list has no column \"" + std::string(name.substr(0, dot)) + "\"");
    }
    const ColumnType type = table.columns[*column].type;
    THIMBLE_TRY(const Comparison comparison, parse_comparison(name.substr(dot), type));
    if (comparison == Comparison::Has && (value.empty() || value.contains(','))) {
        return bad_parameter(
            "\"" + std::string(name) + "\" is asked for one word, without a comma");
    }
    THIMBLE_TRY(store::Value wanted, parse_value(value, type));
    store::ListFilter filter{*column, comparison, std::move(wanted)};
    THIMBLE_TRY(spell_vulnerability(table, filter));
    return filter;
}

Result<void> set_sort(
    const store::ListTable& table, std::string_view text, store::ListQuery& query) {
    query.descending = text.starts_with('-');
    text.remove_prefix(query.descending ? 1 : 0);
    const auto column = store::column_of(table, text);
    if (!column) {
        return bad_parameter("this list has no column \"" + std::string(text) + "\" to sort by");
    }
    query.sort = *column;
    return {};
}

Result<std::size_t> parse_limit(std::string_view text) {
    THIMBLE_TRY(const std::int64_t limit, parse_number(text));
    if (limit < 1 || limit > static_cast<std::int64_t>(kMaxLimit)) {
        return bad_parameter("limit is between 1 and 1000");
    }
    return static_cast<std::size_t>(limit);
}

}  // namespace

std::string format_cursor(const store::ListPosition& position) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    write_value(json, "sorted", position.sorted);
    write_value(json, "key", position.key);
    json.close_object();
    return protocol::format_base64url(text);
}

Result<store::ListPosition> parse_cursor(
    std::string_view text, store::ColumnType sorted, store::ColumnType key) {
    if (text.size() > kMaxCursorBytes) {
        return bad_cursor();
    }
    const auto bytes = protocol::parse_base64url(text);
    if (!bytes) {
        return bad_cursor();
    }
    const auto document = parse_json(*bytes);
    if (!document) {
        return bad_cursor();
    }
    JsonMembers members(*document);
    store::ListPosition position{
        value_of(members, "sorted", sorted), value_of(members, "key", key)};
    if (!members.done()) {
        return bad_cursor();
    }
    return position;
}

Result<store::ListQuery> parse_list_query(const store::ListTable& table, const Target& target) {
    store::ListQuery query;
    THIMBLE_TRY(set_sort(table, table.default_sort, query));
    std::string_view cursor;
    for (const auto& [name, value] : target.query) {
        if (name == "limit") {
            THIMBLE_TRY(query.limit, parse_limit(value));
        } else if (name == "sort") {
            THIMBLE_TRY(set_sort(table, value, query));
        } else if (name == "cursor") {
            cursor = value;
        } else if (name == "group" && table.scope == store::ListScope::Within) {
            query.host_group = value;
        } else {
            THIMBLE_TRY(query.filters.emplace_back(), parse_filter(table, name, value));
        }
    }
    if (!cursor.empty()) {
        THIMBLE_TRY(
            query.after,
            parse_cursor(cursor, table.columns[query.sort].type, table.columns.front().type));
    }
    return query;
}

Result<PageQuery> parse_page_query(const Target& target) {
    PageQuery query;
    for (const auto& [name, value] : target.query) {
        if (name == "limit") {
            THIMBLE_TRY(query.limit, parse_limit(value));
        } else if (name == "cursor") {
            THIMBLE_TRY(
                const store::ListPosition after,
                parse_cursor(value, ColumnType::Text, ColumnType::Text));
            query.after = std::get<std::string>(after.key);
        } else {
            return bad_parameter("\"" + name + "\" is no parameter of this address");
        }
    }
    return query;
}

}  // namespace thimble::server
