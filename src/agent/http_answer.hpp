#pragma once
/// @file HTTP/1.1 as the server speaks it to agents: pure.

#include "thimble/base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::agent {

struct HttpAnswer {
    int status = 0;
    std::string body;
    bool is_last = false;  ///< the connection is not for another request
    bool operator==(const HttpAnswer&) const = default;
};

/// Reads an answer from all that came of it so far. Bodies have a length; those in chunks are not what our
/// server sends to agents.
/// @param most_bytes  of the body
/// @return nothing while more is to come
/// @error Unavailable "agent.odd_answer"
Result<std::optional<HttpAnswer>> parse_http_answer(std::string_view bytes, std::size_t most_bytes);

}  // namespace thimble::agent
