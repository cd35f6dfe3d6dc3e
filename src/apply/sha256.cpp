#include "thimble/apply/sha256.hpp"

#include "thimble/base/digest.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>

namespace thimble::apply {
namespace {

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

}  // namespace

Result<std::string> sha256_of_file(const std::string& path) {
    const auto cannot_read = [&](ErrorKind kind) {
        return failure(
            kind, "apply.cannot_read", path + " cannot be read: " + std::strerror(errno));
    };
    const File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (file == nullptr) {
        return cannot_read(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Denied);
    }
    Digest digest(DigestKind::Sha256);
    std::array<char, 1 << 16> piece{};
    for (;;) {
        const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
        if (got == 0) {
            break;
        }
        digest.add({piece.data(), got});
    }
    if (std::ferror(file.get()) != 0) {
        return cannot_read(ErrorKind::Unavailable);
    }
    return digest.finish();
}

}  // namespace thimble::apply
