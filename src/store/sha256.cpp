#include "thimble/store/sha256.hpp"

#include "thimble/base/result.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace thimble::store {

namespace {
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kTextBytes = 64;
}  // namespace

std::string sha256_of(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    THIMBLE_CHECK(
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1);
    std::string text;
    text.reserve(kTextBytes);
    for (unsigned at = 0; at < length; ++at) {
        text += kDigits[digest[at] >> 4U];
        text += kDigits[digest[at] & 0xFU];
    }
    return text;
}

bool is_sha256(std::string_view text) {
    return text.size() == kTextBytes && std::ranges::all_of(text, [](char c) {
               return kDigits.find(c) != std::string_view::npos;
           });
}

}  // namespace thimble::store
