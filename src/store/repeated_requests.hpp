#pragma once
/// @file Writes with an Idempotency-Key, so that every server on one database knows which were begun.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <optional>
#include <string>

namespace thimble::store {

/// The answer of a write; status 0: there is none yet.
struct KeptAnswer {
    std::int64_t status = 0;
    std::string content_type;
    std::string body;
    bool is_secret = false;  ///< then the body is kept nowhere
    bool operator==(const KeptAnswer&) const = default;
};

/// A write that was begun.
struct RepeatedRequest {
    std::string request_digest;  ///< of everything that the answer depends on
    Instant begun_at;
    KeptAnswer answer;
    bool operator==(const RepeatedRequest&) const = default;
};

/// Notes that a write is begun, within a transaction InTurn; one that was begun before stays.
/// @param digest  of who asks and the key, together
/// @return what was begun before under that digest; none: this is the first
Result<std::optional<RepeatedRequest>> begin_request(
    Connection& connection,
    const std::string& digest,
    const std::string& request_digest,
    Instant now);

Result<void> keep_answer(
    Connection& connection, const std::string& digest, const KeptAnswer& answer);
Result<void> forget_request(Connection& connection, const std::string& digest);
/// Forgets those that were begun before that.
Result<void> forget_old_requests(Connection& connection, Instant before);

}  // namespace thimble::store
