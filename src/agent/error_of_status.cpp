#include "thimble/agent/error_of_status.hpp"

#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/protocol/messages.hpp"

#include <string>

namespace thimble::agent {
namespace {

constexpr int kServerFault = 500;
constexpr std::size_t kMostDetail = 256;

ErrorKind kind_of(int status) {
    switch (status) {
        case 401:
        case 403: return ErrorKind::Denied;
        case 404: return ErrorKind::NotFound;
        case 409: return ErrorKind::Conflict;
        case 429: return ErrorKind::Unavailable;
        default: return status >= kServerFault ? ErrorKind::Unavailable : ErrorKind::Invalid;
    }
}

}  // namespace

Error error_of_status(int status, std::string_view body, std::string_view room) {
    const auto problem = protocol::parse_problem(body);
    return failure(
        kind_of(status),
        problem ? problem->code : std::string(room) + ".odd_answer",
        "the server answers " + std::to_string(status)
            + (problem ? ": " + printable(problem->detail, kMostDetail) : std::string()));
}

}  // namespace thimble::agent
