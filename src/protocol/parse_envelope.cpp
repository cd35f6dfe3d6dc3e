#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/base64url.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job.hpp"

#include <algorithm>
#include <utility>

namespace thimble::protocol {
namespace {

Error bad_envelope(std::string message) {
    return failure(
        ErrorKind::Corrupt, "protocol.bad_envelope", "an envelope: " + std::move(message));
}

}  // namespace

Envelope seal(std::string content, const SigningSeed& seed) {
    const Signature signature = sign(content, seed);
    return {
        .key = key_id(deployment_key_of(seed)),
        .content = std::move(content),
        .signature = signature};
}

std::string format_envelope(const Envelope& envelope) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.envelope/1")
        .member("key", envelope.key)
        .member("content", envelope.content)
        .member(
            "signature",
            format_base64url(std::string(envelope.signature.begin(), envelope.signature.end())))
        .close_object();
    return text;
}

Result<Envelope> parse_envelope(std::string_view text) {
    if (text.size() > kMaxEnvelopeBytes) {
        return bad_envelope("it is too long");
    }
    const auto document = parse_json(text);
    if (!document) {
        return bad_envelope(document.error().text());
    }
    JsonMembers members(*document);
    if (members.text("format") != "thimble.envelope/1") {
        members.reject("format");
    }
    Envelope envelope;
    envelope.key = members.text("key");
    if (!is_sha256(envelope.key)) {
        members.reject("key");
    }
    envelope.content = members.text("content");
    if (envelope.content.size() > kMaxJobBytes) {
        members.reject("content");
    }
    const auto signature = parse_base64url(members.text("signature"));
    if (!signature || signature->size() != envelope.signature.size()) {
        members.reject("signature");
    } else {
        std::ranges::copy(*signature, envelope.signature.begin());
    }
    if (const auto done = members.done(); !done) {
        return bad_envelope(done.error().text());
    }
    return envelope;
}

SealCheck check_seal(const Envelope& envelope, const DeploymentKey& key) {
    if (envelope.key != key_id(key)) {
        return SealCheck::Forged;
    }
    return is_signed_by(envelope.content, envelope.signature, key) ? SealCheck::Intact
                                                                   : SealCheck::Altered;
}

}  // namespace thimble::protocol
