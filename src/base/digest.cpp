#include "thimble/base/digest.hpp"

#include "thimble/base/hex.hpp"
#include "thimble/base/result.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>

namespace thimble {
namespace {

const EVP_MD* method_of(DigestKind kind) {
    switch (kind) {
        case DigestKind::Sha256: return EVP_sha256();
        case DigestKind::Md5: return EVP_md5();
    }
    return nullptr;
}

std::string digest_of(DigestKind kind, std::string_view bytes) {
    Digest digest(kind);
    digest.add(bytes);
    return digest.finish();
}

}  // namespace

void Digest::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

// What can fail here is that there is no memory, or a libcrypto that was built without the method.
Digest::Digest(DigestKind kind) : context_(EVP_MD_CTX_new()) {
    THIMBLE_CHECK(context_ && EVP_DigestInit_ex(context_.get(), method_of(kind), nullptr) == 1);
}

void Digest::add(std::string_view bytes) {
    THIMBLE_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Digest::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    THIMBLE_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    return hex_of(std::span(digest).first(size));
}

std::string sha256_of(std::string_view bytes) {
    return digest_of(DigestKind::Sha256, bytes);
}

std::string md5_of(std::string_view bytes) {
    return digest_of(DigestKind::Md5, bytes);
}

}  // namespace thimble
