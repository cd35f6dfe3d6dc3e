#pragma once
/// @file What carries signed content: a job, or the grant of a lease.

#include "thimble/base/result.hpp"
#include "thimble/protocol/signing.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace thimble::protocol {

/// Content and who signed it. The content names its own format, so a signature over one kind of content
/// is of no use for another.
struct Envelope {
    std::string key;      ///< key_id of the deployment key
    std::string content;  ///< the very bytes that are signed
    Signature signature{};
    bool operator==(const Envelope&) const = default;
};

constexpr std::size_t kMaxEnvelopeBytes = std::size_t{160} << 10;  ///< of its text

Envelope seal(std::string content, const SigningSeed& seed);

/// One JSON object, without a newline.
/// @source docs/formats/job.md
std::string format_envelope(const Envelope& envelope);

/// @error Corrupt "protocol.bad_envelope"
Result<Envelope> parse_envelope(std::string_view text);

enum class SealCheck : std::uint8_t {
    Intact,
    Forged,   ///< signed by another key, or by none
    Altered,  ///< names our key, but the content is not what was signed
};

/// Whether the content is what the holder of `key` signed.
SealCheck check_seal(const Envelope& envelope, const DeploymentKey& key);

}  // namespace thimble::protocol
