#include "thimble/apply/room_set_aside.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace thimble::apply {
namespace {

host::Descriptor open_folder(const Room& room) {
    const host::Descriptor root(::open(room.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return host::Descriptor(static_cast<int>(
        ::syscall(SYS_openat2, root.number(), room.folder.c_str(), &how, sizeof how)));
}

}  // namespace

Result<void> set_room_aside(const Room& room, std::uint64_t bytes) {
    const host::Descriptor folder = open_folder(room);
    if (bytes == 0 || (folder.number() < 0 && errno == ENOENT)) {
        return {};
    }
    constexpr mode_t kOwner = 0600;
    // What an earlier run left, or somebody put there, is not written to: it may be a pipe, or another name of a file.
    ::unlinkat(folder.number(), room.name.c_str(), 0);
    const host::Descriptor file(
        folder.number() < 0 ? -1
                            : ::openat(
                                  folder.number(),
                                  room.name.c_str(),
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
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
