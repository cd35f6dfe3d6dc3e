#include "thimble/apply/room_set_aside.hpp"

#include "thimble/apply/way_back.hpp"
#include "thimble/base/error.hpp"
#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace thimble::apply {
namespace {

/// dpkg's database, caches of the linker and of libraries, the journal.
constexpr std::uint64_t kBeside = std::uint64_t{32} << 20;

}  // namespace

std::uint64_t room_for_way_back(const model::Plan& plan) {
    std::uint64_t most = 0;
    for (const model::PlannedStep& step : plan.steps) {
        most = std::max(most, unpacked_before(step));
    }
    return std::min(plan.policy.reserve_bytes, most + kBeside);
}

Result<void> set_room_aside(const std::string& file, std::uint64_t bytes) {
    if (bytes == 0) {
        return {};
    }
    constexpr mode_t kOwner = 0600;
    const host::Descriptor opened(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kOwner));
    int allocated = -1;
    if (opened.number() >= 0) {
        do {
            allocated = ::fallocate(opened.number(), 0, 0, static_cast<off_t>(bytes));
        } while (allocated != 0 && errno == EINTR);
    }
    if (allocated == 0 || errno == EOPNOTSUPP) {
        return {};
    }
    const int error = errno;
    give_room_back(file);
    return failure(
        error == EACCES || error == EROFS ? ErrorKind::Denied : ErrorKind::Unavailable,
        "apply.no_room_set_aside",
        std::to_string(bytes >> 20U)
            + " MiB cannot be set aside for a way back: " + std::strerror(error));
}

bool give_room_back(const std::string& file) {
    return ::unlink(file.c_str()) == 0;
}

}  // namespace thimble::apply
