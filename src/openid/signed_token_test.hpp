#pragma once
/// @file For tests: the keys of a provider, and whatever tokens somebody may sign with keys.

#include "thimble/openid/key_set.hpp"
#include "thimble/protocol/base64url.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::openid {

/// A key pair that signs as one of the algorithms.
class TestKey {
public:
    TestKey(Algorithm algorithm, std::string id) : algorithm_(algorithm), id_(std::move(id)) {
        switch (algorithm) {
            case Algorithm::Rs256: key_.reset(EVP_RSA_gen(2048)); break;
            case Algorithm::Es256: key_.reset(EVP_EC_gen("P-256")); break;
            case Algorithm::EdDsa:
                key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
                break;
        }
        if (key_ == nullptr) {
            std::abort();
        }
    }

    /// As a member of a key set.
    [[nodiscard]] std::string json() const {
        const std::string named = R"("kid":")" + id_ + R"(","use":"sig",)";
        switch (algorithm_) {
            case Algorithm::Rs256:
                return "{" + named + R"("kty":"RSA","alg":"RS256","n":")"
                    + number(OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")"
                    + number(OSSL_PKEY_PARAM_RSA_E, 0) + "\"}";
            case Algorithm::Es256:
                return "{" + named + R"("kty":"EC","crv":"P-256","x":")"
                    + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")"
                    + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"}";
            case Algorithm::EdDsa: break;
        }
        return "{" + named + R"("kty":"OKP","crv":"Ed25519","x":")"
            + protocol::format_base64url(raw()) + "\"}";
    }

    /// Header and claims in the compact form, signed by this key.
    [[nodiscard]] std::string signed_token(std::string_view header, std::string_view claims) const {
        const std::string text =
            protocol::format_base64url(header) + "." + protocol::format_base64url(claims);
        return text + "." + protocol::format_base64url(signature_of(text));
    }
    [[nodiscard]] std::string header() const {
        constexpr std::array<std::string_view, 3> kNames{"RS256", "ES256", "EdDSA"};
        return R"({"alg":")" + std::string(kNames.at(static_cast<std::size_t>(algorithm_)))
            + R"(","typ":"JWT","kid":")" + id_ + "\"}";
    }
    [[nodiscard]] std::string token(std::string_view claims) const {
        return signed_token(header(), claims);
    }
    /// What a client knows of the key, as text.
    [[nodiscard]] std::string public_text() const { return json(); }

private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    };

    [[nodiscard]] std::string number(const char* name, int size) const {
        BIGNUM* found = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &found);
        std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(found) : size), '\0');
        BN_bn2binpad(found, data_of(bytes), static_cast<int>(bytes.size()));
        BN_free(found);
        return protocol::format_base64url(bytes);
    }
    [[nodiscard]] std::string raw() const {
        std::string bytes(32, '\0');
        std::size_t size = bytes.size();
        EVP_PKEY_get_raw_public_key(key_.get(), data_of(bytes), &size);
        return bytes;
    }
    [[nodiscard]] std::string signature_of(const std::string& text) const {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        const EVP_MD* digest = algorithm_ == Algorithm::EdDsa ? nullptr : EVP_sha256();
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        const auto* bytes =
            static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
        EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get());
        EVP_DigestSign(context, data_of(signature), &size, bytes, text.size());
        EVP_MD_CTX_free(context);
        signature.resize(size);
        return algorithm_ == Algorithm::Es256 ? pair_of(signature) : signature;
    }
    static std::string pair_of(const std::string& der) {
        const auto* at = static_cast<const unsigned char*>(static_cast<const void*>(der.data()));
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string bytes(64, '\0');
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), data_of(bytes), 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), data_of(bytes) + 32, 32);
        ECDSA_SIG_free(pair);
        return bytes;
    }
    static unsigned char* data_of(std::string& bytes) {
        return static_cast<unsigned char*>(static_cast<void*>(bytes.data()));
    }

    Algorithm algorithm_;
    std::string id_;
    std::unique_ptr<EVP_PKEY, Free> key_;
};

inline std::string key_set_of(const std::vector<const TestKey*>& keys) {
    std::string text = R"({"keys":[)";
    for (const TestKey* key : keys) {
        text.append(text.ends_with('[') ? "" : ",").append(key->json());
    }
    return text + "]}";
}

/// A token "signed" by HMAC with a text that everybody knows.
inline std::string hmac_token(
    std::string_view header, std::string_view claims, const std::string& secret) {
    const std::string text =
        protocol::format_base64url(header) + "." + protocol::format_base64url(claims);
    std::string code(32, '\0');
    unsigned size = 0;
    HMAC(
        EVP_sha256(),
        secret.data(),
        static_cast<int>(secret.size()),
        static_cast<const unsigned char*>(static_cast<const void*>(text.data())),
        text.size(),
        static_cast<unsigned char*>(static_cast<void*>(code.data())),
        &size);
    return text + "." + protocol::format_base64url(code);
}

}  // namespace thimble::openid
