#include "thimble/apply/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace thimble::apply {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Context begin() {
    Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    THIMBLE_CHECK(context != nullptr);
    THIMBLE_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
    return context;
}

void add(const Context& context, std::string_view bytes) {
    THIMBLE_CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
}

std::string finish(const Context& context) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    THIMBLE_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned int at = 0; at < size; ++at) {
        text += kDigits[digest.at(at) >> 4U];
        text += kDigits[digest.at(at) & 15U];
    }
    return text;
}

}  // namespace

std::string sha256_of(std::string_view bytes) {
    const Context context = begin();
    add(context, bytes);
    return finish(context);
}

Result<std::string> sha256_of_file(const std::string& path) {
    const auto cannot_read = [&](ErrorKind kind) {
        return failure(
            kind, "apply.cannot_read", path + " cannot be read: " + std::strerror(errno));
    };
    const File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (file == nullptr) {
        return cannot_read(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Denied);
    }
    const Context context = begin();
    std::array<char, 1 << 16> piece{};
    for (;;) {
        const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
        if (got == 0) {
            break;
        }
        add(context, {piece.data(), got});
    }
    if (std::ferror(file.get()) != 0) {
        return cannot_read(ErrorKind::Unavailable);
    }
    return finish(context);
}

}  // namespace thimble::apply
