#include "thimble/server/openapi.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/server/body_members.hpp"
#include "thimble/server/route_table.hpp"
#include "thimble/store/list_table.hpp"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

using store::ColumnType;

/// A list's name as the name of a schema: "EnrolmentTokens".
std::string schema_name(std::string_view list) {
    std::string name;
    bool begins = true;
    for (const char c : list) {
        if (c == '-') {
            begins = true;
            continue;
        }
        name += begins ? static_cast<char>(c - 'a' + 'A') : c;
        begins = false;
    }
    return name;
}

void write_type(JsonWriter& json, ColumnType type) {
    switch (type) {
        case ColumnType::Text: json.member("type", "string"); break;
        case ColumnType::Words:
            json.member("type", "array").key("items").open_object();
            json.member("type", "string").close_object();
            break;
        case ColumnType::Count:
            json.key("type").open_array().text("integer").text("null").close_array();
            break;
        case ColumnType::Number: json.member("type", "integer"); break;
        case ColumnType::Boolean: json.member("type", "boolean"); break;
        case ColumnType::Instant:
            json.key("type").open_array().text("string").text("null").close_array();
            json.member("format", "date-time");
            break;
    }
}

void write_schema(JsonWriter& json, const store::ListTable& table) {
    json.key(schema_name(table.name)).open_object();
    json.member("type", "object");
    json.member("description", table.description);
    json.key("properties").open_object();
    for (const store::ListColumn& column : table.columns) {
        json.key(column.name).open_object();
        write_type(json, column.type);
        json.member("description", column.description);
        json.close_object();
    }
    json.close_object();
    json.key("required").open_array();
    for (const store::ListColumn& column : table.columns) {
        json.text(column.name);
    }
    json.close_array();
    json.close_object();
}

void write_parameter(JsonWriter& json, std::string_view name, std::string_view where) {
    json.open_object();
    json.member("name", name).member("in", where);
    json.key("required").boolean(where == "path");
    json.key("schema").open_object().member("type", "string").close_object();
    json.close_object();
}

/// The parameters of a list: paging, sorting, and each filter of each column.
void write_list_parameters(JsonWriter& json, const store::ListTable& table) {
    for (const std::string_view name : {"limit", "cursor", "sort"}) {
        write_parameter(json, name, "query");
    }
    for (const store::ListColumn& column : table.columns) {
        const std::string name(column.name);
        write_parameter(json, name, "query");
        if (store::is_text(column.type)) {
            write_parameter(json, name + ".prefix", "query");
        } else {
            write_parameter(json, name + ".from", "query");
            write_parameter(json, name + ".below", "query");
        }
        if (column.type == ColumnType::Words) {
            write_parameter(json, name + ".has", "query");
        }
    }
    if (table.scope == store::ListScope::Within) {
        write_parameter(json, "group", "query");
    }
}

void write_body_type(JsonWriter& json, std::string_view type) {
    const bool is_array = type == "strings" || type == "objects";
    if (!is_array) {
        json.member("type", type);
        return;
    }
    json.member("type", "array").key("items").open_object();
    json.member("type", type.substr(0, type.size() - 1)).close_object();
}

void write_body(JsonWriter& json, std::string_view members) {
    if (members.empty()) {
        return;
    }
    const std::vector<BodyMember> parts = body_members(members);
    json.key("requestBody").open_object();
    json.key("required").boolean(true);
    json.key("content").open_object().key("application/json").open_object();
    json.key("schema").open_object().member("type", "object");
    json.key("properties").open_object();
    for (const BodyMember& member : parts) {
        json.key(member.name).open_object();
        write_body_type(json, member.type);
        json.close_object();
    }
    json.close_object();
    json.key("required").open_array();
    for (const BodyMember& member : parts) {
        if (member.is_required) {
            json.text(member.name);
        }
    }
    json.close_array();
    json.close_object().close_object().close_object().close_object();
}

void write_reference(JsonWriter& json, std::string_view schema) {
    json.key("schema").open_object();
    json.member("$ref", "#/components/schemas/" + std::string(schema));
    json.close_object();
}

void write_list_content(JsonWriter& json, const Route& route, const store::ListTable& table) {
    json.key("content").open_object();
    if (route.endpoint == Endpoint::Item) {
        json.key("application/json").open_object();
        write_reference(json, schema_name(table.name));
        json.close_object();
    } else {
        json.key("application/json").open_object().key("schema").open_object();
        json.member("type", "object").key("properties").open_object();
        json.key("items").open_object().member("type", "array").key("items").open_object();
        json.member("$ref", "#/components/schemas/" + schema_name(table.name));
        json.close_object().close_object();
        json.key("next_cursor").open_object().key("type").open_array();
        json.text("string").text("null").close_array().close_object();
        json.close_object().close_object().close_object();
        for (const std::string_view type : {"application/x-ndjson", "text/csv"}) {
            json.key(type).open_object().key("schema").open_object();
            json.member("type", "string").close_object().close_object();
        }
    }
    json.close_object();
}

