#include "thimble/verify/file_digest.hpp"

#include <openssl/evp.h>

#include <array>

namespace thimble::verify {
namespace {

std::string digest_of(std::string_view bytes, const EVP_MD* kind) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr) != 1) {
        return {};
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned int at = 0; at < size; ++at) {
        text += kDigits[digest.at(at) >> 4U];
        text += kDigits[digest.at(at) & 15U];
    }
    return text;
}

}  // namespace

std::string md5_of(std::string_view bytes) {
    return digest_of(bytes, EVP_md5());
}

std::string sha256_of(std::string_view bytes) {
    return digest_of(bytes, EVP_sha256());
}

}  // namespace thimble::verify
