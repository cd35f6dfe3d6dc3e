#pragma once
/// @file SHA-256 (FIPS 180-4) and MD5 (RFC 1321) of bytes, as lower-case hex. The only part of base that
/// links libcrypto: the target thimble_digest, so that programs which compute none stay without it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace thimble {

enum class DigestKind : std::uint8_t {
    Sha256,
    Md5,  ///< dpkg's and old rpm's word for contents; proves nothing against an attacker
};

/// The digest of bytes as they come: what is large is never in memory as a whole.
class Digest {
public:
    explicit Digest(DigestKind kind);

    void add(std::string_view bytes);
    /// Of all that was added. Once: nothing can be added or asked after it.
    std::string finish();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256_of(std::string_view bytes);
std::string md5_of(std::string_view bytes);

}  // namespace thimble
