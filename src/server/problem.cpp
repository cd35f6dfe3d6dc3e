#include "thimble/server/problem.hpp"

#include "thimble/base/json_writer.hpp"

namespace thimble::server {
namespace {

constexpr unsigned kInternal = 500;

unsigned status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::NotFound: return 404;
        case ErrorKind::Invalid:
        case ErrorKind::Corrupt: return 400;
        case ErrorKind::Conflict: return 409;
        case ErrorKind::Unavailable: return 503;
        case ErrorKind::Denied: return 403;
        case ErrorKind::Unsupported: return 415;
        case ErrorKind::Internal: return kInternal;
    }
    return kInternal;
}

std::string_view title_of(unsigned status) {
    switch (status) {
        case 400: return "Bad request";
        case 401: return "Not signed in";
        case 403: return "Not allowed";
        case 404: return "Not found";
        case 405: return "Method not allowed";
        case 409: return "Conflict";
        case 413: return "Too large";
        case 415: return "Not supported";
        case 422: return "Not acceptable";
        case 429: return "Too many attempts";
        case 503: return "Try again later";
        default: return "Internal error";
    }
}

}  // namespace

Response problem(unsigned status, std::string_view code, std::string_view detail) {
    Response response{status, "application/problem+json", {}, {}};
    JsonWriter json(response.body);
    json.open_object();
    json.member("type", "about:blank");
    json.member("title", title_of(status));
    json.key("status").number(status);
    json.member("detail", detail);
    json.member("code", code);
    json.close_object();
    if (status == 503) {
        response.headers.emplace_back("Retry-After", "5");
    }
    return response;
}

Response problem_of(const Error& error) {
    const unsigned status = status_of(error.kind);
    if (error.code.starts_with("store.") && status != 404 && status != 409) {
        // The words of the database are for the log.
        return problem(503, error.code, "the database did not do it");
    }
    return problem(status, error.code, status == kInternal ? "a fault of ours" : error.text());
}

}  // namespace thimble::server
