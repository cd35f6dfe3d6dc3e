#include "thimble/feeds/digest.hpp"

#include "thimble/base/digest.hpp"

#include <array>
#include <cstddef>
#include <fstream>

namespace thimble::feeds {

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::array<char, 1U << 16U> block{};
    Digest digest(DigestKind::Sha256);
    while (stream) {
        stream.read(block.data(), block.size());
        digest.add({block.data(), static_cast<std::size_t>(stream.gcount())});
    }
    if (!stream.eof()) {
        return failure(
            ErrorKind::Unavailable, "feeds.cannot_read", file.string() + " cannot be read");
    }
    return digest.finish();
}

}  // namespace thimble::feeds