void write_operation(JsonWriter& json, const Route& route, const store::ListTable* table) {
    json.open_object();
    json.member("summary", route.summary);
    json.key("parameters").open_array();
    for (const std::string_view name : path_parameters(route.path)) {
        if (name != "list") {
            write_parameter(json, name, "path");
        }
    }
    if (table != nullptr && route.endpoint == Endpoint::List) {
        write_list_parameters(json, *table);
    }
    if (route.endpoint == Endpoint::RevokeHost) {
        write_parameter(json, "why", "query");
    }
    if (route.endpoint == Endpoint::AffectedHosts) {
        write_parameter(json, "limit", "query");
        write_parameter(json, "cursor", "query");
    }
    json.close_array();
    write_body(json, route.members);
    json.key("responses").open_object();
    json.key("2XX").open_object().member("description", "Done");
    if (table != nullptr) {
        write_list_content(json, route, *table);
    }
    json.close_object();
    json.key("default").open_object().member("description", "What went wrong (RFC 9457)");
    json.key("content").open_object().key("application/problem+json").open_object();
    write_reference(json, "Problem");
    json.close_object().close_object().close_object();
    json.close_object();
    if (route.door == Door::SignedIn) {
        json.member("x-thimble-action", action_name(route.action));
    }
    json.key("security").open_array();
    if (route.door == Door::SignedIn) {
        json.open_object().key("session").open_array().close_array().close_object();
        json.open_object().key("token").open_array().close_array().close_object();
    }
    if (route.door == Door::Agent) {
        json.open_object().key("certificate").open_array().close_array().close_object();
    }
    json.close_array();
    json.close_object();
}

/// An operation with the list that its path names, if any.
struct Operation {
    const Route* route;
    const store::ListTable* table;
};

/// Operations by path; a path that stands for every list is written once for each.
std::map<std::string, std::vector<Operation>> operations_by_path() {
    std::map<std::string, std::vector<Operation>> paths;
    for (const Route& route : routes()) {
        const std::size_t at = route.path.find("{list}");
        if (at == std::string_view::npos) {
            paths[std::string(route.path)].push_back({&route, nullptr});
            continue;
        }
        for (const store::ListTable& table : store::list_tables()) {
            std::string path(route.path);
            path.replace(at, std::string_view("{list}").size(), table.name);
            paths[path].push_back({&route, &table});
        }
    }
    return paths;
}

void write_paths(JsonWriter& json) {
    json.key("paths").open_object();
    for (const auto& [path, operations] : operations_by_path()) {
        json.key(path).open_object();
        for (const Operation& operation : operations) {
            std::string method(method_name(operation.route->method));
            for (char& c : method) {
                c = static_cast<char>(c - 'A' + 'a');
            }
            json.key(method);
            write_operation(json, *operation.route, operation.table);
        }
        json.close_object();
    }
    json.close_object();
}

void write_components(JsonWriter& json) {
    json.key("components").open_object();
    json.key("schemas").open_object();
    for (const store::ListTable& table : store::list_tables()) {
        write_schema(json, table);
    }
    json.key("Problem").open_object().member("type", "object").key("properties").open_object();
    for (const std::string_view name : {"type", "title", "detail", "code"}) {
        json.key(name).open_object().member("type", "string").close_object();
    }
    json.key("status").open_object().member("type", "integer").close_object();
    json.close_object().close_object();
    json.close_object();
    json.key("securitySchemes").open_object();
    json.key("session").open_object();
    json.member("type", "apiKey").member("in", "cookie");
    json.member("name", "__Host-thimble-session");
    json.member("description", "Changes need the header Thimble-Csrf besides");
    json.close_object();
    json.key("token")
        .open_object()
        .member("type", "http")
        .member("scheme", "bearer")
        .close_object();
    json.key("certificate").open_object().member("type", "mutualTLS").close_object();
    json.close_object();
    json.close_object();
}

}  // namespace

std::string openapi_document() {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.member("openapi", "3.1.0");
    json.key("info").open_object();
    json.member("title", "Thimble").member("version", "1");
    json.close_object();
    write_paths(json);
    write_components(json);
    json.close_object();
    return text;
}

}  // namespace thimble::server
