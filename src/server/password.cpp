#include "thimble/server/password.hpp"

#include <argon2.h>
#include <openssl/rand.h>

#include <array>

namespace thimble::server {
namespace {

// RFC 9106, section 4: the second recommended option.
constexpr std::uint32_t kPasses = 3;
constexpr std::uint32_t kKibibytes = 64U << 10U;
constexpr std::uint32_t kLanes = 4;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kShortest = 12;
constexpr std::size_t kLongest = 256;

std::string hash_of(const std::string& password) {
    std::array<unsigned char, kSaltBytes> salt{};
    THIMBLE_CHECK(RAND_bytes(salt.data(), kSaltBytes) == 1);
    std::array<char, 256> encoded{};
    THIMBLE_CHECK(
        argon2id_hash_encoded(
            kPasses,
            kKibibytes,
            kLanes,
            password.data(),
            password.size(),
            salt.data(),
            salt.size(),
            kHashBytes,
            encoded.data(),
            encoded.size())
        == ARGON2_OK);
    return encoded.data();
}

}  // namespace

Result<std::string> hash_password(const std::string& password) {
    if (password.size() < kShortest || password.size() > kLongest) {
        return failure(
            ErrorKind::Invalid, "server.weak_password", "a password has 12 to 256 bytes");
    }
    return hash_of(password);
}

bool is_password(const std::string& hash, const std::string& password) {
    if (password.size() > kLongest) {
        return false;
    }
    if (hash.empty()) {
        // Nobody learns by the time whether a name is known.
        static const std::string kNobody = hash_of("nobody's password");
        (void)argon2id_verify(kNobody.c_str(), password.data(), password.size());
        return false;
    }
    return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace thimble::server
