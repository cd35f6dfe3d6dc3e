#include "thimble/protocol/signing.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

namespace thimble::protocol {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{16} << 10;

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
    return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

KeyPtr private_key(const SigningSeed& seed) {
    KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
    THIMBLE_CHECK(key != nullptr);
    return key;
}

KeyPtr public_key(const DeploymentKey& key) {
    return KeyPtr(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
}

/// Without it OpenSSL would ask the terminal for the password of an encrypted key.
int refuse_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
    return -1;
}

}  // namespace

std::string format_deployment_key(const DeploymentKey& key) {
    const KeyPtr native = public_key(key);
    const BioPtr memory(BIO_new(BIO_s_mem()));
    THIMBLE_CHECK(native && memory && PEM_write_bio_PUBKEY(memory.get(), native.get()) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

Result<DeploymentKey> parse_deployment_key(std::string_view text) {
    DeploymentKey key;
    std::size_t length = key.bytes.size();
    const bool is_bounded = text.size() <= kMaxPemBytes;
    const BioPtr memory(
        BIO_new_mem_buf(text.data(), is_bounded ? static_cast<int>(text.size()) : 0));
    const KeyPtr native(
        memory ? PEM_read_bio_PUBKEY(memory.get(), nullptr, refuse_password, nullptr) : nullptr);
    if (!native || EVP_PKEY_is_a(native.get(), "ED25519") != 1
        || EVP_PKEY_get_raw_public_key(native.get(), key.bytes.data(), &length) != 1
        || length != key.bytes.size()) {
        return failure(
            ErrorKind::Invalid, "protocol.bad_key", "a deployment key is an Ed25519 key in PEM");
    }
    return key;
}

std::string key_id(const DeploymentKey& key) {
    return sha256_of(std::string(key.bytes.begin(), key.bytes.end()));
}

DeploymentKey deployment_key_of(const SigningSeed& seed) {
    DeploymentKey key;
    std::size_t length = key.bytes.size();
    THIMBLE_CHECK(
        EVP_PKEY_get_raw_public_key(private_key(seed).get(), key.bytes.data(), &length) == 1);
    return key;
}

Signature sign(std::string_view text, const SigningSeed& seed) {
    const KeyPtr native = private_key(seed);
    const ContextPtr context(EVP_MD_CTX_new());
    Signature signature{};
    std::size_t length = signature.size();
    THIMBLE_CHECK(
        context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, native.get()) == 1
        && EVP_DigestSign(context.get(), signature.data(), &length, bytes_of(text), text.size())
            == 1);
    return signature;
}

bool is_signed_by(std::string_view text, const Signature& signature, const DeploymentKey& key) {
    const KeyPtr native(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
    const ContextPtr context(EVP_MD_CTX_new());
    return native && context
        && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, native.get()) == 1
        && EVP_DigestVerify(
               context.get(), signature.data(), signature.size(), bytes_of(text), text.size())
        == 1;
}

}  // namespace thimble::protocol
