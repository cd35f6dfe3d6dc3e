#pragma once
/// @file What is in the certificates that we make. Pure.

#include "thimble/base/instant.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::server {

enum class CertificateUse : std::uint8_t { Authority, Server, Host };

/// A certificate before it is signed.
struct CertificateProfile {
    CertificateUse use = CertificateUse::Host;
    std::string common_name;
    std::string alternative_names;  ///< as OpenSSL reads them: "DNS:a, IP:127.0.0.1"; may be empty
    Instant not_before;
    Instant not_after;
    std::string basic_constraints;  ///< as OpenSSL reads them, likewise the next two
    std::string key_usage;
    std::string extended_key_usage;  ///< empty: none
    bool operator==(const CertificateProfile&) const = default;
};

/// For ten years; may sign end certificates only.
CertificateProfile authority_profile(Instant now);

/// For a year, which is renewed at the start of the server; `names` are host names and addresses.
CertificateProfile server_profile(const std::vector<std::string>& names, Instant now);

/// For 90 days; the common name is the host's id.
CertificateProfile host_profile(const std::string& host_id, Instant now);

/// Whether a text may stand in a certificate as name or address: letters, digits, "-", ".", ":".
bool is_certificate_name(const std::string& name);

}  // namespace thimble::server
