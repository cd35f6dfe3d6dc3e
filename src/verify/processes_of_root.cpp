#include "thimble/verify/processes_of_root.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace thimble::verify {

Result<std::size_t> processes_of_root(const std::string& directory) {
    struct stat wanted{};
    if (::stat(directory.c_str(), &wanted) != 0) {
        return failure(
            errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Denied,
            "verify.cannot_look",
            directory + ": " + std::strerror(errno));
    }
    std::size_t count = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        struct stat root{};
        const std::string path = (entry.path() / "root").string();
        // A process may end while we look; so it does not count.
        if (::stat(path.c_str(), &root) == 0 && root.st_ino == wanted.st_ino
            && root.st_dev == wanted.st_dev) {
            ++count;
        }
    }
    return count;
}

}  // namespace thimble::verify
