#include "own_archive.hpp"

#include "root_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/root_host.hpp"

#include <apt-pkg/configuration.h>
#include <apt-pkg/strutl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;
using apply::FetchedArchive;
using apply::FetchEnding;

FetchedArchive ended(FetchedArchive archive, FetchEnding ending, std::string why) {
    archive.ending = ending;
    archive.why = std::move(why);
    return archive;
}

Error cannot_write(int error) {
    return error == ENOSPC || error == EDQUOT
        ? failure(ErrorKind::Unavailable, "inventory.no_space", "there is no room for it")
        : failure(ErrorKind::Unavailable, "inventory.cannot_copy", "it cannot be written");
}

/// @return the SHA-256 of what was copied; none: it is longer than it may be
/// @error Unavailable and others; of writing "inventory.cannot_copy", of a full disk "inventory.no_space"
Result<std::optional<std::string>> copy(
    const host::Descriptor& from, const fs::path& place, std::uint64_t most) {
    constexpr std::size_t kPiece = std::size_t{1} << 16;
    Digest digest(DigestKind::Sha256);
    std::array<char, kPiece> piece{};
    std::ofstream to(place, std::ios::binary | std::ios::trunc);
    for (std::uint64_t copied = 0;;) {
        const ssize_t got = ::read(from.number(), piece.data(), piece.size());
        if (got < 0) {
            return host::system_error(errno, place.filename().string());
        }
        if (got == 0) {
            break;
        }
        copied += static_cast<std::uint64_t>(got);
        if (copied > most) {
            return std::optional<std::string>();
        }
        digest.add({piece.data(), static_cast<std::size_t>(got)});
        errno = 0;
        if (!to.write(piece.data(), got)) {
            return cannot_write(errno);
        }
    }
    errno = 0;
    to.close();
    if (!to) {
        return cannot_write(errno);
    }
    return std::optional(digest.finish());
}

}  // namespace

std::string own_path(const std::string& uri) {
    const ::URI address(uri);
    const bool is_own = address.Access == "file" || address.Access == "copy";
    return is_own && address.Host.empty() ? DeQuoteString(address.Path) : std::string();
}

void fetch_nothing_of_this_machine() {
    for (const char* method : {"file", "copy", "cdrom", "mirror+file", "mirror+copy"}) {
        _config->Set(std::string("Dir::Bin::Methods::") + method, "/dev/null");
    }
}

FetchedArchive copy_own_archive(
    const std::string& root, const std::string& path, FetchedArchive told, const fs::path& folder) {
    const auto host = host::RootHost::open(root);
    if (!host) {
        return ended(std::move(told), FetchEnding::Failed, host.error().text());
    }
    const auto file = file_in_root(**host, path);
    if (!file) {
        return ended(std::move(told), FetchEnding::Failed, file.error().text());
    }
    if (!*file) {
        return ended(std::move(told), FetchEnding::Failed, path + " is not there in the root");
    }
    const fs::path partial = folder / "partial" / told.file_name;
    const auto copied = copy(**file, partial, told.size);
    std::error_code error;
    if (!copied) {
        fs::remove(partial, error);
        const bool is_full = copied.error().code == "inventory.no_space";
        return ended(
            std::move(told),
            is_full ? FetchEnding::NoSpace : FetchEnding::Failed,
            path + ": " + copied.error().text());
    }
    if (!*copied || **copied != told.sha256) {
        fs::remove(partial, error);
        return ended(
            std::move(told), FetchEnding::WrongDigest, path + " of the root has other content");
    }
    fs::rename(partial, folder / told.file_name, error);
    return error ? ended(std::move(told), FetchEnding::Failed, error.message())
                 : ended(std::move(told), FetchEnding::Done, "");
}

}  // namespace thimble::inventory::apt
