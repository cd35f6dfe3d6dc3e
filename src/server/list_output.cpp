#include "thimble/server/list_output.hpp"

#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/server/parse_cursor.hpp"
#include "thimble/store/words.hpp"

namespace thimble::server {
namespace {

using store::ColumnType;

std::string text_of(ColumnType type, const store::Row& row, std::size_t column) {
    switch (type) {
        case ColumnType::Text:
        case ColumnType::Words: return store::text_at(row, column);
        case ColumnType::Count:
            return store::number_at(row, column) < 0
                ? ""
                : std::to_string(store::number_at(row, column));
        case ColumnType::Number: return std::to_string(store::number_at(row, column));
        case ColumnType::Boolean: return store::number_at(row, column) == 0 ? "false" : "true";
        case ColumnType::Instant: {
            const std::int64_t seconds = store::number_at(row, column);
            return seconds == 0 ? "" : format_instant(Instant(std::chrono::seconds(seconds)));
        }
    }
    return {};
}

void write_words(JsonWriter& json, const std::string& words) {
    json.open_array();
    for (const std::string& word : store::split(words)) {
        json.text(word);
    }
    json.close_array();
}

void write_item(JsonWriter& json, const store::ListTable& table, const store::Row& row) {
    json.open_object();
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        json.key(table.columns[column].name);
        switch (table.columns[column].type) {
            case ColumnType::Text: json.text(store::text_at(row, column)); break;
            case ColumnType::Words: write_words(json, store::text_at(row, column)); break;
            case ColumnType::Count:
                if (store::number_at(row, column) < 0) {
                    json.null();
                } else {
                    json.number(store::number_at(row, column));
                }
                break;
            case ColumnType::Number: json.number(store::number_at(row, column)); break;
            case ColumnType::Boolean: json.boolean(store::number_at(row, column) != 0); break;
            case ColumnType::Instant:
                if (store::number_at(row, column) == 0) {
                    json.null();
                } else {
                    json.text(text_of(ColumnType::Instant, row, column));
                }
                break;
        }
    }
    json.close_object();
}

void append_field(std::string& out, std::string_view text) {
    // A field that a spreadsheet would take for a formula is made a text.
    const bool is_formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
    const bool is_quoted = is_formula || text.find_first_of("\",\r\n") != std::string_view::npos;
    if (!is_quoted) {
        out += text;
        return;
    }
    out += is_formula ? "\"'" : "\"";
    for (const char c : text) {
        out += c;
        if (c == '"') {
            out += '"';
        }
    }
    out += '"';
}

std::string csv_of(const store::ListTable& table, std::span<const store::Row> rows) {
    std::string out;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
        out.append(column == 0 ? "" : ",").append(table.columns[column].name);
    }
    out += "\r\n";
    for (const store::Row& row : rows) {
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            out += column == 0 ? "" : ",";
            append_field(out, text_of(table.columns[column].type, row, column));
        }
        out += "\r\n";
    }
    return out;
}

std::string json_of(
    const store::ListTable& table, std::span<const store::Row> rows, const std::string& next) {
    std::string out;
    JsonWriter json(out);
    json.open_object();
    json.key("items").open_array();
    for (const store::Row& row : rows) {
        write_item(json, table, row);
    }
    json.close_array();
    json.member_or_null("next_cursor", next);
    json.close_object();
    return out;
}

}  // namespace

std::string format_item(const store::ListTable& table, const store::Row& row) {
    std::string out;
    JsonWriter json(out);
    write_item(json, table, row);
    return out;
}

Response list_response(
    const store::ListTable& table,
    const store::ListQuery& query,
    std::span<const store::Row> rows,
    ListFormat format) {
    std::string next;
    if (rows.size() > query.limit) {
        rows = rows.first(query.limit);
        next = format_cursor({rows.back()[query.sort], rows.back().front()});
    }
    Response response;
    switch (format) {
        case ListFormat::Json: response.body = json_of(table, rows, next); break;
        case ListFormat::Csv:
            response.content_type = "text/csv; charset=utf-8";
            response.body = csv_of(table, rows);
            break;
        case ListFormat::Ndjson:
            response.content_type = "application/x-ndjson";
            for (const store::Row& row : rows) {
                response.body += format_item(table, row) + "\n";
            }
            break;
    }
    if (!next.empty()) {
        response.headers.emplace_back("Thimble-Next-Cursor", next);
    }
    response.headers.emplace_back("Vary", "Accept");
    return response;
}

}  // namespace thimble::server
