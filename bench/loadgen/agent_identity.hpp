#pragma once
/// @file Who an agent is to the server: its key and its certificate. All of them lie in one file.

#include "thimble/base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace thimble::loadgen {

struct AgentIdentity {
    std::string host_id;
    std::string key;          ///< PEM, P-256
    std::string certificate;  ///< PEM
    std::string inventory;    ///< SHA-256 of its documents
    std::string packages;
};

/// A new key, and the request for a certificate of it.
struct CertificateRequest {
    std::string key;  ///< PEM
    std::string csr;  ///< PEM
};
CertificateRequest make_certificate_request();

Result<void> write_identities(
    const std::filesystem::path& file, const std::vector<AgentIdentity>& identities);
/// @error Unavailable, Corrupt
Result<std::vector<AgentIdentity>> read_identities(const std::filesystem::path& file);

}  // namespace thimble::loadgen
