#include "thimble/server/api_page.hpp"

#include "thimble/server/body_members.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/route_table.hpp"
#include "thimble/store/list_table.hpp"

namespace thimble::server {
namespace {

constexpr std::string_view kHead = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Thimble: the API</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<main>
<h1>Thimble: the API</h1>
<p>HTTP/1.1 over TLS. A session's cookie with the header <code>Thimble-Csrf</code>, or <code>Authorization: Bearer TOKEN</code>.
Errors are <code>application/problem+json</code> with a stable <code>code</code>. A write with the header <code>Idempotency-Key</code>
is carried out once. For programs: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>.</p>
<nav><a href="#lists">Lists</a> · <a href="#endpoints">Endpoints</a> · <a href="#agents">Agents</a></nav>
)html";

constexpr std::string_view kLists = R"html(<h2 id="lists">Lists</h2>
<p><code>GET /api/v1/LIST</code> is a page of a list, <code>GET /api/v1/LIST/ID</code> one item; as JSON, or as <code>Accept</code>
says as <code>text/csv</code> or <code>application/x-ndjson</code>. <code>limit</code> (1 to 1000), <code>cursor</code> (from
<code>next_cursor</code>), <code>sort</code> (a column, after <code>-</code> descending). A column filters: <code>COLUMN=</code> equal,
<code>COLUMN.prefix=</code> of texts, <code>COLUMN.has=</code> of words, <code>COLUMN.from=</code> and <code>COLUMN.below=</code> of
numbers and instants.</p>
)html";

constexpr std::string_view kStyle = R"css(:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
code, .path { font-family: ui-monospace, monospace; }
h3 { margin: 2rem 0 0.25rem; overflow-wrap: anywhere; }
.method { display: inline-block; min-width: 4.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid; padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }
summary { cursor: pointer; }
)css";

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string_view type_name(store::ColumnType type) {
    switch (type) {
        case store::ColumnType::Text: return "text";
        case store::ColumnType::Number: return "number";
        case store::ColumnType::Instant: return "instant or null";
        case store::ColumnType::Boolean: return "yes or no";
        case store::ColumnType::Count: return "number or null";
        case store::ColumnType::Words: return "words";
    }
    return "";
}

/// A row of a table.
void add_row(
    std::string& out, std::string_view name, std::string_view type, std::string_view what) {
    out.append("<tr><td><code>").append(escaped(name)).append("</code></td><td>");
    out.append(type).append("</td><td>").append(escaped(what)).append("</td></tr>\n");
}

void add_list(std::string& out, const store::ListTable& table) {
    out.append("<details><summary><code>").append(table.name).append("</code> ");
    out.append(escaped(table.description)).append("</summary>\n<table>\n");
    out += "<tr><th>column</th><th>is</th><th>says</th></tr>\n";
    for (const store::ListColumn& column : table.columns) {
        add_row(out, column.name, type_name(column.type), column.description);
    }
    out += "</table>\n</details>\n";
}

std::string who_may(const Route& route) {
    switch (route.door) {
        case Door::Anybody: return "Anybody.";
        case Door::Agent: return "A host, by its certificate.";
        case Door::SignedIn: break;
    }
    return "Who may " + std::string(action_name(route.action)) + ".";
}

void add_endpoint(std::string& out, const Route& route) {
    out.append(R"(<h3 class="path"><span class="method">)").append(method_name(route.method));
    out.append("</span> ").append(escaped(route.path)).append("</h3>\n<p>");
    out.append(escaped(route.summary)).append(". ").append(who_may(route)).append("</p>\n");
    if (route.members.empty()) {
        return;
    }
    out += "<table>\n<tr><th>member of the body</th><th>is</th><th></th></tr>\n";
    for (const BodyMember& member : body_members(route.members)) {
        add_row(out, member.name, member.type, member.is_required ? "" : "may be left out");
    }
    out += "</table>\n";
}

/// Lists are described by themselves.
bool is_shown(const Route& route, bool is_for_agents) {
    return route.endpoint != Endpoint::List && route.endpoint != Endpoint::Item
        && route.path.starts_with("/agent/") == is_for_agents;
}

}  // namespace

std::string api_page_html() {
    std::string out(kHead);
    out += kLists;
    for (const store::ListTable& table : store::list_tables()) {
        add_list(out, table);
    }
    for (const bool is_for_agents : {false, true}) {
        out += is_for_agents ? R"(<h2 id="agents">Agents</h2>)"
                             : R"(<h2 id="endpoints">Endpoints</h2>)";
        for (const Route& route : routes()) {
            if (is_shown(route, is_for_agents)) {
                add_endpoint(out, route);
            }
        }
    }
    out += "</main>\n</body>\n</html>\n";
    return out;
}

std::string_view api_page_style() {
    return kStyle;
}

Result<Answer> api_page(Context& /*context*/, const Call& /*call*/) {
    static const std::string kPage = api_page_html();
    return Answer(Response{200, "text/html; charset=utf-8", kPage, {}});
}

Result<Answer> api_style(Context& /*context*/, const Call& /*call*/) {
    return Answer(Response{200, "text/css; charset=utf-8", std::string(kStyle), {}});
}

}  // namespace thimble::server
