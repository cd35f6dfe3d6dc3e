#include "thimble/apply/room_set_aside.hpp"

#include "thimble/apply/prechecks.hpp"
#include "thimble/base/error.hpp"
#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace thimble::apply {
namespace {

/// dpkg's database, what scripts make (byte code of Python, caches of the linker and of libraries), the journal.
constexpr std::uint64_t kBeside = std::uint64_t{32} << 20;

host::Descriptor open_folder(const Room& room) {
    const host::Descriptor root(::open(room.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return host::Descriptor(static_cast<int>(
        ::syscall(SYS_openat2, root.number(), room.folder.c_str(), &how, sizeof how)));
}

}  // namespace

std::uint64_t room_for_way_back(const model::Plan& plan) {
    return std::min(
        plan.policy.reserve_bytes - room_for_record(plan), room_to_go_back(plan) + kBeside);
}

std::uint64_t room_for_record(const model::Plan& plan) {
    return std::min(plan.policy.reserve_bytes, kBeside);
}

Result<void> set_room_aside(const Room& room, std::uint64_t bytes) {
    const host::Descriptor folder = open_folder(room);
    if (bytes == 0 || (folder.number() < 0 && errno == ENOENT)) {
        return {};
    }
    constexpr mode_t kOwner = 0600;
    const host::Descriptor file(
        folder.number() < 0 ? -1
                            : ::openat(
                                  folder.number(),
                                  room.name.c_str(),
                                  O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                                  kOwner));
    int allocated = -1;
    if (file.number() >= 0) {
        do {
            allocated = ::fallocate(file.number(), 0, 0, static_cast<off_t>(bytes));
        } while (allocated != 0 && errno == EINTR);
    }
    if (allocated == 0 || errno == EOPNOTSUPP) {
        return {};
    }
    const int error = errno;
    give_room_back(room);
    return failure(
        error == EACCES || error == EROFS ? ErrorKind::Denied : ErrorKind::Unavailable,
        "apply.no_room_set_aside",
        std::to_string(bytes >> 20U) + " MiB cannot be set aside in " + room.folder
            + " for a way back: " + std::strerror(error));
}

bool give_room_back(const Room& room) {
    const host::Descriptor folder = open_folder(room);
    return folder.number() >= 0 && ::unlinkat(folder.number(), room.name.c_str(), 0) == 0;
}

}  // namespace thimble::apply
