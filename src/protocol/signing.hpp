#pragma once
/// @file Ed25519 (RFC 8032) as the fleet uses it. No entropy: seeds come from the caller.

#include "thimble/base/result.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace thimble::protocol {

/// The deployment key of a server, as its hosts know it. The text form is PEM (SubjectPublicKeyInfo).
struct DeploymentKey {
    std::array<unsigned char, 32> bytes{};
    bool operator==(const DeploymentKey&) const = default;
};

std::string format_deployment_key(const DeploymentKey& key);

/// @error Invalid "protocol.bad_key"
Result<DeploymentKey> parse_deployment_key(std::string_view text);

/// By which an envelope names the key: the SHA-256 of its 32 bytes.
std::string key_id(const DeploymentKey& key);

using Signature = std::array<unsigned char, 64>;
using SigningSeed = std::array<unsigned char, 32>;

DeploymentKey deployment_key_of(const SigningSeed& seed);
Signature sign(std::string_view text, const SigningSeed& seed);
bool is_signed_by(std::string_view text, const Signature& signature, const DeploymentKey& key);

}  // namespace thimble::protocol
