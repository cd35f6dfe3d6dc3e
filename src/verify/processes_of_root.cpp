#include "thimble/verify/processes_of_root.hpp"

#include "thimble/host/local_host.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace thimble::verify {
namespace {

bool is_number(const std::string& name) {
    return name.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Result<bool> may_run_from(const std::string& directory) {
    struct stat wanted{};
    if (::stat(directory.c_str(), &wanted) != 0) {
        return failure(
            errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Denied,
            "verify.cannot_look",
            directory + ": " + std::strerror(errno));
    }
    THIMBLE_TRY(const auto processes, host::LocalHost().list("/proc"));
    // What root may not look at is a container's, which keeps it from its own directories, too.
    const bool is_root = ::geteuid() == 0;
    return std::ranges::any_of(processes, [&](const std::string& process) {
        struct stat root{};
        if (!is_number(process)) {
            return false;
        }
        if (::stat(("/proc/" + process + "/root").c_str(), &root) != 0) {
            // A process may end while we look; so it does not count.
            return !is_root && (errno == EACCES || errno == EPERM);
        }
        return root.st_ino == wanted.st_ino && root.st_dev == wanted.st_dev;
    });
}

}  // namespace thimble::verify
