#include "thimble/apply/apt_lock.hpp"

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

namespace thimble::apply {
namespace {

constexpr std::array kLocks{"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"};

std::string command_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return name.empty() ? "a process" : printable(name, 100);
}

}  // namespace

Result<std::optional<LockHolder>> find_lock_holder(const std::string& root) {
    for (const char* lock : kLocks) {
        const std::string path = root == "/" ? std::string(lock) : root + lock;
        const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (file < 0) {
            if (errno == ENOENT) {
                continue;
            }
            return failure(
                ErrorKind::Denied,
                "apply.lock_unknown",
                path + " cannot be looked at: " + std::strerror(errno));
        }
        struct flock wanted{};
        wanted.l_type = F_WRLCK;
        wanted.l_whence = SEEK_SET;
        const int asked = ::fcntl(file, F_GETLK, &wanted);
        ::close(file);
        if (asked == 0 && wanted.l_type != F_UNLCK) {
            return std::optional(LockHolder{
                .pid = static_cast<std::uint32_t>(wanted.l_pid > 0 ? wanted.l_pid : 0),
                .command = command_of(wanted.l_pid),
                .lock = lock});
        }
    }
    return std::optional<LockHolder>();
}

}  // namespace thimble::apply
