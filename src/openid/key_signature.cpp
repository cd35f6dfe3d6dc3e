#include "thimble/openid/key_signature.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

namespace thimble::openid {
namespace {

template <auto Free>
struct FreeBy {
    template <class Thing>
    void operator()(Thing* thing) const {
        Free(thing);
    }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeBy<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeBy<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, FreeBy<OSSL_PARAM_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using PairPtr = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;

constexpr std::size_t kPairBytes = 64;

const unsigned char* bytes_of(std::string_view text) {
    return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

NumberPtr number_of(std::string_view bytes) {
    return NumberPtr(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

KeyPtr key_from(const char* kind, OSSL_PARAM_BLD* builder) {
    const ParametersPtr parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1) {
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
    }
    return KeyPtr(key);
}

KeyPtr rsa_key(const Key& key) {
    const NumberPtr modulus = number_of(key.first);
    const NumberPtr exponent = number_of(key.second);
    const BuilderPtr builder(OSSL_PARAM_BLD_new());
    const bool is_built = modulus && exponent && builder
        && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1
        && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1;
    return is_built ? key_from("RSA", builder.get()) : nullptr;
}

/// OpenSSL refuses a point that is not on the curve.
KeyPtr curve_key(const Key& key) {
    const std::string point = "\x04" + key.first + key.second;
    const BuilderPtr builder(OSSL_PARAM_BLD_new());
    const bool is_built = builder
        && OSSL_PARAM_BLD_push_utf8_string(
               builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0)
            == 1
        && OSSL_PARAM_BLD_push_octet_string(
               builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size())
            == 1;
    return is_built ? key_from("EC", builder.get()) : nullptr;
}

KeyPtr native_key(const Key& key) {
    switch (key.algorithm) {
        case Algorithm::Rs256: return rsa_key(key);
        case Algorithm::Es256: return curve_key(key);
        case Algorithm::EdDsa:
            return KeyPtr(EVP_PKEY_new_raw_public_key(
                EVP_PKEY_ED25519, nullptr, bytes_of(key.first), key.first.size()));
    }
    return nullptr;
}

/// R and S in 32 bytes each, as DER has them. Empty when it is no such pair.
std::string der_of(std::string_view signature) {
    if (signature.size() != kPairBytes) {
        return {};
    }
    NumberPtr r = number_of(signature.substr(0, kPairBytes / 2));
    NumberPtr s = number_of(signature.substr(kPairBytes / 2));
    const PairPtr pair(ECDSA_SIG_new());
    // The pair owns them from then on; it refuses nothing but null pointers.
    if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.release(), s.release()) != 1) {
        return {};
    }
    unsigned char* bytes = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &bytes);
    std::string der;
    if (size > 0) {
        der.assign(bytes, bytes + size);
    }
    OPENSSL_free(bytes);
    return der;
}

}  // namespace

bool is_signed_by(const Key& key, std::string_view text, std::string_view signature) {
    const KeyPtr native = native_key(key);
    const DigestContextPtr context(EVP_MD_CTX_new());
    const std::string form =
        key.algorithm == Algorithm::Es256 ? der_of(signature) : std::string(signature);
    const EVP_MD* digest = key.algorithm == Algorithm::EdDsa ? nullptr : EVP_sha256();
    return native && context && !form.empty()
        && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, native.get()) == 1
        && EVP_DigestVerify(context.get(), bytes_of(form), form.size(), bytes_of(text), text.size())
        == 1;
}

}  // namespace thimble::openid
