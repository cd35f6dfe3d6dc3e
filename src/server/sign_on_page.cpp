#include "thimble/server/sign_on_page.hpp"

#include "thimble/base/utf8.hpp"

namespace thimble::server {
namespace {

constexpr std::size_t kMaxShown = 2048;

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : printable(text, kMaxShown)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

Response sign_on_page(
    unsigned status, const std::string& heading, const std::string& text, const std::string& code) {
    std::string body =
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>Thimble: sign in</title>\n</head>\n<body>\n<main>\n<h1>"
        + escaped(heading) + "</h1>\n<p>" + escaped(text) + "</p>\n";
    if (!code.empty()) {
        body += "<p><code>" + escaped(code) + "</code></p>\n";
    }
    body += "</main>\n</body>\n</html>\n";
    Response response{status, "text/html; charset=utf-8", std::move(body), {}};
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

}  // namespace thimble::server
