#include "thimble/server/random.hpp"

#include "thimble/base/result.hpp"
#include "thimble/protocol/base64url.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>

namespace thimble::server {
namespace {

template <std::size_t Size>
std::string random_bytes() {
    std::array<unsigned char, Size> bytes{};
    // Without entropy nothing may go on.
    THIMBLE_CHECK(RAND_bytes(bytes.data(), Size) == 1);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string random_secret() {
    return protocol::format_base64url(random_bytes<32>());
}

std::string random_id() {
    std::string text;
    for (const char byte : random_bytes<16>()) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return text;
}

bool equal_in_constant_time(const std::string& a, const std::string& b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace thimble::server
