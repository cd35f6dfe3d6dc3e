#include "thimble/feeds/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

namespace thimble::feeds {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// SHA-256 as the bytes come.
class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new()) {
        THIMBLE_CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }
    void add(std::string_view bytes) {
        THIMBLE_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    }
    std::string hex() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned length = 0;
        THIMBLE_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), &length) == 1);
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::string text;
        for (unsigned i = 0; i < length; ++i) {
            text += kDigits[digest[i] >> 4U];
            text += kDigits[digest[i] & 0xFU];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

std::string sha256_of(std::string_view bytes) {
    Sha256 sha;
    sha.add(bytes);
    return sha.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::array<char, 1U << 16U> block{};
    Sha256 sha;
    while (stream) {
        stream.read(block.data(), block.size());
        sha.add({block.data(), static_cast<std::size_t>(stream.gcount())});
    }
    if (!stream.eof()) {
        return failure(
            ErrorKind::Unavailable, "feeds.cannot_read", file.string() + " cannot be read");
    }
    return sha.hex();
}

}  // namespace thimble::feeds
