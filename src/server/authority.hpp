#pragma once
/// @file The certificate authority of a server: it signs for the server itself and for hosts.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/protocol/envelope.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace thimble::server {

/// A certificate that was signed for a host.
struct IssuedCertificate {
    std::string pem;
    std::string serial;  ///< lower-case hexadecimal
    Instant expires_at;
};

/// A certificate with its private key, both PEM.
struct ServerIdentity {
    std::string certificate;
    std::string key;
};

/// Keys are ECDSA P-256; those of jobs Ed25519. All lie in one folder, for their owner only.
class Authority {
public:
    /// Reads the authority from `authority.crt` and `authority.key`, or makes it where there is none; so with
    /// `deployment.key`.
    /// @error Corrupt "server.bad_key"; Denied "server.file_exposed"; Unavailable "server.cannot_write"
    static Result<Authority> load_or_make(const std::filesystem::path& folder, Instant now);

    Authority(Authority&& other) noexcept;
    Authority& operator=(Authority&& other) noexcept;
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;
    ~Authority();

    [[nodiscard]] const std::string& certificate() const { return pem_; }

    /// SHA-256 of the certificate's DER, base64url: what enrolment tokens pin.
    [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }

    /// The server's own certificate, `server.crt` and `server.key`: made when there is none, when it
    /// ends within 30 days, or when it is for other names.
    /// @error as load_or_make; Invalid "server.bad_name"
    Result<ServerIdentity> server_identity(
        const std::vector<std::string>& names, Instant now) const;

    /// Signs for a host. Of the request only the public key counts, which must be P-256 or Ed25519 and
    /// which it must have signed itself with.
    /// @error Invalid "server.bad_csr"
    [[nodiscard]] Result<IssuedCertificate> issue_host_certificate(
        const std::string& csr_pem, const std::string& host_id, Instant now) const;

    /// The public half of `deployment.key`, with which jobs are signed; PEM.
    [[nodiscard]] std::string deployment_public_key() const;

    /// Signs content with that key, in an envelope.
    [[nodiscard]] protocol::Envelope seal(const std::string& content) const;

private:
    struct Keys;
    Authority(std::filesystem::path folder, std::unique_ptr<Keys> keys);

    std::filesystem::path folder_;
    std::unique_ptr<Keys> keys_;
    std::string pem_;
    std::string fingerprint_;
};

}  // namespace thimble::server
