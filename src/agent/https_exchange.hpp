#pragma once
/// @file One request over HTTPS and its answer, for whoever speaks to a server of ours: with libcurl, bounded,
/// a problem (RFC 9457) as an error.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// libcurl's own declaration: its handle is void.
using CURL = void;

namespace thimble::agent {

struct CloseCurl {
    void operator()(CURL* curl) const;
};
using CurlHandle = std::unique_ptr<CURL, CloseCurl>;

/// A connection that is made anew: https alone, TLS 1.2 at least, 10 s to connect.
CurlHandle make_https_handle();

/// Believes the authority with that SHA-256 alone, whatever is in between; the text lives as long as the
/// handle.
void pin_to(CURL* curl, const std::string& authority);

struct HttpsRequest {
    std::string method;
    std::string url;
    std::vector<std::string> headers;  ///< "Name: value"
    std::size_t most_bytes = 0;        ///< of the answer's body
    std::string_view room;             ///< of the error codes
};

/// @param body  is not copied; not looked at for a GET
/// @return the body of a success
/// @error Unavailable "<room>.no_answer"  no connection, or no whole answer in time
/// @error Denied "<room>.not_authentic"   whoever answers is not the server
/// @error otherwise the code of the server's problem, or "<room>.odd_answer": Denied for 401 and 403,
///        NotFound for 404, Conflict for 409, Unavailable for 429 and 5xx, Invalid for the rest
Result<std::string> exchange(CURL* curl, const HttpsRequest& request, const std::string& body);

}  // namespace thimble::agent
