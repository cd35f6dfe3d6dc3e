#include "check_root.hpp"

#include "root_lists.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/inventory/root_archive.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace thimble::inventory::apt {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSettings = std::size_t{1} << 20;

Error odd(const std::string& path, std::string_view why) {
    return failure(ErrorKind::Unsupported, "inventory.odd_root", path + " " + std::string(why));
}

/// Owners mask a file of settings by a link to it. It ends at once.
bool is_null_device(const fs::path& place) {
    struct stat info{};
    return ::stat(place.c_str(), &info) == 0 && S_ISCHR(info.st_mode)
        && info.st_rdev == makedev(1, 3);
}

/// The place as apt would open it, links followed; what is not there is no matter.
Result<void> check_place(const fs::path& place) {
    std::error_code none;
    const fs::file_status status = fs::status(place, none);
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)
        && !is_null_device(place)) {
        return odd(place.string(), "is neither a file nor a folder");
    }
    return {};
}

/// A folder and what is in it: apt goes no deeper.
Result<void> check_folder(const fs::path& folder) {
    THIMBLE_TRY(check_place(folder));
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        THIMBLE_TRY(check_place(at->path()));
    }
    return {};
}

Result<void> check_settings(host::RootHost& root, const std::string& path) {
    const auto text = root.read_file(path, kMaxSettings);
    if (text && includes_other_files(*text)) {
        return odd(path, "includes other files");
    }
    return {};
}

}  // namespace

Result<void> check_root(const std::string& root, const RootLists& lists) {
    for (const char* folder :
         {"etc/apt",
          "etc/apt/apt.conf.d",
          "etc/apt/sources.list.d",
          "etc/apt/preferences.d",
          "etc/apt/trusted.gpg.d",
          "var/lib/dpkg"}) {
        THIMBLE_TRY(check_folder(fs::path(root) / folder));
    }
    THIMBLE_TRY(check_folder(lists.state()));
    THIMBLE_TRY(check_folder(lists.state() + "/periodic"));
    THIMBLE_TRY(check_folder(lists.path()));
    THIMBLE_TRY(const auto host, host::RootHost::open(root));
    THIMBLE_TRY(check_settings(*host, "/etc/apt/apt.conf"));
    if (const auto names = host->list("/etc/apt/apt.conf.d")) {
        for (const std::string& name : *names) {
            THIMBLE_TRY(check_settings(*host, "/etc/apt/apt.conf.d/" + name));
        }
    }
    return {};
}

}  // namespace thimble::inventory::apt
