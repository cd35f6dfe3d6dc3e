#include "thimble/store/sha256.hpp"

#include "thimble/base/result.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace thimble::store {

namespace {
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kTextBytes = 64;

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    THIMBLE_CHECK(
        state_->context && EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    THIMBLE_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    THIMBLE_CHECK(EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length) == 1);
    std::string text;
    text.reserve(kTextBytes);
    for (unsigned at = 0; at < length; ++at) {
        text += kDigits[digest[at] >> 4U];
        text += kDigits[digest[at] & 0xFU];
    }
    return text;
}

std::string sha256_of(std::string_view bytes) {
    Sha256 sha;
    sha.add(bytes);
    return sha.hex();
}

bool is_sha256(std::string_view text) {
    return text.size() == kTextBytes && std::ranges::all_of(text, [](char c) {
               return kDigits.find(c) != std::string_view::npos;
           });
}

}  // namespace thimble::store
