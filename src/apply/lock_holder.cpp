#include "thimble/apply/lock_holder.hpp"

#include "thimble/apply/package_manager.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>

namespace thimble::apply {

std::string command_of(std::uint32_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return name.empty() ? "a process" : printable(name, 100);
}

std::string path_in(const std::string& root, const std::string& path) {
    return root == "/" ? path : root + path;
}

Result<std::optional<LockHolder>> holder_of_lock(const std::string& root, const std::string& lock) {
    const std::string path = path_in(root, lock);
    const host::Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.number() < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::optional<LockHolder>();
        }
        return failure(
            ErrorKind::Denied,
            "apply.lock_unknown",
            path + " cannot be looked at: " + std::strerror(errno));
    }
    struct flock wanted{};
    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    if (::fcntl(file.number(), F_GETLK, &wanted) != 0 || wanted.l_type == F_UNLCK) {
        return std::optional<LockHolder>();
    }
    const auto pid = static_cast<std::uint32_t>(std::max<pid_t>(wanted.l_pid, 0));
    return std::optional(LockHolder{.pid = pid, .command = command_of(pid), .lock = lock});
}

}  // namespace thimble::apply
