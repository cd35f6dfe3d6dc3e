#include "thimble/host/local_host.hpp"

#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/run_command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

Result<Descriptor> open_path(std::string_view path, int flags) {
    THIMBLE_TRY(check_path(path));
    Descriptor file(::open(std::string(path).c_str(), flags | O_CLOEXEC));
    if (file.number() < 0) {
        return system_error(errno, path);
    }
    return file;
}

}  // namespace

std::string LocalHost::name() const {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    return name.data();
}

Result<std::string> LocalHost::read_file(std::string_view path, std::size_t limit) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer; it is refused once it is open.
    THIMBLE_TRY(const Descriptor file, open_path(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    return read_descriptor(file, path, limit);
}

Result<std::vector<std::string>> LocalHost::list(std::string_view path) {
    THIMBLE_TRY(Descriptor folder, open_path(path, O_RDONLY | O_DIRECTORY));
    return list_descriptor(std::move(folder), path);
}

Result<FileInfo> LocalHost::look(std::string_view path, Follow follow) {
    THIMBLE_TRY(
        const Descriptor file, open_path(path, O_PATH | (follow == Follow::No ? O_NOFOLLOW : 0)));
    return look_at_descriptor(file, path);
}

Result<std::string> LocalHost::read_link(std::string_view path) {
    THIMBLE_TRY(const Descriptor link, open_path(path, O_PATH | O_NOFOLLOW));
    return read_link_descriptor(link, path);
}

Result<Outcome> LocalHost::run(const Command& command) {
    return run_command(command, surroundings_);
}

}  // namespace thimble::host
