#include "check_root.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/root_host.hpp"
#include "thimble/inventory/root_archive.hpp"

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

/// The place as apt would open it, links followed; what is not there is no matter.
Result<void> check_place(const fs::path& place) {
    std::error_code none;
    const fs::file_status status = fs::status(place, none);
    if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status)) {
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

Result<void> check_root(const std::string& root, const std::string& lists) {
    for (const char* folder :
         {"etc/apt",
          "etc/apt/apt.conf.d",
          "etc/apt/sources.list.d",
          "etc/apt/preferences.d",
          "etc/apt/trusted.gpg.d",
          "var/lib/apt",
          "var/lib/apt/periodic",
          "var/lib/dpkg"}) {
        THIMBLE_TRY(check_folder(fs::path(root) / folder));
    }
    THIMBLE_TRY(check_folder(lists));
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
