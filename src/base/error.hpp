#pragma once
/// @file The one error type: what the caller can do about it, a stable code, and what went wrong.

#include <cstdint>
#include <memory>
#include <string>

namespace thimble {

/// What the caller can do about a failure.
enum class ErrorKind : std::uint8_t {
    NotFound,     ///< it is not there; ask for something else
    Invalid,      ///< the input is wrong; correct it
    Conflict,     ///< something else holds it or changed it meanwhile
    Unavailable,  ///< try again later
    Denied,       ///< not allowed; needs other rights
    Corrupt,      ///< the bytes are damaged or hostile; fetch or build them again
    Unsupported,  ///< well formed, but not something we can do
    Internal,     ///< our bug, as far as it can be reported
};

/// A failure as a value. Each level adds what it alone knows, once, with `because`.
struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string code;     ///< stable, "room.what", for scripts and tests
    std::string message;  ///< for a person; no trailing period, no repetition of the cause
    std::shared_ptr<const Error> cause = nullptr;  ///< shared: errors are copied into reports

    /// The message followed by its causes, joined by ": ".
    [[nodiscard]] std::string text() const;
};

/// Wraps `cause` in what the caller knows; kind and code stay those of the cause.
Error because(std::string message, Error cause);

}  // namespace thimble
