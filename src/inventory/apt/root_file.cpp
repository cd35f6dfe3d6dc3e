#include "root_file.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/root_host.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace thimble::inventory::apt {

namespace fs = std::filesystem;

Error odd_root(const std::string& path, std::string_view why) {
    return failure(ErrorKind::Unsupported, "inventory.odd_root", path + " " + std::string(why));
}

bool leads_nowhere(const Error& error) {
    return error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Invalid;
}

bool is_null_device(const fs::path& place) {
    struct stat info{};
    return ::stat(place.c_str(), &info) == 0 && S_ISCHR(info.st_mode)
        && info.st_rdev == makedev(1, 3);
}

std::string opened_path(const host::Descriptor& opened) {
    return "/proc/self/fd/" + std::to_string(opened.number());
}

Result<std::optional<host::Descriptor>> file_in_root(
    host::RootHost& root, const std::string& path) {
    const auto there = root.look(path, host::Follow::Yes);
    if (!there && !leads_nowhere(there.error())) {
        return there.error();
    }
    if (!there || there->type != host::FileType::Regular) {
        return std::optional<host::Descriptor>();
    }
    THIMBLE_TRY(host::Descriptor file, root.open_file(path));
    return std::optional<host::Descriptor>(std::move(file));
}

bool is_same(const std::string& name, const host::Descriptor& opened) {
    struct stat by_name{};
    struct stat in_root{};
    return ::stat(name.c_str(), &by_name) == 0 && ::fstat(opened.number(), &in_root) == 0
        && by_name.st_dev == in_root.st_dev && by_name.st_ino == in_root.st_ino;
}

Result<void> link_to(const fs::path& target, const fs::path& place) {
    std::error_code error;
    fs::create_symlink(target, place, error);
    if (error) {
        return host::system_error(error.value(), place.string());
    }
    return {};
}

}  // namespace thimble::inventory::apt
