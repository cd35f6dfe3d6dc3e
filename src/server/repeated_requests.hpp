#pragma once
/// @file Idempotency-Key: a write that is sent again gets the first answer again. Pure; guarded by who
/// holds it.

#include "thimble/server/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace thimble::server {

/// So long a key is known.
inline constexpr std::chrono::hours kRequestMemory{24};

/// In memory: answers may hold secrets that are shown once, and those are never written down. So a key is known
/// for 24 hours or until the server starts anew. What other servers must know of it is in the database.
class RepeatedRequests {
public:
    /// What to do with a request of somebody with a key.
    struct Verdict {
        enum class Kind : std::uint8_t {
            First,      ///< do it, then call `finish`
            Repeated,   ///< give `response`
            Running,    ///< the first is still being done
            Different,  ///< the key was used for something else
        };
        Kind kind = Kind::First;
        Response response = {};  // NOLINT(readability-redundant-member-init): see host::Command
    };

    /// @param key  who asks and the key, together
    /// @param request_digest  of everything that the answer depends on
    Verdict begin(const std::string& key, const std::string& request_digest, Instant now);

    /// Keeps the answer; a failure of ours is not kept, so that it can be tried again.
    void finish(const std::string& key, const Response& response);

    /// It was not done here.
    void forget(const std::string& key) { kept_.erase(key); }

private:
    struct Kept {
        std::string request_digest;
        Instant begun_at;
        std::optional<Response> response;
    };
    std::map<std::string, Kept> kept_;
};

}  // namespace thimble::server
